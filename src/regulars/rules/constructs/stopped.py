"""stopped(S for d): S has rows, and none in the last d."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from regulars.model.later import later
from regulars.rules.constructs.aggregate import Aggregate
from regulars.rules.constructs.selection import Selection
from regulars.rules.constructs.windows import DAWN, Duration
from regulars.rules.features import Feature
from regulars.rules.subjects import Subject, When
from regulars.rules.tree import Condition

if TYPE_CHECKING:
    from regulars.rules.frames import Frame
    from regulars.rules.vocabulary import Scope
    from regulars.rules.words import Words

ibis = later("ibis")


@dataclass(frozen=True)
class Stopped(Condition):
    kind: ClassVar[str] = "stopped"
    selection: Selection
    duration: Duration

    def text(self) -> str:
        return f"stopped({self.selection.text()} for {self.duration.text()})"

    @property
    def weight(self) -> int:
        return 2

    @property
    def _last(self) -> Aggregate:
        return Aggregate("last", self.selection, position=self.position)

    def _limit(self, when: When) -> datetime:
        return self.duration.before(when.now, when) or DAWN

    def check(self, scope: Scope) -> None:
        scope.only_of_customers("stopped(…)", self.position)
        self._last.check(scope)

    def features(self, when: When, scope: Scope) -> tuple[Feature, ...]:
        return self._last.features(when, scope)

    def predicate(self, frame: Frame) -> Any:
        return ibis.coalesce(self._last.column(frame) <= frame.moment(self._limit(frame.when)), False)

    def holds(self, subject: Subject, when: When) -> bool:
        moments = [r.at for r in self.selection.rows(subject, when) if r.at is not None]
        return bool(moments) and max(moments) <= self._limit(when)

    def say(self, words: Words) -> str:
        return words.phrase("has had no {rows} {window}, after having had some", rows=self.selection.say(words),
                            window=words.duration("for the last", self.duration.amount, self.duration.unit))
