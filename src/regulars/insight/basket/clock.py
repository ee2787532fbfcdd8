"""The replenishment clock: what is bought again and again, how often, and who is due for it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from regulars.engines.duckdb import DuckDBEngine
from regulars.insight.basket.items import ITEMS, LINES, PEOPLE, Items
from regulars.insight.common.sql import local_day as day_of
from regulars.model.clock import local_day

AT = '"at"'
MOST_ITEMS = 1_000
FEWEST_GAPS = 20
AGAIN = 0.25
"""An item is bought again and again where at least this share of its buyers came back for it."""
OWN = 2
"""A customer's own gaps count against the item's as if the item's were so many."""
OVERDUE = 1.0
"""Whoever is late by more than so many gaps has stopped: they are not due."""

GAPS, AGAINS, DUE = "basket_gaps", "basket_again", "basket_due"
OF_ITEMS = ("SELECT item, count(gap) AS gaps, median(gap) AS gap, quantile_cont(gap, 0.25) AS low, quantile_cont(gap, "
            "0.75) AS high, count(DISTINCT customer) FILTER (gap IS NOT NULL) AS again, count(DISTINCT customer) AS "
            f"buyers FROM {GAPS} GROUP BY item HAVING count(gap) >= {FEWEST_GAPS} AND again >= {AGAIN} * buyers")
OF_CUSTOMERS = ("SELECT g.customer, g.item, max(g.day) AS day, (coalesce(sum(g.gap), 0) + any_value(i.gap) * "
                f"{OWN}) / (count(g.gap) + {OWN}) AS gap FROM {GAPS} g JOIN {AGAINS} i ON i.item = g.item "
                "GROUP BY g.customer, g.item")


def clock(engine: DuckDBEngine, items: Items, now: datetime, zone: ZoneInfo) -> tuple[list[dict[str, Any]], pa.Table]:
    """Products that are bought again and again, most people due first; and ``customer_id``, ``replenish.due`` (a day of
    the shop's) and ``replenish.product`` of who is due next.

    A customer's gap is their own mean drawn to the item's median; ``low`` and ``high`` are the item's quartiles. Those
    whose day is over by more than a whole gap have stopped, and are left out.
    """
    days = f"SELECT DISTINCT customer, item, {day_of(AT, zone)} AS day FROM {LINES} WHERE customer IS NOT NULL AND "
    days += f"NOT list_contains({list(items.services)}::INTEGER[], item)"
    engine.execute(f"CREATE OR REPLACE TEMP TABLE {GAPS} AS SELECT customer, item, day, day - lag(day) OVER (PARTITION "
                   f"BY customer, item ORDER BY day) AS gap FROM ({days})")
    try:
        return _clock(engine, f"DATE '{local_day(now, zone)}'")
    finally:
        for table in (DUE, AGAINS, GAPS):
            engine.execute(f"DROP TABLE IF EXISTS {table}")


def _clock(engine: DuckDBEngine, today: str) -> tuple[list[dict[str, Any]], pa.Table]:
    engine.execute(f"CREATE OR REPLACE TEMP TABLE {AGAINS} AS {OF_ITEMS}")
    engine.execute(f"CREATE OR REPLACE TEMP TABLE {DUE} AS SELECT customer, item, day + CAST(round(gap) AS INTEGER) AS "
                   f"due, gap FROM ({OF_CUSTOMERS}) WHERE day + CAST(round(gap * {1 + OVERDUE}) AS INTEGER) >= {today}")
    items = engine.query(
        "SELECT n.name AS item, o.gaps, o.again, "
        "o.buyers, o.gap::DOUBLE AS days, o.low::DOUBLE AS low, o.high::DOUBLE AS high, "
        f"count(d.customer) FILTER (d.due <= {today}) AS due_now, count(d.customer) FILTER (d.due > {today} AND d.due "
        f"<= {today} + 14) AS due_in_14_days FROM {AGAINS} o JOIN {ITEMS} n USING (item) LEFT JOIN {DUE} d USING "
        f"(item) GROUP BY ALL ORDER BY due_now DESC, again DESC, n.name LIMIT {MOST_ITEMS}")
    people = engine.query(
        f"SELECT w.customer_id, arg_min(d.due, (d.due, d.item)) AS \"replenish.due\", "
        f"arg_min(n.name, (d.due, d.item)) AS \"replenish.product\" FROM {DUE} d JOIN {PEOPLE} w USING (customer) "
        f"JOIN {ITEMS} n USING (item) GROUP BY w.customer_id ORDER BY w.customer_id")
    return items.to_pylist(), people


__all__ = ["clock"]
