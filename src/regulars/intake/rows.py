"""Rows as text: the key a row is known by in the shop's books, and a row as it was before it was changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from regulars.engines.duckdb import DuckDBEngine, literal, quoted
from regulars.model.tables import TABLES

LIST = "VARCHAR[]"


def row_key(table: str, alias: str) -> str:
    """The natural key of a row as one text."""
    parts = [f"CAST({alias}.{quoted(c)} AS VARCHAR)" for c in TABLES[table].key]
    return parts[0] if len(parts) == 1 else f"concat_ws(chr(31), {', '.join(parts)})"


def row_json(engine: DuckDBEngine, table: str, alias: str) -> str:
    """A whole row as a JSON object of texts, so that amounts stay exact."""
    parts = []
    for name, kind in engine.columns(table).items():
        column = f"{alias}.{quoted(name)}"
        text = f"CAST(to_json({column}) AS VARCHAR)" if kind == LIST else f"CAST({column} AS VARCHAR)"
        parts.append(f"{literal(name)}, {text}")
    return f"json_object({', '.join(parts)})"


def from_json(engine: DuckDBEngine, table: str, json: str) -> str:
    """The select list that turns what `row_json` kept back into a row."""
    parts = []
    for name, kind in engine.columns(table).items():
        pointer = "/" + name.replace("~", "~0").replace("/", "~1")
        text = f"json_extract_string({json}, {literal(pointer)})"
        value = f"CAST(from_json({text}, '[\"VARCHAR\"]') AS {LIST})" if kind == LIST else f"CAST({text} AS {kind})"
        parts.append(f"{value} AS {quoted(name)}")
    return ", ".join(parts)


def remember(engine: DuckDBEngine, import_id: str, table: str, rows: str) -> None:
    """Keep rows as they are before this import first changes them; ``rows`` is FROM … of rows ``t`` of the table."""
    engine.execute(
        f"INSERT INTO replaced SELECT DISTINCT ON (row_key) * FROM (SELECT {literal(import_id)} AS import_id, "
        f"{literal(table)} AS table_name, {row_key(table, 't')} AS row_key, {row_json(engine, table, 't')} AS before "
        f"{rows}) x WHERE NOT EXISTS (FROM replaced r WHERE r.import_id = x.import_id "
        "AND r.table_name = x.table_name AND r.row_key = x.row_key)")


def is_empty(engine: DuckDBEngine, table: str) -> bool:
    return not engine.rows(f"SELECT 1 FROM {quoted(table)} LIMIT 1")


def not_empty(engine: DuckDBEngine, tables: Sequence[str]) -> frozenset[str]:
    """Those of these tables that have rows, asked in one go."""
    if not tables:
        return frozenset()
    one_each = " UNION ALL ".join(f"(SELECT {literal(t)} FROM {quoted(t)} LIMIT 1)" for t in tables)
    return frozenset(name for (name,) in engine.rows(one_each))


def columns_of(engine: DuckDBEngine, table: str) -> frozenset[str]:
    return frozenset(engine.columns(table))


def make_temp(engine: DuckDBEngine, name: str, select: str) -> None:
    """A temporary table out of a query, in place of an earlier one of that name."""
    engine.execute(f"CREATE OR REPLACE TEMP TABLE {quoted(name)} AS {select}")


def make_view(engine: DuckDBEngine, name: str, select: str) -> None:
    """A temporary view, in place of whatever temporary thing bears that name."""
    drop_temps(engine, [name])
    engine.execute(f"CREATE TEMP VIEW {quoted(name)} AS {select}")


def remake(engine: DuckDBEngine, table: str, select: str) -> None:
    """The table made anew out of a query: the engine cannot commit ALTER on a table changed in the same transaction."""
    make_temp(engine, "remaking", select)
    engine.execute(f"DROP TABLE {quoted(table)}")
    engine.execute(f"CREATE TABLE {quoted(table)} AS FROM remaking")
    engine.execute("DROP TABLE temp.remaking")


def drop_temps(engine: DuckDBEngine, names: Iterable[str]) -> None:
    """Temporary tables and views, where they are there."""
    found = dict(engine.rows("SELECT table_name, 'TABLE' FROM duckdb_tables() WHERE temporary UNION ALL "
                             "SELECT view_name, 'VIEW' FROM duckdb_views() WHERE temporary"))
    for name in names:
        if name in found:
            engine.execute(f"DROP {found[name]} temp.{quoted(name)}")
