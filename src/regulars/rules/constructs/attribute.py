"""An attribute of a customer, or a column inside ``where``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from regulars.errors import WrongType
from regulars.model.clock import local_day
from regulars.model.later import later
from regulars.model.types import Type
from regulars.rules.features import AttributeFeature, Feature, OwnPassFeature
from regulars.rules.refusals import why
from regulars.rules.subjects import Subject, When
from regulars.rules.tree import Condition, Node, Value, said

if TYPE_CHECKING:
    from regulars.rules.frames import Frame, PeopleTable
    from regulars.rules.vocabulary import Field, Scope
    from regulars.rules.words import Words

ibis = later("ibis")


@dataclass(frozen=True)
class Attribute(Value):
    kind: ClassVar[str] = "attribute"
    name: str

    def text(self) -> str:
        return self.name

    def check(self, scope: Scope) -> Type:
        return scope.field(self.name, self.position).type

    def features(self, when: When, scope: Scope) -> tuple[Feature, ...]:
        return () if scope.inside else (attribute_feature(scope.field(self.name, self.position), when, scope),)

    def column(self, frame: Frame) -> Any:
        return frame.named(self.name)

    def folded(self, frame: Frame) -> Any:
        return frame.named_folded(self.name)

    def of(self, subject: Subject, when: When) -> Any:
        return subject.get(self.name, when)

    def say(self, words: Words) -> str:
        return words.name(self.name)


@dataclass(frozen=True)
class Flag(Condition):
    """A yes/no attribute by itself."""

    kind: ClassVar[str] = "flag"
    value: Attribute

    def text(self) -> str:
        return self.value.text()

    def parts(self) -> tuple[Node, ...]:
        return (self.value,)

    def check(self, scope: Scope) -> None:
        type_ = self.value.check(scope)
        if type_ is Type.YESNO:
            return
        name = self.value.name
        hint = why("Put its window in brackets: {rule}.", rule=f"({name} in last 7 days)") \
            if type_.temporal and scope.inside else \
            why("Compare it with something, or write: {rule}.", rule=f"{name} is known")
        raise WrongType(why("{name} is {type}, not a yes/no by itself.", name=name, type=said(type_)),
                        position=self.value.position, length=len(name), hint=hint)

    def predicate(self, frame: Frame) -> Any:
        return ibis.coalesce(self.value.column(frame), False)

    def holds(self, subject: Subject, when: When) -> bool:
        return self.value.of(subject, when) is True

    def say(self, words: Words) -> str:
        return words.phrase("{what}: yes", what=self.value.say(words))


def attribute_feature(field: Field, when: When, scope: Scope) -> Feature:
    """How an attribute is come by: a column, the age at ``now``, or the newest answer to a question."""
    if field.holder == "answers":
        def newest(people: PeopleTable) -> Any:
            return _newest_answer(people, field, when)
        return OwnPassFeature(field.name, field.type, when, make=newest)
    derive = _age if field.name == "age" and field.holder == "customers" else None
    return AttributeFeature(field.name, field.type, when, held=field, derive=derive)


def _age(born: Any, when: When) -> Any:
    return full_years_column(born, local_day(when.now, when.zone))


def full_years_column(since: Any, day: Any) -> Any:
    """`regulars.model.clock.full_years` for a column of dates."""
    reached = day.month * 100 + day.day
    if reached == 228 and not _leap(day.year):
        reached = 229
    not_yet = (since.month() * 100 + since.day() > reached).cast("int64")
    return ibis.literal(day.year, "int64") - since.year().cast("int64") - not_yet


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _newest_answer(people: PeopleTable, field: Field, when: When) -> Any:
    rows = people.rows("answers", when)
    given = rows.named("number") if field.type.numeric else rows.named("value")
    asked = rows.table.filter(rows.named_folded("question") == people.fold_literal(field.column), given.notnull(),
                              rows.at <= people.moment(when.now))
    order = [ibis.desc(asked["at"]), ibis.desc(asked[given.get_name()])]
    ranked = asked.mutate(nth=ibis.row_number().over(group_by=asked["customer_id"], order_by=order))
    return ranked.filter(ranked["nth"] == 0).select("customer_id", value=ranked[given.get_name()])
