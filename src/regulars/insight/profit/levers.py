"""Who costs more than they bring, and which change of terms would break even first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from regulars.engines.duckdb import DuckDBEngine
from regulars.insight.profit.assumptions import Assumptions
from regulars.insight.profit.ledger import LEDGER, Between, profit_sql, sent_sql

LEVERS = ("no_discount", "delivery_fee", "minimum_order", "self_service")
WIDE = 0.2
"""What is expected lies between this much less and more of the orders staying, or of the service moving."""
LOSING = "profit_losing"
AT_A_LOSS = "any(orders in last 1 year) and profit.last_12_months < 0"
"""The same people as a rule, over the kept score: whoever only was written to costs a little too, and buys nothing."""


@dataclass(frozen=True)
class Terms:
    """``stay`` is the share of the orders touched that are placed all the same; the rest is lost with all it brought.
    """

    delivery_fee: float
    minimum_order: float
    self_service: float
    stay: float


def terms(engine: DuckDBEngine, between: Between, delivery_fee: float | None, minimum_order: float | None,
          self_service: float, stay: float) -> Terms:
    """As said; else the fee orders that pay one pay (or a twentieth of the usual order), and the order value a quarter
    of the orders stay below."""
    fee, usual, low = engine.rows(
        "SELECT median(shipping) FILTER (shipping > 0)::DOUBLE, median(total)::DOUBLE, quantile_cont(total::DOUBLE, "
        f"0.25) FROM orders WHERE counted AND total > 0 AND {between}")[0]
    return Terms(fee or (usual or 0) / 20 if delivery_fee is None else delivery_fee,
                 (low or 0.0) if minimum_order is None else minimum_order, self_service, stay)


def losing(engine: DuckDBEngine, looked_at: str, between: Between, assumed: Assumptions,
           said: Terms, top: int) -> dict[str, Any]:
    """Customers with orders and less than no profit: how many, what they lost, each lever's effect, the ``top`` worst.

    A lever breaks even where its whole effect is no smaller than the loss; the first is the one of which the smallest
    part is needed. Effects are over all of them, of ``stay`` and from `WIDE` less to more.
    """
    profit = profit_sql(assumed)
    engine.execute(f"CREATE OR REPLACE TEMP TABLE {LOSING} AS SELECT customer_id, CAST({profit} AS DOUBLE) AS profit, "
                   f"CAST(service + service_assumed AS DOUBLE) AS service, orders FROM {LEDGER} SEMI JOIN {looked_at} "
                   f"USING (customer_id) WHERE {profit} < 0 AND orders > 0")
    try:
        found = engine.query(_per_customer(between, assumed, said))
    finally:
        engine.execute(f"DROP TABLE {LOSING}")
    at = {c: found[c].to_numpy() for c in found.column_names if c != "customer_id"}
    loss, size = -at["profit"], len(at["profit"])
    gains = {lever: at[f"{lever}_gain"] for lever in LEVERS[:3]}
    gains["self_service"] = at["service"] * said.self_service
    needed = np.stack([np.divide(loss, gains[v], out=np.full(size, np.inf), where=gains[v] > 1e-9) for v in LEVERS])
    first = np.where(needed.min(axis=0) <= 1, needed.argmin(axis=0), -1)
    return {"customers": size, "lost": float(loss.sum()),
            "settings": {"no_discount": None, "delivery_fee": said.delivery_fee, "minimum_order": said.minimum_order,
                         "self_service": said.self_service, "stay": said.stay},
            "levers": [_lever(i, v, at, gains[v], loss, first, said) for i, v in enumerate(LEVERS)],
            "no_lever": int((first < 0).sum()),
            "worst": _worst(found["customer_id"].to_pylist(), at, needed, first, top)}


def first_lever(found: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Of what `losing` found, the lever that breaks even first for most and changes the profit for the better."""
    helps = [v for v in (found or {}).get("levers", ()) if v["first_for"] and v["effect"] > 0]
    return max(helps, key=lambda v: v["first_for"], default=None)


def _lever(number: int, name: str, at: dict[str, Any], gain: Any, loss: Any, first: Any, said: Terms) -> dict[str, Any]:
    if name == "self_service":
        low, middle, high = (at["service"] * min(max(said.self_service + d, 0), 1) for d in (-WIDE, 0, WIDE))
        touched = at["service"] > 0
    else:
        brought, touched = at[f"{name}_brought"], at[f"{name}_orders"] > 0
        low, middle, high = sorted((min(max(said.stay + d, 0), 1) * (brought + gain) - brought for d in (-WIDE, 0,
                                   WIDE)), key=lambda effect: float(effect.sum()))
    return {"lever": name, "customers": int(touched.sum()), "first_for": int((first == number).sum()),
            "break_even": int((middle >= loss).sum()), "effect": float(middle.sum()), "effect_low": float(low.sum()),
            "effect_high": float(high.sum())}


