"""Made-up shops in which it is known what a campaign does: to hold results to the truth, here and in the benchmark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regulars.outreach.control import assign, strata
from regulars.outreach.results import looks, means, shares
from regulars.outreach.results.judging import People
from regulars.outreach.results.means import Brought

Floats = NDArray[np.float64]
SHAPE, SIZE_SPREAD, MEAN_ORDER, MARGIN, MARGIN_SPREAD = 0.7, 0.5, 30.0, 0.4, 0.1
WEEKS = 4
EARLIER = 8
"""So many windows before the campaign are known."""


@dataclass(frozen=True)
class World:
    """``ordering`` is the share who order in a window by themselves; a message makes orders more by ``lift``, and a
    ``discount`` (a part of the amount) is taken off each order with one; ``spread`` is that of amounts (of the log)."""

    people: int
    ordering: float
    lift: float = 0.0
    discount: float = 0.0
    control: float = 0.5
    spread: float = 1.0

    @property
    def rate(self) -> float:
        """Mean orders in a window: gamma distributed over people, so that so many order at all."""
        return SHAPE * ((1 - self.ordering) ** (-1 / SHAPE) - 1)

    @property
    def true_share(self) -> float:
        """By how much the share who order differs in truth."""
        more = self.rate * (1 + self.lift)
        return (1 - (SHAPE / (SHAPE + more)) ** SHAPE) - self.ordering

    @property
    def true_profit(self) -> float:
        """By how much profit a person differs in truth."""
        each = MEAN_ORDER * float(np.exp(SIZE_SPREAD**2 / 2))
        return each * self.rate * ((1 + self.lift) * (MARGIN - self.discount) - MARGIN)


@dataclass(frozen=True)
class Run:
    """One campaign in such a shop: what each ordered by the end of each week (rows), the margin of what they buy, and
    who was in the control."""

    orders: NDArray[np.int64]
    gross: Floats
    before: Floats
    margin: Floats
    control: NDArray[np.bool_]
    discount: float

    def groups(self, week: int = WEEKS) -> tuple[People, People]:
        """With and without the message, as they stand after so many weeks."""
        return self._group(~self.control, week, self.discount), self._group(self.control, week, 0.0)

    def _group(self, which: NDArray[np.bool_], week: int, discount: float) -> People:
        gross, before = self.gross[week - 1, which], self.before[which]
        return People(self.orders[week - 1, which] > 0, Brought(gross * (1 - discount), gross, before),
                      Brought(gross * (self.margin[which] - discount), gross, before))


def run(world: World, rng: np.random.Generator) -> Run:
    n = world.people
    rate, size = rng.gamma(SHAPE, world.rate / SHAPE, n), np.exp(rng.normal(0, SIZE_SPREAD, n))
    before = spent(rng.poisson(rate * EARLIER), size, world.spread, rng)
    names = [f"C{i}" for i in range(n)]
    control = np.array(assign(str(rng.integers(2**62)), "it", names, world.control, strata([""] * n, list(before))))
    weekly = np.where(control, 1.0, 1 + world.lift) * rate / WEEKS
    orders = rng.poisson(np.broadcast_to(weekly, (WEEKS, n)))
    gross = np.array([spent(one, size, world.spread, rng) for one in orders])
    margin = rng.normal(MARGIN, MARGIN_SPREAD, n)
    return Run(orders.cumsum(0), gross.cumsum(0), before, margin, control, world.discount)


def spent(orders: NDArray[np.int64], size: Floats, spread: float, rng: np.random.Generator) -> Floats:
    """The sum over each one's orders, whose amounts are log-normal around their own size."""
    who = np.repeat(np.arange(len(orders)), orders)
    return np.bincount(who, MEAN_ORDER * size[who] * np.exp(rng.normal(-spread**2 / 2, spread, len(who))), len(orders))


@dataclass(frozen=True)
class Intervals:
    """Of each run (rows) after each of some weeks (columns): the ends of the intervals of both differences."""

    shares: tuple[Floats, Floats]
    profit: tuple[Floats, Floats]

    @staticmethod
    def holds(ends: tuple[Floats, Floats], truth: float) -> float:
        """How often the last look's interval holds the truth."""
        return float(((ends[0][:, -1] <= truth) & (truth <= ends[1][:, -1])).mean())

    @staticmethod
    def calls(ends: tuple[Floats, Floats]) -> float:
        """How often any look's interval leaves out nothing at all: a difference is called."""
        return float(((ends[0] > 0) | (ends[1] < 0)).any(1).mean())


def intervals(world: World, runs: int, seed: int, weeks: Sequence[int] = (WEEKS,)) -> Intervals:
    """Of so many runs, looked at after these weeks."""
    rng = np.random.default_rng(seed)
    counts, profit = np.zeros((runs, len(weeks), 4)), np.zeros((2, runs, len(weeks)))
    bounds = [looks.bound(week / WEEKS) for week in weeks]
    for i in range(runs):
        made = run(world, rng)
        for j, week in enumerate(weeks):
            one, other = made.groups(week)
            counts[i, j] = one.orderers, len(one), other.orderers, len(other)
            assert one.profit and other.profit
            found = means.difference(one.profit, other.profit, bounds[j])
            profit[:, i, j] = (found.low, found.high) if found else (-np.inf, np.inf)
    ends = [shares.difference(*counts[:, j].T, z)[1:] for j, z in enumerate(bounds)]
    low, high = (np.stack([end[side] for end in ends], axis=1) for side in (0, 1))
    return Intervals((low, high), (profit[0], profit[1]))
