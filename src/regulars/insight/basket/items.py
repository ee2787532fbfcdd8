"""Order lines as numbers: which basket, whose, which item, when; made once, read by everything in this package."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np

from regulars.engines.duckdb import DuckDBEngine, literal
from regulars.errors import Refused
from regulars.insight.common.refusals import why
from regulars.insight.profit.ledger import KEPT
from regulars.model.later import later
from regulars.rules import fold
from regulars.rules.services import is_service

sparse = later("scipy.sparse")
LINES, ITEMS, BASKETS, PEOPLE = "basket_lines", "basket_items", "basket_numbers", "basket_people"
NAMED = "basket_named"
LEVELS = {
    "product": ("coalesce(l.product_id, l.product_name)", "coalesce(p.name, l.product_name, l.product_id)"),
    "name": ("trim(coalesce(l.product_name, p.name, l.product_id))",
             "trim(coalesce(l.product_name, p.name, l.product_id))"),
    "category": ("trim(p.category)", "trim(p.category)"),
    "brand": ("trim(p.brand)", "trim(p.brand)"),
}
"""What makes two lines the same item, and what the item is called: the catalogue's name, or the one on the order."""
BOUGHT = "l.counted AND l.\"at\" <= TIMESTAMP {now} AND l.quantity > 0"

LEFT = f"""SELECT order_id, (total - coalesce(refunded, 0) - coalesce(tax, 0) * ({KEPT}))
    / nullif(kept + coalesce(shipping, 0) * ({KEPT}), 0) AS part
    FROM orders JOIN (SELECT order_id, sum(amount)::DOUBLE AS kept FROM lines GROUP BY order_id) USING (order_id)
    SEMI JOIN {BASKETS} USING (order_id)"""
"""The part of an order's lines and shipping that is left after tax, and a discount that stands on no line."""


@dataclass(frozen=True)
class Items:
    """What was bought, by item number: its key and name, and what one line of it comes to (``margin`` where known:
    what is left after tax, its part of a discount on the whole order, and the goods).

    ``baskets`` counts every order that names a product, also those in which nothing is left after leaving items out;
    ``nobodys`` those of them without a customer; ``people`` the customers looked at, ``ids`` theirs by number.
    ``left_out`` are names of what was left out for being no product.
    """

    keys: Sequence[str]
    names: Sequence[str]
    amount: Sequence[float | None]
    margin: Sequence[float | None]
    baskets: int
    nobodys: int
    people: int
    left_out: Sequence[str] = ()

    def __len__(self) -> int:
        return len(self.keys)

    @cached_property
    def services(self) -> tuple[int, ...]:
        """Items that are called like no product (see `is_service`)."""
        return tuple(i for i, name in enumerate(self.names) if is_service(name))


@contextmanager
def numbered(engine: DuckDBEngine, looked_at: str, level: str, leave_out: Sequence[str], now: datetime,
             nobodys: bool, country: str = "", services: bool = True) -> Iterator[Items]:
    """The tables `LINES` (basket, customer, item, at) and `PEOPLE`, there for the block.

    ``leave_out`` are item keys or names, compared as rules compare text. With ``nobodys`` orders without a customer
    count too. ``country`` leaves orders of other countries out; raises `Refused` where no order is from it. Without
    ``services`` what is no product is left out too.
    """
    key, name = LEVELS[level]
    bought = BOUGHT.format(now=literal(str(now)))
    try:
        engine.execute(f"CREATE OR REPLACE TEMP TABLE {PEOPLE} AS SELECT customer_id, (row_number() OVER (ORDER BY "
                       f"customer_id) - 1)::INTEGER AS customer FROM {looked_at}")
        held = "" if nobodys else f"JOIN {PEOPLE} w USING (customer_id) "
        held += f"SEMI JOIN ({_orders_from(engine, country)}) f ON f.order_id = l.order_id " if country else ""
        engine.execute(f"CREATE OR REPLACE TEMP TABLE {BASKETS} AS SELECT order_id, customer_id, (row_number() OVER () "
                       f"- 1)::INTEGER AS basket FROM (SELECT l.order_id, any_value(l.customer_id) AS customer_id FROM "
                       f"lines l {held}WHERE {bought} AND coalesce(l.product_id, l.product_name, '') <> '' GROUP BY "
                       "l.order_id)")
        left_out = _name_items(engine, key, name, leave_out, bought, services)
        engine.execute(
            f"CREATE OR REPLACE TEMP TABLE {LINES} AS SELECT b.basket, w.customer, i.item, l.\"at\" FROM lines l JOIN "
            f"{BASKETS} b ON b.order_id = l.order_id LEFT JOIN products p ON p.product_id = l.product_id JOIN {ITEMS} i"
            f" ON i.key = {key} LEFT JOIN {PEOPLE} w ON w.customer_id = b.customer_id WHERE {bought}")
        yield _items(engine, left_out)
    finally:
        for table in (LINES, ITEMS, NAMED, BASKETS, PEOPLE):
            engine.execute(f"DROP TABLE IF EXISTS {table}")


