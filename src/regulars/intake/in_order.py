"""Keeps the rows of large fact tables by customer, as each import writes them: what a few customers did lies together.

Live facts and many files leave them in the order in which they came; then a look at a few customers reads half the
shop. How the rows lie changes nothing of what they say.
"""

from __future__ import annotations

from regulars.engines.duckdb import DuckDBEngine, quoted
from regulars.model.tables import FACT_TABLES, Table

BLOCK = 122_880
"""Rows that the engine keeps together: it passes over a block in which nobody can be who is sought."""
FEWEST_BLOCKS = 10
"""Less is read in no time, however it lies."""
MOST_ASTRAY = 0.1
"""The share of blocks out of order from which a table is written anew."""


def put_in_order(engine: DuckDBEngine) -> list[str]:
    """Write the fact tables anew whose rows do not lie by customer; returns their names.

    Each in a transaction of its own, in which nobody else writes facts: a minute for fifty million rows, and their room
    on disk once more.
    """
    return [table.name for table in FACT_TABLES if _is_astray(engine, table) and _write_anew(engine, table)]


def _is_astray(engine: DuckDBEngine, table: Table) -> bool:
    """Whether many blocks of rows hold somebody who lies before whoever an earlier block holds."""
    rows = int(engine.value(f"SELECT count(*) FROM {table.name}"))
    if rows < FEWEST_BLOCKS * BLOCK:
        return False
    first, *_ = table.clustered_by
    astray = engine.value(
        f"SELECT count(*) FILTER (WHERE low < before) / count(*) FROM (SELECT min({first}) AS low, max(max({first})) "
        "OVER (ORDER BY block ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before FROM (SELECT "
        f"rowid // {BLOCK} AS block, {first} FROM {table.name}) GROUP BY block)")
    return bool(astray > MOST_ASTRAY)


def _write_anew(engine: DuckDBEngine, table: Table) -> bool:
    ordered = ", ".join(quoted(column) for column in dict.fromkeys((*table.clustered_by, *table.key)))
    with engine.changing_facts():
        engine.execute(f"CREATE OR REPLACE TABLE facts_in_order AS FROM {table.name} ORDER BY {ordered}")
        engine.execute(f"DROP TABLE {table.name}")
        engine.execute(f"ALTER TABLE facts_in_order RENAME TO {table.name}")
    return True
