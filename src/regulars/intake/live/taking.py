"""What is taken in live is written by the same roads as a file, and booked on an import of its day."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from regulars.engines.duckdb import DuckDBEngine
from regulars.intake import currencies, settle
from regulars.intake.identities import Merge
from regulars.intake.imports import Written, write_rows
from regulars.intake.owner_findings import overpaid_orders
from regulars.intake.prepared import WHOLE_LINES, Prepared
from regulars.intake.receipt import People, Receipt
from regulars.intake.rows import drop_temps
from regulars.intake.write import Count
from regulars.model.settings import Settings
from regulars.model.tables import TABLES


class Poisoned(Exception):
    """Leaves the transaction: these messages (number -> reason) cannot be used."""

    def __init__(self, reasons: Mapping[int, str]) -> None:
        super().__init__(reasons)
        self.reasons = reasons


def refuse(wrong: Mapping[int, str]) -> None:
    """Raises `Poisoned` where there is any."""
    if wrong:
        raise Poisoned(wrong)


def take(
    engine: DuckDBEngine,
    settings: Settings,
    rates: Path | None,
    prepared: Prepared,
    now: datetime,
    messages: str,
    also: Callable[[str], Sequence[Merge]] = lambda _: (),
) -> bool:
    """Write what stands in ``in_<table>``; whether anything changed. ``also`` is given the import it is booked on.

    Raises `Poisoned` for what a step refuses: the temp table ``messages`` has the ``number`` of each ``_row``.
    """
    engine.execute("CREATE OR REPLACE TEMP TABLE in_refused (_row BIGINT, reason VARCHAR, content JSON)")
    if "lines" in prepared.tables:
        _keep_last_lines(engine)
        prepared = replace(prepared, whole_orders=True)
    currencies.convert(engine, prepared.tables, settings, rates)
    _refuse_rows(engine, messages)
    source = book(engine, prepared.recognised_as, prepared.platform, now)
    written = write_rows(engine, prepared, settings, source, now, also=lambda: also(source))
    _refuse_rows(engine, messages)
    changed = any(c.added or c.changed or c.removed for c in written.tables.values()) or written.who.new > 0
    enter(engine, source, written, now)
    if {"orders", "returns"} & {*prepared.tables}:
        find(engine, source)
    if changed or written.merged:
        touch_goods(engine, prepared)
        settle.count_change(engine, now, everybody=bool(written.tables["accounts"].changed),
                            changed=None if written.merged else _changed(written))
    drop_temps(engine, [*(f"in_{t}" for t in TABLES), WHOLE_LINES, "in_refused"])
    return changed or written.merged > 0


def _changed(written: Written) -> list[str]:
    return [name for name, c in written.tables.items() if c.added or c.changed or c.removed]


def _keep_last_lines(engine: DuckDBEngine) -> None:
    """Of several messages that tell what an order holds only the last does: a platform tells it at each step."""
    engine.execute(
        "DELETE FROM in_lines WHERE _row < (SELECT max(l._row) FROM in_lines l WHERE l.order_id = in_lines.order_id)"
    )


def _refuse_rows(engine: DuckDBEngine, messages: str) -> None:
    """Whatever a step refuses of a message is set aside as a whole."""
    refuse(
        dict(engine.rows(f"SELECT n.number, min(r.reason) FROM in_refused r JOIN {messages} n USING (_row) GROUP BY 1"))
    )


def book(engine: DuckDBEngine, name: str, platform: str, now: datetime) -> str:
    """The import that live rows of this day are booked on: a new one where a file came in since."""
    newest = engine.rows(
        "SELECT import_id FROM imports WHERE recognised_as = $1 AND undone_at IS NULL AND began_at::DATE = $2::DATE "
        "AND NOT EXISTS (FROM imports f WHERE f.import_id > imports.import_id AND NOT "
        "ends_with(f.recognised_as, 'live')) ORDER BY import_id DESC LIMIT 1",
        [name, now],
    )
    if newest:
        return str(newest[0][0])
    last = engine.value("SELECT max(import_id) FROM imports")
    import_id = f"i{int(last[1:]) + 1 if last else 1:06d}"
    receipt = Receipt(import_id, name, "", name, platform, now, now)
    engine.execute(
        "INSERT INTO imports VALUES (?, ?, ?, ?, '', ?, NULL, ?)", [import_id, now, now, name, name, receipt.to_json()]
    )
    return import_id


def enter(engine: DuckDBEngine, import_id: str, written: Written, now: datetime) -> None:
    """Add what was written to the receipt of the import it is booked on."""
    old = Receipt.from_json(engine.value("SELECT receipt::VARCHAR FROM imports WHERE import_id = ?", [import_id]))
    tables = {t: _sum(old.tables.get(t, Count()), c) for t, c in written.tables.items() if c.rows or t in old.tables}
    rows = written.incoming.prepared.rows_read
    new = replace(
        old,
        ended_at=now,
        tables={**old.tables, **tables},
        rows=replace(old.rows, read=old.rows.read + rows, taken=old.rows.taken + rows),
        customers=People(
            old.customers.matched + written.who.matched,
            old.customers.new + written.who.new,
            old.customers.merged + written.merged,
        ),
    )
    engine.execute("UPDATE imports SET ended_at = ?, receipt = ? WHERE import_id = ?", [now, new.to_json(), import_id])


def find(engine: DuckDBEngine, import_id: str) -> None:
    """Say on the receipt what an owner should know of what came back; of an order as it is now."""
    old = Receipt.from_json(engine.value("SELECT receipt::VARCHAR FROM imports WHERE import_id = ?", [import_id]))
    found = overpaid_orders(engine, import_id)
    if found != old.findings:
        new = replace(old, findings=found)
        engine.execute("UPDATE imports SET receipt = ? WHERE import_id = ?", [new.to_json(), import_id])


def _sum(one: Count, other: Count) -> Count:
    return Count(
        one.rows + other.rows,
        one.added + other.added,
        one.changed + other.changed,
        one.unchanged + other.unchanged,
        one.repeated + other.repeated,
        one.removed + other.removed,
        one.left_out + other.left_out,
    )


def touch_goods(engine: DuckDBEngine, prepared: Prepared) -> None:
    """Whoever bought before what is described only now: rules may ask for what is said of it."""
    if "products" in prepared.tables:
        engine.execute(
            "INSERT INTO touched SELECT DISTINCT customer_id FROM lines SEMI JOIN in_products USING (product_id)"
        )
