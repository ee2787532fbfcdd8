"""Moments that are given as parameters."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from regulars.errors import Refused
from regulars.insight.common.refusals import why
from regulars.model.clock import TICK, day_start


def read_day(text: str) -> date:
    """A day as it was written; raises `Refused` for what is none."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refused(why("'{text}' is not a day.", text=text), hint=why("Write it as 2026-11-22.")) from error


def day_end(day: date, zone: ZoneInfo) -> datetime:
    """The last moment of a day of the shop, in UTC."""
    return day_start(day + timedelta(days=1), zone) - TICK


def read_day_end(text: str, zone: ZoneInfo) -> datetime:
    """As `read_day`, its last moment."""
    return day_end(read_day(text), zone)
