"""Pieces of SQL that several analyses need."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from regulars.engines.duckdb import DuckDBEngine, literal
from regulars.model.clock import to_local

NET = "(total - coalesce(refunded, 0))"
"""What an order brought: the total less what was given back; unknown where the total is."""


def discounted(at: str, order: str = "") -> str:
    """Whether something was taken off an order (decision 13), of the orders up to the moment ``at``, in SQL.

    Where an order says neither an amount nor a code, nothing was if the shop writes discounts down at all, else nobody
    knows.
    """
    return (f"coalesce({order}discounted, (SELECT false FROM orders WHERE discounted AND \"at\" <= {at} "
            "LIMIT 1))")


def discounts_known(engine: DuckDBEngine, now: datetime) -> bool:
    """Whether the shop writes discounts down at all (decision 13): else nobody knows who buys without one."""
    return bool(engine.value('SELECT bool_or(discounted) OR count(discounted) = count(*) FROM orders WHERE counted'
                             ' AND "at" <= ?', [now]))


FIRST, LAST = datetime(1990, 1, 1), datetime(2045, 1, 1)
STEP = timedelta(days=7)


def local_day(column: str, zone: ZoneInfo) -> str:
    """The day of a column of UTC moments in a time zone.

    By the zone's offsets since `FIRST`, newest first: asking the engine's calendar of each row takes ten times as long.
    """
    return f"CAST({local_moment(column, zone)} AS DATE)"


def local_moment(column: str, zone: ZoneInfo) -> str:
    """A column of UTC moments as the clocks of a time zone show them, by its offsets, as `local_day`."""
    cases = " ".join(f"WHEN {column} >= TIMESTAMP '{since}' THEN {column} + INTERVAL ({seconds}) SECOND"
                     for since, seconds in offsets(zone))
    return f"CASE {cases} ELSE timezone({literal(zone.key)}, CAST({column} AS TIMESTAMPTZ)) END"


@lru_cache(maxsize=600)
def offsets(zone: ZoneInfo) -> tuple[tuple[datetime, int], ...]:
    """From which moment (naive UTC) how many seconds are added, newest first."""
    found, at = [(FIRST, _offset(FIRST, zone))], FIRST
    while at < LAST:
        if _offset(at + STEP, zone) != found[-1][1]:
            before, after = at, at + STEP
            while after - before > timedelta(seconds=1):
                middle = before + (after - before) // 2
                before, after = (middle, after) if _offset(middle, zone) == found[-1][1] else (before, middle)
            change = after.replace(microsecond=0)
            found.append((change, _offset(change, zone)))
        at += STEP
    return tuple(reversed(found))


def _offset(moment: datetime, zone: ZoneInfo) -> int:
    return int((to_local(moment, zone) - moment).total_seconds())


def number(value: float) -> str:
    """A double as it stands in SQL, where a plain ``0.1`` would be an exact decimal of few digits."""
    return f"CAST({literal(repr(float(value)))} AS DOUBLE)"
