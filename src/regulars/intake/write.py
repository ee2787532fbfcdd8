"""Writing rows once: what is new is added, what differs is changed and remembered, what is the same is left alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from regulars.engines.duckdb import SQL_TYPES, DuckDBEngine, literal, quoted
from regulars.intake.identities import Who
from regulars.intake.incoming import Incoming
from regulars.intake.rows import is_empty, make_temp, remember
from regulars.intake.settle import SEEN_BY
from regulars.model.tables import TABLES, Table

ANONYMOUS = ("orders", "lines", "returns")
"""Rows of these are kept without a customer where the person was erased."""


ASKED_OF = {"products": frozenset({"name", "category", "brand", "vendor", "tags", "released_at"}),
            "accounts": frozenset(c.name for c in TABLES["accounts"].columns)}
"""Columns of what is no customer's, that rules ask of customers' lines or of customers."""


FEW = 20_000
"""So few rows at once are mostly new, as those that come in live; a file may tell everything again."""


@dataclass(frozen=True)
class Count:
    """What became of a table's incoming rows: ``repeated`` are further rows of a key that came before in the file."""

    rows: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    repeated: int = 0
    removed: int = 0
    left_out: int = 0


def as_type(table: Table, column: str, sql: str) -> str:
    found = table.column(column)
    return sql if found is None else f"CAST({sql} AS {SQL_TYPES[found.type.value]})"


def write_table(engine: DuckDBEngine, incoming: Incoming, who: Who, name: str, import_id: str) -> Count:
    """Write one table whose rows have nothing to settle: products, messages, visits, answers, costs …"""
    table = TABLES[name]
    if not incoming.has(name):
        return Count()
    has_key, rows = set(table.key), incoming.rows[name]
    said = [c.name for c in table.stated if c.name in incoming.columns[name] and c.name not in has_key
            and c.name != "customer_id"]
    join, customer = who.join(incoming, name, "t")
    select = [f"t.{quoted(k)}" for k in table.key]
    select += [f"{as_type(table, c, f't.{quoted(c)}')} AS {quoted(c)}" for c in said]
    if table.column("customer_id"):
        said.append("customer_id")
        select.append(f"{customer} AS customer_id")
    if name == "tickets":
        said, select = _opened(said, select, incoming.columns[name])
    kept = "" if not join or name in ANONYMOUS else "WHERE NOT coalesce(w.gone, false)"
    relation = f"SELECT {', '.join(select)}, t._row FROM {quoted(incoming.relation(name))} t {join} {kept}"
    make_temp(engine, "writing", relation)
    staged = int(engine.value("SELECT count(*) FROM writing"))
    repeated = fold_repeats(engine, "writing", table.key, said)
    note_touched(engine, name, "writing", said)
    note_concerned(engine, name, frozenset(said))
    added, changed = upsert(engine, table, "writing", said, import_id)
    return Count(rows, added, changed, staged - repeated - added - changed, repeated, left_out=rows - staged)


def _opened(said: list[str], select: list[str], columns: frozenset[str]) -> tuple[list[str], list[str]]:
    """A case's moment is when it was opened, and the other way round."""
    both = [f"t.{quoted(c)}" for c in ("at", "opened") if c in columns]
    keep = [(s, x) for s, x in zip(said, select[1:], strict=True) if s not in ("at", "opened")]
    moments = [f"coalesce({', '.join(both)}) AS \"at\"", f"coalesce({', '.join(reversed(both))}) AS opened"]
    return ["at", "opened", *(s for s, _ in keep)], [select[0], *moments, *(x for _, x in keep)]


def fold_repeats(engine: DuckDBEngine, staged: str, key: Sequence[str], columns: Sequence[str]) -> int:
    """One row a key, of each column the last that was said; returns how many rows were folded into others."""
    keys = ", ".join(map(quoted, key))
    total, different = engine.rows(f"SELECT count(*), (SELECT count(*) FROM (SELECT DISTINCT {keys} FROM {staged})) "
                                   f"FROM {staged}")[0]
    if total == different:
        return 0
    last = "".join(f", arg_max({quoted(c)}, _row) AS {quoted(c)}" for c in columns)
    make_temp(engine, staged, f"SELECT {keys}{last}, min(_row) AS _row FROM {staged} GROUP BY {keys}")
    return int(total - different)


