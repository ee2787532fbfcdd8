"""Drawing a chunk of customers: who they are, and when and where each first bought."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from regulars.demo.calendar import DAY, HISTORY, calendar_day, time_of_day
from regulars.demo.catalogue import ARTISTS
from regulars.demo.columns import Flags, Floats, Ints, choose, ids
from regulars.demo.world import CHANNELS, ONLINE, PHONE, STORE, World

NEVER = np.int64(2**62)
"""Later than any moment."""
WELCOMES = ("Welcome A", "Welcome B")
BROWSERS = ("Chrome", "Safari", "Firefox", "Edge")
BROWSER_SHARES = (0.5, 0.25, 0.15, 0.1)
DEVICES = ("desktop", "phone", "tablet")
FIRST_YEARS = {"lapsed_regular": 0.35}
"""Those whose first order lies in the first part of the shop's past."""


@dataclass
class Crowd:
    """Arrays with one entry a customer; moments in seconds of UTC, `NEVER` where it did not happen.

    ``lost_after`` counts repeat orders; ``welcome`` is the variant of the welcome mail, ``clicked`` when its link was.
    """

    chunk: int
    numbers: Ints
    kind: Ints
    buys: Flags
    rate: Floats
    loss: Floats
    lost_after: Ints
    has_email: Flags
    consent: Flags
    proxy: Flags
    language: Ints
    woman: Flags
    age: Floats
    artist: Ints
    first_day: Ints
    first_channel: Ints
    first_at: Ints
    signed_up: Ints
    welcome: Ints
    clicked: Ints
    sms: Flags
    calls: Flags
    post: Flags
    browser: Ints
    device: Ints

    def __len__(self) -> int:
        return len(self.numbers)

    def ids(self, owner: Ints) -> pa.Array:
        """The customer ids of some of them, by position."""
        return ids("C", self.numbers[owner], 6)


def draw_crowd(world: World, chunk: int, first_number: int, size: int) -> Crowd:
    """``size`` customers numbered from ``first_number`` on."""
    random = world.random(chunk, "people")
    kind = random.choice(len(world.archetypes), size=size, p=world.of("share") / world.of("share").sum())
    kind = kind.astype(np.int64)
    shape, rate = world.of("shape")[kind], world.of("rate")[kind]
    losses = np.array([a.loss for a in world.archetypes])[kind]
    loss = random.beta(losses[:, 0], losses[:, 1])
    has_email = random.random(size) < world.of("email")[kind]
    first_day, first_channel, first_at = _first_orders(world, random, kind)
    signed_up = _signed_up(world, random, kind, first_at)
    consent = has_email & (random.random(size) < world.of("consent")[kind])
    clicked = _clicked(world, random, kind, consent, signed_up)
    return Crowd(
        chunk, np.arange(first_number, first_number + size, dtype=np.int64), kind, ~world.never_buy[kind],
        random.gamma(shape, rate / shape), loss, random.geometric(np.maximum(loss, 1e-6)).astype(np.int64),
        has_email, consent, random.random(size) < 0.14,
        random.choice(len(world.languages), size=size, p=_share(world.languages.values())).astype(np.int64),
        random.random(size) < world.of("female")[kind], _ages(world, random, kind),
        random.integers(0, len(ARTISTS), size), first_day, first_channel, first_at, signed_up,
        random.integers(0, len(WELCOMES), size), clicked, *_permissions(world, random, kind, consent),
        random.choice(len(BROWSERS), size=size, p=BROWSER_SHARES).astype(np.int64),
        choose(random, world.shares("devices", DEVICES), kind))


def _share(weights: Iterable[float]) -> Floats:
    found = np.array(list(weights), np.float64)
    return np.asarray(found / found.sum(), np.float64)


def _ages(world: World, random: np.random.Generator, kind: Ints) -> Floats:
    ages = np.array([a.age for a in world.archetypes])[kind]
    return np.clip(random.normal(ages[:, 0], ages[:, 1]), 18, 88)


