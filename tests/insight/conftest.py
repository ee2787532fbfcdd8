"""The demo shop that all analyses are held to, and the odd shops none of them may stumble over."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from regulars.insight.common import Result
from regulars.shop import Shop
from regulars.shop.demo import make_demo_shop

NOW = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)
ODD = ("empty", "one customer without orders", "one order", "300 customers", "all at one moment", "no margins",
       "no e-mails", "no amounts", "30 customers", "3 customers", "nothing but orders")


@pytest.fixture(scope="session")
def demo_shop_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once, closed; what was planted stands in its ``demo`` folder (see `regulars.demo.truth`)."""
    folder = tmp_path_factory.mktemp("demo") / "shop"
    make_demo_shop(folder, now=NOW.replace(tzinfo=None), customers=3000, seed=1).close()
    return folder


@pytest.fixture(scope="session")
def demo_shop(demo_shop_made: Path) -> Iterator[Shop]:
    """3,000 customers as of `NOW`, open: for reading. Whoever writes takes `demo_shop_copy`."""
    with Shop.open(demo_shop_made) as shop:
        yield shop


@pytest.fixture(scope="session")
def demo_buckets(demo_shop: Shop) -> Result:
    """The buckets of `demo_shop`, found once for all who start from them."""
    return demo_shop.insight("buckets", NOW)


@pytest.fixture(scope="session")
def small_shop_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """300 customers, closed."""
    folder = tmp_path_factory.mktemp("small") / "shop"
    make_demo_shop(folder, now=NOW.replace(tzinfo=None), customers=300, seed=2).close()
    return folder


@pytest.fixture
def small_shop(small_shop_made: Path, tmp_path: Path) -> Iterator[Shop]:
    """300 customers as of `NOW`, a copy to do anything with."""
    with Shop.open(shutil.copytree(small_shop_made, tmp_path / "small")) as shop:
        yield shop


@pytest.fixture(scope="session")
def odd_shops(small_shop_made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Shop]]:
    """Shops that lack something, by what they are; open, for reading."""
    folder = tmp_path_factory.mktemp("odd")
    shops = {name: _odd(name, folder / name.replace(" ", "-"), small_shop_made) for name in ODD}
    yield shops
    for shop in shops.values():
        shop.close()


def _odd(name: str, folder: Path, small: Path) -> Shop:
    if name in FEW:
        shop = Shop.create(folder)
        _import(shop, folder.parent, FEW[name])
        return shop
    shop = Shop.open(shutil.copytree(small, folder))
    for statement in (*CHANGES[name], CHANGED):
        shop.engine.execute(statement)
    return shop


def _import(shop: Shop, folder: Path, files: dict[str, str]) -> None:
    for table, text in files.items():
        path = folder / f"{table}.csv"
        path.write_text(text, encoding="utf-8")
        shop.import_file(path, as_=table, now=NOW)


CUSTOMER = "customer_id,name,email\nC1,Ada Bloem,ada@example.org\n"
FEW: dict[str, dict[str, str]] = {
    "empty": {},
    "one customer without orders": {"customers": CUSTOMER},
    "one order": {"customers": CUSTOMER,
                  "orders": "order_id,customer_id,at,status,total\nO1,C1,2026-11-01T10:00,paid,20.00\n"},
}
CHANGED = "UPDATE meta SET value = (value::BIGINT + 1)::VARCHAR WHERE key = 'facts_version'"
OF_CUSTOMERS = ("orders", "lines", "messages", "visits", "tickets", "checkouts", "events", "answers", "identities",
                "customers")


def _only(people: int) -> tuple[str, ...]:
    """Only the first so many customers, and what is of them."""
    return ("DELETE FROM returns", *(f"DELETE FROM {t} WHERE customer_id IS NULL OR customer_id > 'C{people:06}'"
                                     for t in OF_CUSTOMERS))


CHANGES: dict[str, tuple[str, ...]] = {
    "30 customers": _only(30),
    "3 customers": _only(3),
    "nothing but orders": (*(f"DELETE FROM {t}" for t in ("lines", "returns", "products", "costs", *OF_CUSTOMERS[2:8])),
                           "UPDATE orders SET margin = NULL, items = NULL"),
    "300 customers": (),
    "all at one moment": tuple(f'UPDATE {t} SET "at" = ' "TIMESTAMP '2026-06-01 12:00:00'"
                               for t in ("orders", "lines", "messages", "visits", "tickets", "checkouts", "events")),
    "no margins": ("UPDATE products SET unit_cost = NULL", "UPDATE lines SET unit_cost = NULL, margin = NULL",
                   "UPDATE orders SET margin = NULL"),
    "no e-mails": ("UPDATE customers SET email = NULL, email_consent = NULL, email_consent_at = NULL,"
                   " email_consent_origin = NULL", "DELETE FROM messages",
                   "DELETE FROM identities WHERE kind = 'email'"),
    "no amounts": ("UPDATE orders SET total = NULL, total_stated = NULL, margin = NULL",
                   "UPDATE lines SET unit_price = NULL, amount = NULL, margin = NULL"),
}
