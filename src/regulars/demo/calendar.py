"""When things happen: the shop's days, its seasons, the occasions people buy for, and its campaigns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import holidays
import numpy as np
from numpy.typing import NDArray

from regulars.demo.columns import Flags, Floats, Ints
from regulars.model.clock import local_day, to_utc

HISTORY = 3 * 365
"""Days of the shop's past."""
DAY = 86_400
EPOCH = date(1970, 1, 1)
PROMO_DAYS = 9
PROMOS = ((1, 9, "FRESHSTART"), (3, 16, "SPRING"), (5, 20, "GARDENWEEK"), (7, 10, "SUMMER"), (9, 11, "BACKHOME"),
          (11, 10, "EARLYBIRD"))
"""Month and day a code begins to be good, six times a year."""
PROMO_SHARES = (0.15, 0.2, 0.15, 0.2, 0.15, 0.1)
EID = {2018: (6, 15), 2019: (6, 4), 2020: (5, 24), 2021: (5, 13), 2022: (5, 2), 2023: (4, 21), 2024: (4, 10),
       2025: (3, 30), 2026: (3, 20), 2027: (3, 9), 2028: (2, 26), 2029: (2, 14), 2030: (2, 4)}
OCCASIONS = ("Christmas", "Valentine's Day", "Mother's Day", "Father's Day", "Eid", "birthday")
CHRISTMAS = OCCASIONS.index("Christmas")
BIRTHDAY = OCCASIONS.index("birthday")
EID_AT = OCCASIONS.index("Eid")
OCCASION_LEAD = 12
MONTH_FACTORS = (0.8, 0.85, 1.0, 1.15, 1.2, 1.05, 0.95, 0.9, 1.0, 1.0, 1.1, 1.3)
WEEKDAYS: Mapping[str, tuple[float, ...]] = {
    "retail": (0.8, 0.8, 0.9, 0.9, 1.1, 1.7, 0.8), "garden": (0.7, 0.7, 0.8, 0.9, 1.1, 1.9, 0.9),
    "trade": (1.3, 1.3, 1.2, 1.2, 1.1, 0.15, 0.0), "gifts": (0.8, 0.8, 0.9, 0.9, 1.1, 1.8, 0.7),
    "christmas": (0.8, 0.8, 0.9, 0.9, 1.1, 1.8, 0.7), "promo": (1.2, 1.0, 1.0, 1.0, 0.9, 0.8, 1.1),
    "records": (0.6, 0.6, 0.8, 0.9, 1.9, 1.6, 0.6), "even": (0.9, 0.9, 1.0, 1.0, 1.0, 1.0, 1.2),
}
CURVES = tuple(WEEKDAYS)


@dataclass(frozen=True)
class Campaign:
    """A mailing to many: ``at`` in seconds of UTC; ``promo`` is the position of its promo code, -1 for none."""

    name: str
    channel: str
    at: int
    link: str
    promo: int = -1


@dataclass(frozen=True)
class Promo:
    """A code that is good from day ``begins`` for `PROMO_DAYS` days; days count from the calendar's first."""

    code: str
    begins: int
    share: float


