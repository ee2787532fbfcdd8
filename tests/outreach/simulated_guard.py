"""Made-up shops in which it is known who buys anyway, and who only with an offer: to hold the guard to the truth."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from regulars.insight.value.bgnbd import BGNBD
from regulars.insight.value.fitting import fit
from regulars.insight.value.rows import Rows
from regulars.outreach.guard import Chances, Look, Offered, Scales, Weighed, lateness, learn
from regulars.outreach.results.learning import UNSURE, lift_of

Floats = NDArray[np.float64]
DAYS, LOOKS, YEARS = 28, 4, 2
MARGIN, MEAN, SPREAD = 0.4, 40.0, 0.6
ASSUMED = 0.4


@dataclass(frozen=True)
class Shop:
    """A row an order: ``who`` and ``day`` (0 is the first day); each person's own rate a day, size of order, whether
    they are still there at the end, and ``season``, by which all order more or less often in each window."""

    who: NDArray[np.int64]
    day: Floats
    amount: Floats
    rate: Floats
    size: Floats
    there: NDArray[np.bool_]
    today: int


def shop(people: int, rng: np.random.Generator) -> Shop:
    """Customers who began within two years, order at gamma rates, and leave after an order with a beta chance."""
    today = 365 * YEARS
    rate = rng.gamma(0.9, 1 / 45, people)
    stays = 1 - rng.beta(1.0, 6.0, people)
    began = rng.uniform(0, today - DAYS * LOOKS, people)
    size = MEAN * np.exp(rng.normal(-0.125, 0.5, people))
    at, alive, there = began.copy(), np.ones(people, bool), np.zeros(people, bool)
    rows = [(np.arange(people), at.copy())]
    while alive.any():
        alive &= rng.random(people) < stays
        at = at + rng.exponential(1, people) / np.maximum(rate, 1e-9)
        now = alive & (at < today)
        rows.append((np.flatnonzero(now), at[now]))
        there |= alive & (at >= today)
        alive = now
    who, day = (np.concatenate(part) for part in zip(*rows, strict=True))
    amount = size[who] * np.exp(rng.normal(-SPREAD**2 / 2, SPREAD, len(who)))
    return Shop(who, day, amount, rate, size, there, today)


@lru_cache(maxsize=1)
def parameters() -> tuple[float, ...]:
    """The model's, of shops such as these: fitted once, to one of them."""
    made = shop(2_000, np.random.default_rng(0))
    first, last = np.full(2_000, np.inf), np.full(2_000, -np.inf)
    np.minimum.at(first, made.who, np.floor(made.day))
    np.maximum.at(last, made.who, np.floor(made.day))
    x = np.bincount(made.who, minlength=2_000) - 1
    rows, _ = Rows.of(x.astype(np.int64), (last - first).astype(np.int64), (made.today - first).astype(np.int64), 7.0)
    return fit(BGNBD(), rows, 1).parameters


def look(made: Shop, then: int) -> tuple[Look, NDArray[np.int64]]:
    """Everybody who had ordered by ``then``, with what the model says and what followed; and who they are."""
    before = made.day < then
    who, day = made.who[before], np.floor(made.day[before])
    people = np.unique(who)
    place = np.searchsorted(people, who)
    first, last = np.full(len(people), np.inf), np.full(len(people), -np.inf)
    np.minimum.at(first, place, day)
    np.maximum.at(last, place, day)
    x = np.bincount(place) - 1
    rows, which = Rows.of(x.astype(np.int64), (last - first).astype(np.int64), (then - first).astype(np.int64), 7.0)
    chance = BGNBD().chance(parameters(), rows, DAYS / 7)[which]
    mean = np.bincount(place, made.amount[before]) / (x + 1)
    size = ((x + 1) * mean + 2 * made.amount[before].mean()) / (x + 3)
    after = (made.day >= then) & (made.day < then + DAYS)
    paid = np.bincount(made.who[after], made.amount[after], len(made.rate))[people]
    return Look(chance, x.astype(float), lateness(x.astype(float), last - first, then - first), paid > 0, paid,
                size), people


@dataclass(frozen=True)
class Held:
    """What was foretold, and what came of it."""

    weighed: Weighed
    saved: float
    risked: float
    learnt: Chances
    said: Floats
    bought: NDArray[np.bool_]


def guarded(people: int, offer: Offered, rng: np.random.Generator) -> Held:
    """A guard asked in a made-up shop, and what both worlds then brought: the same people with and without the offer.

    All order by up to a tenth more or less than before; the offer's true lift lies as far from what is assumed as the
    assumption says.
    """
    made = shop(people, rng)
    learnt = learn([look(made, made.today - DAYS * k)[0] for k in range(LOOKS, 0, -1)])
    now, who = look(made, made.today)
    chance = learnt.of(now)
    scales = Scales(chance, learnt.amounts(now), now.size, offer, learnt.spread, learnt.drift, learnt.freedom, MARGIN,
                    lift_of([], ASSUMED))
    weighed = scales.weigh(scales.suggested())
    out = who[chance >= weighed.threshold]
    season, lift = rng.normal(1, 0.1), float(np.exp(rng.normal(np.log(1 + ASSUMED), UNSURE)) - 1)
    mean = made.rate[out] * made.there[out] * DAYS * season
    anyway = rng.poisson(mean)
    only = (anyway == 0) & (rng.random(len(out)) > np.exp(-mean * lift))
    paid = _spent(anyway, made.size[out], rng)
    with_it = _spent(only.astype(np.int64), made.size[out], rng)
    given, of_more = offer.given(paid), offer.given(with_it)
    bought = np.zeros(len(who), bool)
    bought[chance >= weighed.threshold] = anyway > 0
    return Held(weighed, float(given.sum()), float((MARGIN * with_it - of_more)[only].sum()), learnt, chance, bought)


def _spent(orders: NDArray[np.int64], size: Floats, rng: np.random.Generator) -> Floats:
    who = np.repeat(np.arange(len(orders)), orders)
    return np.bincount(who, size[who] * np.exp(rng.normal(-SPREAD**2 / 2, SPREAD, len(who))), len(orders))
