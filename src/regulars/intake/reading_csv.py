"""Delimited text: its delimiter and header are found from its beginning; the engine reads it whole.

What the engine's strict reader does not take (ragged rows, stray quotes, runs of spaces) goes through a lenient reader
that writes a clean copy, one block at a time, and keeps the rows it cannot take with their line.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from regulars.engines.duckdb import DuckDBEngine, literal, quoted
from regulars.errors import NotRecognised, UnreadableFile
from regulars.intake import reasons
from regulars.intake.refusals import why

SAMPLE = 1 << 18
DELIMITERS = (",", ";", "\t", "|")
LARGE = 1 << 23
OBVIOUS = (("TIMESTAMP", re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")),
           ("DECIMAL(18,4)", re.compile(r"-?(0|[1-9]\d{0,11})\.\d{1,2}$")))
SPACES = " "
"""Stands for runs of spaces."""

DATA_CELL = re.compile(r"\s*([-+(]?\s*[$€£₹]?\s*\d[\d.,' ]*\)?%?|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*|"
                       r"[^@\s]+@[^@\s]+\.[^@\s]+)\s*$")
UNCLOSED = 50
"""A cell of more lines than this, in a row of the wrong width, was opened by a stray quote."""

END = "\ufdd0"
"""Put behind the last line: whatever cell it turns up in is still open there. No character of any text."""

csv.field_size_limit(1 << 26)


@dataclass(frozen=True)
class Dialect:
    """``skip`` records, blank lines among them, stand before the first row."""

    delimiter: str
    skip: int
    headers: tuple[str, ...]
    width: int
    has_header: bool
    lenient: bool = False
    """Lines end in more than one way, or zero bytes stand between: only the lenient reader takes that."""


def sniff(path: Path) -> Dialect:
    """The dialect of a UTF-8 file; raises `NotRecognised` where it holds no table."""
    with path.open(encoding="utf-8", newline="", errors="replace") as source:
        text = source.read(SAMPLE).lstrip("\ufeff")
        more = bool(source.read(1))
    declared = re.match(r"sep=(.)\r?\n", text, re.IGNORECASE)
    body = text[declared.end():] if declared else text
    if more and "\n" in body:
        body = body[:body.rfind("\n") + 1]
    if not body.strip():
        raise NotRecognised(why("{path} is empty.", path=path.name))
    delimiter = declared[1] if declared else _delimiter(body)
    ends = set(re.findall("\r\n|\r|\n", text))
    return replace(_with_header(body, delimiter, 1 if declared else 0), lenient=len(ends) > 1 or "\0" in text)


def _delimiter(text: str) -> str:
    scored = [(_score(list(records(io.StringIO(text, newline=""), d))), d) for d in DELIMITERS]
    best, delimiter = max(scored, key=lambda s: s[0])
    if best[0] >= 0.9:
        return delimiter
    spaced = _score(list(records(io.StringIO(text, newline=""), SPACES)))
    if spaced[0] >= 0.95 and (best[0] < 0.5 or spaced[1] > best[1]):
        return SPACES
    return delimiter if best[0] > 0 else ","


def _score(rows: list[tuple[int, list[str]]]) -> tuple[float, int]:
    """The share of rows as wide as most, and that width; nothing where the first wide row is not one of them."""
    widths = [len(r) for _, r in rows if any(c.strip() for c in r)][:2_000]
    if not widths:
        return 0.0, 0
    width, often = Counter(widths).most_common(1)[0]
    share = often / len(widths)
    if width == 1:
        return 0.0, 1
    return (share if width in widths[:3] else share / 2), width


def records(source: Iterable[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the number of the line it ends on."""
    if delimiter == SPACES:
        yield from ((n, line.split()) for n, line in enumerate(source, 1))
        return
    reader = csv.reader((line.replace("\0", "") for line in source), delimiter=delimiter)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise UnreadableFile(why("Line {line} cannot be read: {error}.", line=reader.line_num, error=error)) from error


def _with_header(text: str, delimiter: str, before: int) -> Dialect:
    every = enumerate((r for _, r in records(io.StringIO(text, newline=""), delimiter)), 1)
    rows = [(n, r) for n, r in every if any(c.strip() for c in r)][:1_000]
    width = Counter(len(r) for _, r in rows).most_common(1)[0][0]
    at = next((i for i, (_, r) in enumerate(rows[:20]) if _filled(r) > 1 or width == 1), 0) if width > 2 else 0
    number, first = rows[at]
    width = max(width, len(first)) if looks_like_header(first) else width
    following = [r for _, r in rows[at + 1:at + 200]]
    if looks_like_header(first) and not _same_words(first, following):
        headers = tuple(c.strip() for c in _trimmed(first))
        return Dialect(delimiter, before + number, headers, len(headers), True)
    earlier = rows[at - 1][0] if at else 0
    return Dialect(delimiter, before + earlier, tuple(f"Column {i + 1}" for i in range(width)), width, False)


