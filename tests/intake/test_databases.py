"""A database gives its rows by a query, as a file gives its own."""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from regulars.engines.duckdb import DuckDBEngine
from regulars.errors import NotFound, Refused, SourceUnreachable
from regulars.intake.databases import Query, prepare_query
from regulars.intake.prepare import remember
from regulars.model.settings import Settings
from regulars.shop import Shop
from tests.intake.front import Seen, look, memory
from tests.realdata import realdata

CHINOOK_CUSTOMERS = """
    SELECT CustomerId AS customer_id, FirstName, LastName, Company, Address, City, State, Country, PostalCode, Phone,
           Email
    FROM Customer"""
CHINOOK_LINES = """
    SELECT l.InvoiceId, l.InvoiceLineId AS line, i.CustomerId, i.InvoiceDate, i.Total AS order_total,
           l.TrackId AS product_id, t.Name AS product_name, a.Name AS artist, g.Name AS genre, l.Quantity, l.UnitPrice
    FROM InvoiceLine l JOIN Invoice i USING (InvoiceId) JOIN Track t USING (TrackId) JOIN Album USING (AlbumId)
    JOIN Artist a USING (ArtistId) JOIN Genre g USING (GenreId)"""
NORTHWIND_CUSTOMERS = """
    SELECT customer_id, contact_name, company_name, address, city, region, postal_code, country, phone
    FROM customers"""
NORTHWIND_LINES = """
    SELECT d.order_id, o.customer_id, o.order_date, p.product_id, p.product_name, c.category_name AS category,
           d.quantity,
           round(d.unit_price, 2) AS unit_price, round(round(d.unit_price, 2) * d.quantity * round(d.discount, 2), 4)
           AS discount
    FROM order_details d JOIN orders o USING (order_id) JOIN products p USING (product_id)
    JOIN categories c USING (category_id)"""


def ask(query: Query, engine: DuckDBEngine | None = None, **said: Any) -> Seen:
    if engine is None:
        with memory() as own:
            return ask(query, own, **said)
    found = [look(engine, p) for p in prepare_query(engine, query, Settings(currency="USD"), **said)]
    assert len(found) == 1
    return found[0]


def sqlite_address(path: Path) -> str:
    return f"sqlite:///{path}"


def test_chinook_comes_in_by_two_queries() -> None:
    address = sqlite_address(realdata("chinook/Chinook_Sqlite.sqlite"))
    customers = ask(Query(address, CHINOOK_CUSTOMERS, "customers"))
    assert len(customers.tables["customers"]) == 59
    lines = ask(Query(address, CHINOOK_LINES, "lines"))
    assert (len(lines.tables["orders"]), len(lines.tables["lines"])) == (412, 2_240)
    assert sum(lines.column("orders", "total")) == Decimal("2328.60")
    assert sum(r["quantity"] * r["unit_price"] for r in lines.tables["lines"]) == Decimal("2328.60")
    assert "Accept" in lines.column("products", "vendor")


def test_northwind_comes_in_by_two_queries() -> None:
    address = sqlite_address(realdata("northwind/northwind.sqlite"))
    assert len(ask(Query(address, NORTHWIND_CUSTOMERS, "customers")).tables["customers"]) == 91
    found = ask(Query(address, NORTHWIND_LINES, "lines"))
    assert (len(found.tables["orders"]), len(found.tables["lines"])) == (830, 2_155)
    assert len(set(found.column("orders", "customer_id"))) == 89
    gross = sum(r["quantity"] * r["unit_price"] for r in found.tables["lines"])
    assert (gross, round(gross - sum(found.column("lines", "discount")), 2)) == (
        Decimal("1354458.59"), Decimal("1265793.04"))


def make_sqlite(path: Path, rows: list[tuple[int, str, float]]) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS sales (order_id INTEGER, at TEXT, total REAL, customer_id TEXT)")
        connection.executemany("INSERT INTO sales VALUES (?, ?, ?, 'c')", rows)


