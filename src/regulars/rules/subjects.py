"""Of whom a rule is judged in plain Python, and when."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

from regulars.model.clock import full_years, local_day
from regulars.model.types import Type
from regulars.rules import properties

if TYPE_CHECKING:
    from regulars.rules.tree import Value


@dataclass(frozen=True)
class When:
    """The moment of judgement: ``now`` in UTC without zone, and the shop's time zone."""

    now: datetime
    zone: ZoneInfo


class Subject(Protocol):
    """A customer, or one row of a fact."""

    def get(self, name: str, when: When) -> Any:
        """The attribute or column of that name, None where unknown."""
        ...

    def rows(self, fact: str) -> Sequence[Row]:
        """The customer's rows of a fact, in no order."""
        ...

    @property
    def world(self) -> World:
        """Everybody, for what can only be judged of all: ranks and other segments."""
        ...


class World(Protocol):
    """Everybody, as the oracle sees them."""

    def in_segment(self, name: str, customer_id: str, when: When) -> bool: ...

    def everybody(self, when: When) -> Sequence[Person]: ...

    def known(self, value: Value, when: When) -> Sequence[Any]:
        """What is known of a value of all who exist, in order."""
        ...

    def place(self, name: str) -> tuple[float, float]: ...


@dataclass(frozen=True)
class Row:
    """One row of a fact; ``at`` is among its columns, ``own`` says where its own properties are kept."""

    columns: Mapping[str, Any]
    own: Mapping[str, tuple[str, Type]] = field(default_factory=dict)

    @property
    def at(self) -> datetime | None:
        moment: datetime | None = self.columns["at"]
        return moment

    def get(self, name: str, when: When) -> Any:
        own = spelled(name, self.own)
        if own is None or name in self.columns:
            return self.columns.get(spelled(name, self.columns) or name)
        return properties.value(self.columns.get("properties") or {}, *self.own[own], when.zone)

    def rows(self, fact: str) -> Sequence[Row]:
        raise TypeError("a row has no rows")

    @property
    def world(self) -> World:
        raise TypeError("a row knows of nobody else")


@dataclass(frozen=True)
class Person:
    """One customer with all their facts; ``answers`` of surveys come from their rows."""

    customer_id: str
    attributes: Mapping[str, Any]
    facts: Mapping[str, Sequence[Row]]
    everybody: World | None = field(default=None, compare=False, repr=False)

    def get(self, name: str, when: When) -> Any:
        folded = name.casefold()
        derived = _answer if folded.startswith("answer.") else _age if folded == "age" else None
        return derived(self, name, when) if derived else self.attributes.get(spelled(name, self.attributes) or name)

    def rows(self, fact: str) -> Sequence[Row]:
        return self.facts.get(fact, ())

    @property
    def world(self) -> World:
        if self.everybody is None:
            raise TypeError("nobody else is known")
        return self.everybody


def _age(person: Person, name: str, when: When) -> int | None:
    born: date | None = person.attributes.get("birth_date")
    return None if born is None else full_years(born, local_day(when.now, when.zone))


def _answer(person: Person, name: str, when: When) -> Any:
    """The newest answer to the question; of two at one moment the greater."""
    given = []
    for row in person.rows("answers"):
        asked = spelled(name, row.columns.get("answers") or {})
        if asked is not None and row.at is not None and row.at <= when.now:
            given.append((row.at, row.columns["answers"][asked]))
    return max(given)[1] if given else None


def spelled(name: str, known: Mapping[str, Any]) -> str | None:
    """The name as it is kept: names are read without regard to case."""
    if name in known:
        return name
    return next((k for k in known if k.casefold() == name.casefold()), None)


@lru_cache(maxsize=100_000)
def fold(text: str) -> str:
    """How text is compared: Unicode NFKC, case folded, surrounding spaces off."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).strip()
