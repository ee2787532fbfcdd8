"""any(…), no(…): whether there are such rows.

Where the window reaches to ``now``, some row lies in it exactly where the newest of all rows does; where it has no
beginning, exactly where the first of all rows does. So ``any(orders in last 15 days)``, ``any(orders in last 30 days)``
and ``stopped(orders for 90 days)`` share one feature, and one that time alone does not change.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from regulars.model.later import later
from regulars.rules.constructs.aggregate import Aggregate
from regulars.rules.constructs.comparison import in_span
from regulars.rules.constructs.selection import Selection
from regulars.rules.constructs.windows import FOREVER, Span
from regulars.rules.features import Feature
from regulars.rules.subjects import Subject, When
from regulars.rules.tree import Condition

if TYPE_CHECKING:
    from regulars.rules.frames import Frame
    from regulars.rules.vocabulary import Scope
    from regulars.rules.words import Words

ibis = later("ibis")


@dataclass(frozen=True)
class _Counted(Condition):
    selection: Selection

    @property
    def weight(self) -> int:
        return 2

    def check(self, scope: Scope) -> None:
        scope.only_of_customers(f"{self.kind}(…)", self.position)
        Aggregate("count", self.selection, position=self.position).check(scope)

    def features(self, when: When, scope: Scope) -> tuple[Feature, ...]:
        return self._asked(when)[0].features(when, scope)

    def _asked(self, when: When) -> tuple[Aggregate, Span]:
        """What is asked of the rows, and the span in which the answer must lie."""
        after, upto = self.selection.span(when)
        unbounded = replace(self.selection, window=None)
        if upto == when.now:
            return Aggregate("last", unbounded), (after, None)
        if after is None:
            return Aggregate("first", unbounded), (None, upto)
        return Aggregate("count", self.selection), FOREVER

    def found(self, frame: Frame) -> Any:
        """A boolean column that is never null."""
        asked, span = self._asked(frame.when)
        column = asked.column(frame)
        if asked.function == "count":
            return column >= 1
        return column.notnull() if span == FOREVER else ibis.coalesce(in_span(column, span, frame), False)


@dataclass(frozen=True)
class AnyOf(_Counted):
    kind: ClassVar[str] = "any"

    def text(self) -> str:
        return f"any({self.selection.text()})"

    def existence(self) -> tuple[Selection, bool]:
        return self.selection, True

    def predicate(self, frame: Frame) -> Any:
        return self.found(frame)

    def holds(self, subject: Subject, when: When) -> bool:
        return bool(self.selection.rows(subject, when))

    def say(self, words: Words) -> str:
        return words.phrase("has {rows}", rows=self.selection.say(words.present()))


@dataclass(frozen=True)
class NoneOf(_Counted):
    kind: ClassVar[str] = "no"

    def text(self) -> str:
        return f"no({self.selection.text()})"

    def existence(self) -> tuple[Selection, bool]:
        return self.selection, False

    def predicate(self, frame: Frame) -> Any:
        return ~self.found(frame)

    def holds(self, subject: Subject, when: When) -> bool:
        return not self.selection.rows(subject, when)

    def say(self, words: Words) -> str:
        return words.phrase("has no {rows}", rows=self.selection.say(words))
