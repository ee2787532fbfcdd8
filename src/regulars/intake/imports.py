"""The door of intake: a file comes in whole, in one transaction, and ends in a receipt."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

from regulars.engines.duckdb import DuckDBEngine
from regulars.errors import ImportRefused, Message, NotFound, ShopError, said
from regulars.intake import looking, owner_findings, reasons, settle, undo
from regulars.intake.identities import NOBODY, Merge, Who, resolve
from regulars.intake.incoming import Incoming, shape
from regulars.intake.match import match_lines
from regulars.intake.merges import merge_all
from regulars.intake.orders import (
    LineForm,
    add_new_lines,
    gather_orders,
    line_form,
    sum_lines,
    with_orders,
    write_orders,
)
from regulars.intake.people import add_own_fields, write_customers
from regulars.intake.prepare import prepare, remember
from regulars.intake.prepared import WHOLE_LINES, Prepared, Progress, Report
from regulars.intake.receipt import (
    People,
    Receipt,
    add_up,
    count_documents,
    count_returns,
    count_rows,
    count_unknown_costs,
    list_refused,
)
from regulars.intake.refusals import why
from regulars.intake.returns import match_returns
from regulars.intake.rows import drop_temps, make_temp
from regulars.intake.write import Count, write_table
from regulars.model.figures import Figures
from regulars.model.settings import Settings
from regulars.model.tables import FACT_TABLES

GOODS = BEFORE_PEOPLE = ("accounts", "products")
AFTER_ORDERS = ("returns", "messages", "visits", "checkouts", "events", "tickets", "answers", "costs")


class RowsRefused(ImportRefused):
    """Some rows cannot be used, and the person did not ask for the good ones; ``receipt`` says what would have been."""

    code = "import.rows_refused"

    def __init__(self, message: Message, receipt: Receipt, *, hint: Message | None = None, command: str = "") -> None:
        super().__init__(message, hint=hint, command=command)
        self.receipt = receipt


class _Undecided(Exception):
    """Leaves the transaction without keeping anything, on purpose."""


class Imports:
    """Bring files in, list what came in, take it back. ``files`` is where uploaded files are kept as they came."""

    def __init__(self, engine: DuckDBEngine, settings: Settings, files: Path) -> None:
        self._engine = engine
        self._settings = settings
        self._files = files

    def run(self, path: Path | str, *, now: datetime, as_: str | None = None, mapping: Mapping[str, str] | None = None,
            dry_run: bool = False, good_rows: bool = False, drop_duplicates: bool = False,
            progress: Report | None = None, rates: Path | None = None,
            clock: Callable[[], datetime] | None = None) -> list[Receipt]:
        """Take a file in, all or nothing; a zip gives a receipt for each table in it.

        ``now`` is naive UTC, ``clock`` says it again at the end (where it is not given, no time passes). ``dry_run``
        keeps nothing and still says what would be; ``good_rows`` leaves out the rows that cannot be used, which
        otherwise refuse the whole file. ``rates`` is a table of currency, day and rate.
        Raises `ImportRefused` and its kinds.
        """
        def tables() -> Iterator[Prepared]:
            yield from prepare(self._engine, path, self._settings, as_=as_, mapping=mapping,
                               drop_duplicates=drop_duplicates, progress=progress, rates=rates)
        source = Path(path) if os.path.exists(path) else None
        return self.take(tables, now=now, file=source, dry_run=dry_run, good_rows=good_rows, progress=progress,
                         clock=clock)

    def look(self, path: Path | str, progress: Report | None = None) -> list[looking.Table]:
        """What `run` would make of each table of a file; raises `ImportRefused` where it cannot be read at all."""
        with _interruptible():
            return looking.look(self._engine, Path(path), self._settings, progress)

    def choose(self, table: looking.Table, *, now: datetime, **said: Any) -> None:
        """Keep what a person says of a table's headers, as `looking.choose` takes it, for this and later files."""
        looking.choose(self._engine, table, now=now, **said)

    def name_columns(self, path: Path, names: Sequence[str], target: Path) -> None:
        """A file that names no columns written anew with these names, as `looking.with_names` does it."""
        looking.with_names(self._engine, path, self._settings, names, target)

    def forget_choices(self, table: looking.Table) -> None:
        """Read files with these headers again as they would be read by themselves."""
        looking.forget(self._engine, table)

    def take(self, tables: Callable[[], Iterator[Prepared]], *, now: datetime, file: Path | None = None,
             dry_run: bool = False, good_rows: bool = False, progress: Report | None = None,
             clock: Callable[[], datetime] | None = None) -> list[Receipt]:
        """As `run`, of tables that were prepared otherwise: they are asked for one by one."""
        receipts: list[Receipt] = []
        coming = tables()
        try:
            with _interruptible():
                # DuckDB 1.5 scans rows of an open transaction with one thread: the first table is read before that.
                first = next(coming, None)
                if first is None:
                    raise ImportRefused(why("There is nothing in this file."))
                with self._engine.changing_facts():
                    for prepared in chain((first,), coming):
                        receipts.append(self._take_one(prepared, now, file, dry_run, good_rows, progress, clock))
                    _refuse_rows(receipts, dry_run, good_rows)
                    if dry_run:
                        raise _Undecided
        except _Undecided:
            pass
        finally:
            if isinstance(coming, Generator):
                coming.close()
        return receipts

    def _take_one(self, prepared: Prepared, now: datetime, file: Path | None, dry_run: bool, good_rows: bool,
                  progress: Report | None, clock: Callable[[], datetime] | None) -> Receipt:
        last = self._engine.value("SELECT max(import_id) FROM imports")
        import_id = f"i{int(last[1:]) + 1 if last else 1:06d}"
        engine, began = self._engine, now
        engine.execute("INSERT INTO imports (import_id, began_at, file_name, file_hash, recognised_as) VALUES "
                       "(?, ?, ?, ?, ?)",
                       [import_id, began, prepared.file_name, prepared.file_hash, prepared.recognised_as])
        receipt = write_all(engine, prepared, self._settings, import_id, now, progress)
        _refuse_unseen(engine, receipt)
        refused_file = None
        if receipt.rows.refused and not dry_run:
            refused_file = self._write_refused(import_id, prepared)
            if good_rows:
                engine.execute("INSERT INTO rejected SELECT ?, _row, min(reason), any_value(content) FROM in_refused "
                               "GROUP BY _row", [import_id])
        stored = self._keep_file(file, prepared) if file is not None and not dry_run else None
        receipt = replace(receipt, dry_run=dry_run, refused_file=refused_file, stored_file=stored,
                          ended_at=clock() if clock else now)
        engine.execute("UPDATE imports SET ended_at = ?, receipt = ? WHERE import_id = ?",
                       [receipt.ended_at, receipt.to_json(), import_id])
        if receipt.added or receipt.changed:
            goods = any(receipt.tables[t].added + receipt.tables[t].changed for t in GOODS if t in receipt.tables)
            settle.count_change(engine, now, everybody=goods)
        remember(engine, prepared, now.isoformat())
        drop_temps(engine, [*(f"in_{t}" for t in prepared.tables), WHOLE_LINES, "in_refused"])
        return receipt

    def _write_refused(self, import_id: str, prepared: Prepared) -> str:
        """The refused rows as a file to mend and import again, with the reason behind each."""
        rows = self._engine.rows("SELECT _row, list(DISTINCT reason ORDER BY reason), any_value(content)::VARCHAR "
                                 "FROM in_refused "
                                 "GROUP BY _row ORDER BY _row")
        contents = [json.loads(content or "{}") for _, _, content in rows]
        headers = list(dict.fromkeys(k for c in contents for k in c if k != "_row"))
        figures = Figures(self._settings)
        name = f"refused-{prepared.file_hash[:12]}-{_plain_name(prepared.file_name).removesuffix('.csv')}.csv"
        with self._replacing(name) as target, target.open("w", encoding="utf-8", newline="") as text:
            writer = csv.writer(text)
            writer.writerow([*headers, "refused because", "row"])
            for (row, found, _), content in zip(rows, contents, strict=True):
                why_not = "; ".join(said(reasons.read(reason), figures) for reason in found)
                writer.writerow([*("" if content.get(h) is None else content[h] for h in headers), why_not, row])
        return name

    def _keep_file(self, file: Path, prepared: Prepared) -> str:
        """The file as it came; the same file twice is kept once."""
        name = f"{prepared.file_hash[:12]}-{file.name}"
        kept = self._files / name
        if not (kept.exists() and kept.stat().st_size == file.stat().st_size):
            with self._replacing(name) as target:
                shutil.copyfile(file, target)
        return name

    @contextmanager
    def _replacing(self, name: str) -> Iterator[Path]:
        """A file that is there whole or not at all."""
        self._files.mkdir(parents=True, exist_ok=True)
        half = self._files / f".{name}.part"
        try:
            yield half
            os.replace(half, self._files / name)
        finally:
            half.unlink(missing_ok=True)

    def receipts(self) -> list[Receipt]:
        """Every import there was, the newest first."""
        rows = self._engine.rows("SELECT receipt::VARCHAR, undone_at FROM imports WHERE receipt IS NOT NULL "
                                 "ORDER BY import_id DESC")
        return [replace(Receipt.from_json(text), undone_at=undone) for text, undone in rows]

    def receipt(self, import_id: str) -> Receipt:
        """One import's receipt; raises `NotFound`."""
        found = next((r for r in self.receipts() if r.import_id == import_id), None)
        if found is None:
            raise NotFound(why("There is no import {number}.", number=import_id), hint=why("See which there are."),
                           command="regulars imports list")
        return found

    def undo(self, import_id: str, *, now: datetime, also: Callable[[], None] | None = None) -> undo.Undone:
        """Bring the shop back to what it was without this import; raises `NotFound`, `Refused`.

        ``also`` is done in the same transaction: what hangs on the facts and is not intake's to know.
        """
        with _interruptible(), self._engine.turn_of_looks(), self._engine.changing_facts():
            undone = undo.undo_import(self._engine, import_id, now)
            if also is not None:
                also()
            return undone


