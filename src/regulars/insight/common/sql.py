"""Pieces of SQL that several analyses need."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from regulars.engines.duckdb import literal

NET = "(total - coalesce(refunded, 0))"
"""What an order brought: the total less what was given back; unknown where the total is."""


def local_day(column: str, zone: ZoneInfo) -> str:
    """The day of a column of UTC moments in a time zone."""
    return f"CAST(timezone({literal(zone.key)}, CAST({column} AS TIMESTAMPTZ)) AS DATE)"


def number(value: float) -> str:
    """A double as it stands in SQL, where a plain ``0.1`` would be an exact decimal of few digits."""
    return f"CAST({literal(repr(float(value)))} AS DOUBLE)"
