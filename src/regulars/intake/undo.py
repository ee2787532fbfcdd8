"""Taking an import back: what it added goes, what it changed is again as it was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from regulars.engines.duckdb import DuckDBEngine, literal, quoted
from regulars.errors import NotFound, Refused
from regulars.intake import settle
from regulars.intake.merges import Merged, unmerge_one
from regulars.intake.refusals import why
from regulars.intake.returns import match_returns
from regulars.intake.rows import from_json, make_temp, remake, row_key
from regulars.model.tables import FACT_TABLES, TABLES

GOODS = ("products", "accounts")
REMOVED = tuple(t for t in TABLES if t != "customers")


@dataclass(frozen=True)
class Undone:
    """What taking an import back did: rows removed and rows brought back, by table."""

    import_id: str
    removed: dict[str, int]
    restored: dict[str, int]


def undo_import(engine: DuckDBEngine, import_id: str, now: datetime) -> Undone:
    """Undo inside the caller's transaction; raises `NotFound`, or `Refused` where a later import built on its rows."""
    _check(engine, import_id)
    settle.make_room(engine)
    for merge in _merges(engine, import_id):
        unmerge_one(engine, merge, None)
    _touch(engine, import_id)
    removed = {t: _remove(engine, t, import_id) for t in REMOVED}
    restored = {t: _restore(engine, t, import_id) for t in TABLES}
    _touch(engine, import_id)
    settle.imply_orders(engine, import_id)
    renamed = _forget_fields(engine, import_id)
    match_returns(engine)
    make_temp(engine, "touched", "SELECT DISTINCT customer_id FROM touched WHERE customer_id IS NOT NULL")
    make_temp(engine, "touched_orders", "SELECT DISTINCT order_id FROM touched_orders")
    settle.settle_orders(engine)
    removed["customers"] = _remove_people(engine, import_id)
    settle.settle_customers(engine, None)
    engine.execute("DELETE FROM replaced WHERE import_id = ?", [import_id])
    engine.execute("DELETE FROM rejected WHERE import_id = ?", [import_id])
    engine.execute("UPDATE imports SET undone_at = ? WHERE import_id = ?", [now, import_id])
    settle.count_change(engine, now, everybody=renamed or bool(_changes_goods(removed, restored)))
    return Undone(import_id, {t: n for t, n in removed.items() if n}, {t: n for t, n in restored.items() if n})


def _changes_goods(*counts: dict[str, int]) -> int:
    """How many rows went or came back of what facts of anybody's may stand on."""
    return sum(c.get(t, 0) for c in counts for t in GOODS)


def _check(engine: DuckDBEngine, import_id: str) -> None:
    rows = engine.rows("SELECT undone_at, recognised_as FROM imports WHERE import_id = ?", [import_id])
    if not rows:
        raise NotFound(why("There is no import {number}.", number=import_id))
    if rows[0][1].endswith("live"):
        raise Refused(why("Import {number} is what came in live that day: it cannot be taken back as a whole.",
                          number=import_id),
                      hint=why("Erase or correct what is wrong, or restore a backup."))
    if rows[0][0] is not None:
        raise Refused(why("Import {number} was taken back already, on {moment}.", number=import_id, moment=rows[0][0]))
    later = engine.value("SELECT max(b.import_id) FROM replaced a JOIN replaced b USING (table_name, row_key) "
                         "WHERE a.import_id = ? AND b.import_id > a.import_id", [import_id])
    for table in TABLES:
        if later is not None:
            break
        key = row_key(table, "t")
        later = engine.value(f"SELECT max(r.import_id) FROM replaced r JOIN (SELECT {key} AS row_key FROM "
                             f"{quoted(table)} t "
                             "WHERE source = ?) USING (row_key) WHERE r.table_name = ? AND r.import_id > ?",
                             [import_id, table, import_id])
    if later is not None:
        raise Refused(why("A later import, {later}, changed rows of import {number}.", later=later, number=import_id),
                      hint=why("Take back {later} first.", later=later))
    _check_merges(engine, import_id)


def _check_merges(engine: DuckDBEngine, import_id: str) -> None:
    """Raise `Refused` where what rows were before is of people whom a later merge made one with others."""
    speaks = ("(r.table_name = 'customers' AND r.row_key = m.absorbed) OR "
              "json_extract_string(r.before, '/customer_id') = m.absorbed OR "
              "(r.table_name = 'customers' AND r.row_key = m.kept AND m.\"at\" > i.began_at)")
    later = engine.value("SELECT max(m.merge_id) FROM replaced r JOIN imports i USING (import_id) JOIN merges m ON "
                         f"m.undone_at IS NULL AND m.source <> r.import_id AND ({speaks}) WHERE r.import_id = ?",
                         [import_id])
    if later is not None:
        raise Refused(why("A later merge, {later}, made customers one of whom import {number} changed rows.",
                          later=later, number=import_id),
                      hint=why("Take back {later} first.", later=later))