class Calendar:
    """The shop's days up to and including ``now``'s; days are counted from the first one, moments in UTC seconds."""

    def __init__(self, now: datetime, zone: ZoneInfo, country: str) -> None:
        self.now = int((now - datetime(1970, 1, 1)).total_seconds())
        self.zone = zone
        self.last = local_day(now, zone)
        self.first = self.last - timedelta(days=HISTORY - 1)
        self.first_epoch_day = (self.first - EPOCH).days
        self.days = [self.first + timedelta(days=d) for d in range(HISTORY)]
        self._closed = _public_holidays(country, self.first.year, self.last.year)

    @cached_property
    def midnights(self) -> Ints:
        """The first second of each day, one more than there are days; clock changes are at night and left aside."""
        starts = [self.first + timedelta(days=d) for d in range(HISTORY + 1)]
        noons = [to_utc(datetime(d.year, d.month, d.day, 12), self.zone) for d in starts]
        return np.array([int((n - datetime(1970, 1, 1)).total_seconds()) - DAY // 2 for n in noons], np.int64)

    @cached_property
    def months(self) -> Ints:
        """0 for January."""
        return np.array([d.month - 1 for d in self.days], np.int64)

    def moment(self, days: Ints, seconds: Ints, chance: Floats) -> Ints:
        """UTC seconds of a local day and time; what would be later today was earlier today."""
        starts = self.midnights[days]
        at = starts + seconds
        earlier = starts + (chance * np.maximum(self.now - starts, 1)).astype(np.int64)
        return np.where(at > self.now, np.minimum(earlier, self.now), at)

    def day_of(self, moments: Ints) -> Ints:
        """The local day of a moment, clipped to the calendar."""
        return np.clip(np.searchsorted(self.midnights, moments, side="right") - 1, 0, HISTORY - 1)

    @cached_property
    def promos(self) -> tuple[Promo, ...]:
        found = []
        for year in range(self.first.year - 1, self.last.year + 1):
            for (month, day, word), share in zip(PROMOS, PROMO_SHARES, strict=True):
                begins = (date(year, month, day) - self.first).days
                if -PROMO_DAYS < begins < HISTORY:
                    found.append(Promo(f"{word}{year % 100:02d}", begins, share))
        return tuple(found)

    @cached_property
    def promo_of_day(self) -> Ints:
        """The code that is good on each day, -1 for none."""
        good = np.full(HISTORY, -1, np.int64)
        for at, promo in enumerate(self.promos):
            good[max(promo.begins, 0):max(promo.begins + PROMO_DAYS, 0)] = at
        return good

    @cached_property
    def occasion_of_day(self) -> Ints:
        """The occasion people buy for on each day, -1 for none; of two the nearer."""
        nearest = np.full(HISTORY, -1, np.int64)
        for lead in range(OCCASION_LEAD, -1, -1):
            for year in range(self.first.year, self.last.year + 2):
                for at, day in enumerate(_occasions(year)):
                    index = (day - self.first).days - lead if day else -1
                    if 0 <= index < HISTORY:
                        nearest[index] = at
        return nearest

    @cached_property
    def curves(self) -> dict[str, Floats]:
        """For each season curve, the cumulated weight at the start of each day; a day weighs 1 on average."""
        return {name: _cumulated(self._weights(name)) for name in CURVES}

    def _weights(self, curve: str) -> Floats:
        weights = np.array(WEEKDAYS[curve])[[d.weekday() for d in self.days]]
        weights = weights * self._season(curve)
        closed = np.array([d in self._closed for d in self.days])
        weights[closed] *= 0.02 if curve == "trade" else 0.3
        return weights

    def _season(self, curve: str) -> Floats:
        if curve in ("gifts", "christmas"):
            return np.where(self.occasion_of_day >= 0, 1.0, 0.025) if curve == "gifts" else self._before_christmas()
        if curve == "promo":
            return (self.promo_of_day >= 0).astype(float)
        factors = {"garden": (0.4, 0.5, 1.3, 1.6, 1.6, 1.4, 1.1, 1.0, 1.0, 0.8, 0.6, 0.6), "even": (1.0,) * 12,
                   "trade": (0.6, 0.8, 1.1, 1.2, 1.2, 1.2, 0.8, 0.8, 1.2, 1.2, 1.1, 0.6)}.get(curve, MONTH_FACTORS)
        return np.array(factors)[self.months]

    def _before_christmas(self) -> Floats:
        return np.array([1.0 if (d.month == 12 and d.day <= 23) or (d.month == 11 and d.day >= 24) else 0.0
                         for d in self.days])

    @cached_property
    def campaigns(self) -> tuple[Campaign, ...]:
        """Newsletters every other month, a mailing for each promo code, text messages, one printed catalogue a year."""
        found = [self._campaign(f"Newsletter {d:%B %Y}", "email", d, 10, "/journal") for d in self.days
                 if d.month % 2 == 0 and d.weekday() == 1 and d.day <= 7]
        for at, promo in enumerate(self.promos):
            if promo.begins >= 0:
                day = self.days[promo.begins]
                found.append(self._campaign(f"{promo.code} code", "email", day, 8, "/sale", at))
                if day.month in (5, 11):
                    found.append(self._campaign(f"{promo.code} by text", "sms", day, 9, "/sale", at))
        found += [self._campaign(f"Gift catalogue {d.year}", "post", d, 11, "") for d in self.days
                  if (d.month, d.day) == (11, 15)]
        found += [self._campaign(f"Trade call {d:%B %Y}", "phone", d, 9, "") for d in self.days
                  if d.month in (2, 5, 9) and d.weekday() == 0 and d.day <= 7]
        return tuple(sorted((c for c in found if c.at <= self.now), key=lambda c: (c.at, c.name)))

    def _campaign(self, name: str, channel: str, day: date, hour: int, link: str, promo: int = -1) -> Campaign:
        at = to_utc(datetime(day.year, day.month, day.day, hour), self.zone)
        return Campaign(name, channel, int((at - datetime(1970, 1, 1)).total_seconds()), link, promo)


def operational(curve: Floats, days: Floats) -> Floats:
    """Time that runs faster in season: how much of the curve has gone by at a day."""
    return np.asarray(np.interp(days, np.arange(len(curve)), curve), np.float64)


def calendar_day(curve: Floats, reached: Floats) -> Ints:
    """The day in which the curve reaches a value; days without weight are never met."""
    found: NDArray[np.int64] = np.searchsorted(curve, reached, side="left").astype(np.int64) - 1
    return np.clip(found, 0, len(curve) - 2)


def time_of_day(random: np.random.Generator, centres: Floats, spreads: Floats, earliest: Floats,
                latest: Floats) -> Ints:
    """Seconds after midnight around a centre, all in hours."""
    hours = random.normal(centres, spreads)
    outside: Flags = (hours < earliest) | (hours >= latest)
    hours = np.where(outside, earliest + (latest - earliest) * random.random(len(hours)), hours)
    return (hours * 3600).astype(np.int64)


def _cumulated(weights: Floats) -> Floats:
    whole = float(weights.sum()) or 1.0
    return np.concatenate([[0.0], np.cumsum(weights) * (len(weights) / whole)])


def _occasions(year: int) -> tuple[date | None, ...]:
    """Days in the order of `OCCASIONS`, without the birthday."""
    eid = EID.get(year)
    return (date(year, 12, 25), date(year, 2, 14), _sunday(year, 5, 2), _sunday(year, 6, 3),
            date(year, *eid) if eid else None)


def _sunday(year: int, month: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (nth - 1))


def _public_holidays(country: str, since: int, until: int) -> frozenset[date]:
    try:
        return frozenset(holidays.country_holidays(country.upper(), years=range(since, until + 1)))
    except NotImplementedError:
        return frozenset()
