"""The hour of the day at which each customer used to act: to order, to open, to click."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa

from regulars.engines.duckdb import DuckDBEngine
from regulars.model.clock import to_local
from regulars.outreach.settings import Rules

LOOKED_BACK = timedelta(days=365)
USUAL = 10
FEWEST = 3
"""Acts below which everybody's hour stands in for one's own."""


def best_hours(engine: DuckDBEngine, zones: Mapping[str, ZoneInfo], rules: Rules, now: datetime) -> dict[str, int]:
    """By each one's own clock, never in the quiet hours; acts an hour to either side count half."""
    acts = _acts(engine, list(zones), now)
    hours = {who: Counter(to_local(at, zones[who]).hour for at in found) for who, found in acts.items()}
    together: Counter[int] = sum(hours.values(), Counter())
    usual = _best(together, rules)
    return {who: _best(hours[who], rules) if who in hours and hours[who].total() >= FEWEST else usual for who in zones}


def _acts(engine: DuckDBEngine, customers: Sequence[str], now: datetime) -> dict[str, list[datetime]]:
    engine.register("acts_asked", pa.table({"customer_id": pa.array(customers, pa.string())}))
    when = '"at" > $1 AND "at" <= $2'
    try:
        return dict(engine.rows(
            f'SELECT customer_id, list("at") FROM (SELECT customer_id, "at" FROM orders WHERE counted AND {when} UNION '
            "ALL SELECT customer_id, \"at\" FROM messages WHERE type IN ('opened', 'clicked') AND machine IS NOT TRUE "
            f"AND {when}) SEMI JOIN acts_asked USING (customer_id) GROUP BY 1", [now - LOOKED_BACK, now]))
    finally:
        engine.unregister("acts_asked")


def _best(hours: Counter[int], rules: Rules) -> int:
    begin, end = rules.quiet_from % 24, rules.quiet_until % 24
    awake = [h for h in range(24) if not (begin <= h < end if begin <= end else h >= begin or h < end)]
    def liked(hour: int) -> tuple[float, int]:
        beside = hours[(hour - 1) % 24] + hours[(hour + 1) % 24]
        return hours[hour] + beside / 2, -abs(hour - USUAL)
    return max(awake or range(24), key=liked)