def _first_orders(world: World, random: np.random.Generator, kind: Ints) -> tuple[Ints, Ints, Ints]:
    """Day, channel and moment of everybody's first order, had they bought."""
    days = _first_days(world, random, kind)
    in_store = random.random(len(kind)) < world.of("first_in_store")[kind]
    elsewhere = world.shares("channels", CHANNELS)
    elsewhere[:, STORE] = 0
    elsewhere[elsewhere.sum(axis=1) == 0, ONLINE] = 1
    channel = np.where(in_store, STORE, choose(random, elsewhere, kind))
    return days, channel, moments_of_orders(world, random, kind, days, channel)


def _first_days(world: World, random: np.random.Generator, kind: Ints) -> Ints:
    growth = 0.6 + 0.8 * np.arange(HISTORY) / HISTORY
    days = np.zeros(len(kind), np.int64)
    chance = 1 - random.random(len(kind))
    for at, archetype in enumerate(world.archetypes):
        weights = np.diff(world.calendar.curves[archetype.season]) * growth
        weights[int(FIRST_YEARS.get(archetype.name, 1.0) * HISTORY):] = 0
        curve = np.r_[0.0, np.cumsum(weights)]
        mine = kind == at
        days[mine] = calendar_day(curve, chance[mine] * curve[-1])
    return days


def moments_of_orders(world: World, random: np.random.Generator, kind: Ints, days: Ints, channel: Ints) -> Ints:
    """A time of day that fits the channel and the habit, as moments."""
    evening = np.array([a.hours == "evening" for a in world.archetypes])[kind] & (channel == ONLINE)
    centre = np.select([channel == STORE, channel == PHONE, evening], [13.5, 8.4, 20.6], 15.0)
    spread = np.select([channel == STORE, channel == PHONE, evening], [2.3, 1.1, 1.6], 4.0)
    earliest = np.select([channel == STORE, channel == PHONE], [9.0, 7.0], 6.5)
    latest = np.select([channel == STORE, channel == PHONE], [18.0, 17.0], 23.9)
    seconds = time_of_day(random, centre, spread, earliest, latest)
    return world.calendar.moment(days, seconds, random.random(len(days)))


def _signed_up(world: World, random: np.random.Generator, kind: Ints, first_at: Ints) -> Ints:
    """Minutes before the first order, or weeks where someone looked on first; anywhen where nothing was bought."""
    size = len(kind)
    began = world.calendar.midnights[0]
    early = random.random(size) < np.where(world.of("visits")[kind] > 20, 0.5, 0.2)
    lead = np.where(early, random.exponential(21 * DAY, size), random.uniform(120, 2400, size)).astype(np.int64)
    anywhen = began + (np.sqrt(random.random(size)) * (world.calendar.now - began - 60)).astype(np.int64)
    return np.asarray(np.where(world.never_buy[kind], anywhen, np.maximum(first_at - lead, began)), np.int64)


def _permissions(world: World, random: np.random.Generator, kind: Ints, consent: Flags) -> tuple[Flags, Flags, Flags]:
    """Who may be written to by text message, called, and sent print."""
    by_phone = world.shares("channels", CHANNELS)[kind, PHONE] > 0.5
    size = len(kind)
    return consent & (random.random(size) < 0.25), by_phone & (random.random(size) < 0.8), random.random(size) < 0.15


def _clicked(world: World, random: np.random.Generator, kind: Ints, consent: Flags, signed_up: Ints) -> Ints:
    """When the welcome mail's link was clicked."""
    chance = np.minimum(world.of("clicks")[kind] * 1.6, 0.6)
    does = consent & (random.random(len(kind)) < chance)
    at = signed_up + 3600 + random.uniform(600, 3 * DAY, len(kind)).astype(np.int64)
    return np.where(does & (at <= world.calendar.now), at, NEVER)