@dataclass(frozen=True)
class Written:
    """What became of one prepared table; temp table ``touched`` says whom it touched."""

    incoming: Incoming
    who: Who
    tables: dict[str, Count]
    merged: int


def write_all(engine: DuckDBEngine, prepared: Prepared, settings: Settings, import_id: str, now: datetime,
              progress: Report | None = None) -> Receipt:
    """Everything of one prepared table, in the caller's transaction, and its receipt."""
    def step(what: str) -> None:
        if progress is not None:
            progress(Progress(what, 0, prepared.rows_read))
    written = write_rows(engine, prepared, settings, import_id, now, step)
    incoming, who = written.incoming, written.who
    step("receipt")
    unknown = count_unknown_costs(engine, incoming, import_id)
    findings = (*prepared.findings, *who.findings, *owner_findings.look(engine, incoming, now, unknown))
    return Receipt(
        import_id, prepared.file_name, prepared.file_hash, prepared.recognised_as, prepared.platform, now, now,
        mapping=dict(prepared.mapping), rows=count_rows(engine, incoming),
        tables={n: c for n, c in written.tables.items() if incoming.has(n) or c.rows},
        documents=count_documents(engine, incoming), customers=People(who.matched, who.new, written.merged),
        money=add_up(engine, incoming, import_id), returns=count_returns(engine, incoming),
        costs_unknown=unknown, refused=list_refused(engine),
        findings=findings, cautions=tuple(prepared.cautions))


