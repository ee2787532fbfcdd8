"""top 10% by value, bottom 5% by value: among all customers of whom the value is known (rules.md, Meaning 4)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Any, ClassVar

from regulars.errors import WrongType
from regulars.model.later import later
from regulars.rules.constructs.sample import check_percent
from regulars.rules.refusals import why
from regulars.rules.subjects import Subject, When
from regulars.rules.tree import OWN_PASS, Condition, Node, Value, said, write_number

if TYPE_CHECKING:
    from regulars.rules.frames import Frame
    from regulars.rules.vocabulary import Scope
    from regulars.rules.words import Words

ibis = later("ibis")


@dataclass(frozen=True)
class Rank(Condition):
    """Ties share the better rank; as many are in as ceil(percent x known), and all who tie with the last of them."""

    kind: ClassVar[str] = "rank"
    end: str
    percent: Decimal
    value: Value

    def text(self) -> str:
        return f"{self.end} {write_number(self.percent)}% by {self.value.text()}"

    def parts(self) -> tuple[Node, ...]:
        return (self.value,)

    @property
    def weight(self) -> int:
        return OWN_PASS // 4

    def check(self, scope: Scope) -> None:
        scope.only_of_customers(self.end, self.position)
        check_percent(self.percent, self.position)
        type_ = self.value.check(scope)
        if not (type_.numeric or type_.temporal):
            raise WrongType(why("{value} is {type}: a rank needs numbers or moments.", value=self.value.text(),
                                type=said(type_)), position=self.value.position, length=len(self.value.text()))

    def predicate(self, frame: Frame) -> Any:
        value, last = self.value.column(frame), frame.last_in(self)
        return ibis.coalesce(value >= last if self.end == "top" else value <= last, False)

    def last_in(self, people: Any, value: Any) -> Any:
        """A table of one row, ``last``: the value at which the rank ends; nothing else is carried along."""
        known = people.select(value=value).filter(ibis._["value"].notnull())
        # Counted by value first: a tenth as many rows are put in order.
        counted = known.group_by("value").aggregate(people=known.count())
        order = ibis.desc(counted["value"]) if self.end == "top" else counted["value"]
        upto = ibis.window(order_by=order, rows=(None, 0))
        placed = counted.mutate(place=counted["people"].sum().over(upto), known=counted["people"].sum().over())
        share = Fraction(self.percent) / 100
        wanted = placed["known"] * share.numerator
        reached = placed.filter(wanted > 0, placed["place"] * share.denominator >= wanted)["value"]
        return reached.max().name("last").as_table() if self.end == "top" else reached.min().name("last").as_table()

    def holds(self, subject: Subject, when: When) -> bool:
        own = self.value.of(subject, when)
        if own is None:
            return False
        known = subject.world.known(self.value, when)
        better = len(known) - bisect_right(known, own) if self.end == "top" else bisect_left(known, own)
        return bool(better + 1 <= ceil(Fraction(self.percent) * len(known) / 100))

    def say(self, words: Words) -> str:
        return words.phrase("in the top {percent} by {what}" if self.end == "top" else
                            "in the bottom {percent} by {what}", percent=words.percent(self.percent),
                            what=self.value.say(words))
