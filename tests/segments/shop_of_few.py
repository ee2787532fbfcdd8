"""A shop of six people whose orders can be counted by hand."""

from __future__ import annotations

from pathlib import Path

from regulars import Shop
from regulars.model.settings import Settings

ORDERS = [
    # order, customer, when, total
    ("o1", "anna", "2026-01-10 12:00", 50), ("o2", "anna", "2026-03-10 12:00", 70),
    ("o3", "anna", "2026-06-01 12:00", 20),
    ("o4", "ben", "2026-02-01 12:00", 200),
    ("o5", "carla", "2026-05-20 12:00", 10), ("o6", "carla", "2026-06-05 12:00", 15),
    ("o7", "dewi", "2026-06-09 23:30", 90),
]
PEOPLE = [("anna", "female"), ("ben", "male"), ("carla", "female"), ("dewi", "female"), ("emil", "male"),
          ("farah", None)]


def make(folder: Path) -> Shop:
    """The shop, in UTC, with facts up to 10 June 2026."""
    shop = Shop.create(folder, Settings(name="Few", currency="EUR", timezone="UTC", country="NL"))
    for who, gender in PEOPLE:
        shop.engine.execute("INSERT INTO customers (customer_id, described, gender) VALUES (?, true, ?)", [who, gender])
    for order in ORDERS:
        add_order(shop, *order)
    return shop


def add_order(shop: Shop, order: str, customer: str, when: str, total: int) -> None:
    """One more paid order, as an import would leave it."""
    shop.engine.execute('INSERT INTO orders (order_id, customer_id, "at", status, total, counted) '
                        "VALUES (?, ?, ?::TIMESTAMP, 'paid', ?, true)", [order, customer, when, total])
    shop.engine.execute("UPDATE meta SET value = (value::BIGINT + 1)::VARCHAR WHERE key = 'facts_version'")