FROM = "fold(trim(coalesce(o.country, c.country)))"


def _orders_from(engine: DuckDBEngine, country: str) -> str:
    """The ids of orders from a country, as SQL; raises `Refused` with the nearest country there are orders from."""
    orders = "FROM orders o LEFT JOIN customers c ON c.customer_id = o.customer_id"
    known = {fold(name): name for (name,) in engine.rows(
        f"SELECT DISTINCT trim(coalesce(o.country, c.country)) AS place {orders} WHERE place <> '' ORDER BY place")}
    if fold(country) not in known:
        near = difflib.get_close_matches(fold(country), known, 1)
        raise Refused(why("No order is from '{country}'.", country=country),
                      hint=why("Did you mean '{near}'?", near=known[near[0]]) if near else None)
    return f"SELECT o.order_id {orders} WHERE {FROM} = {literal(fold(country))}"


def _name_items(engine: DuckDBEngine, key: str, name: str, leave_out: Sequence[str], bought: str,
                services: bool) -> list[str]:
    """`ITEMS`, called by what each was called last; those left out are not in it: the names of services among them."""
    engine.execute(
        f"CREATE OR REPLACE TEMP TABLE {NAMED} AS "
        "SELECT * FROM (SELECT key, arg_max(name, (last, name)) AS name, sum(amount) / sum(n) AS amount, "
        "sum(margin) / nullif(sum(known), 0) AS margin FROM (SELECT key, name, max(\"at\") AS last, sum(amount) AS "
        "amount, count(*) AS n, sum(margin) AS margin, count(margin) AS known FROM "
        f"(SELECT {key} AS key, {name} AS name, l.\"at\", l.amount, l.amount * coalesce(o.part, 1) - (l.amount - "
        f"l.margin) AS margin FROM lines l JOIN {BASKETS} USING (order_id) LEFT JOIN ({LEFT}) o ON o.order_id = "
        f"l.order_id LEFT JOIN products p ON p.product_id = l.product_id WHERE {bought}) WHERE key <> '' "
        "GROUP BY key, name) GROUP BY key) "
        "WHERE NOT list_contains(?, fold(key)) AND NOT list_contains(?, coalesce(fold(name), ''))",
        [[fold(x) for x in leave_out]] * 2)
    none = {} if services else {k: n for k, n in engine.rows(f"SELECT key, coalesce(name, key) FROM {NAMED}")
                                if is_service(n)}
    engine.execute(f"CREATE OR REPLACE TEMP TABLE {ITEMS} AS SELECT (row_number() OVER (ORDER BY key) - 1)::INTEGER AS "
                   f"item, * FROM {NAMED} WHERE NOT list_contains(?, key)", [list(none)])
    return sorted(none.values())


def _items(engine: DuckDBEngine, left_out: Sequence[str]) -> Items:
    found = engine.query(f"SELECT key, coalesce(name, key) AS name, amount::DOUBLE AS amount, margin::DOUBLE AS margin "
                         f"FROM {ITEMS} ORDER BY item").to_pydict()
    (baskets, nobodys), = engine.rows(f"SELECT count(*), count(*) - count(customer_id) FROM {BASKETS}")
    people = engine.value(f"SELECT count(*) FROM {PEOPLE}")
    return Items(found["key"], found["name"], found["amount"], found["margin"], baskets, nobodys, people,
                 left_out)


def matrix(engine: DuckDBEngine, items: Items, by: str = "order") -> Any:
    """Baskets by items, 1 where the basket holds the item (a compressed sparse row matrix of 32-bit integers).

    A basket is an order, or all that a customer ever bought.
    """
    basket, many = ("customer", items.people) if by == "customer" else ("basket", items.baskets)
    found = engine.query(f"SELECT DISTINCT {basket} AS basket, item FROM {LINES} WHERE {basket} IS NOT NULL")
    rows, columns = (found[c].to_numpy() for c in ("basket", "item"))
    ones = np.ones(len(rows), np.int32)
    return sparse.csr_matrix((ones, (rows, columns)), shape=(many, len(items)))


__all__ = ["BASKETS", "ITEMS", "LEVELS", "LINES", "PEOPLE", "Items", "matrix", "numbered"]