def write_rows(engine: DuckDBEngine, prepared: Prepared, settings: Settings, import_id: str, now: datetime,
               step: Callable[[str], None] = lambda _: None,
               also: Callable[[], Sequence[Merge]] = lambda: ()) -> Written:
    """The rows of ``in_<table>`` written and settled, in the caller's transaction.

    ``also`` gives merges that the rows ask for in so many words, once all are written.
    """
    settle.make_room(engine)
    step("checking rows")
    incoming = shape(engine, prepared)
    add_own_fields(engine, incoming, import_id)
    tables = {name: write_table(engine, incoming, NOBODY, name, import_id) for name in BEFORE_PEOPLE}
    form = line_form(engine, incoming) if incoming.has("lines") else None
    if form is not None:
        sum_lines(engine, incoming, form)
        incoming = with_orders(engine, incoming)
    step("finding customers")
    who = resolve(engine, incoming, settings, import_id)
    tables["customers"] = write_customers(engine, incoming, who, import_id, now)
    step("writing")
    tables |= _write_facts(engine, incoming, form, who, import_id)
    step("settling")
    merged = merge_all(engine, who.merges, import_id, now)
    for merge in also():
        merged += merge_all(engine, [merge], import_id, now)
    settle_all(engine, import_id)
    return Written(incoming, who, tables, len(merged))


