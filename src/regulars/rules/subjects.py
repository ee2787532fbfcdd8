"""Of whom a rule is judged in plain Python, and when."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from regulars.model.clock import full_years, local_day


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

    def place(self, name: str) -> tuple[float, float]: ...


@dataclass(frozen=True)
class Row:
    """One row of a fact; ``at`` is among its columns."""

    columns: Mapping[str, Any]

    @property
    def at(self) -> datetime | None:
        moment: datetime | None = self.columns["at"]
        return moment

    def get(self, name: str, when: When) -> Any:
        return self.columns.get(name)

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
        derived = DERIVED.get(name.split(".")[0] if name.startswith("answer.") else name)
        return derived(self, name, when) if derived else self.attributes.get(name)

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
    question = name.removeprefix("answer.")
    given = [(r.columns["at"], r.columns["answer"]) for r in person.rows("answers")
             if r.columns.get("question_key") == question and r.columns["at"] is not None
             and r.columns["at"] <= when.now and r.columns.get("answer") is not None]
    return max(given)[1] if given else None


DERIVED = {"age": _age, "answer": _answer}


@lru_cache(maxsize=100_000)
def fold(text: str) -> str:
    """How text is compared: Unicode NFKC, case folded, surrounding spaces off."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).strip()
