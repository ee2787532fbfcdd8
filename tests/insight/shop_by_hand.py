"""Shops written down line by line, as an import would leave them, for counts done by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from regulars.model.settings import Settings
from regulars.shop import Shop

NOW = datetime(2026, 6, 30, 12)
"""Naive UTC, and the shop is in UTC."""


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


@contextmanager
def written(folder: Path, settings: Settings | None = None) -> Iterator[Shop]:
    """A new shop at ``folder``; what the block writes is there at its end, at once."""
    shop = Shop.create(folder, settings or Settings(currency="EUR", timezone="UTC", country="NL"))
    with shop.engine.transaction():
        yield shop


def people(shop: Shop, names: Iterable[str], **columns: object) -> None:
    """Customers with the same values."""
    for name in names:
        _insert(shop, "customers", {"customer_id": name, "described": True, **columns})


def order(shop: Shop, number: str, customer: str | None, at: datetime, items: Sequence[str], *, price: float = 10,
          cost: float | None = None, **columns: object) -> None:
    """A paid order with one piece of each item at the same price; ``columns`` are further ones of the order."""
    row = {"order_id": number, "customer_id": customer, "at": at, "status": "paid", "counted": True,
           "total": price * len(items), "items": len(items), **_discounted(columns),
           "margin": None if cost is None else (price - cost) * len(items), **columns}
    _insert(shop, "orders", row)
    for line, item in enumerate(items, start=1):
        _insert(shop, "lines", {
            "order_id": number, "line": line, "customer_id": customer, "at": at, "counted": True, "product_id": item,
            "product_name": item.title(), "quantity": 1, "unit_price": price, "amount": price, "returned_quantity": 0,
            "unit_cost": cost, "margin": None if cost is None else price - cost})


def _discounted(said: Mapping[str, object]) -> dict[str, object]:
    """As an import would settle it, of an order whose lines have no discount of their own."""
    off = said.get("discount")
    known = float(str(off)) > 0 if off is not None else True if said.get("promo_code") is not None else None
    return {"discounted": known}


def add(shop: Shop, table: str, **row: object) -> None:
    """Any other fact."""
    _insert(shop, table, row)


def _insert(shop: Shop, table: str, row: dict[str, object]) -> None:
    names = ", ".join(f'"{n}"' for n in row)
    shop.engine.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(row))})", list(row.values()))
