"""The front half of intake: from a file to canonical tables ``in_<table>``, ready to be written.

`prepare` may run inside the import's transaction: nothing in it counts on an error that is caught and gone on from.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regulars.engines.duckdb import DuckDBEngine, literal, quoted
from regulars.errors import NotRecognised, ShopError
from regulars.intake import currencies, findings, mappings, reading, reasons
from regulars.intake.prepared import WHOLE_LINES, Finding, Prepared, Progress, Report
from regulars.intake.recognise import PlainTable, recognise
from regulars.intake.rows import drop_temps, make_temp, make_view
from regulars.intake.sources import Source
from regulars.intake.stage import Read, Stage
from regulars.intake.watching import watched
from regulars.model.settings import Settings
from regulars.model.tables import TABLES

REFUSED = "CREATE OR REPLACE TEMP TABLE in_refused (_row BIGINT, reason VARCHAR, content JSON)"


@dataclass(frozen=True)
class Asked:
    """What a person said beside the file."""

    as_: str | None = None
    mapping: Mapping[str, str] | None = None
    drop_duplicates: bool = False
    rates: Path | None = None


def prepare(engine: DuckDBEngine, path: Path | str, settings: Settings, *, as_: str | None = None,
            mapping: Mapping[str, str] | None = None, drop_duplicates: bool = False, progress: Report | None = None,
            rates: Path | None = None) -> Iterator[Prepared]:
    """Each table of the file, one after the other; its ``in_`` tables stand until the next one is asked for.

    ``as_`` says what the rows are (``orders``) or which source it is (``shopify-orders``); ``mapping`` says of columns
    which field they are. ``rates`` is a table of currency, day and rate. Raises `ImportRefused` and its kinds.
    """
    path = Path(path)
    asked = Asked(as_, mapping, drop_duplicates, rates)
    with reading.scratch_folder() as scratch, ThreadPoolExecutor(1) as beside:
        hashing = beside.submit(reading.hash_of, path) if path.is_file() else None
        expected = reading.rows_expected(path) if path.is_file() else None
        passed_over: list[tuple[Stage, NotRecognised]] = []
        taken = 0
        with closing(reading.stages(engine, path, settings, scratch, {})) as tables:
            while True:
                with watched(engine, progress, "reading", expected):
                    stage = next(tables, None)
                digest = hashing.result() if hashing else ""
                if stage is None:
                    break
                try:
                    with understood(engine, stage, settings, asked, digest, progress) as prepared:
                        taken += 1
                        yield prepared
                except NotRecognised as error:
                    passed_over.append((stage, error))
        if passed_over and not taken:
            raise passed_over[0][1]
        for left, why in passed_over:
            engine.execute(REFUSED)
            yield _nothing_of(left, why, digest)
            _forget(engine)


def _nothing_of(stage: Stage, error: NotRecognised, digest: str) -> Prepared:
    """What is handed on for a table among others that says nothing, such as a sheet of notes."""
    return Prepared(stage.file_name, digest, "not-recognised", "", rows_read=stage.rows,
                    cautions=(findings.not_recognised(error),))


@contextmanager
def understood(engine: DuckDBEngine, stage: Stage, settings: Settings, asked: Asked, digest: str,
               progress: Report | None = None) -> Iterator[Prepared]:
    """A staged table as canonical ones, gone at the end of the block."""
    began = time.monotonic()
    try:
        prepared = _understand(engine, stage, settings, asked, digest)
        if progress:
            rate = prepared.rows_read / max(time.monotonic() - began, 1e-6)
            progress(Progress("understanding", prepared.rows_read, prepared.rows_read, rate))
        yield prepared
    finally:
        _forget(engine)


def _forget(engine: DuckDBEngine) -> None:
    """Drop the canonical tables; where a transaction has failed, its end does so."""
    with suppress(ShopError):
        drop_temps(engine, [name for (name,) in engine.rows(
            "SELECT table_name FROM duckdb_tables() WHERE temporary AND starts_with(table_name, 'in_') UNION ALL "
            "SELECT view_name FROM duckdb_views() WHERE temporary AND starts_with(view_name, 'in_')")])


def _understand(engine: DuckDBEngine, stage: Stage, settings: Settings, asked: Asked, digest: str) -> Prepared:
    engine.execute(REFUSED)
    given = mappings.read(asked.mapping)
    mappings.check(given, stage)
    remembered_as, remembered = mappings.recall(engine, stage)
    choices = remembered | given
    stage.hints = mappings.hints(choices)
    source = recognise(stage, asked.as_ or remembered_as, choices)
    stage.header_rows = int(getattr(source, "header_rows", 1))
    ragged = _take_ragged(engine, stage)
    selects = _changed_by(source.canonical(stage, settings), source, stage, choices)
    copies = 0 if stage.decided.get("no copies") else _copies(engine, stage)
    found = _refuse_unreadable(engine, stage)
    dropped = _leave_out(engine, stage, asked.drop_duplicates and copies > 0)
    tables = tuple(t for t in TABLES if t in selects)
    order_columns = {} if _lacks_rows(engine) else stage.order_columns
    for table in tables:
        (make_view if order_columns and table in ("orders", "lines") else make_temp)(
            engine, f"in_{table}", selects[table])
    if order_columns:
        make_view(engine, WHOLE_LINES, stage.whole_lines)
    found += currencies.convert(engine, tables, settings, asked.rates)
    if copies:
        found.append(findings.copies(copies, bool(dropped)))
    found += _offered(source, "findings", stage)
    return Prepared(
        file_name=stage.file_name, file_hash=digest, recognised_as=source.name, platform=source.platform,
        mapping=_shown(source, stage, choices), rows_read=stage.rows - stage.header_rows + 1 + ragged, tables=tables,
        own_fields=_offered(source, "own_fields", stage), duplicate_rows=copies, dropped_rows=dropped,
        findings=tuple(found),
        cautions=tuple(source.cautions()) if isinstance(source, PlainTable) else _offered(source, "cautions", stage),
        order_columns=order_columns, header_hash=mappings.header_hash(stage.headers),
        chosen_as=asked.as_ or remembered_as,
        chosen={c.header: str(c) for c in choices.values()} if stage.header_given else {})


def _offered(source: Source | PlainTable, name: str, stage: Stage) -> tuple[Any, ...]:
    """What an optional method of a source says."""
    method = getattr(source, name, None)
    return tuple(method(stage)) if method else ()


def _shown(source: Source | PlainTable, stage: Stage, choices: mappings.Choices) -> dict[str, str]:
    """Column -> field as it was read, with what the person said of it."""
    shown = source.mapping(stage)
    for column in stage.columns:
        choice = choices.get(column.key)
        if choice and choice.field is not None and not isinstance(source, PlainTable):
            shown[column.header] = choice.field
        if choice and choice.hints:
            shown[column.header] = ":".join([shown.get(column.header, ""), *sorted(choice.hints)])
    return shown


def _changed_by(selects: dict[str, str], source: Source | PlainTable, stage: Stage,
                choices: mappings.Choices) -> dict[str, str]:
    """A recognised export read as a person wants some of its columns read instead."""
    if isinstance(source, PlainTable):
        return selects
    changed = dict(selects)
    shown = source.mapping(stage)
    chosen = {stage.found([key])[0].header: c.field for key, c in choices.items() if c.field is not None}
    emptied = [(shown.get(header, ""), None) for header, field in chosen.items() if shown.get(header) != field]
    for field, header in [*emptied, *((field, header) for header, field in chosen.items())]:
        table, _, name = field.partition(".")
        if name and table in changed:
            changed[table] = _with_field(changed[table], stage, table, name, header)
    return changed


def _with_field(select: str, stage: Stage, table: str, name: str, header: str | None) -> str:
    """The select with one field read from another column; NULL where ``header`` is None."""
    reader = mappings.reader_of(table, name)
    value = f"(SELECT {getattr(stage, reader)(header)} FROM {quoted(stage.name)} s WHERE s._row = t._row)" if header \
        else "NULL"
    has = stage.engine.rows(f"SELECT 1 FROM (DESCRIBE {select}) WHERE column_name = ?", [name])
    if not has:
        return select if header is None else f"SELECT t.*, {value} AS {quoted(name)} FROM ({select}) t"
    return f"SELECT t.* REPLACE ({value} AS {quoted(name)}) FROM ({select}) t"


def _take_ragged(engine: DuckDBEngine, stage: Stage) -> int:
    """Rows the reader could not take are refused rows, with their cells by header."""
    bad = f"bad_{stage.name}"
    if not engine.rows("SELECT 1 FROM duckdb_tables() WHERE temporary AND table_name = ?", [bad]):
        return 0
    engine.execute(f"INSERT INTO in_refused SELECT * FROM {quoted(bad)}")
    return int(engine.value(f"SELECT count(*) FROM {quoted(bad)}"))


def _copies(engine: DuckDBEngine, stage: Stage) -> int:
    """How many rows are exact copies of an earlier one."""
    cells = ", ".join(c.sql for c in stage.columns)
    return int(engine.value(f"SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM {quoted(stage.name)} "
                            f"GROUP BY hash({cells}) HAVING n > 1)"))


def _refuse_unreadable(engine: DuckDBEngine, stage: Stage) -> list[Finding]:
    """Refuse the rows with cells that cannot be read; count those that may stay unknown."""
    reads = [r for r in stage.reads.values() if r.parsed not in stage.proven]
    if not reads:
        return []
    wrong = [f"({r.raw}) IS NOT NULL AND ({r.parsed}) IS NULL" for r in reads]
    tests = ", ".join(f"count_if({w}), min({r.raw}) FILTER ({w})" for r, w in zip(reads, wrong, strict=True))
    told = engine.rows(f"SELECT {tests} FROM {quoted(stage.name)} WHERE _row >= {stage.header_rows}")[0]
    counted = [(r, w, told[2 * i] or 0, told[2 * i + 1]) for i, (r, w) in enumerate(zip(reads, wrong, strict=True))]
    refusing = [(r, w) for r, w, cells, _ in counted if cells and r.needed]
    if refusing:
        why = reasons.all_of([f"CASE WHEN {w} THEN {reasons.as_sql('unreadable', *_what(r))} END" for r, w in refusing])
        any_of_them = " OR ".join(f"({w})" for _, w in refusing)
        engine.execute(f"INSERT INTO in_refused SELECT _row, {why}, {_as_json(stage)} FROM "
                       f"{quoted(stage.name)} WHERE _row >= {stage.header_rows} AND ({any_of_them})")
    return [findings.unreadable(r.header, r.kind, cells, example) for r, _, cells, example in counted
            if cells and not r.needed]


def _what(read: Read) -> tuple[str, str, str]:
    return literal(read.header), f"CAST(({read.raw}) AS VARCHAR)", literal(read.kind)


def _as_json(stage: Stage) -> str:
    return f"json_object({', '.join(f'{literal(c.header)}, {c.sql}' for c in stage.columns)})"


def _leave_out(engine: DuckDBEngine, stage: Stage, copies: bool) -> int:
    """Take refused rows, and copies where asked, out of the staged table; how many copies those were."""
    dropped = 0
    cells = ", ".join(c.sql for c in stage.columns)
    again = f"SELECT _row FROM {quoted(stage.name)} QUALIFY row_number() OVER (PARTITION BY {cells} ORDER BY _row) > 1"
    engine.execute("CREATE OR REPLACE TEMP TABLE in_left_out AS SELECT DISTINCT _row FROM in_refused")
    if copies:
        engine.execute(f"INSERT INTO in_left_out {again}")
        dropped = int(engine.value(f"SELECT count(*) FROM ({again})"))
    if _lacks_rows(engine):
        everything = f"{stage.name}_all"
        kind = "VIEW" if engine.rows("SELECT 1 FROM duckdb_views() WHERE temporary AND view_name = ?", [stage.name]) \
            else "TABLE"
        engine.execute(f"ALTER {kind} {quoted(stage.name)} RENAME TO {quoted(everything)}")
        engine.execute(f"CREATE TEMP VIEW {quoted(stage.name)} AS SELECT * FROM {quoted(everything)} "
                       "ANTI JOIN in_left_out USING (_row)")
    return dropped


def _lacks_rows(engine: DuckDBEngine) -> bool:
    """Whether `_leave_out` left anything out."""
    return bool(engine.rows("SELECT 1 FROM in_left_out LIMIT 1"))


def remember(engine: DuckDBEngine, prepared: Prepared, now: str) -> None:
    """Keep the person's choices for these headers, and how far a database was read, inside the import's transaction.

    ``now`` is an ISO moment.
    """
    if prepared.header_hash and (prepared.chosen or prepared.chosen_as):
        mappings.save(engine, prepared.header_hash, prepared.chosen_as, prepared.chosen, now)
    for key, value in prepared.marks.items():
        engine.execute("DELETE FROM meta WHERE key = ?", [key])
        engine.execute("INSERT INTO meta VALUES (?, ?)", [key, value])
