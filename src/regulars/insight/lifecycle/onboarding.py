"""How those on a plan have taken it up: whether they did anything since it began."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from regulars.engines.duckdb import literal
from regulars.insight.common.analysis import Facts
from regulars.insight.common.sql import local_day

ONBOARDING = "lifecycle_onboarding"
USES = {"orders": " AND counted", "visits": "", "events": ""}
"""What counts as doing something, and which of its rows."""
ENDED = ("cancelled", "canceled", "ended", "expired", "unpaid", "paused", "incomplete_expired")


def take_up(shop: Facts, people: str, now: datetime, today: date, days: int) -> list[dict[str, Any]]:
    """Make the table of those on a plan with how far they are; a row a plan: how many, and the usual days to use it.

    *in use*: an order, visit or event after the day the plan began; *getting started*: none yet, in the first
    ``days``; *not in use*: none after these.
    """
    moment, day = f"TIMESTAMP '{now.isoformat(sep=' ')}'", f"DATE '{today.isoformat()}'"
    ended = ", ".join(literal(word) for word in ENDED)
    at = local_day('"at"', shop.settings.zone)
    used = " UNION ALL ".join(f'SELECT customer_id, {at} AS day FROM {table} WHERE "at" <= {moment}{only}'
                              for table, only in USES.items())
    shop.engine.execute(
        f"""CREATE OR REPLACE TEMP TABLE {ONBOARDING} AS WITH plans AS (
            SELECT customer_id, plan, plan_since FROM customers SEMI JOIN {people} USING (customer_id)
            WHERE plan IS NOT NULL AND plan_since <= {day} AND coalesce(lower(plan_status), '') NOT IN ({ended})),
        first_use AS (SELECT p.customer_id, min(u.day) AS day FROM plans p JOIN ({used}) u
            ON u.customer_id = p.customer_id AND u.day > p.plan_since GROUP BY ALL)
        SELECT customer_id, plan, day - plan_since AS days_to_use, CASE WHEN day IS NOT NULL THEN 'in use'
            WHEN {day} - plan_since <= {int(days)} THEN 'getting started' ELSE 'not in use' END AS onboarding
        FROM plans LEFT JOIN first_use USING (customer_id)""")
    return list(shop.engine.query(
        f"""SELECT plan, count(*) AS people, count(*) FILTER (WHERE onboarding = 'in use') AS in_use,
            count(*) FILTER (WHERE onboarding = 'getting started') AS getting_started,
            count(*) FILTER (WHERE onboarding = 'not in use') AS not_in_use, median(days_to_use) AS usual_days_to_use
        FROM {ONBOARDING} GROUP BY plan ORDER BY people DESC, plan""").to_pylist())
