"""The names a rule may use: attributes, facts with their columns, segments and places of one shop."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from regulars.errors import RuleError, UnknownName, WrongType
from regulars.model.phrases import Sentence
from regulars.model.tables import (
    ACCOUNTS,
    ANSWERS,
    CHECKOUTS,
    CUSTOMERS,
    EVENTS,
    LINES,
    MESSAGES,
    ORDERS,
    TICKETS,
    VISITS,
    Table,
)
from regulars.model.types import Type
from regulars.rules.refusals import why
from regulars.rules.scores import SCORES
from regulars.rules.subjects import fold

if TYPE_CHECKING:
    from regulars.rules.tree import Condition


@dataclass(frozen=True)
class Field:
    """A name of the language and where it is kept: ``holder`` is a table, ``column`` its column or JSON key."""

    name: str
    type: Type
    holder: str
    column: str
    note: str = ""
    property: bool = False


@dataclass(frozen=True)
class Fact:
    """Rows of ``table``; ``types`` keeps only messages of these types, done by a human."""

    name: str
    table: str
    columns: Mapping[str, Field]
    types: tuple[str, ...] = ()
    counted_only: bool = False


@dataclass(frozen=True)
class OwnName:
    """A column, property, question or score of the shop's own, as registered in its ``fields`` table."""

    table: str
    name: str
    type: Type
    label: str


def _fields(table: Table, *, prefix: str = "", skip: tuple[str, ...] = ()) -> dict[str, Field]:
    return {prefix + c.name: Field(prefix + c.name, c.type, table.name, c.name, c.note)
            for c in table.columns if not c.hidden and c.name not in (*skip, "source") and c.type is not Type.JSON}


def _line_columns() -> dict[str, Field]:
    own = _fields(LINES)
    of_product = {n: Field(n, t, "products", n) for n, t in
                  (("category", Type.TEXT), ("brand", Type.TEXT), ("vendor", Type.TEXT), ("tags", Type.TEXTS))}
    product = Field("product", Type.TEXT, "products", "product", "the product's name, else as it stood on the order")
    released = Field("released_at", Type.MOMENT, "products", "released_at")
    return {**own, "product": product, **of_product, "released_at": released}


def _message_facts() -> dict[str, Fact]:
    columns = _fields(MESSAGES)
    of_a_click = {n: columns[n] for n in ("at", "campaign", "link", "channel")}
    by_human = {**of_a_click, "type": columns["type"]}
    return {
        "messages": Fact("messages", "messages", columns),
        "opens": Fact("opens", "messages", of_a_click, ("opened",)),
        "clicks": Fact("clicks", "messages", of_a_click, ("clicked",)),
        "engagements": Fact("engagements", "messages", by_human, ("opened", "clicked")),
    }


def _base_facts() -> dict[str, Fact]:
    answers = {**_fields(ANSWERS), "respondent": Field("respondent", Type.TEXT, "answers", "respondent")}
    return {
        "orders": Fact("orders", "orders", _fields(ORDERS), counted_only=True),
        "lines": Fact("lines", "lines", _line_columns(), counted_only=True),
        **_message_facts(),
        "visits": Fact("visits", "visits", _fields(VISITS)),
        "checkouts": Fact("checkouts", "checkouts", _fields(CHECKOUTS)),
        "tickets": Fact("tickets", "tickets", _fields(TICKETS)),
        "events": Fact("events", "events", _fields(EVENTS)),
        "answers": Fact("answers", "answers", answers),
    }


def _base_attributes() -> dict[str, Field]:
    own = _fields(CUSTOMERS)
    account = _fields(ACCOUNTS, prefix="account.", skip=("account_id",))
    customer_id = Field("customer_id", Type.TEXT, "customers", "customer_id")
    age = Field("age", Type.WHOLE, "customers", "birth_date", "full years")
    return {**own, "customer_id": customer_id, "age": age, **account}


FACTS = _base_facts()
ATTRIBUTES = _base_attributes()
PRODUCT_COLUMNS = frozenset(n for n, f in FACTS["lines"].columns.items() if f.holder == "products")
WITH_PROPERTIES = frozenset(t.name for t in (VISITS, CHECKOUTS, EVENTS))


def _no_place(name: str) -> tuple[float, float]:
    raise UnknownName(why("No place called '{name}' is known.", name=name),
                      hint=why("Write its latitude and longitude: (-6.92, 107.61)."))


