"""Facts kept together by customer, so that one customer's rows are read from few places."""

from __future__ import annotations

from regulars.engines.duckdb import DuckDBEngine, quoted
from regulars.errors import Refused
from regulars.intake.refusals import why
from regulars.intake.rows import remake
from regulars.model.tables import TABLES


def recluster(engine: DuckDBEngine, table: str) -> None:
    """Write a fact table anew in the order of its customers. Changes no fact.

    A first large import is written so; many small ones after it leave their rows at the end of the table.
    """
    found = TABLES.get(table)
    if found is None or not found.clustered_by:
        raise Refused(why("'{table}' is not kept in the order of customers.", table=table))
    with engine.transaction():
        remake(engine, table, f"SELECT * FROM {quoted(table)} ORDER BY {', '.join(map(quoted, found.clustered_by))}")
