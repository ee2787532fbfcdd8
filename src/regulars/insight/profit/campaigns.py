"""What campaigns cost, shared among those they reached, to the last unit."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa

from regulars.engines.duckdb import DuckDBEngine, literal

UNITS = 100_000_000
"""A cost is shared in whole units of so many to one of the currency, so that the shares add up to it."""


def shared_costs(engine: DuckDBEngine, since: datetime, now: datetime) -> pa.Table:
    """``customer_id`` and ``amount``, a row a customer, of the costs after ``since`` up to ``now``; the row without a
    customer holds what reached nobody known.

    A campaign reached those who were sent a message of its name; else those who ordered by it, else those who came by
    it (utm_campaign). A cost without a campaign belongs to those who were sent a message by its channel in its month.
    """
    until = f'"at" <= TIMESTAMP {literal(str(now))}'
    return engine.query(f"""
        WITH spent AS (SELECT fold(campaign) AS campaign, lower(channel) AS channel, date_trunc('month', "at") AS month,
                sum(amount) AS amount FROM costs
                WHERE amount IS NOT NULL AND "at" > TIMESTAMP {literal(str(since))} AND {until} GROUP BY ALL),
        named AS (SELECT *, row_number() OVER (ORDER BY campaign, channel, month) AS cost FROM spent),
        called AS (SELECT campaign AS name, fold(campaign) AS campaign FROM (SELECT DISTINCT campaign FROM messages
                UNION SELECT DISTINCT campaign FROM orders UNION SELECT DISTINCT utm_campaign FROM visits)
                SEMI JOIN (SELECT campaign AS paid FROM named) p ON fold(campaign) = p.paid),
        reached AS ({_reached(until)}),
        first AS (SELECT cost, min(way) AS way FROM reached GROUP BY cost),
        people AS (SELECT DISTINCT r.cost, r.customer_id FROM reached r SEMI JOIN first f ON f.cost = r.cost AND
                f.way = r.way),
        ranked AS (SELECT *, count(*) OVER (PARTITION BY cost) AS n, row_number() OVER (PARTITION BY cost ORDER BY
                customer_id) AS place FROM people),
        shares AS (SELECT r.customer_id, u.units // r.n + CASE WHEN r.place <= u.units % r.n THEN 1 ELSE 0 END AS units
                FROM ranked r JOIN (SELECT cost, CAST(amount * {UNITS} AS HUGEINT) AS units FROM named) u USING (cost)
            UNION ALL SELECT NULL, CAST(amount * {UNITS} AS HUGEINT) FROM named ANTI JOIN people USING (cost))
        SELECT customer_id, CAST(sum(units) AS DECIMAL(30,0)) * CAST({1 / UNITS:.8f} AS DECIMAL(8,8)) AS amount
        FROM shares GROUP BY customer_id""")


def _reached(until: str) -> str:
    """Which cost reached whom, and which way: 1 by a message, 2 by an order, 3 by a visit."""
    by_name = " UNION ALL ".join(
        f"SELECT n.cost, {way} AS way, f.customer_id FROM {table} f JOIN called c ON c.name = f.{column} JOIN named n "
        f"ON n.campaign = c.campaign WHERE f.customer_id IS NOT NULL AND {only} AND f.{until}"
        for way, (table, column, only) in enumerate((("messages", "campaign", "f.type = 'sent'"),
                                                     ("orders", "campaign", "f.counted"),
                                                     ("visits", "utm_campaign", "true")), start=1))
    by_channel = (f"SELECT n.cost, 1 AS way, f.customer_id FROM messages f JOIN named n ON n.campaign IS NULL AND "
                  "n.channel = lower(f.channel) AND n.month = date_trunc('month', f.\"at\") WHERE f.customer_id IS NOT "
                  f"NULL AND f.type = 'sent' AND f.{until}")
    return f"{by_name} UNION ALL {by_channel}"


__all__ = ["shared_costs"]
