"""sequence(A then B within d), sequence(A then no B within d)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from regulars.model.later import later
from regulars.model.types import Type
from regulars.rules.constructs.aggregate import Aggregate
from regulars.rules.constructs.selection import Selection
from regulars.rules.constructs.windows import Duration
from regulars.rules.features import Feature, OwnPassFeature
from regulars.rules.subjects import Row, Subject, When
from regulars.rules.tree import OWN_PASS, Condition

if TYPE_CHECKING:
    from regulars.rules.frames import Frame, PeopleTable
    from regulars.rules.vocabulary import Scope
    from regulars.rules.words import Words

ibis = later("ibis")


@dataclass(frozen=True)
class Sequence(Condition):
    """Some A is followed by a B, later and at most d later. With ``without``: some A that is at least d old is not."""

    kind: ClassVar[str] = "sequence"
    first: Selection
    then: Selection
    duration: Duration
    without: bool = False

    def text(self) -> str:
        return (f"sequence({self.first.text()} then {'no ' * self.without}{self.then.text()}"
                f" within {self.duration.text()})")

    @property
    def weight(self) -> int:
        return OWN_PASS

    def check(self, scope: Scope) -> None:
        scope.only_of_customers("sequence(…)", self.position)
        for selection in (self.first, self.then):
            Aggregate("count", selection, position=self.position).check(scope)
        self.duration.need_length()

    def features(self, when: When, scope: Scope) -> tuple[Feature, ...]:
        return (self._feature(when, scope),)

    def _feature(self, when: When, scope: Scope) -> Feature:
        def make(people: PeopleTable) -> Any:
            return self._table(people, when, scope)
        return OwnPassFeature(self.text(), Type.YESNO, when, make=make, nothing=False)

    def _table(self, people: PeopleTable, when: When, scope: Scope) -> Any:
        """The nearest later B of each A: newest first, an A before a B of its moment, the least B passed so far."""
        sides = [self._side(people.picked(s, when, scope), second) for second, s in enumerate((self.first, self.then))]
        both = ibis.union(*sides)
        passed = ibis.window(group_by=both["customer_id"], preceding=(None, 1),
                             order_by=[ibis.desc(both["at"]), both["second"]])
        followed = both.mutate(follower=both["b_at"].min().over(passed))
        firsts = followed.filter(followed["second"] == 0)
        reached = people.later(firsts["at"], self.duration, when)
        met = ibis.coalesce(firsts["follower"] <= reached, False)
        if self.without:
            met = ibis.coalesce(reached <= people.moment(when.now), False) & ~met
        return firsts.mutate(met=met).group_by("customer_id").aggregate(value=ibis._["met"].any())

    def _side(self, picked: Any, second: int) -> Any:
        rows = picked.chosen
        b_at = rows["at"] if second else ibis.null("timestamp(6)")
        return rows.select("customer_id", "at", second=ibis.literal(second, "int8"), b_at=b_at)

    def predicate(self, frame: Frame) -> Any:
        return ibis.coalesce(frame.feature(self._feature(frame.when, frame.scope)), False)

    def holds(self, subject: Subject, when: When) -> bool:
        firsts, thens = self.first.rows(subject, when), self.then.rows(subject, when)
        return any(self._met(_at(a), [_at(b) for b in thens], when) for a in firsts)

    def _met(self, start: datetime, thens: list[datetime], when: When) -> bool:
        reached = self.duration.after(start, when) or datetime.max
        followed = any(start < b <= reached for b in thens)
        return not followed and reached <= when.now if self.without else followed

    def say(self, words: Words) -> str:
        return words.phrase("has {first}, not followed by {then} {window}" if self.without else
                            "has {first}, followed by {then} {window}", first=self.first.say(words.present()),
                            then=self.then.say(words if self.without else words.present()),
                            window=words.duration("within", self.duration.amount, self.duration.unit))


def _at(row: Row) -> datetime:
    assert row.at is not None  # rows of a selection have a moment
    return row.at
