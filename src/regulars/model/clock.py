"""Moments: UTC without zone inside, the shop's time zone where a person speaks of days and months.

A wall time that a clock change skips is moved forward by the gap; one that happens twice means the first
(Python's ``fold=0``, PEP 495).
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

TICK = timedelta(microseconds=1)
EXACT = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1),
         "week": timedelta(weeks=1)}
MONTHS = {"month": 1, "year": 12}
UNITS = (*EXACT, *MONTHS)
SHORTEST_MONTH = 28
"""Days that each month has."""


def to_utc(local: datetime, zone: ZoneInfo) -> datetime:
    """A wall time of ``zone`` as naive UTC."""
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC).replace(tzinfo=None)


def to_local(moment: datetime, zone: ZoneInfo) -> datetime:
    """Naive UTC as the wall time of ``zone``."""
    return moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)


def offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    """How far the clocks of ``zone`` are ahead of UTC at ``moment`` (naive UTC)."""
    return moment.replace(tzinfo=UTC).astimezone(zone).utcoffset() or timedelta()


def as_utc(moment: datetime, zone: ZoneInfo) -> datetime:
    """Any datetime as naive UTC: one without zone is read in ``zone``."""
    return to_utc(moment, zone) if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of a day of ``zone``, in UTC."""
    return to_utc(datetime.combine(day, time()), zone)


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """The day it is in ``zone`` at ``moment``."""
    return to_local(moment, zone).date()


def add_months(day: datetime, months: int) -> datetime:
    """``day`` moved by calendar months, clipped to the month's last day. OverflowError out of years 1 to 9999."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if not 1 <= year <= 9999:
        raise OverflowError("beyond the calendar")
    return day.replace(year=year, month=month + 1, day=min(day.day, calendar.monthrange(year, month + 1)[1]))


def days_that_go_back(after: datetime, upto: datetime, zone: ZoneInfo) -> list[datetime]:
    """The beginnings of days of ``zone`` after a moment and up to another, in UTC, with which a move by months may go
    back: a month before 28 and before 29 March is 28 February."""
    first = local_day(after, zone)
    days = [first + timedelta(days=n) for n in range(1, (local_day(upto, zone) - first).days + 1)]
    starts = [day_start(day, zone) for day in days if day.day > SHORTEST_MONTH]
    return [start for start in starts if after < start <= upto]


def stretches(after: datetime, upto: datetime, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """From one moment to another in parts, in each of which moves by months only go on while clocks are not set
    back."""
    return split_at(days_that_go_back(after, upto, zone), after, upto)


def split_at(moments: Sequence[datetime], after: datetime, upto: datetime) -> list[tuple[datetime, datetime]]:
    """From one moment to another in parts, each of which begins with one of ``moments``, the last ones included."""
    return list(zip((after, *moments), (*(m - TICK for m in moments), upto), strict=True))


def days_of_month(day: date) -> int:
    """How many days the month of ``day`` has."""
    return calendar.monthrange(day.year, day.month)[1]


def move(moment: datetime, amount: int | float, unit: str, zone: ZoneInfo) -> datetime:
    """``moment`` moved by an amount of a unit: exact lengths to weeks, the calendar of ``zone`` for months and years.

    Raises OverflowError out of years 1 to 9999.
    """
    if unit in EXACT:
        return moment + EXACT[unit] * amount
    return to_utc(add_months(to_local(moment, zone), int(amount) * MONTHS[unit]), zone)


def full_years(since: date, day: date) -> int:
    """Yearly returns of ``since`` up to and on ``day``; 29 February returns on 28 February in common years."""
    reached = (day.month, day.day)
    if reached == (2, 28) and not calendar.isleap(day.year):
        reached = (2, 29)
    return day.year - since.year - (reached < (since.month, since.day))
