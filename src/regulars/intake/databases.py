"""PostgreSQL, MySQL, MariaDB and SQLite as sources: a query by address, streamed, read as a file's table would be.

A column may serve as watermark: the next import of the same query asks only for rows from its highest value on. Rows
with just that value come again, which adds nothing, since rows are known by their keys.
"""

from __future__ import annotations

import datetime as dt
import decimal
import hashlib
import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from regulars.engines.duckdb import DuckDBEngine
from regulars.errors import NotFound, Refused
from regulars.intake import reading, reading_tables
from regulars.intake.database_drivers import DRIVERS, Rows, public, scheme
from regulars.intake.prepare import Asked, understood
from regulars.intake.prepared import Prepared, Progress, Report
from regulars.intake.refusals import why
from regulars.intake.stage import Stage, StagedColumn
from regulars.model.settings import Settings

BLOCK = 50_000
TYPES: dict[pa.DataType, str] = {
    pa.int64(): "BIGINT", pa.float64(): "DOUBLE", pa.bool_(): "BOOLEAN", pa.date32(): "DATE",
    pa.timestamp("us"): "TIMESTAMP", pa.timestamp("us", "UTC"): "TIMESTAMP WITH TIME ZONE", pa.string(): "VARCHAR",
}


@dataclass(frozen=True)
class Query:
    """``name`` is what a receipt calls it; ``watermark`` the column that grows as rows are added or changed."""

    address: str
    sql: str
    name: str = "query"
    watermark: str | None = None

    @property
    def text(self) -> str:
        return self.sql.strip().rstrip(";").strip()

    @property
    def mark_key(self) -> str:
        said = "\x1f".join([public(self.address), self.text, self.watermark or ""])
        return "watermark:" + hashlib.blake2b(said.encode(), digest_size=12).hexdigest()


def prepare_query(engine: DuckDBEngine, query: Query, settings: Settings, *, as_: str | None = None,
                  mapping: Mapping[str, str] | None = None, drop_duplicates: bool = False,
                  progress: Report | None = None, rates: Path | None = None, whole: bool = False) -> Iterator[Prepared]:
    """The rows of a query as `prepare.prepare` gives those of a file; ``whole`` disregards the watermark.

    Raises `SourceUnreachable` where the database does not answer or refuses the query.
    """
    since = None if whole or not query.watermark else mark(engine, query)
    name = f"stage_query_{query.mark_key[-8:]}"
    with closing(_opened(query, since)) as rows:
        try:
            stage, highest = _staged(engine, rows, query, name, settings, progress)
            asked = Asked(as_, mapping, drop_duplicates, rates)
            digest = hashlib.blake2b(f"{query.mark_key}{since}".encode(), digest_size=20).hexdigest()
            with understood(engine, stage, settings, asked, digest, progress) as prepared:
                marks = {query.mark_key: _written(highest)} if highest is not None else {}
                yield replace(prepared, marks=marks)
        finally:
            reading.drop(engine, name)


@dataclass(frozen=True)
class Sample:
    """The columns of a query and its first rows, as text; "" where a cell is empty."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def sample(query: Query, most: int) -> Sample:
    """Try a query without keeping anything; raises as `prepare_query`, and `NotFound` for a watermark it has not."""
    with closing(_opened(query, None)) as rows:
        first = next(iter(rows.pieces(most)), ())
        return Sample(tuple(name for name, _ in rows.columns),
                      tuple(tuple("" if cell is None else str(_text(cell)) for cell in row) for row in first))


def mark(engine: DuckDBEngine, query: Query) -> Any:
    """How far this query was read; None where it never was."""
    found = engine.rows("SELECT value FROM meta WHERE key = ?", [query.mark_key]) if "meta" in engine.tables() else []
    return _unwritten(found[0][0]) if found else None


def _opened(query: Query, since: Any) -> Rows:
    kind = scheme(query.address)
    if kind not in DRIVERS:
        raise Refused(why("There is no driver for '{address}'.", address=public(query.address)),
                      hint=why("An address begins with {known}.", known=[f'{s}://' for s in DRIVERS]))
    rows = DRIVERS[kind](query.address, query.text, query.watermark, since)
    if query.watermark and query.watermark not in [name for name, _ in rows.columns]:
        rows.close()
        raise NotFound(why("The query has no column '{watermark}' to go by.", watermark=query.watermark),
                       hint=why("It has {known}.", known=[name for name, _ in rows.columns]))
    return rows


def _staged(engine: DuckDBEngine, rows: Rows, query: Query, name: str, settings: Settings,
            progress: Report | None) -> tuple[Stage, Any]:
    seen = _Seen(progress, [n for n, _ in rows.columns].index(query.watermark) if query.watermark else None)
    schema = pa.schema([("_row", pa.int64()), *((f"c{i}", kind) for i, (_, kind) in enumerate(rows.columns))])
    reading_tables.load_batches(engine, schema, seen.batches(rows.pieces(BLOCK), schema), name)
    if seen.failed:
        raise seen.failed
    columns = tuple(StagedColumn(header, f"c{i}", TYPES[kind]) for i, (header, kind) in enumerate(rows.columns))
    return Stage(engine, name, columns, query.name, seen.rows, settings.timezone, settings.currency), seen.highest


class _Seen:
    """Rows on their way into the engine: counted, and the highest watermark among them kept."""

    def __init__(self, progress: Report | None, watermark: int | None) -> None:
        self.progress = progress
        self.watermark = watermark
        self.rows = 0
        self.highest: Any = None
        self.failed: BaseException | None = None
        self.began = time.monotonic()

    def batches(self, pieces: Iterable[Sequence[Sequence[Any]]], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        try:
            for piece in pieces:
                yield self._batch(piece, schema)
        except BaseException as error:  # the engine would make an error of its own out of it
            self.failed = error

    def _batch(self, piece: Sequence[Sequence[Any]], schema: pa.Schema) -> pa.RecordBatch:
        columns: list[Any] = list(zip(*piece, strict=True))
        if self.watermark is not None:
            filled = [v for v in columns[self.watermark] if v is not None]
            self.highest = max([*filled, *([self.highest] if self.highest is not None else [])], default=None)
        numbers = range(self.rows + 1, self.rows + len(piece) + 1)
        arrays = [pa.array(numbers, pa.int64()),
                  *(_array(c, f.type) for c, f in zip(columns, list(schema)[1:], strict=True))]
        self.rows += len(piece)
        if self.progress:
            self.progress(Progress("reading", self.rows, None, self.rows / (time.monotonic() - self.began + 1e-9)))
        return pa.record_batch(arrays, schema=schema)


def _array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    return pa.array([_text(v) for v in values] if kind == pa.string() else values, kind)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode("utf-8", errors="replace")
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    return value.isoformat(" ") if isinstance(value, dt.datetime) else str(value)


def _written(value: Any) -> str:
    kind = type(value).__name__
    return json.dumps([kind, value.isoformat() if isinstance(value, dt.date) else value
                       if isinstance(value, int | float) else str(value)])


def _unwritten(text: str) -> Any:
    kind, value = json.loads(text)
    readers: dict[str, Any] = {"datetime": dt.datetime.fromisoformat, "date": dt.date.fromisoformat,
                               "Decimal": decimal.Decimal}
    return readers[kind](value) if kind in readers else value
