"""The ledger summed: by who was asked of, by segment, by customer; and who carries the shop."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from regulars.engines.duckdb import literal
from regulars.insight.common import Facts
from regulars.insight.common.groups import memberships
from regulars.insight.profit.assumptions import Assumptions
from regulars.insight.profit.ledger import LEDGER, profit_sql
from regulars.rules import Condition

ASKED, OTHERS, NOBODY, SHOP = "asked", "others", "nobody", "shop"
MONEY = "DECIMAL(18,4)"
MEMBERS = "profit_members"
STEPS = 100
TOPS = (0.01, 0.05, 0.1, 0.2, 0.5)
TENTHS = range(1, 11)


def columns_sql(assumed: Assumptions) -> str:
    """The columns of a statement, sums over the rows of a group; a payment fee or shipping nobody knows is unknown."""
    profit, low, high = (profit_sql(assumed, which) for which in ("", "low", "high"))
    spent = "sum(service + service_assumed + messages + campaigns)"
    whole = f"CASE WHEN count({profit}) = count(*) THEN sum({{}}) END"
    sums = {"revenue": "sum(revenue)", "returns": "sum(returns)", "net": "sum(revenue - returns)", "tax": "sum(tax)",
            "discounts": "sum(discounts)", "goods_cost": "sum(goods_cost + goods_assumed)" if assumed.goods_cost else
            "CASE WHEN sum(goods_unknown) = 0 THEN sum(goods_cost) END",
            "payment": "NULL" if assumed.payment_percent is None else "sum(payment)",
            "shipping": "NULL" if assumed.shipping is None else "sum(shipping)",
            "service": "sum(service + service_assumed)", "messages": "sum(messages)", "campaigns": "sum(campaigns)",
            "profit": whole.format(profit), "profit_low": whole.format(low), "profit_high": whole.format(high),
            "spent": spent}
    money = ", ".join(f"CAST({sql} AS {MONEY}) AS {name}" for name, sql in sums.items())
    returned = f"CAST(({whole.format(profit)} + {spent}) / nullif({spent}, 0) AS DOUBLE) AS return_on_spent"
    return (f"count(customer_id) AS customers, count(customer_id) FILTER (orders > 0) AS buyers, CAST(sum(orders) AS "
            f"BIGINT) AS orders, {money}, {returned}")


def statement(shop: Facts, looked_at: str, assumed: Assumptions) -> pa.Table:
    """A row each of who was asked of, the others, what is nobody's, and the shop, which the three add up to."""
    which = (f"CASE WHEN customer_id IS NULL THEN '{NOBODY}' WHEN customer_id IN (SELECT customer_id FROM {looked_at}) "
             f"THEN '{ASKED}' ELSE '{OTHERS}' END")
    columns = columns_sql(assumed)
    return shop.engine.query(
        f"SELECT \"group\", * EXCLUDE (\"group\", place) FROM (SELECT {which} AS \"group\", {columns}, min(CASE WHEN "
        f"customer_id IS NULL THEN 3 ELSE 1 END) AS place FROM {LEDGER} GROUP BY 1 "
        f"UNION ALL SELECT '{SHOP}' AS \"group\", {columns}, 4 FROM {LEDGER}) ORDER BY place, \"group\"")


def of_segments(shop: Facts, rules: Mapping[str, str | Condition], looked_at: str, now: datetime,
                assumed: Assumptions) -> pa.Table:
    """A row each of these segments, the most profitable first; of its members among those looked at."""
    names = ", ".join(f"({i}, {literal(name)})" for i, name in enumerate(rules)) or "(NULL::BIGINT, NULL::VARCHAR)"
    shop.engine.register(MEMBERS, memberships(shop, rules, now))
    try:
        return shop.engine.query(
            f"SELECT n.name AS \"group\", {columns_sql(assumed)} FROM {MEMBERS} g JOIN {LEDGER} l USING (customer_id) "
            f"SEMI JOIN {looked_at} a ON a.customer_id = l.customer_id JOIN (VALUES {names}) n(grp, name) USING (grp) "
            "GROUP BY n.name ORDER BY profit DESC NULLS LAST, net DESC, n.name")
    finally:
        shop.engine.unregister(MEMBERS)


