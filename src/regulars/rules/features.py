"""A feature is one aggregate (or attribute) of one customer as of ``now``: every distinct one is worked out once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from regulars.model.types import Type
from regulars.rules.subjects import When

if TYPE_CHECKING:
    from regulars.rules.constructs.selection import Selection
    from regulars.rules.frames import PeopleTable, RowsTable
    from regulars.rules.vocabulary import Fact, Field


@dataclass(frozen=True)
class Feature:
    """``key`` is its canonical text; with ``when`` it is its identity."""

    key: str
    type: Type
    when: When

    @property
    def name(self) -> str:
        """The column it is kept in."""
        identity = f"{self.key}\0{self.when.now.isoformat()}\0{self.when.zone.key}"
        return "f_" + blake2b(identity.encode(), digest_size=10).hexdigest()


@dataclass(frozen=True)
class AttributeFeature(Feature):
    """A column of the customer, their account or their scores, or what `derive` makes of it."""

    held: Field = field(compare=False, kw_only=True)
    derive: Callable[[Any, When], Any] | None = field(default=None, compare=False, kw_only=True)


@dataclass(frozen=True)
class FactFeature(Feature):
    """An aggregate over rows of one fact, worked out in the shared pass over its table.

    ``earliest`` says that no row up to then matters; ``nothing`` is the value of a
    customer without rows.
    """

    fact: Fact = field(compare=False, kw_only=True)
    selection: Selection = field(compare=False, kw_only=True)
    reduce: Callable[[RowsTable], Any] = field(compare=False, kw_only=True)
    earliest: Any = field(default=None, compare=False, kw_only=True)
    nothing: Any = field(default=None, compare=False, kw_only=True)


@dataclass(frozen=True)
class ExistsFeature(FactFeature):
    """Whether there is such a row: ``reduce`` gives the condition on a row, which the pass ors over a customer's."""


@dataclass(frozen=True)
class OwnPassFeature(Feature):
    """What one grouping cannot give: ``make`` returns a table of ``customer_id`` and ``value``."""

    make: Callable[[PeopleTable], Any] = field(compare=False, kw_only=True)
    nothing: Any = field(default=None, compare=False, kw_only=True)
