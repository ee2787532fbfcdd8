"""restarted(S after d): the newest row of S came at least d after the one before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from regulars.model.later import later
from regulars.model.types import Type
from regulars.rules.constructs.aggregate import Aggregate
from regulars.rules.constructs.selection import Selection
from regulars.rules.constructs.windows import Duration
from regulars.rules.features import Feature, OwnPassFeature
from regulars.rules.subjects import Subject, When
from regulars.rules.tree import OWN_PASS, Condition

if TYPE_CHECKING:
    from regulars.rules.frames import Frame, PeopleTable
    from regulars.rules.vocabulary import Scope
    from regulars.rules.words import Words

ibis = later("ibis")


@dataclass(frozen=True)
class Restarted(Condition):
    kind: ClassVar[str] = "restarted"
    selection: Selection
    duration: Duration

    def text(self) -> str:
        return f"restarted({self.selection.text()} after {self.duration.text()})"

    @property
    def weight(self) -> int:
        return OWN_PASS

    def check(self, scope: Scope) -> None:
        scope.only_of_customers("restarted(…)", self.position)
        Aggregate("count", self.selection, position=self.position).check(scope)

    def features(self, when: When, scope: Scope) -> tuple[Feature, ...]:
        return (self._feature(when, scope),)

    def _feature(self, when: When, scope: Scope) -> Feature:
        def make(people: PeopleTable) -> Any:
            picked = people.picked(self.selection, when, scope)
            rows = picked.chosen
            newest_first = rows.mutate(nth=ibis.row_number().over(group_by=rows["customer_id"],
                                                                  order_by=ibis.desc(rows["at"])))
            two = newest_first.filter(newest_first["nth"] < 2)
            ends = two.group_by("customer_id").aggregate(n=two.count(), newest=two["at"].max(), before=two["at"].min())
            reached = people.later(ends["before"], self.duration, when)
            return ends.select("customer_id", value=(ends["n"] == 2) & (ends["newest"] >= reached))
        return OwnPassFeature(self.text(), Type.YESNO, when, make=make, nothing=False)

    def predicate(self, frame: Frame) -> Any:
        return ibis.coalesce(frame.feature(self._feature(frame.when, frame.scope)), False)

    def holds(self, subject: Subject, when: When) -> bool:
        moments = sorted((r.at for r in self.selection.rows(subject, when) if r.at is not None), reverse=True)[:2]
        if len(moments) < 2:
            return False
        reached = self.duration.after(moments[1], when)
        return reached is not None and moments[0] >= reached

    def say(self, words: Words) -> str:
        return words.phrase("came back with {rows} {pause}", rows=self.selection.say(words.present()),
                            pause=words.duration("after a pause of", self.duration.amount, self.duration.unit))
