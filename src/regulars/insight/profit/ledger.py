"""A row of costs and income for each customer, and one for what is nobody's: exact decimals that add up to the shop."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import pyarrow as pa

from regulars.engines.duckdb import DuckDBEngine, literal
from regulars.insight.common.sql import discounted
from regulars.insight.profit.assumptions import Assumptions
from regulars.insight.profit.campaigns import shared_costs

EXACT = "DECIMAL(38,8)"
LEDGER, EVERYONE, SHARES = "profit_ledger", "profit_everyone", "profit_shares"
STORES = ("store", "pos", "in store", "in-store", "shop", "retail")
"""Channels whose orders are taken along: nothing is sent."""

SUMS = ("revenue", "returns", "tax", "discounts", "shipping_charged", "goods_cost", "goods_unknown", "payment",
        "shipping", "service", "messages", "campaigns")
KEPT = "CASE WHEN total > 0 THEN greatest(total - coalesce(refunded, 0), 0)::DOUBLE / total ELSE 1 END"
"""The part of an order's total that was not given back, for tax and shipping."""
ASSUMED = ("goods_assumed", "goods_assumed_low", "goods_assumed_high", "service_assumed", "service_assumed_low",
           "service_assumed_high")
COUNTS = ("orders", "discounted", "discount_known", "discounts_unknown", "orders_without_amount", "tickets",
          "tickets_unknown", "messages_sent", "messages_unpriced")


class Between:
    """Facts of a time: after ``since`` up to ``now``."""

    def __init__(self, since: datetime, now: datetime) -> None:
        self.since, self.now = literal(str(since)), literal(str(now))

    def __str__(self) -> str:
        return f'("at" > TIMESTAMP {self.since} AND "at" <= TIMESTAMP {self.now})'


@contextmanager
def ledger(engine: DuckDBEngine, everyone: pa.Table, since: datetime, now: datetime,
           assumed: Assumptions) -> Iterator[str]:
    """The name of a table, there for the block: ``customer_id`` (nothing for what is nobody's, the last row), the sums
    of `SUMS`, what is assumed of `ASSUMED`, the counts of `COUNTS`; `profit_sql` says what is left."""
    between = Between(since, now)
    engine.register(EVERYONE, everyone)
    engine.register(SHARES, shared_costs(engine, since, now))
    try:
        parts = (orders_sql(between, assumed), lines_sql(between, assumed), tickets_sql(between, assumed),
                 messages_sql(between, assumed), f"SELECT customer_id, amount AS campaigns FROM {SHARES}")
        engine.execute(f"CREATE OR REPLACE TEMP TABLE {LEDGER} AS {_joined(parts)}")
    finally:
        engine.unregister(EVERYONE)
        engine.unregister(SHARES)
    try:
        yield LEDGER
    finally:
        engine.execute(f"DROP TABLE {LEDGER}")


def _joined(parts: Sequence[str]) -> str:
    """Everybody there is, with what belongs to them; what belongs to nobody there, on the row without a customer."""
    columns = [f"CAST(coalesce(sum({n}), 0) AS {EXACT}) AS {n}" for n in (*SUMS, *ASSUMED)]
    columns += [f"CAST(coalesce(sum({n}), 0) AS BIGINT) AS {n}" for n in COUNTS]
    every = " UNION ALL BY NAME ".join((f"SELECT customer_id FROM {EVERYONE}", "SELECT NULL::VARCHAR AS customer_id",
                                        *(f"({part})" for part in parts)))
    return (f"SELECT e.customer_id, {', '.join(columns)} FROM ({every}) f LEFT JOIN {EVERYONE} e USING (customer_id) "
            "GROUP BY e.customer_id ORDER BY e.customer_id NULLS LAST")


