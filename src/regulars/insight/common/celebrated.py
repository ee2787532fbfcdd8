"""The holidays of a country, as far ahead or back as asked; the days that lead up to each."""

from __future__ import annotations

from datetime import date, timedelta

import holidays

ONE_FEAST = 4
"""Holidays so many days apart or less are one feast, called by the first: Christmas, Easter, Eid."""


def feasts(country: str, first: date, last: date) -> list[tuple[date, str]]:
    """First day and English name (the country's own where there is none) of each feast, in order.

    Days off that stand in for another are left out. Nothing for a country the calendar does not know.
    """
    found: list[tuple[date, str]] = []
    seen: date | None = None
    for day, name in sorted(_calendar(country, first.year, last.year + 1).items()):
        if seen is None or (day - seen).days > ONE_FEAST:
            found.append((day, name.split("; ")[0]))
        seen = day
    return [(day, name) for day, name in found if first <= day <= last]


def leading_up(country: str, first: date, last: date, days: int) -> list[tuple[date, str]]:
    """Each day from first to last with the feast it leads up to, at most so many days later; days of none left out."""
    coming = feasts(country, first, last + timedelta(days=days))
    found: dict[date, str] = {}
    for feast, name in reversed(coming):
        found.update({feast - timedelta(days=d): name for d in range(1, days + 1)})
    for feast, _ in coming:
        found.pop(feast, None)
    return sorted((day, name) for day, name in found.items() if first <= day <= last)


def _calendar(country: str, since: int, until: int) -> dict[date, str]:
    years = range(since, until + 1)
    try:
        named = holidays.country_holidays(country.upper(), years=years, observed=False)
    except NotImplementedError:
        return {}
    if "en_US" in named.supported_languages:
        named = holidays.country_holidays(country.upper(), years=years, observed=False, language="en_US")
    return {day: name for day, name in named.items() if "substituted" not in name and "observed" not in name}
