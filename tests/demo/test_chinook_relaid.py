"""A real shop's sales (Chinook) in other systems' layouts, brought back to the known cent."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from regulars.demo.columns import schema
from regulars.demo.exports import write_export
from regulars.model.settings import Settings
from regulars.model.tables import TABLES
from regulars.shop import Shop
from tests.realdata import realdata

NOW = datetime(2026, 1, 1)
DOLLARS = Settings(currency="USD", country="US", timezone="UTC")
QUERIES = {
    "customers": "SELECT CustomerId AS customer_id, FirstName AS first_name, LastName AS last_name, "
    "FirstName || ' ' || LastName AS name, Email AS email, City AS city, State AS region, "
    "Country AS country, PostalCode AS postcode, Address AS street FROM Customer",
    "products": "SELECT TrackId AS product_id, t.Name AS name, g.Name AS category, UnitPrice AS price FROM Track t "
    "JOIN Genre g USING (GenreId)",
    "orders": "SELECT InvoiceId AS order_id, CustomerId AS customer_id, InvoiceDate AS at, Total AS total, "
    "'paid' AS status, 'online' AS channel, 'USD' AS currency FROM Invoice",
    "lines": "SELECT InvoiceId AS order_id, row_number() OVER (PARTITION BY InvoiceId ORDER BY InvoiceLineId) AS line, "
    "TrackId AS product_id, t.Name AS product_name, Quantity AS quantity, l.UnitPrice AS unit_price "
    "FROM InvoiceLine l JOIN Track t USING (TrackId)",
}


def as_table(rows: list[dict[str, object]], table: str) -> pa.Table:
    """Every column of the model, of the type it has there; what is not said is unknown."""
    columns = [c.name for c in TABLES[table].columns]
    shape = schema(table, columns)
    return pa.table(
        {
            f.name: pa.array([row.get(f.name) for row in rows]).cast(f.type)
            if any(f.name in r for r in rows[:1])
            else pa.nulls(len(rows), f.type)
            for f in shape
        },
        schema=shape,
    )


@pytest.fixture(scope="module")
def chinook() -> Iterator[dict[str, pa.Table]]:
    with sqlite3.connect(realdata("chinook/Chinook_Sqlite.sqlite")) as source:
        source.row_factory = sqlite3.Row
        made = {}
        for table, query in QUERIES.items():
            rows = [dict(r) for r in source.execute(query)]
            for row in rows:
                row |= {k: str(v) for k, v in row.items() if k.endswith("_id")}
                row |= {k: Decimal(str(v)) for k, v in row.items() if k in ("total", "unit_price", "price", "quantity")}
                if "at" in row:
                    row["at"] = datetime.fromisoformat(str(row["at"]))
            made[table] = as_table(rows, table)
        yield made


@pytest.mark.parametrize("layout", ["shopify", "woocommerce"])
def test_chinook_comes_back_whole(layout: str, chinook: dict[str, pa.Table], tmp_path: Path) -> None:
    files = write_export(layout, chinook, tmp_path, DOLLARS)
    with Shop.create(tmp_path / "shop", DOLLARS) as shop:
        for file in files:
            shop.imports.run(file, now=NOW)
        assert shop.engine.rows("SELECT count(*), sum(total) FROM orders") == [(412, Decimal("2328.60"))]
        assert shop.engine.rows("SELECT count(*), sum(amount) FROM lines") == [(2240, Decimal("2328.60"))]
        assert shop.count("any(orders)", now=NOW) == 59
        assert shop.count("any(lines where category = 'Rock')", now=NOW) == 59
        assert shop.check().consistent