def of_customers(shop: Facts, looked_at: str, assumed: Assumptions, top: int) -> pa.Table:
    """A row a customer, those who bring most first."""
    profit, low, high = (profit_sql(assumed, which) for which in ("", "low", "high"))
    sums = {"revenue": "revenue", "returns": "returns", "net": "revenue - returns", "discounts": "discounts",
            "goods_cost": "goods_cost + goods_assumed" if assumed.goods_cost else "goods_cost",
            "service": "service + service_assumed", "messages": "messages", "campaigns": "campaigns", "profit": profit,
            "profit_low": low, "profit_high": high}
    money = ", ".join(f"CAST({sql} AS {MONEY}) AS {name}" for name, sql in sums.items())
    return shop.engine.query(
        f"SELECT customer_id, orders, {money} FROM {LEDGER} SEMI JOIN {looked_at} USING (customer_id) "
        f"ORDER BY profit DESC NULLS LAST, net DESC, customer_id LIMIT {int(top)}")


def scores(shop: Facts, looked_at: str, assumed: Assumptions) -> pa.Table:
    """Profit and service cost of everybody looked at, and the share of their orders bought at a discount."""
    return shop.engine.query(
        f"SELECT customer_id, CAST({profit_sql(assumed)} AS {MONEY}) AS \"profit.last_12_months\", "
        "discounted::DOUBLE / nullif(discount_known, 0) AS \"discount.habit\", "
        f"CAST(service + service_assumed AS {MONEY}) AS \"service.cost_last_12_months\" "
        f"FROM {LEDGER} SEMI JOIN {looked_at} USING (customer_id) ORDER BY customer_id")


def concentration(shop: Facts, looked_at: str, assumed: Assumptions, known: bool) -> dict[str, Any]:
    """Who carries the shop: those with an order from the best to the worst, and the share they reach of what all of
    them bring.

    ``basis`` is profit, or the net money where no cost of goods is known. The curve rises above 1 where the last ones
    cost more than they bring (Kaplan & Narayanan 2001). Nothing but the basis and how many they
    are where there is nothing to share.
    """
    value = profit_sql(assumed) if known else "revenue - returns"
    found = shop.engine.query(f"SELECT CAST(coalesce({value}, 0) AS DOUBLE) AS value FROM {LEDGER} SEMI JOIN "
                              f"{looked_at} USING (customer_id) WHERE orders > 0")["value"].to_numpy()
    values = np.sort(found)[::-1]
    basis, total = "profit" if known else "net", float(values.sum())
    if total <= 0:
        return {"basis": basis, "buyers": len(values)}
    reached = np.r_[0.0, np.cumsum(values) / total]
    at = np.linspace(0, len(values), STEPS + 1)
    curve = np.interp(at, np.arange(len(reached)), reached)
    lost = float(abs(values[values < 0].sum()))
    return {"basis": basis, "buyers": len(values), "total": total, "losing": int((values < 0).sum()), "lost": lost,
            "top": [{"customers": t, "share": float(np.interp(t * len(values), np.arange(len(reached)), reached))}
                    for t in TOPS],
            "tenths": [_best(values, -(-tenth * len(values) // 10)) for tenth in TENTHS],
            "carry_80_percent": int(np.argmax(reached >= 0.8 - 1e-12)), "peak": float(reached.max()),
            "curve": [{"customers": float(a) / len(values), "share": float(c)} for a, c in zip(at, curve, strict=True)]}


def _best(values: Any, people: int) -> dict[str, Any]:
    """The first of those in order, how many they are, and what the last of them brings, to the kept score's digits."""
    return {"people": people, "least": f"{values[people - 1]:.4f}"}


__all__ = ["ASKED", "NOBODY", "OTHERS", "SHOP", "concentration", "of_customers", "of_segments", "scores", "statement"]
