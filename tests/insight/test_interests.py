"""What people keep coming back for: counted by hand, and the demo shop's truth."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from regulars.errors import TooLittleData
from regulars.shop import Shop
from tests.insight.conftest import NOW

NOW_HERE = datetime(2026, 6, 10)
PRODUCTS = """product_id,name,category,brand,vendor,released_at
P1,Harbour,Records,Orla,Import,2024-01-01
P2,Copper,Records,Orla,Import,2025-01-01
P3,Tides,Records,Mirza,Import,2025-06-01
P4,Glass,Records,Orla,Import,2026-06-01
"""
ORDERS = """order_id,customer_id,at,status,total
O1,ann,2026-01-01,paid,10
O2,ann,2026-03-01,paid,10
O3,ann,2024-06-10,paid,10
O4,bob,2026-05-01,paid,10
O5,cas,2026-05-02,paid,20
O6,cas,2026-05-03,paid,10
"""
LINES = """order_id,line,product_id,quantity,unit_price
O1,1,P1,1,10
O2,1,P2,1,10
O3,1,P3,9,10
O4,1,P1,1,10
O5,1,P1,1,10
O5,2,P4,1,10
O6,1,P2,1,10
"""
"""Ann keeps to Orla (long ago, Mirza); Bob bought once; Cas keeps to Orla and has the new record."""


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Shop]:
    with Shop.create(tmp_path / "records") as shop:
        for table, text in (("products", PRODUCTS), ("orders", ORDERS), ("lines", LINES)):
            path = tmp_path / f"{table}.csv"
            path.write_text(text)
            shop.import_file(path, as_=table, now=NOW_HERE)
        yield shop


def test_a_favourite_takes_two_orders_and_a_third_of_the_weight(records: Shop) -> None:
    scores = records.insight("interests", NOW_HERE).scores
    assert scores is not None
    assert {r["customer_id"]: r["interest.brand"] for r in scores.table.to_pylist()} == {"ann": "Orla", "cas": "Orla"}


def test_it_counts_people_and_buyers(records: Shop) -> None:
    rows = {(r["kind"], r["value"]): (r["people"], r["buyers"]) for r in
            records.insight("interests", NOW_HERE).rows.to_pylist()}
    assert rows["brand", "Orla"] == (2, 3) and rows["brand", "Mirza"] == (0, 1)
    assert rows["category", "Records"] == (2, 3)


def test_a_release_concerns_those_who_keep_to_the_artist_and_have_not_got_it(records: Shop) -> None:
    release, = records.insight("interests", NOW_HERE).numbers["releases"]
    assert (release["name"], release["kind"], release["value"], release["people"]) == ("Glass", "brand", "Orla", 1)
    assert records.members(release["rule"], NOW_HERE)["customer_id"].to_pylist() == ["ann"]


def test_postage_is_nobodys_favourite(records: Shop) -> None:
    """It stands on every order, more often than any record."""
    records.engine.execute("INSERT INTO lines (order_id, line, customer_id, \"at\", counted, product_name, "
                           "quantity) SELECT order_id, 99, customer_id, \"at\", counted, 'Postage', 1 FROM orders")
    rows = records.insight("interests", NOW_HERE).rows.to_pylist()
    assert {r["value"] for r in rows if r["kind"] == "product"} == set()
    records.engine.execute("UPDATE lines SET product_name = 'Book' WHERE line = 99")
    rows = records.insight("interests", NOW_HERE).rows.to_pylist()
    assert {r["value"] for r in rows if r["kind"] == "product"} == {"Book"}


def test_nothing_bought_is_refused(records: Shop) -> None:
    with pytest.raises(TooLittleData, match="order lines"):
        records.insight("interests", NOW_HERE, segment="customer_id = 'nobody'")


def test_the_artists_of_the_demo_shop_are_those_its_collectors_follow(demo_shop: Shop) -> None:
    scores = demo_shop.insight("interests", NOW).scores
    truth = pq.read_table(demo_shop.folder / "demo" / "ground_truth.parquet")
    assert scores is not None
    follows = dict(zip(truth["customer_id"].to_pylist(), truth["favourite_artist"].to_pylist(), strict=True))
    artists = set(follows.values()) - {None}
    judged = [(follows[r["customer_id"]], r["interest.brand"]) for r in scores.table.to_pylist()
              if r["interest.brand"] in artists and follows[r["customer_id"]]]
    assert len(judged) > 100
    assert sum(a == b for a, b in judged) / len(judged) >= 0.9