def _write_facts(engine: DuckDBEngine, incoming: Incoming, form: LineForm | None, who: Who,
                 import_id: str) -> dict[str, Count]:
    tables: dict[str, Count] = {}
    engine.execute("INSERT INTO touched SELECT customer_id FROM who_new")
    if incoming.has("products"):
        settle.touch_margins(engine)
    if incoming.has("orders") or form is not None:
        repeated = gather_orders(engine, incoming, who)
        tables["orders"] = write_orders(engine, incoming, import_id, repeated)
    if form is not None:
        new = add_new_lines(engine, incoming, form, import_id)
        known = match_lines(engine, incoming, form, import_id)
        tables["lines"] = replace(known, rows=known.rows + new, added=known.added + new)
    for name in AFTER_ORDERS:
        tables[name] = write_table(engine, incoming, who, name, import_id)
        if name == "returns" and incoming.has("returns"):
            make_temp(engine, "returns_in", "SELECT return_id FROM writing")
    return tables


def settle_all(engine: DuckDBEngine, import_id: str | None) -> None:
    """Returns, orders and customers of what was touched, in this order: each stands on the one before."""
    match_returns(engine)
    engine.execute("INSERT INTO touched SELECT customer_id FROM orders SEMI JOIN touched_orders USING (order_id)")
    make_temp(engine, "touched", "SELECT DISTINCT customer_id FROM touched WHERE customer_id IS NOT NULL")
    make_temp(engine, "touched_orders", "SELECT DISTINCT order_id FROM touched_orders")
    make_temp(engine, "redated", "SELECT DISTINCT customer_id FROM redated WHERE customer_id IS NOT NULL")
    settle.settle_orders(engine)
    settle.settle_customers(engine, import_id)


def _refuse_unseen(engine: DuckDBEngine, receipt: Receipt) -> None:
    """DuckDB 1.5 can lose sight of rows that a transaction has added: then nothing of it is kept, rather than half."""
    for name, count in receipt.tables.items():
        if count.added and name in {t.name for t in FACT_TABLES}:
            seen = engine.value(f"SELECT count(*) FROM {name} WHERE source = ?", [receipt.import_id])
            if seen < count.added:
                raise ShopError(why("{added} rows were added to {name} and {seen} of them can be seen: nothing was "
                                    "imported.", added=count.added, name=name, seen=seen),
                                hint=why("Import the file's tables one by one."))


def _refuse_rows(receipts: list[Receipt], dry_run: bool, good_rows: bool) -> None:
    bad = next((r for r in receipts if r.rows.refused), None)
    if bad is None or dry_run or good_rows:
        return
    first = [why("row {row}: {reason}", row=r.row, reason=r.reason) for r in bad.refused[:3]]
    count = bad.rows.refused
    raise RowsRefused(why("{count} of {read} rows of {file} cannot be used, so nothing was imported ({first}).",
                          count=count, read=bad.rows.read, file=bad.file_name,
                          first=[*first, *(["…"] if count > len(first) else [])]), bad,
                      hint=why("Mend them in {file}, or bring in the others.", file=bad.refused_file),
                      command="--good-rows")


@contextmanager
def _interruptible() -> Iterator[None]:
    """The engine answers Ctrl-C with an error of its own."""
    try:
        yield
    except RuntimeError as error:
        if "interrupted" in str(error).lower():
            raise KeyboardInterrupt from error
        raise


def _plain_name(name: str) -> str:
    return re.sub(r"[^\w.-]+", "_", Path(name).name) or "file"