@dataclass(frozen=True)
class Vocabulary:
    """What a shop can be asked about.

    ``segments`` maps names (as written by the owner) to trees; ``place`` gives latitude and longitude of a name or
    raises `UnknownName` with the nearest one.
    """

    attributes: Mapping[str, Field] = field(default_factory=lambda: ATTRIBUTES)
    facts: Mapping[str, Fact] = field(default_factory=lambda: FACTS)
    segments: Mapping[str, Condition] = field(default_factory=dict)
    place: Callable[[str], tuple[float, float]] = _no_place

    def attribute(self, name: str, position: int = -1) -> Field:
        """Raises `UnknownName` with the nearest known name."""
        return _find(name, self.attributes, why("There is no attribute called '{name}'.", name=name[:80]), position,
                     self._fact_hint(name))

    def fact(self, name: str, position: int = -1) -> Fact:
        return _find(name, self.facts, why("There is no kind of fact called '{name}'.", name=name[:80]), position)

    def fact_column(self, fact: Fact, name: str, position: int = -1) -> Field:
        return _find(name, fact.columns, why("There is no column of {fact} called '{name}'.", fact=fact.name,
                                             name=name[:80]), position)

    def segment(self, name: str, position: int = -1) -> Condition:
        """The tree of a segment, its name compared as text is."""
        try:
            return _find(name, self.segments, why("There is no segment called '{name}'.", name=name[:80]), position)
        except UnknownName as error:
            error.length = len(name) + 2
            raise

    def _fact_hint(self, name: str) -> Sentence | None:
        if fold(name) in SCORES:
            return why("It is a score: work scores out and keep them first.")
        head = name.split(".")[0]
        if head.casefold() not in self.facts:
            near = difflib.get_close_matches(fold(name), self.facts, n=1, cutoff=0.75)
            return why("Did you mean {near}, as in {rule}?", near=near[0], rule=f"count({near[0]})") if near else None
        one, other = (f"sum({name})", f"max({name})") if "." in name else (f"any({name})", f"count({name})")
        return why("{fact} is a kind of fact: write {one} or {other}.", fact=head, one=one, other=other)


def vocabulary(own: tuple[OwnName, ...] = (), segments: Mapping[str, Condition] | None = None,
               place: Callable[[str], tuple[float, float]] = _no_place) -> Vocabulary:
    """The base vocabulary with the shop's own names added; an own name never hides one of the model's."""
    attributes, facts = dict(ATTRIBUTES), dict(FACTS)
    for each in own:
        if each.table in ("customers", "scores"):
            attributes.setdefault(each.name, Field(each.name, each.type, each.table, each.name, each.label))
        elif each.table == "answers":
            attributes.setdefault(f"answer.{each.name}",
                                  Field(f"answer.{each.name}", each.type, "answers", each.label, each.label))
        elif each.table in WITH_PROPERTIES:
            fact = facts[each.table]
            extra = Field(each.name, each.type, each.table, each.label or each.name, property=True)
            facts[each.table] = Fact(fact.name, fact.table, {each.name: extra, **fact.columns}, fact.types,
                                     fact.counted_only)
    return Vocabulary(attributes, facts, segments or {}, place)


@dataclass(frozen=True)
class Scope:
    """Where a name is looked up: the customer's attributes, or the columns of the fact inside its ``where``."""

    vocabulary: Vocabulary
    inside: Fact | None = None

    def field(self, name: str, position: int = -1) -> Field:
        if self.inside:
            return self.vocabulary.fact_column(self.inside, name, position)
        return self.vocabulary.attribute(name, position)

    def enter(self, fact: Fact) -> Scope:
        return Scope(self.vocabulary, fact)

    def only_of_customers(self, what: str, position: int) -> None:
        """Raise `WrongType` inside ``where``."""
        if self.inside:
            raise WrongType(why("{what} has no place inside where: it is said of a customer, not of one of the "
                                "{inside}.", what=what, inside=self.inside.name), position=position)


T = TypeVar("T")


def _find(name: str, known: Mapping[str, T], missing: Sentence, position: int, hint: Sentence | None = None) -> T:
    if name in known:
        return known[name]
    lowered = {fold(k): k for k in known}
    if fold(name) in lowered:
        return known[lowered[fold(name)]]
    near = difflib.get_close_matches(fold(name), list(lowered), n=1, cutoff=0.6)
    if hint is None and near:
        hint = why("Did you mean {near}?", near=lowered[near[0]])
    raise UnknownName(missing, position=position, length=len(name), hint=hint,
                      expected=tuple(lowered[n] for n in near))


__all__ = ["ATTRIBUTES", "FACTS", "Fact", "Field", "OwnName", "RuleError", "Scope", "Vocabulary", "vocabulary"]