def _filled(row: list[str]) -> int:
    return sum(1 for c in row if c.strip())


def _trimmed(row: list[str]) -> list[str]:
    """Without empty cells that only a trailing delimiter made; a second header row may need the others."""
    return row[:-1] if len(row) > 2 and not row[-1].strip() and row[-2].strip() else row


def looks_like_header(cells: list[str]) -> bool:
    """Whether a row names columns: no number, date or e-mail address among its cells."""
    filled = [c for c in cells if c.strip()]
    return bool(filled) and not any(DATA_CELL.match(c) for c in filled)


def _same_words(first: list[str], following: list[list[str]]) -> bool:
    """Whether the first row only repeats what stands below it, as in a file of words without a header."""
    filled = [i for i, c in enumerate(first) if c.strip()]
    return bool(following) and all(any(i < len(r) and r[i] == first[i] for r in following) for i in filled)


@dataclass(frozen=True)
class Loaded:
    """``table`` holds ``_row`` and c0 … as text; ``refused`` names the table of rows left out, where there are any."""

    table: str
    types: tuple[str, ...]
    refused: int = 0


def load(engine: DuckDBEngine, path: Path, dialect: Dialect, name: str, scratch: Path) -> Loaded:
    """Stage the file as temp view ``name`` over ``raw_<name>``; rows not taken go to temp table ``bad_<name>``."""
    text = ("VARCHAR",) * dialect.width
    if dialect.delimiter != SPACES and not dialect.lenient:
        for types in dict.fromkeys((_obvious_types(path, dialect), text)):
            if _read(engine, path, dialect, name, types):
                return Loaded(name, types)
    clean = scratch / f"{name}.clean.csv"
    bad = scratch / f"{name}.bad.json"
    refused = _cleaned(path, dialect, clean, bad)
    _read_cleaned(engine, clean, dialect.width, name)
    if refused:
        engine.execute(f"CREATE TEMP TABLE {quoted('bad_' + name)} AS SELECT * FROM read_json({literal(str(bad))}, "
                       "format='newline_delimited', columns={_row: 'BIGINT', reason: 'VARCHAR', content: 'JSON'})")
    return Loaded(name, text, refused)


def _obvious_types(path: Path, dialect: Dialect) -> tuple[str, ...]:
    """In a large file, columns that begin as plain decimals or ISO moments are read as such at once, which is half the
    work; a single cell that is otherwise makes the whole file text again."""
    if path.stat().st_size < LARGE:
        return ("VARCHAR",) * dialect.width
    with path.open(encoding="utf-8", newline="", errors="replace") as source:
        first = list(itertools.islice((r for _, r in _data(source, dialect)), 2_000))
    return tuple(_obvious([r[i] for r in first if i < len(r) and r[i]]) for i in range(dialect.width))


def _obvious(cells: list[str]) -> str:
    return next((kind for kind, pattern in OBVIOUS if cells and all(map(pattern.match, cells))), "VARCHAR")


def _read(engine: DuckDBEngine, path: Path, dialect: Dialect, name: str, types: tuple[str, ...]) -> bool:
    """Whether the strict reader takes every row. It keeps faults in a table, since an error would end the import."""
    columns = ", ".join(f"c{i}: '{kind}'" for i, kind in enumerate(types))
    raw, faults = quoted("raw_" + name), f"faults_{name}"
    engine.execute(
        f"CREATE TEMP TABLE {raw} AS SELECT * FROM read_csv({literal(str(path))}, auto_detect=false, header=false, "
        f"skip={dialect.skip}, delim={literal(dialect.delimiter)}, quote='\"', escape='\"', columns={{{columns}}}, "
        f"max_line_size=33554432, compression='none', ignore_errors=true, store_rejects=true, rejects_limit=1, "
        f"timestampformat='%Y-%m-%d %H:%M:%S', "
        f"rejects_table={literal(faults)}, rejects_scan={literal('scan_' + name)})")
    faulty = engine.rows(f"SELECT 1 FROM {quoted(faults)} LIMIT 1")
    for table in (faults, f"scan_{name}", *([f"raw_{name}"] if faulty else [])):
        engine.execute(f"DROP TABLE {quoted(table)}")
    if faulty:
        return False
    blank = " AND ".join(f"c{i} IS NULL" for i in range(dialect.width))
    held = f" WHERE NOT ({blank})" if engine.rows(f"SELECT 1 FROM {raw} WHERE {blank} LIMIT 1") else ""
    engine.execute(f"CREATE TEMP VIEW {quoted(name)} AS SELECT {row_number(engine, raw)} AS _row, * FROM {raw}{held}")
    return True