def _worst(ids: list[str], at: dict[str, Any], needed: Any, first: Any, top: int) -> list[dict[str, Any]]:
    order = np.lexsort((np.array(ids), at["profit"]))[:top]
    return [{"customer_id": ids[i], "profit": round(float(at["profit"][i]), 2), "orders": int(at["orders"][i]),
             "service": round(float(at["service"][i]), 2), "first": LEVERS[first[i]] if first[i] >= 0 else None,
             "needed": {v: round(float(needed[j, i]), 4) for j, v in enumerate(LEVERS) if np.isfinite(needed[j, i])}}
            for i in map(int, order)]


def of_losing(worst: list[dict[str, Any]]) -> pa.Table:
    """The worst as rows: of each lever the part of it that is needed, above 1 where it is not enough."""
    return pa.Table.from_pylist([{**{n: w[n] for n in ("customer_id", "profit", "orders", "service", "first")},
                                  **{f"needs_{v}": w["needed"].get(v) for v in LEVERS}} for w in worst])


def _per_customer(between: Between, assumed: Assumptions, said: Terms) -> str:
    """For each lever the orders it touches, what they bring as it is, and what it adds where all of them stay.

    Of what would be charged more, each order's part of tax and the payment fee are taken off; of a fee, what the order
    pays for delivery already.
    """
    share = assumed.goods_cost.value if assumed.goods_cost else 0
    fee = (assumed.payment_percent or 0) / 100
    kept = "CASE WHEN o.total > 0 THEN greatest(o.total - coalesce(o.refunded, 0), 0)::DOUBLE / o.total ELSE 1 END"
    sums = []
    for lever, touched, gain in (
            ("no_discount", "off > 0", "off * stays"),
            ("delivery_fee", f"sent AND delivery < {said.delivery_fee!r}",
             f"({said.delivery_fee!r} - delivery) * stays"),
            ("minimum_order", f"worth < {said.minimum_order!r} AND kept > 0",
             f"({said.minimum_order!r} - worth) * (stays - {share!r})")):
        sums.append(f"count(*) FILTER ({touched}) AS {lever}_orders, coalesce(sum(brought) FILTER ({touched}), 0) AS "
                    f"{lever}_brought, coalesce(sum({gain}) FILTER ({touched}), 0)::DOUBLE AS {lever}_gain")
    return f"""WITH goods AS (SELECT order_id, sum(amount - margin)::DOUBLE AS cost,
            sum(CASE WHEN margin IS NULL THEN amount END)::DOUBLE AS unknown FROM lines SEMI JOIN {LOSING} USING
            (customer_id) WHERE counted AND {between} GROUP BY order_id),
        each AS (SELECT o.customer_id, {kept} AS kept, coalesce(o.discount::DOUBLE, 0) * ({kept}) AS off,
            o.total::DOUBLE - coalesce(o.shipping, 0)::DOUBLE AS worth, {sent_sql('o.')} AS sent,
            coalesce(o.shipping, 0)::DOUBLE AS delivery,
            1 - CASE WHEN o.total > 0 THEN coalesce(o.tax, 0)::DOUBLE / o.total ELSE 0 END - {fee!r} AS stays,
            (o.total - coalesce(o.refunded, 0))::DOUBLE - coalesce(o.tax, 0)::DOUBLE * ({kept}) - coalesce(g.cost, 0)
            - {share!r} * CASE WHEN g.order_id IS NULL THEN (o.total - coalesce(o.refunded, 0))::DOUBLE
            - coalesce(o.shipping, 0)::DOUBLE * ({kept}) ELSE coalesce(g.unknown, 0) END
            - {fee!r} * o.total::DOUBLE
            - CASE WHEN {sent_sql('o.')} THEN {assumed.shipping or 0!r} ELSE 0 END AS brought
            FROM orders o SEMI JOIN {LOSING} USING (customer_id) LEFT JOIN goods g ON g.order_id = o.order_id
            WHERE o.counted AND o.total IS NOT NULL AND o.{str(between)[1:].replace(' AND ', ' AND o.')[:-1]})
        SELECT l.customer_id, l.profit, l.service, l.orders, {', '.join(f'e.{n}' for n in _names())} FROM {LOSING} l
        JOIN (SELECT customer_id, {', '.join(sums)} FROM each GROUP BY customer_id) e USING (customer_id)
        ORDER BY l.customer_id"""


def _names() -> list[str]:
    return [f"{lever}_{what}" for lever in LEVERS[:3] for what in ("orders", "brought", "gain")]


__all__ = ["AT_A_LOSS", "LEVERS", "Terms", "first_lever", "losing", "of_losing", "terms"]
