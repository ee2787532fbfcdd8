"""Returns and the purchases they undo: same customer and product, the latest earlier purchase with enough left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import pyarrow as pa

from regulars.engines.duckdb import DuckDBEngine
from regulars.intake.rows import is_empty, make_temp
from regulars.intake.settle import wide

Place = tuple[str, int | None]
"""An order, and its line where one is meant."""


@dataclass
class Purchase:
    """A line that can be given back; ``left`` is what nobody has returned yet."""

    order_id: str
    line: int
    at: datetime | None
    product_id: str | None
    left: Decimal
    worth: Decimal


@dataclass(frozen=True)
class Return:
    return_id: str
    customer_id: str | None
    product_id: str | None
    at: datetime | None
    quantity: Decimal | None
    amount: Decimal | None
    of_order: str | None
    of_line: int | None


def match_returns(engine: DuckDBEngine) -> None:
    """Match anew the returns of ``touched`` customers and orders, and of whoever shares lines with them.

    From scratch, so that the answer does not hang on which file came first. Orders whose returns change are touched.
    """
    if is_empty(engine, "returns"):
        return
    _choose(engine)
    returns = [Return(*row) for row in engine.rows(
        "SELECT return_id, customer_id, product_id, \"at\", quantity, amount, of_order, of_line FROM returns_anew "
        "ORDER BY \"at\" NULLS LAST, document, return_id")]
    if not returns:
        return
    matched = _match(returns, _of_orders(engine), _of_customers(engine))
    _keep(engine, matched)


def _choose(engine: DuckDBEngine) -> None:
    """``returns_anew``: of whoever is concerned all returns, since each takes from what is left for the others.

    A return that names its order takes before one that names none, so what a named order has left concerns its
    customer, whoever the return is of; also an order that such a return is about to leave.
    """
    make_temp(engine, "returned_orders", "SELECT DISTINCT o.order_id, o.customer_id FROM orders o SEMI JOIN returns r "
              "ON r.of_order = o.order_id")
    make_temp(engine, "orders_concerned", "SELECT order_id FROM touched_orders UNION SELECT order_id FROM orders_in "
              "UNION SELECT unnest([of_order, order_id]) FROM returns SEMI JOIN returns_in USING (return_id)")
    make_temp(engine, "people_concerned", "SELECT customer_id FROM touched UNION SELECT customer_id FROM orders "
              "SEMI JOIN orders_concerned USING (order_id)")
    make_temp(engine, "orders_anew", "SELECT order_id FROM returned_orders SEMI JOIN orders_concerned USING (order_id) "
              "UNION SELECT order_id FROM returned_orders SEMI JOIN people_concerned USING (customer_id)")
    make_temp(engine, "returns_anew", "SELECT r.* FROM returns r WHERE return_id IN (SELECT return_id FROM returns_in) "
              "OR of_order IN (SELECT order_id FROM orders_anew) "
              "OR (of_order IS NULL AND customer_id IN (SELECT customer_id FROM people_concerned)) "
              "OR (of_order IS NOT NULL AND order_id IS NOT NULL AND of_order NOT IN (SELECT order_id FROM "
              "returned_orders))")


def _of_orders(engine: DuckDBEngine) -> Mapping[str, list[Purchase]]:
    """The lines of orders that returns name, by order; an order without lines has none."""
    found: dict[str, list[Purchase]] = {}
    for order_id, in engine.rows("SELECT order_id FROM orders WHERE order_id IN (SELECT of_order FROM returns_anew)"):
        found[order_id] = []
    for row in engine.rows("SELECT l.order_id, l.line, o.\"at\", l.product_id, l.quantity, "
                           f"{wide('l.quantity')} * l.unit_price FROM "
                           "lines l JOIN orders o USING (order_id) WHERE l.order_id IN (SELECT of_order FROM "
                           "returns_anew) ORDER BY l.order_id, l.line"):
        found[row[0]].append(_purchase(row))
    return found


def _of_customers(engine: DuckDBEngine) -> Mapping[tuple[str, str], list[Purchase]]:
    """What a customer bought of a product, in time, on orders that count."""
    found: dict[tuple[str, str], list[Purchase]] = defaultdict(list)
    rows = engine.rows(
        "SELECT l.order_id, l.line, o.\"at\", l.product_id, l.quantity, "
        f"{wide('l.quantity')} * l.unit_price, o.customer_id FROM lines l "
        "JOIN orders o USING (order_id) JOIN (SELECT DISTINCT customer_id, product_id FROM returns_anew WHERE "
        "of_order IS "
        "NULL) r ON r.customer_id = o.customer_id AND r.product_id = l.product_id WHERE coalesce(o.status, 'paid') IN "
        "('paid', 'refunded') AND l.quantity > 0 AND o.\"at\" IS NOT NULL ORDER BY o.\"at\", l.order_id, l.line")
    for row in rows:
        found[row[6], row[3]].append(_purchase(row))
    return found


def _purchase(row: Sequence[object]) -> Purchase:
    order_id, line, at, product_id, quantity, worth = row[:6]
    assert isinstance(order_id, str) and isinstance(line, int)
    return Purchase(order_id, line, at if isinstance(at, datetime) else None,
                    None if product_id is None else str(product_id), Decimal(str(quantity or 0)),
                    Decimal(str(worth or 0)))


def _match(returns: Iterable[Return], of_orders: Mapping[str, list[Purchase]],
           of_customers: Mapping[tuple[str, str], list[Purchase]]) -> dict[str, Place | None]:
    """The place of each return. Those whose order is stated come first: they leave less for the others."""
    one: dict[tuple[str, int], Purchase] = {}
    by_order = {o: [one.setdefault((p.order_id, p.line), p) for p in lines] for o, lines in of_orders.items()}
    by_customer = {k: [one.setdefault((p.order_id, p.line), p) for p in lines] for k, lines in of_customers.items()}
    ordered = sorted(returns, key=lambda r: r.of_order is None)
    places: dict[str, Place | None] = {}
    for back in ordered:
        if back.of_order is not None:
            places[back.return_id] = _stated(back, by_order.get(back.of_order))
        elif back.customer_id is not None and back.product_id is not None:
            places[back.return_id] = _latest(back, by_customer.get((back.customer_id, back.product_id), []))
        else:
            places[back.return_id] = None
    return places


def _stated(back: Return, lines: list[Purchase] | None) -> Place | None:
    """In the order it names: its line, else the line of its product with most left, else the order as a whole."""
    if lines is None or back.of_order is None:
        return None
    fitting = [p for p in lines if (p.line == back.of_line if back.of_line is not None else
                                    back.product_id is not None and p.product_id == back.product_id)]
    quantity = back.quantity
    if quantity is not None:
        enough = [p for p in fitting if p.left >= quantity]
        if enough:
            best = max(enough, key=lambda p: (p.left, -p.line))
            best.left -= quantity
            return best.order_id, best.line
    return (back.of_order, None) if back.amount is not None else None


def _latest(back: Return, purchases: list[Purchase]) -> Place | None:
    if back.at is None:
        return None
    for purchase in reversed(purchases):
        if purchase.at is None or purchase.at > back.at:
            continue
        if back.quantity is not None and purchase.left >= back.quantity:
            purchase.left -= back.quantity
            return purchase.order_id, purchase.line
        if back.quantity is None and back.amount is not None and purchase.worth >= back.amount:
            purchase.worth -= back.amount
            return purchase.order_id, None
    return None


def _keep(engine: DuckDBEngine, matched: Mapping[str, Place | None]) -> None:
    places = list(matched.values())
    engine.register("loading", pa.table({
        "return_id": pa.array(list(matched), pa.string()),
        "order_id": pa.array([p[0] if p else None for p in places], pa.string()),
        "line": pa.array([p[1] if p else None for p in places], pa.int64())}))
    try:
        make_temp(engine, "places_found", "SELECT m.*, r.order_id AS before FROM loading m JOIN returns r USING "
                                          "(return_id) "
                  "WHERE r.order_id IS DISTINCT FROM m.order_id OR r.line IS DISTINCT FROM m.line")
    finally:
        engine.unregister("loading")
    engine.execute("UPDATE returns r SET order_id = m.order_id, line = m.line FROM places_found m "
                   "WHERE m.return_id = r.return_id")
    engine.execute("INSERT INTO touched_orders SELECT DISTINCT o FROM (SELECT unnest([order_id, before]) AS o "
                   "FROM places_found) WHERE o IS NOT NULL UNION SELECT order_id FROM returns SEMI JOIN returns_in "
                   "USING (return_id) WHERE order_id IS NOT NULL")