def note_touched(engine: DuckDBEngine, table: str, staged: str, columns: Sequence[str]) -> None:
    """Whose facts these are, and since when at the latest somebody is known who has them."""
    if "customer_id" not in columns:
        return
    engine.execute(f"INSERT INTO touched SELECT DISTINCT customer_id FROM {staged} WHERE customer_id IS NOT NULL")
    if table in SEEN_BY and "at" in columns:
        engine.execute(f'INSERT INTO dated SELECT customer_id, min("at"), false FROM {staged} '
                       "WHERE customer_id IS NOT NULL GROUP BY customer_id")


def note_concerned(engine: DuckDBEngine, table: str, said: frozenset[str]) -> None:
    """Who bought a product, or is of a company, of which ``writing`` says something else than is known."""
    columns = sorted(said & ASKED_OF.get(table, frozenset()))
    key, people = TABLES[table].key[0], "lines" if table == "products" else "customers"
    if not columns or is_empty(engine, people):
        return
    differs = " OR ".join(f"(s.{quoted(c)} IS NOT NULL AND t.{quoted(c)} IS DISTINCT FROM s.{quoted(c)})"
                          for c in columns)
    engine.execute(f"INSERT INTO touched SELECT DISTINCT customer_id FROM {people} SEMI JOIN (SELECT s.{key} FROM "
                   f"writing s LEFT JOIN {table} t ON t.{key} = s.{key} WHERE {differs}) USING ({key}) "
                   "WHERE customer_id IS NOT NULL")


def upsert(engine: DuckDBEngine, table: Table, staged: str, columns: Sequence[str], import_id: str) -> tuple[int, int]:
    """Add and change rows out of a temp table with one row a key; NULL never overwrites. Returns (added, changed)."""
    name = quoted(table.name)
    same = " AND ".join(f"t.{quoted(k)} = s.{quoted(k)}" for k in table.key)
    changed, fresh = 0, staged
    known = _known(engine, table, staged, same)
    if known:
        changed = change(engine, table, known, columns, import_id)
        there = name if known == staged else known
        make_temp(engine, "adding", f"SELECT s.* FROM {staged} s ANTI JOIN {there} t ON {same}")
        fresh = "adding"
    listed = ", ".join(map(quoted, (*table.key, *columns)))
    ordered = ", ".join(quoted(c) for c in dict.fromkeys((*table.clustered_by, *table.key))
                        if c in columns or c in table.key)
    added = int(engine.value(f"SELECT count(*) FROM {fresh}"))
    if added:
        engine.execute(f"INSERT INTO {name} ({listed}, source) SELECT {listed}, {literal(import_id)} FROM {fresh} "
                       f"ORDER BY {ordered}")
    return added, changed


def _known(engine: DuckDBEngine, table: Table, staged: str, same: str) -> str:
    """Where the staged rows stand whose keys the table may have, "" where it has none of them.

    Of few the keys of the table are read once for that, and mostly nothing else of it; many are compared at once.
    """
    if is_empty(engine, table.name):
        return ""
    if engine.value(f"SELECT count(*) FROM {staged}") > FEW:
        return staged
    make_temp(engine, "known", f"SELECT s.* FROM {staged} s SEMI JOIN {quoted(table.name)} t ON {same}")
    return "" if is_empty(engine, "known") else "known"


def change(engine: DuckDBEngine, table: Table, staged: str, columns: Sequence[str], import_id: str) -> int:
    """Change the rows that are there and differ in something that was said; returns how many."""
    name = quoted(table.name)
    if not columns:
        return 0
    same = " AND ".join(f"t.{quoted(k)} = s.{quoted(k)}" for k in table.key)
    differs = " OR ".join(f"(s.{quoted(c)} IS NOT NULL AND t.{quoted(c)} IS DISTINCT FROM "
                          f"s.{quoted(c)})" for c in columns)
    make_temp(engine, "changing", f"SELECT s.* FROM {staged} s JOIN {name} t ON {same} WHERE {differs}")
    count = int(engine.value("SELECT count(*) FROM changing"))
    if count:
        remember(engine, import_id, table.name, f"FROM {name} t JOIN changing s ON {same}")
        if "customer_id" in columns:
            engine.execute("INSERT INTO redated SELECT DISTINCT unnest([t.customer_id, s.customer_id]) FROM "
                           f"{name} t JOIN changing s ON {same}")
            engine.execute("INSERT INTO touched SELECT customer_id FROM redated WHERE customer_id IS NOT NULL")
        changes = ", ".join(f"{quoted(c)} = coalesce(s.{quoted(c)}, t.{quoted(c)})" for c in columns)
        engine.execute(f"UPDATE {name} t SET {changes} FROM changing s WHERE {same}")
    return count
