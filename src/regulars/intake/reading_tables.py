"""Files that are tables already: Excel and its kin, JSON, Parquet, and batches that a database sends."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook

from regulars.engines.duckdb import DuckDBEngine, literal, quoted
from regulars.errors import StatementRefused, UnreadableFile
from regulars.intake.reading_csv import looks_like_header, row_number
from regulars.intake.refusals import why
from regulars.intake.stage import StagedColumn

BLOCK = 20_000
READ_AT_ONCE = 1 << 22
MOST_CELLS = 50_000_000
"""Of the rectangle around the cells of a sheet: it is laid out in memory whole, at 24 bytes for an empty cell too."""
BEYOND_Z = re.compile(rb"""r=["']([A-Z]{2,3})[0-9]""")
FAR_DOWN = re.compile(rb"""r=["'][A-Z]{1,3}([0-9]{6,7})["']""")
ANYWHERE = re.compile(rb"""r=["'][A-Z]{1,3}([0-9]{1,7})["']""")
"""Rows of cells: looking for those of six digits alone costs next to nothing in most files."""
LONGEST_PLACE = 16


def refuse_sprawling(path: Path) -> None:
    """Raise `UnreadableFile` for an .xlsx with a stray cell so far off that laying its sheet out would take all memory.

    The reader of workbooks ends the process then.
    """
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as book:
        for part in book.infolist():
            width, height = _extent(book, part, FAR_DOWN, 99_999)
            if width * height > MOST_CELLS:
                width, height = _extent(book, part, ANYWHERE, 1)
            if width * height > MOST_CELLS:
                raise UnreadableFile(
                    why("{path} has a sheet of {width} columns and {height} rows, most of it empty: too much to read.",
                        path=path.name, width=width, height=height),
                    hint=why("Delete what stands far from the table, or save the sheet as CSV."))


def _extent(book: zipfile.ZipFile, part: zipfile.ZipInfo, rows: re.Pattern[bytes], height: int) -> tuple[int, int]:
    """The furthest column, the 26th or more, and the furthest of these rows, ``height`` or more."""
    width, before = 26, b""
    with book.open(part) as file:
        while piece := file.read(READ_AT_ONCE):
            text = before + piece
            width = max([width, *map(_column, set(BEYOND_Z.findall(text)))])
            height = max([height, *map(int, set(rows.findall(text)))])
            before = text[-LONGEST_PLACE:]
    return width, height


def _column(letters: bytes) -> int:
    """A is 1, Z 26, AA 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def sheets(path: Path) -> Iterator[tuple[str, list[list[Any]]]]:
    """Each sheet of a workbook that holds something, by name."""
    try:
        refuse_sprawling(path)
        book = CalamineWorkbook.from_path(str(path))
        for name in book.sheet_names:
            rows = book.get_sheet_by_name(name).to_python()
            if any(_filled(r) for r in rows):
                yield name, rows
    except (CalamineError, zipfile.BadZipFile) as error:
        raise UnreadableFile(why("{path} cannot be read as a workbook: {error}.", path=path.name,
                                 error=error)) from error


def load_sheet(engine: DuckDBEngine, rows: list[list[Any]], name: str) -> tuple[tuple[StagedColumn, ...], bool]:
    """Stage a sheet as text; the columns, and whether the sheet names them."""
    width = max(_filled(r) for r in rows)
    at = next((i for i, r in enumerate(rows[:20]) if _filled(r) > max(1, width // 3)), 0)
    texts = [_as_text(c) for c in rows[at]]
    words_only = all(isinstance(c, str) for c in rows[at] if c not in ("", None))
    named = words_only and looks_like_header([t or "" for t in texts])
    last = max((i for r in rows[at:] for i, c in enumerate(r) if c not in ("", None)), default=0) + 1
    headers = [(t or "") if named else f"Column {i + 1}" for i, t in enumerate(texts[:last])]
    body = (r for r in rows[at + named:] if _filled(r))
    schema = pa.schema([("_row", pa.int64()), *((f"c{i}", pa.string()) for i in range(len(headers)))])
    load_batches(engine, schema, _batches(body, schema, len(headers)), name)
    return tuple(StagedColumn(h, f"c{i}") for i, h in enumerate(headers)), named


def _filled(row: Sequence[Any]) -> int:
    return sum(1 for c in row if c not in ("", None))


def _batches(rows: Iterable[Sequence[Any]], schema: pa.Schema, width: int) -> Iterator[pa.RecordBatch]:
    block: list[list[Any]] = []
    for number, row in enumerate(rows, 1):
        block.append([number, *(_as_text(c) for c in row[:width]), *[None] * (width - len(row))])
        if len(block) == BLOCK:
            yield _batch(block, schema)
            block = []
    if block:
        yield _batch(block, schema)


def _batch(block: list[list[Any]], schema: pa.Schema) -> pa.RecordBatch:
    return pa.record_batch([pa.array(c, f.type) for c, f in zip(zip(*block, strict=True), schema, strict=True)],
                           schema=schema)


def _as_text(value: Any) -> str | None:
    """How a cell of a workbook would be typed: whole numbers without a point, moments as ISO."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime):
        return value.isoformat(" ", "seconds") if value.microsecond == 0 else value.isoformat(" ")
    return value.isoformat() if isinstance(value, dt.date | dt.time) else str(value)