def orders_sql(between: Between, assumed: Assumptions) -> str:
    """What was charged, given back and taken off; tax and shipping in proportion to what was kept."""
    fee = assumed.payment_percent or 0
    unknown = f"CASE WHEN items IS NULL THEN total - coalesce(refunded, 0) - coalesce(shipping, 0) * ({KEPT}) END"
    share = {"": "value", "_low": "low", "_high": "high"}
    goods = ", ".join(f"sum(CAST(({unknown}) * {getattr(assumed.goods_cost, v) if assumed.goods_cost else 0} AS "
                      f"DECIMAL(28,8))) AS goods_assumed{n}" for n, v in share.items())
    cut = discounted(f"TIMESTAMP {between.now}")
    return f"""SELECT customer_id, count(*) AS orders, count(*) - count(total) AS orders_without_amount,
        count(*) FILTER ({cut}) AS discounted, count({cut}) AS discount_known,
        count(*) FILTER (discounted AND discount IS NULL) AS discounts_unknown,
        sum(total) AS revenue, sum(coalesce(refunded, 0)) AS returns,
        sum(CAST(coalesce(tax, 0) * ({KEPT}) AS DECIMAL(28,8))) AS tax, sum(discount) AS discounts,
        sum(CAST(coalesce(shipping, 0) * ({KEPT}) AS DECIMAL(28,8))) AS shipping_charged,
        sum(CAST({unknown} AS DECIMAL(28,8))) AS goods_unknown, {goods},
        sum(CAST(total * {fee / 100} AS DECIMAL(28,8))) AS payment,
        sum(CASE WHEN {sent_sql()} THEN CAST({assumed.shipping or 0} AS DECIMAL(28,8)) END) AS shipping
        FROM orders WHERE counted AND {between} GROUP BY customer_id"""


def sent_sql(order: str = "") -> str:
    """Whether an order is sent rather than taken along."""
    return f"coalesce(lower(trim({order}channel)), '') NOT IN ({', '.join(map(literal, STORES))})"


def lines_sql(between: Between, assumed: Assumptions) -> str:
    """What the goods cost; the part whose cost nobody knows is taken to have cost the assumed share."""
    guess = assumed.goods_cost
    unknown = "CASE WHEN margin IS NULL THEN amount END"
    goods = ", ".join(f"sum(CAST(({unknown}) * {getattr(guess, v) if guess else 0} AS DECIMAL(28,8))) AS "
                      f"goods_assumed{n}" for n, v in (("", "value"), ("_low", "low"), ("_high", "high")))
    return f"""SELECT customer_id, sum(amount - margin) AS goods_cost, sum({unknown}) AS goods_unknown, {goods}
        FROM lines WHERE counted AND {between} GROUP BY customer_id"""


def tickets_sql(between: Between, assumed: Assumptions) -> str:
    """Minutes by what an hour costs; where nobody wrote them down, by points of effort."""
    guess, minute = assumed.minutes_a_point, assumed.service_hour / 60
    points = "CASE WHEN minutes IS NULL THEN effort END"
    from_points = ", ".join(f"sum(CAST(({points}) * {getattr(guess, v) * minute if guess else 0} AS DECIMAL(28,8))) AS "
                            f"service_assumed{n}" for n, v in (("", "value"), ("_low", "low"), ("_high", "high")))
    unknown = "minutes IS NULL" + (" AND effort IS NULL" if guess else "")
    return f"""SELECT customer_id, count(*) AS tickets, count(*) FILTER ({unknown}) AS tickets_unknown,
        sum(CAST(minutes * {minute} AS DECIMAL(28,8))) AS service, {from_points}
        FROM tickets WHERE {between} GROUP BY customer_id"""


def messages_sql(between: Between, assumed: Assumptions) -> str:
    """What was sent, by what a message of its channel costs; of other channels it is not known."""
    prices = " ".join(f"WHEN {literal(channel.lower())} THEN CAST({price:.8f} AS DECIMAL(18,8))"
                      for channel, price in assumed.messages.items())
    price = f"CASE lower(channel) {prices} END" if prices else "CAST(NULL AS DECIMAL(18,8))"
    return f"""SELECT customer_id, sum(n * ({price})) AS messages, sum(n) AS messages_sent,
        sum(n) FILTER (({price}) IS NULL) AS messages_unpriced
        FROM (SELECT customer_id, channel, count(*) AS n FROM messages WHERE type = 'sent' AND {between} GROUP BY ALL)
        GROUP BY customer_id"""


def profit_sql(assumed: Assumptions, which: str = "") -> str:
    """What is left of a row; ``which``: as it is, or at the ``low`` or ``high`` end of what is assumed.

    Unknown (NULL) of everybody where no cost of any goods is known: what only served and wrote to people cost is no
    profit.
    """
    costs = {"": "", "low": "_high", "high": "_low"}[which]
    left = ("revenue - returns - tax - goods_cost - payment - shipping - service - messages - campaigns "
            f"- goods_assumed{costs} - service_assumed{costs}")
    return f"({left})" if assumed.goods_cost else f"CAST(NULL AS {EXACT})"


__all__ = ["COUNTS", "EXACT", "KEPT", "LEDGER", "STORES", "SUMS", "Between", "ledger", "profit_sql", "sent_sql"]