def row_number(engine: DuckDBEngine, table: str) -> str:
    """From 1, in the file's order. Rows of a transaction not yet committed have ids that begin far above 0."""
    return f"rowid - {engine.value(f'SELECT coalesce(min(rowid), 0) FROM {table}')} + 1"


def _read_cleaned(engine: DuckDBEngine, path: Path, width: int, name: str) -> None:
    columns = ", ".join(f"c{i}: 'VARCHAR'" for i in range(width))
    engine.execute(
        f"CREATE TEMP TABLE {quoted(name)} AS SELECT * FROM read_csv({literal(str(path))}, auto_detect=false, "
        f"header=false, delim=',', quote='\"', escape='\"', columns={{_row: 'BIGINT', {columns}}}, "
        f"max_line_size=67108864, parallel=false)")


def _cleaned(path: Path, dialect: Dialect, clean: Path, bad: Path) -> int:
    """Write the rows of the right width to ``clean`` and the others to ``bad``; how many those are."""
    spared = _often_empty(path, dialect)
    refused = 0
    with path.open(encoding="utf-8", newline="", errors="replace") as source, \
            clean.open("w", encoding="utf-8", newline="") as good, bad.open("w", encoding="utf-8") as wrong:
        write = csv.writer(good, lineterminator="\n").writerow
        began = dialect.skip
        for number, (line, row) in enumerate(_to_the_end(source, dialect, path), 1):
            fitted = _fitted(row, dialect.width, spared)
            if len(row) != dialect.width and any(c.count("\n") > UNCLOSED for c in row):
                raise _unclosed(path, began + 1)
            if not any(row):
                pass
            elif fitted is not None:
                write([number, *fitted])
            else:
                refused += 1
                said = {"_row": number, "reason": _why(row, dialect, line), "content": _named(row, dialect.headers)}
                wrong.write(json.dumps(said) + "\n")
            began = line
    return refused


def _to_the_end(source: Iterable[str], dialect: Dialect, path: Path) -> Iterator[tuple[int, list[str]]]:
    """The records of a whole file; raises `UnreadableFile` where its last quote stays open, since rows are inside."""
    for line, row in _data(itertools.chain(source, [END]), dialect):
        if row == [END]:
            return
        if row[-1].endswith(END):
            inside = re.findall("\r\n|\r|\n", row[-1])
            ended = row[-1].removesuffix(END).endswith(("\r", "\n"))
            raise _unclosed(path, line - len(inside) - (not ended))
        yield line, row


def _data(source: Iterable[str], dialect: Dialect) -> Iterator[tuple[int, list[str]]]:
    yield from ((line, row) for line, row in itertools.islice(records(source, dialect.delimiter), dialect.skip, None)
                if row)


def _often_empty(path: Path, dialect: Dialect) -> frozenset[int]:
    """The columns a short row may lack: those left empty elsewhere; or, if rows are often short, the later half."""
    empty: set[int] = set()
    short = seen = 0
    with path.open(encoding="utf-8", newline="", errors="replace") as source:
        for _, row in _data(source, dialect):
            seen += 1
            short += len(row) < dialect.width
            if len(row) >= dialect.width:
                empty |= {i for i, c in enumerate(row[:dialect.width]) if not c.strip()}
            if seen == 20_000:
                break
    return frozenset(range(dialect.width // 2, dialect.width)) if short > max(4, 0.2 * seen) else frozenset(empty)


def _fitted(row: list[str], width: int, spared: frozenset[int]) -> list[str] | None:
    if len(row) == width:
        return row
    if len(row) > width:
        return row[:width] if not any(c.strip() for c in row[width:]) else None
    return [*row, *[""] * (width - len(row))] if spared.issuperset(range(len(row), width)) else None


def _named(row: list[str], headers: tuple[str, ...]) -> dict[str, str]:
    """The cells by their header, as every other refused row has them; one beyond the headers by its place."""
    named: dict[str, str] = {}
    for i, cell in enumerate(row):
        header = headers[i] if i < len(headers) else ""
        named[header if header and header not in named else f"Column {i + 1}"] = cell
    return named


def _why(row: list[str], dialect: Dialect, line: int) -> str:
    return reasons.as_json("width", line, len(row), dialect.width)


def _unclosed(path: Path, line: int) -> UnreadableFile:
    return UnreadableFile(why("{file}: a quote opened on line {line} is never closed.",
                              file=path.name.removesuffix(".utf8"), line=line),
                          hint=why("Mend that line and import the file again."))