def test_a_watermark_asks_for_the_new_rows_only(tmp_path: Path) -> None:
    make_sqlite(tmp_path / "sales.db", [(9, "2026-01-02", 5.5), (10, "2026-01-03", 6.25)])
    query = Query(sqlite_address(tmp_path / "sales.db"), "SELECT * FROM sales;", "sales", "order_id")
    with Shop.create(tmp_path / "shop") as shop:
        for found in prepare_query(shop.engine, query, shop.settings):
            assert found.rows_read == 2
            remember(shop.engine, found, "2026-11-22T12:00:00")
        make_sqlite(tmp_path / "sales.db", [(11, "2026-01-04", 7.75)])
        assert ask(query, shop.engine).column("orders", "order_id") == ["10", "11"]
        assert ask(query, shop.engine, whole=True).prepared.rows_read == 3


def test_nothing_is_remembered_of_rows_that_were_not_taken(tmp_path: Path) -> None:
    make_sqlite(tmp_path / "sales.db", [(9, "2026-01-02", 5.5)])
    query = Query(sqlite_address(tmp_path / "sales.db"), "SELECT * FROM sales", "sales", "order_id")
    with Shop.create(tmp_path / "shop") as shop:
        assert ask(query, shop.engine).prepared.rows_read == ask(query, shop.engine).prepared.rows_read == 1


@pytest.mark.parametrize(("address", "sql", "watermark", "error", "says"), [
    ("sqlite:///{}/lost.db", "SELECT 1", None, SourceUnreachable, "no file"),
    ("sqlite:///{}/sales.db", "SELECT * FROM nowhere", None, SourceUnreachable, "no such table: nowhere"),
    ("sqlite:///{}/sales.db", "DELETE FROM sales", None, SourceUnreachable, "readonly"),
    ("sqlite:///{}/sales.db", "VACUUM INTO '/tmp/regulars-copy.db'", None, SourceUnreachable, "authoriz"),
    ("sqlite:///{}/sales.db", "SELECT * FROM sales", "changed", NotFound, "no column 'changed'"),
    ("oracle://host/db", "SELECT 1", None, Refused, "no driver"),
    ("postgresql://me:hunter2@127.0.0.1:9/shop", "SELECT 1", None, SourceUnreachable, "me@127.0.0.1"),
    ("mysql://me:hunter2@127.0.0.1:9/shop", "SELECT 1", None, SourceUnreachable, "me@127.0.0.1"),
])
def test_what_a_database_does_not_give_is_told_without_the_password(
        tmp_path: Path, address: str, sql: str, watermark: str | None, error: type[Exception], says: str) -> None:
    make_sqlite(tmp_path / "sales.db", [(9, "2026-01-02", 5.5)])
    with pytest.raises(error, match=says) as told:
        ask(Query(address.format(tmp_path), sql, "sales", watermark))
    assert "hunter2" not in str(told.value)


@pytest.mark.postgres
def test_postgresql_gives_typed_rows_and_only_new_ones_by_a_watermark(postgres: str, tmp_path: Path) -> None:
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS sales")
        connection.execute("CREATE TABLE sales (id bigint, buyer text, at timestamptz, total numeric(12,2), "
                           "note jsonb)")
        connection.execute("INSERT INTO sales SELECT i, 'c' || i % 100, '2026-01-01 10:00+02'::timestamptz "
                           "+ i * interval '1 minute', i + 0.25, '{\"%\": 1}' FROM generate_series(1, 120000) i")
        query = Query(postgres, "SELECT id AS order_id, buyer AS customer_id, at, total FROM sales "
                                "WHERE note::text LIKE '%1%'", "sales", "at")
        with Shop.create(tmp_path / "shop") as shop:
            for found in prepare_query(shop.engine, query, shop.settings):
                assert found.rows_read == 120_000
                total, first = shop.engine.rows('SELECT sum(total), min("at") FROM in_orders')[0]
                assert (total, f"{first:%Y-%m-%d %H:%M}") == (Decimal("7200090000.00"), "2026-01-01 08:01")
                remember(shop.engine, found, "2026-11-22T12:00:00")
            connection.execute("INSERT INTO sales VALUES (120001, 'c1', '2027-01-01', 5, '{\"x\": 1}')")
            assert ask(query, shop.engine).column("orders", "order_id") == ["120000", "120001"]