def _merges(engine: DuckDBEngine, import_id: str) -> list[Merged]:
    return [Merged(*row) for row in engine.rows("SELECT merge_id, kept, absorbed, reason FROM merges WHERE "
                                                "source = ? AND "
                                                "undone_at IS NULL ORDER BY merge_id DESC", [import_id])]


def _touch(engine: DuckDBEngine, import_id: str) -> None:
    """Whom and which orders the rows speak of that are about to go or to change."""
    source = literal(import_id)
    for table in (*(t.name for t in FACT_TABLES), "returns"):
        engine.execute(f"INSERT INTO touched SELECT DISTINCT customer_id FROM {table} t WHERE source = {source} "
                       f"OR {row_key(table, 't')} IN (SELECT row_key FROM replaced WHERE import_id = {source} "
                       f"AND table_name = {literal(table)})")
    engine.execute(f"INSERT INTO touched SELECT customer_id FROM customers WHERE source = {source} UNION "
                   f"SELECT row_key FROM replaced WHERE import_id = {source} AND table_name = 'customers'")
    replaced = f"SELECT row_key FROM replaced WHERE import_id = {source} AND table_name"
    engine.execute(f"INSERT INTO touched_orders SELECT order_id FROM lines WHERE source = {source} UNION "
                   f"SELECT split_part(row_key, chr(31), 1) FROM ({replaced} = 'lines') UNION {replaced} = "
                   f"'orders' UNION "
                   f"SELECT order_id FROM returns t WHERE order_id IS NOT NULL AND (source = {source} OR "
                   f"{row_key('returns', 't')} IN ({replaced} = 'returns')) UNION "
                   "SELECT order_id FROM lines l SEMI JOIN products p ON p.product_id = l.product_id AND (p.source = "
                   f"{source} OR p.product_id IN ({replaced} = 'products')) WHERE l.unit_cost IS NULL UNION "
                   f"SELECT l.order_id FROM lines l JOIN orders o USING (order_id) WHERE o.source = {source}")


def _remove(engine: DuckDBEngine, table: str, import_id: str) -> int:
    count = int(engine.value(f"SELECT count(*) FROM {quoted(table)} WHERE source = ?", [import_id]))
    if count:
        engine.execute(f"DELETE FROM {quoted(table)} WHERE source = ?", [import_id])
    return count


def _restore(engine: DuckDBEngine, table: str, import_id: str) -> int:
    make_temp(engine, "restoring", f"SELECT row_key, before FROM replaced WHERE import_id = {literal(import_id)} "
              f"AND table_name = {literal(table)}")
    count = int(engine.value("SELECT count(*) FROM restoring"))
    if count:
        name = quoted(table)
        engine.execute(f"DELETE FROM {name} t WHERE {row_key(table, 't')} IN (SELECT row_key FROM restoring)")
        engine.execute(f"INSERT INTO {name} SELECT {from_json(engine, table, 'before')} FROM restoring")
    return count


def _remove_people(engine: DuckDBEngine, import_id: str) -> int:
    """Customers this import brought: gone, unless others' facts speak of them; then only their name is left."""
    tables = (*(t.name for t in FACT_TABLES if t.name != "lines"), "returns", "identities")  # lines follow their orders
    facts = " UNION ".join(f"SELECT customer_id FROM {t}" for t in tables)
    make_temp(engine, "leaving", f"SELECT customer_id, customer_id IN ({facts}) AS stays FROM customers "
              f"WHERE source = {literal(import_id)}")
    engine.execute("DELETE FROM customers WHERE customer_id IN (SELECT customer_id FROM leaving)")
    engine.execute("INSERT INTO customers (customer_id, described, source) SELECT customer_id, false, ? FROM leaving "
                   "WHERE stays", [import_id])
    engine.execute("DELETE FROM scores WHERE customer_id IN (SELECT customer_id FROM leaving WHERE NOT stays)")
    return int(engine.value("SELECT count(*) FROM leaving WHERE NOT stays"))


def _forget_fields(engine: DuckDBEngine, import_id: str) -> bool:
    """Columns of the shop's own that came with this import and hold nothing any more; whether there were any: a name
    may come to stand for another thing, of which others have facts."""
    forgotten = False
    for table, name in engine.rows("SELECT table_name, name FROM fields WHERE source = ?", [import_id]):
        if table == "customers":
            if engine.rows(f"SELECT 1 FROM customers WHERE {quoted(name)} IS NOT NULL LIMIT 1"):
                continue
            remake(engine, "customers", f"SELECT * EXCLUDE {quoted(name)} FROM customers")
        engine.execute("DELETE FROM fields WHERE source = ? AND table_name = ? AND name = ?", [import_id, table, name])
        forgotten = True
    return forgotten
