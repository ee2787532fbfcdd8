"""When customers come back: a seasonal BG/NBD process of known parameters, and a planted drive to a second order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from regulars.demo.calendar import BIRTHDAY, CHRISTMAS, EID_AT, HISTORY, calendar_day, operational
from regulars.demo.columns import Flags, Floats, Ints, choose, rank_within
from regulars.demo.crowd import NEVER, Crowd, moments_of_orders
from regulars.demo.world import CHANNELS, STORE, World

SECOND_SOON = {"anyone": 0.15, "first order in the store": 0.30, "clicked the welcome mail": 0.25}
"""Planted: the chance of a second order within `SOON_UNTIL` days is the sum of what holds."""
SOON_FROM, SOON_UNTIL, LATER_FROM = 8, 86, 91
LAPSED = "lapsed_regular"
LAPSED_DAYS = 210


@dataclass
class Orders:
    """Arrays with one entry an order, sorted by customer and moment. ``promo`` and ``occasion`` are -1 for none."""

    owner: Ints
    kind: Ints
    rank: Ints
    day: Ints
    at: Ints
    channel: Ints
    promo: Ints
    occasion: Ints

    def __len__(self) -> int:
        return len(self.owner)


@dataclass
class Returning:
    """What the model decided of each customer: ``soon`` a second order was driven, ``alive`` not yet lost."""

    soon: Flags
    alive: Flags


def draw_orders(world: World, crowd: Crowd) -> tuple[Orders, Returning]:
    """Everybody's orders up to now."""
    random = world.random(crowd.chunk, "orders")
    soon = _second_soon(world, random, crowd)
    owners, days = _repeats(world, random, crowd, soon)
    order = np.lexsort((days, owners))
    owners, days = owners[order], days[order]
    rank = rank_within(owners) + 1
    made = np.bincount(owners, minlength=len(crowd))
    kept = rank <= crowd.lost_after[owners]
    lapsed = world.named(frozenset({LAPSED}))[crowd.kind]
    kept &= ~lapsed[owners] | (days < HISTORY - LAPSED_DAYS)
    alive = crowd.buys & (made < crowd.lost_after) & ~lapsed & ~world.buy_once[crowd.kind]
    return _with_firsts(world, random, crowd, owners[kept], days[kept]), Returning(soon, alive)


def _second_soon(world: World, random: np.random.Generator, crowd: Crowd) -> Flags:
    chance = (SECOND_SOON["anyone"] + SECOND_SOON["first order in the store"] * (crowd.first_channel == STORE)
              + SECOND_SOON["clicked the welcome mail"] * (crowd.clicked < NEVER))
    driven: Flags = crowd.buys & ~world.buy_once[crowd.kind] & (random.random(len(crowd)) < chance)
    return driven


def _repeats(world: World, random: np.random.Generator, crowd: Crowd, soon: Flags) -> tuple[Ints, Ints]:
    """Customer and day of each order after the first, before anybody is lost."""
    second = _second_days(world, random, crowd, soon)
    has_second = soon & (second < HISTORY)
    begins = np.where(soon, np.minimum(second + 1, HISTORY), np.minimum(crowd.first_day + LATER_FROM, HISTORY))
    owners, days = [np.flatnonzero(has_second)], [second[has_second]]
    rates = np.where(crowd.buys & ~world.buy_once[crowd.kind], crowd.rate, 0.0)
    for mine, curve in _by_curve(world, crowd):
        since = operational(curve, begins[mine])
        counts = random.poisson(rates[mine] / 365 * (curve[-1] - since))
        reached = np.repeat(since, counts) + (1 - random.random(counts.sum())) * np.repeat(curve[-1] - since, counts)
        owners.append(np.repeat(mine, counts))
        days.append(calendar_day(curve, reached))
    return np.concatenate(owners), np.concatenate(days)


def _second_days(world: World, random: np.random.Generator, crowd: Crowd, soon: Flags) -> Ints:
    """The day of a driven second order, `HISTORY` where it is still to come."""
    from_day = np.minimum(crowd.first_day + SOON_FROM, HISTORY)
    until = np.minimum(crowd.first_day + SOON_UNTIL, HISTORY)
    happened = random.random(len(crowd)) * (SOON_UNTIL - SOON_FROM) < HISTORY - crowd.first_day - SOON_FROM
    days = np.full(len(crowd), HISTORY, np.int64)
    chance = 1 - random.random(len(crowd))
    for mine, curve in _by_curve(world, crowd):
        low, high = operational(curve, from_day[mine]), operational(curve, until[mine])
        found = calendar_day(curve, low + chance[mine] * (high - low))
        days[mine] = np.where(soon[mine] & happened[mine] & (high > low), found, HISTORY)
    return days


def _by_curve(world: World, crowd: Crowd) -> list[tuple[Ints, Floats]]:
    """Customers of each season curve, by position."""
    seasons = [a.season for a in world.archetypes]
    names = np.array(seasons)[crowd.kind]
    return [(np.flatnonzero(names == s), world.calendar.curves[s]) for s in dict.fromkeys(seasons)]


def _with_firsts(world: World, random: np.random.Generator, crowd: Crowd, owners: Ints, days: Ints) -> Orders:
    buyers = np.flatnonzero(crowd.buys)
    channel = choose(random, world.shares("channels", CHANNELS), crowd.kind[owners])
    at = moments_of_orders(world, random, crowd.kind[owners], days, channel)
    owner = np.concatenate([buyers, owners])
    at = np.concatenate([crowd.first_at[buyers], at])
    order = np.lexsort((at, owner))
    owner, at = owner[order], at[order]
    day = np.concatenate([crowd.first_day[buyers], days])[order]
    channel = np.concatenate([crowd.first_channel[buyers], channel])[order]
    kind = crowd.kind[owner]
    return Orders(owner, kind, rank_within(owner), day, at, channel, _promos(world, random, kind, day),
                  _occasions(world, random, crowd, owner, day))


def _promos(world: World, random: np.random.Generator, kind: Ints, day: Ints) -> Ints:
    """The code that was good that day, for those who used it."""
    uses = random.random(len(day)) < np.minimum(world.of("promo")[kind] * 4, 1)
    return np.where(uses, world.calendar.promo_of_day[day], -1)


def _occasions(world: World, random: np.random.Generator, crowd: Crowd, owner: Ints, day: Ints) -> Ints:
    """What gift buyers buy for, and now and then others before a feast; birthdays are all the year."""
    near = world.calendar.occasion_of_day[day]
    keeps_eid = np.array([code in ("ur", "id") for code in world.languages])[crowd.language[owner]]
    near = np.where((near == EID_AT) & ~keeps_eid, -1, near)
    gifts = np.array([a.behaviour == "gifts" for a in world.archetypes])[crowd.kind[owner]]
    chance = random.random(len(day))
    near = np.where(gifts & ((near < 0) | (chance < 0.08)), BIRTHDAY, near)
    near = np.where(world.buy_once[crowd.kind[owner]], CHRISTMAS, near)
    return np.where(gifts | (chance > 0.9), near, -1)
