"""What the front half of intake (reading, recognising) hands to the back half (identities, writing, receipt)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from regulars.model.phrases import Said, read_back, written
from regulars.model.types import Type

WHOLE_LINES = "in_whole_lines"
"""The temp view of lines with their order's columns, each under ``order.`` and its name."""


@dataclass(frozen=True)
class Finding:
    """Something of the data that an owner should know: what, why it matters, an example, and how to mend it."""

    code: str
    what: Said
    why: Said = ""
    example: Said = ""
    mend: Said = ""
    rows: int = 0

    def to_json(self) -> dict[str, Any]:
        """As it is kept in a receipt, to be said in any language later."""
        return {f.name: written(getattr(self, f.name)) for f in fields(self)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Finding:
        """What `to_json` gave."""
        return cls(**{name: read_back(value) for name, value in data.items()})


@dataclass(frozen=True)
class OwnField:
    """A column of the shop's own: ``table`` is customers (a real column), events or answers (a named property)."""

    table: str
    name: str
    type: Type
    label: str = ""


@dataclass(frozen=True)
class Prepared:
    """One table of a file, read and understood: its rows stand in temp tables ``in_<table>`` for each of ``tables``.

    Rows that could not be read stand in the temp table ``in_refused`` (``_row``, ``reason``, ``content`` as JSON).
    ``duplicate_rows`` counts exact copies of an earlier row; ``dropped_rows`` those of them that were left out because
    the person asked for it.
    """

    file_name: str
    file_hash: str
    recognised_as: str
    platform: str
    mapping: Mapping[str, str] = field(default_factory=dict)
    rows_read: int = 0
    tables: tuple[str, ...] = ()
    own_fields: tuple[OwnField, ...] = ()
    duplicate_rows: int = 0
    dropped_rows: int = 0
    findings: tuple[Finding, ...] = ()
    cautions: tuple[Said, ...] = ()
    header_hash: str = ""
    chosen_as: str | None = None
    chosen: Mapping[str, str] = field(default_factory=dict)
    """What the person said of the columns: `prepare.remember` keeps it for this set of headers."""

    order_columns: Mapping[str, str] = field(default_factory=dict)
    """Where ``in_orders`` is no more than the groups of ``in_lines``: the order's columns, each with how it comes out
    of the lines (``min`` or ``first``). Then both are views, and `WHOLE_LINES` has the lines with these columns."""

    whole_orders: bool = False
    """Whether an order's lines are all it has: what was known of it beside them, by the same platform, is gone."""

    marks: Mapping[str, str] = field(default_factory=dict)
    """How far a database was read: key -> value for ``meta``, kept by `prepare.remember`."""


@dataclass(frozen=True)
class Progress:
    """Where a long step stands; ``rows_total`` is None while it is not known."""

    step: str
    rows_done: int = 0
    rows_total: int | None = None
    rows_per_second: float = 0.0


Report = Callable[[Progress], None]
