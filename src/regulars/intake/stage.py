"""One raw table, staged in the engine, and SQL expressions that read its columns.

A cell means what its whole column says it means: the shape of a column (decimal comma, day first …) is decided once,
from all of its cells, the first time it is asked for.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from regulars.engines.duckdb import DuckDBEngine, literal, quoted
from regulars.intake import values, values_dates, values_lists, values_numbers, values_words

QUOTES = "\"'`“”„«»‘’"


def normalise_header(text: str) -> str:
    """How headers are compared: no byte-order mark, no quotes around, NFKC, case folded, single spaces."""
    plain = unicodedata.normalize("NFKC", text.replace("\ufeff", "")).casefold()
    return " ".join(" ".join(plain.split()).strip(QUOTES).split())


@dataclass(frozen=True)
class StagedColumn:
    """``sql`` is the quoted name in the stage; ``type`` the engine's type, VARCHAR where the cells came as text."""

    header: str
    sql: str
    type: str = "VARCHAR"

    @property
    def key(self) -> str:
        return normalise_header(self.header)


@dataclass(frozen=True)
class Read:
    """A column that was read as something: a row where ``raw`` is given and ``parsed`` is not is unreadable."""

    header: str
    kind: str
    raw: str
    parsed: str
    needed: bool


@dataclass
class Stage:
    """A raw table: ``name`` has a BIGINT column ``_row`` (1 for the first record after the header) and the columns.

    The expressions may name several headers: the first of them that has something in a row counts. A header that is
    not there gives ``NULL``. Cells that cannot be read become NULL; where ``needed``, their row is refused, else they
    are counted in a finding. `Ambiguous` is raised with the question where a column's shape cannot be decided.
    """

    engine: DuckDBEngine
    name: str
    columns: tuple[StagedColumn, ...]
    file_name: str
    rows: int
    zone: str = "UTC"
    currency: str = "EUR"
    hints: Mapping[str, frozenset[str]] = field(default_factory=dict)
    header_given: bool = True
    header_rows: int = 1
    reads: dict[tuple[str, ...], Read] = field(default_factory=dict)
    profiles: dict[str, values.Profile] = field(default_factory=dict)
    decided: dict[str, object] = field(default_factory=dict)
    proven: set[str] = field(default_factory=set)
    """Expressions that were tried on every cell and read them all."""

    order_columns: dict[str, str] = field(default_factory=dict)
    """Where orders are nothing but their lines' groups, and reading cells is no work: the order's columns, each with
    how it comes out of the rows (``min`` or ``first``); ``whole_lines`` selects the lines with them."""

    whole_lines: str = ""

    @property
    def headers(self) -> tuple[str, ...]:
        return tuple(c.header for c in self.columns)

    @property
    def header_set(self) -> frozenset[str]:
        """The normalised headers, without empty ones."""
        return frozenset(c.key for c in self.columns if c.key)

    def has(self, *headers: str) -> bool:
        """Whether any of the headers is there."""
        return bool(self.found(headers))

    def found(self, headers: Iterable[str]) -> list[StagedColumn]:
        """The columns of these headers, in the order asked; of equal headers the first."""
        by_key: dict[str, StagedColumn] = {}
        for column in self.columns:
            by_key.setdefault(column.key, column)
        return [by_key[k] for k in dict.fromkeys(normalise_header(h) for h in headers) if k in by_key]

    def first(self, count: int = 5) -> list[tuple[Any, ...]]:
        """The first records as they came, for sources that have more than one header row."""
        names = ", ".join(c.sql for c in self.columns)
        return self.engine.rows(f"SELECT {names} FROM {quoted(self.name)} WHERE _row <= ? ORDER BY _row", [count])

    def profile(self, column: StagedColumn) -> values.Profile:
        if column.sql not in self.profiles:
            self.profiles.update(values.profiles(self.engine, self.name, self.columns))
        return self.profiles[column.sql]

    def cell(self, column: StagedColumn) -> str:
        """One column's text: stripped, NFC, a spreadsheet's guarding apostrophe off, NULL where empty."""
        return values.clean(column.sql, column.type, self.profile(column))

    def text(self, *headers: str) -> str:
        return _first([self.cell(c) for c in self.found(headers)], "VARCHAR")

    def key(self, *headers: str) -> str:
        """Text that names something: as `text`, and ids that a spreadsheet made decimal (17850.0) are mended."""
        return _first([values.key(self, c) for c in self.found(headers)], "VARCHAR")

    def number(self, *headers: str, needed: bool = True) -> str:
        """DECIMAL(18,4)."""
        return self._each(headers, "number", "DECIMAL(18,4)", needed, values_numbers.decimal)

    def money(self, *headers: str, needed: bool = True) -> str:
        """DECIMAL(18,4), currency signs taken off; what they say is in `currency_of`."""
        return self._each(headers, "amount", "DECIMAL(18,4)", needed, values_numbers.money)

    def real(self, *headers: str, needed: bool = True) -> str:
        """DOUBLE, for coordinates and scores."""
        return self._each(headers, "number", "DOUBLE", needed, values_numbers.real)

    def whole(self, *headers: str, needed: bool = True) -> str:
        """BIGINT."""
        return self._each(headers, "whole number", "BIGINT", needed, values_numbers.whole)

    def currency_of(self, *headers: str) -> str:
        """The currency code that an amount's own cell states ($ and kr name several, so they say nothing)."""
        return _first([values_numbers.currency_of(self, c) for c in self.found(headers)], "VARCHAR")

    def moment(self, *headers: str, zone: str | None = None, zone_sql: str | None = None, time: str | None = None,
               day_first: bool | None = None, needed: bool = True) -> str:
        """TIMESTAMP in UTC. Times without a zone are read in ``zone`` (the shop's unless given), or in the zone that
        the expression ``zone_sql`` names. ``time`` is the header of a separate column with the time of day.
        ``day_first`` is what the source says where the data does not decide."""
        def read(stage: Stage, column: StagedColumn) -> str:
            return values_dates.moment(stage, column, zone_sql or literal(zone or self.zone), time, day_first)
        return self._each(headers, "date", "TIMESTAMP", needed, read, f"{zone}{zone_sql}{time}")

    def day(self, *headers: str, day_first: bool | None = None, needed: bool = True) -> str:
        """DATE, as written."""
        def read(stage: Stage, column: StagedColumn) -> str:
            return values_dates.day(stage, column, day_first)
        return self._each(headers, "day", "DATE", needed, read)

    def yesno(self, *headers: str, needed: bool = False) -> str:
        """BOOLEAN, from the words for yes and no in four languages."""
        return self._each(headers, "yes/no", "BOOLEAN", needed, values_words.yesno)

    def texts(self, *headers: str) -> str:
        """VARCHAR[]: items between commas, semicolons or bars, or a quoted or JSON list."""
        return _first([values_lists.texts(self.cell(c), c.type) for c in self.found(headers)], "VARCHAR[]")

    def _each(self, headers: Sequence[str], kind: str, sql_type: str, needed: bool, read: Any, more: str = "") -> str:
        parsed = [self._read(c, kind, needed, read, more) for c in self.found(headers)]
        return _first(parsed, sql_type)

    def _read(self, column: StagedColumn, kind: str, needed: bool, read: Any, more: str) -> str:
        key = (column.sql, kind, more)
        known = self.reads.get(key)
        if known is None or (needed and not known.needed):
            parsed = known.parsed if known else str(read(self, column))
            known = self.reads[key] = Read(column.header, kind, self.cell(column), parsed, needed)
        return known.parsed

    def hint(self, column: StagedColumn) -> frozenset[str]:
        """What the person answered about this column, such as ``day-first``."""
        return self.hints.get(column.key, frozenset())


def _first(expressions: Sequence[str], sql_type: str) -> str:
    if not expressions:
        return f"CAST(NULL AS {sql_type})"
    return expressions[0] if len(expressions) == 1 else f"coalesce({', '.join(expressions)})"