def load_batches(engine: DuckDBEngine, schema: pa.Schema, batches: Iterable[pa.RecordBatch], name: str) -> None:
    """Stage batches as they come, typed as they are; ``_row`` is one of their columns."""
    arriving = f"arriving_{name}"
    engine.register(arriving, pa.RecordBatchReader.from_batches(schema, batches))
    try:
        engine.execute(f"CREATE TEMP TABLE {quoted(name)} AS SELECT * FROM {quoted(arriving)}")
    finally:
        engine.unregister(arriving)


def load_parquet(engine: DuckDBEngine, path: Path, name: str) -> tuple[StagedColumn, ...]:
    return _load(engine, f"read_parquet({literal(str(path))})", path, name)


def load_json(engine: DuckDBEngine, path: Path, name: str) -> tuple[StagedColumn, ...]:
    """JSON lines or one JSON list; what is nested stays JSON text."""
    with path.open(encoding="utf-8", errors="replace") as source:
        form = "array" if source.read(4096).lstrip("\ufeff \t\r\n").startswith("[") else "newline_delimited"
    return _load(engine, f"read_json({literal(str(path))}, format='{form}', maximum_depth=1, sample_size=-1, "
                         f"maximum_object_size=33554432)", path, name, "(COLUMNS(*)->>'$')")


def _load(engine: DuckDBEngine, reading: str, path: Path, name: str, cells: str = "*") -> tuple[StagedColumn, ...]:
    raw = f"raw_{name}"
    try:
        found = engine.rows(f"SELECT column_name, column_type FROM (DESCRIBE SELECT {cells} FROM {reading})")
        headers = [r[0] for r in engine.rows(f"SELECT column_name FROM (DESCRIBE SELECT * FROM {reading})")]
        inner = ", ".join(f"c{i}" for i in range(len(headers)))
        engine.execute(f"CREATE TEMP TABLE {quoted(raw)} AS SELECT * FROM (SELECT {cells} FROM {reading}) t({inner})")
    except StatementRefused as error:
        raise UnreadableFile(why("{path} cannot be read: {reason}.", path=path.name, reason=error.reason)) from error
    engine.execute(f"CREATE TEMP VIEW {quoted(name)} AS SELECT {row_number(engine, quoted(raw))} AS _row, * "
                   f"FROM {quoted(raw)}")
    return tuple(StagedColumn(h, f"c{i}", kind) for i, (h, (_, kind)) in enumerate(zip(headers, found, strict=True)))
