"""What campaigns cost, shared among those they reached, to the last unit."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa

from regulars.engines.duckdb import DuckDBEngine, literal

UNITS = 100_000_000
"""A cost is shared in whole units of so many to one of the currency, so that the shares add up to it."""


NEAR, FAR = 15, 92
"""A cost is of the days nearest to it on which its campaign reached somebody: of those so many days from the nearest
such day, which may be so many days from the cost itself."""


def shared_costs(engine: DuckDBEngine, since: datetime, now: datetime) -> pa.Table:
    """``customer_id`` and ``amount``, a row a customer, of the costs after ``since`` up to ``now``; the row without a
    customer holds what reached nobody known.

    A campaign is what goes by one name within some days (`NEAR`): a newsletter of many years is paid by those who got
    it then. It reached those who were sent a message of it, each as often as one was sent; else those who ordered by
    it, else those who came by it (utm_campaign). A cost without a campaign belongs to what was sent by its channel in
    its month.
    """
    until = f'"at" <= TIMESTAMP {literal(str(now))}'
    soonest = f'"at" > TIMESTAMP {literal(str(since))} - to_days({FAR + NEAR + 1})'
    return engine.query(f"""
        WITH spent AS (SELECT fold(campaign) AS campaign, lower(channel) AS channel, date_trunc('day', "at") AS day,
                sum(amount) AS amount FROM costs
                WHERE amount IS NOT NULL AND "at" > TIMESTAMP {literal(str(since))} AND {until} GROUP BY ALL),
        named AS (SELECT *, row_number() OVER (ORDER BY campaign, channel, day) AS cost FROM spent),
        called AS (SELECT campaign AS name, fold(campaign) AS campaign FROM (
                SELECT DISTINCT campaign FROM messages WHERE {soonest} UNION SELECT DISTINCT campaign FROM orders WHERE
                {soonest} UNION SELECT DISTINCT utm_campaign FROM visits WHERE {soonest})
                SEMI JOIN (SELECT campaign AS paid FROM named) p ON fold(campaign) = p.paid),
        reached AS ({_reached(f'{soonest} AND f.{until}')}),
        days AS (SELECT DISTINCT campaign, way, day FROM reached),
        nearest AS (SELECT cost, way, arg_min(d.day, (abs(date_diff('day', n.day, d.day)), d.day)) AS day FROM named n
                JOIN days d ON d.campaign = n.campaign AND abs(date_diff('day', n.day, d.day)) <= {FAR} GROUP BY ALL),
        first AS (SELECT cost, min(way) AS way, arg_min(day, way) AS day FROM nearest GROUP BY cost),
        people AS (SELECT f.cost, r.customer_id, sum(r.times) AS times FROM first f JOIN named n USING (cost) JOIN
                reached r ON r.campaign = n.campaign AND r.way = f.way AND abs(date_diff('day', f.day, r.day)) <= {NEAR}
                GROUP BY ALL UNION ALL {_by_channel(until)}),
        ranked AS (SELECT *, sum(times) OVER (PARTITION BY cost) AS whole, sum(times) OVER (PARTITION BY cost ORDER BY
                customer_id) AS upto FROM people),
        shares AS (SELECT r.customer_id, u.units * r.upto // r.whole - u.units * (r.upto - r.times) // r.whole AS units
                FROM ranked r JOIN (SELECT cost, CAST(amount * {UNITS} AS HUGEINT) AS units FROM named) u USING (cost)
            UNION ALL SELECT NULL, CAST(amount * {UNITS} AS HUGEINT) FROM named ANTI JOIN people USING (cost))
        SELECT customer_id, CAST(sum(units) AS DECIMAL(30,0)) * CAST({1 / UNITS:.8f} AS DECIMAL(8,8)) AS amount
        FROM shares GROUP BY customer_id""")


def _reached(between: str) -> str:
    """Which campaign reached whom on which day, how many times, and which way: 1 by a message, 2 by an order, 3 by a
    visit."""
    return " UNION ALL ".join(
        f"SELECT c.campaign, {way} AS way, f.customer_id, date_trunc('day', f.\"at\") AS day, count(*) AS times "
        f"FROM {table} f JOIN called c ON c.name = f.{column} WHERE f.customer_id IS NOT NULL AND {only} AND "
        f"f.{between} GROUP BY ALL" for way, (table, column, only) in enumerate((
            ("messages", "campaign", "f.type = 'sent'"), ("orders", "campaign", "f.counted"),
            ("visits", "utm_campaign", "true")), start=1))


def _by_channel(until: str) -> str:
    """Whom a cost without a campaign reached, and how many times."""
    return ("SELECT n.cost, f.customer_id, count(*) AS times FROM messages f JOIN named n ON n.campaign IS NULL AND "
            "n.channel = lower(f.channel) AND date_trunc('month', n.day) = date_trunc('month', f.\"at\") "
            f"WHERE f.customer_id IS NOT NULL AND f.type = 'sent' AND f.{until} GROUP BY ALL")


__all__ = ["shared_costs"]
