"""regularly(S every d, n of m): of the m periods of length d that end at now, at least n hold a row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar

from regulars.errors import RuleSyntaxError
from regulars.model.later import later
from regulars.model.types import Type
from regulars.rules.constructs.aggregate import Aggregate
from regulars.rules.constructs.selection import Selection
from regulars.rules.constructs.windows import DAWN, LARGEST, Duration
from regulars.rules.expressions import BITS, bit_count, moment_literal, whole
from regulars.rules.features import FactFeature, Feature
from regulars.rules.refusals import why
from regulars.rules.subjects import Subject, When
from regulars.rules.tree import Condition, write_number

if TYPE_CHECKING:
    from regulars.rules.frames import Frame, RowsTable
    from regulars.rules.vocabulary import Scope
    from regulars.rules.words import Words

ibis = later("ibis")

MOST_PERIODS = 400


@dataclass(frozen=True)
class Regularly(Condition):
    kind: ClassVar[str] = "regularly"
    selection: Selection
    duration: Duration
    least: Decimal
    periods: Decimal

    def text(self) -> str:
        return (f"regularly({self.selection.text()} every {self.duration.text()}, "
                f"{write_number(self.least)} of {write_number(self.periods)})")

    @property
    def weight(self) -> int:
        return 1 + int(min(self.periods, Decimal(MOST_PERIODS))) // 4

    def check(self, scope: Scope) -> None:
        scope.only_of_customers("regularly(…)", self.position)
        Aggregate("count", self.selection, position=self.position).check(scope)
        whole = self.least == int(self.least) and self.periods == int(self.periods)
        if self.duration.amount == 0:
            raise RuleSyntaxError(why("A period cannot be of no length."), position=self.duration.position)
        if not whole or not 1 <= self.least <= self.periods:
            raise RuleSyntaxError(why("{least} of {periods} cannot be.", least=write_number(self.least),
                                      periods=write_number(self.periods)), position=self.position,
                                  hint=why("Write, for example, 3 of 6."))
        if self.periods > MOST_PERIODS or self.duration.amount * self.periods > LARGEST[self.duration.unit]:
            raise RuleSyntaxError(why("At most {most} periods are looked at, and none longer than time is kept.",
                                      most=MOST_PERIODS), position=self.position)

    def _edges(self, when: When) -> list[datetime]:
        """The moments between the periods, newest first: ``now`` and m more."""
        return [self.duration.times(i).before(when.now, when) or DAWN for i in range(int(self.periods) + 1)]

    def features(self, when: When, scope: Scope) -> tuple[Feature, ...]:
        return (self._feature(when, scope),)

    def _feature(self, when: When, scope: Scope) -> Feature:
        edges = self._edges(when)

        def reduce(rows: RowsTable) -> Any:
            picked = rows.picked(self.selection, when)
            return _different([picked.at > moment_literal(edge) for edge in edges[1:]], picked.mask)
        key = f"periods of {self.text()}"
        return FactFeature(key, Type.WHOLE, when, fact=self.selection.known_fact(scope), reduce=reduce,
                           selection=self.selection, earliest=edges[-1], nothing=0)

    def predicate(self, frame: Frame) -> Any:
        return frame.feature(self._feature(frame.when, frame.scope)) >= int(self.least)

    def holds(self, subject: Subject, when: When) -> bool:
        moments = [r.at for r in self.selection.rows(subject, when) if r.at is not None]
        edges = self._edges(when)
        held = [any(start < m <= end for m in moments) for end, start in pairwise(edges)]
        return sum(held) >= self.least

    def say(self, words: Words) -> str:
        return words.phrase("has {rows} in at least {least} of the last {periods} periods of {length}",
                            rows=self.selection.say(words.present()), least=words.number(self.least),
                            periods=words.number(self.periods),
                            length=words.duration("of", self.duration.amount, self.duration.unit))


def _different(begun: list[Any], mask: Any) -> Any:
    """In how many periods a row lies; the first of ``begun`` that is true of a row names its period.

    Up to `BITS` periods are bits of one number, which is several times quicker than telling values apart. Those of
    old, most of all, are told first.
    """
    if len(begun) > BITS:
        return ibis.cases(*((after, i) for i, after in enumerate(begun)), else_=None).nunique(where=mask)
    bits = [None, *(whole(1 << i) for i in reversed(range(1, len(begun))))]
    bit = ibis.cases(*((~after, each) for after, each in zip(reversed(begun), bits, strict=True)), else_=whole(1))
    return ibis.coalesce(bit_count(bit.bit_or(where=mask)), 0)
