"""Two groups of people beside each other: what differs, how sure that is, and what may be said of it by now."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regulars.outreach.results import looks, means, shares
from regulars.outreach.results.means import Brought, Difference
from regulars.outreach.results.power import seen_with

FEWEST_PEOPLE = 20
FEWEST_BUYERS = 5
"""So many orderers must be expected in the smaller group, by the share of both: below, amounts say nothing."""
NO_CONTROL, TOO_FEW, EARLY, MORE, LESS, ALIKE = "no_control", "too_few", "early", "more", "less", "alike"
PROFIT, PAID, ORDERS, REACHED = "profit", "paid", "orders", "reached"
"""What a campaign is for: what is left of orders, what was paid (where costs are not known), that they order, or that
they reach a goal of its own."""


@dataclass(frozen=True)
class People:
    """A place for each person of a group: whether they ``ordered`` in the window, what they ``paid``, and the
    ``profit`` of it (None where costs are not known), what was sent to them taken off; whether they ``reached`` the
    goal (None where it is an order)."""

    ordered: NDArray[np.bool_]
    paid: Brought
    profit: Brought | None
    reached: NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        return len(self.ordered)

    @property
    def orderers(self) -> int:
        return int(self.ordered.sum())

    @property
    def reachers(self) -> int:
        return 0 if self.reached is None else int(self.reached.sum())

    def hits(self, goal: str) -> int:
        """How many reached the goal; how many ordered, where it is an order or what comes of it."""
        return self.reachers if goal == REACHED else self.orderers

    def take(self, which: NDArray[np.bool_]) -> People:
        return People(self.ordered[which], self.paid.take(which), self.profit.take(which) if self.profit else None,
                      None if self.reached is None else self.reached[which])


@dataclass(frozen=True)
class Look:
    """When this is looked at: ``done``, the part of the window that is over (1: all of it); None for a campaign that
    has no end, of whose people only those are here whose own window is over."""

    done: float | None = 1.0

    @property
    def is_over(self) -> bool:
        return self.done is None or self.done >= 1

    def bound(self, one: int, other: int, level: float) -> float:
        """In standard errors; for all looks together."""
        if self.done is None:
            return looks.endless_bound(4 * one * other / max(one + other, 1), level)
        return looks.bound(self.done, level)


@dataclass(frozen=True)
class Share:
    """By how much the share who ordered (or reached the goal) differs, about its standard error, and its interval."""

    value: float
    error: float
    low: float
    high: float


@dataclass(frozen=True)
class Comparison:
    """``people`` of whom ``orderers`` ordered beside ``others``; differences are of the first to the others, None where
    there is nobody or nothing to tell them by. ``verdict`` is on the ``goal``; ``detectable`` the rise of the share
    that is seen four times in five with so many people. Where there is a goal of its own, ``reachers`` reached it
    beside ``other_reachers``."""

    people: int
    others: int
    orderers: int
    other_orderers: int
    ordered: Share | None
    paid: Difference | None
    profit: Difference | None
    goal: str
    verdict: str
    level: float
    detectable: float | None
    reached: Share | None = None
    reachers: int = 0
    other_reachers: int = 0

    @property
    def of_goal(self) -> Share | Difference | None:
        """The difference the verdict is on."""
        return {ORDERS: self.ordered, PAID: self.paid, PROFIT: self.profit, REACHED: self.reached}[self.goal]

    @property
    def hits(self) -> tuple[int, int]:
        """How many of each reached the goal; how many ordered, where it is an order or what comes of it."""
        reached = self.goal == REACHED
        return (self.reachers, self.other_reachers) if reached else (self.orderers, self.other_orderers)

    @property
    def share(self) -> float:
        return self.orderers / self.people if self.people else 0.0

    @property
    def other_share(self) -> float:
        return self.other_orderers / self.others if self.others else 0.0

    @property
    def hit_shares(self) -> tuple[float, float]:
        """The same of those who reached the goal; of those who ordered, where it is an order or what comes of it."""
        one, other = self.hits
        return one / self.people if self.people else 0.0, other / self.others if self.others else 0.0


def compare(one: People, other: People, look: Look, goal: str = PROFIT, among: int = 1) -> Comparison:
    """The first group beside the other; ``among`` says how many such questions are asked at once (Bonferroni).

    Where the goal is profit and costs are not known, it is what was paid, and nothing is called profit.
    """
    if goal == PROFIT and (one.profit is None or other.profit is None):
        goal = PAID
    level = looks.LEVEL / max(among, 1)
    z = look.bound(len(one), len(other), level)
    both = bool(len(one) and len(other))
    ordered = _shares(one, other, ORDERS, z) if both else None
    reached = _shares(one, other, REACHED, z) if both and goal == REACHED else None
    paid = means.difference(one.paid, other.paid, z)
    profit = means.difference(one.profit, other.profit, z) if one.profit and other.profit else None
    found = {ORDERS: ordered, PAID: paid, PROFIT: profit, REACHED: reached}[goal]
    common = (one.hits(goal) + other.hits(goal)) / max(len(one) + len(other), 1)
    seen = seen_with(len(one), len(other), common, z) if both else None
    return Comparison(len(one), len(other), one.orderers, other.orderers, ordered, paid, profit, goal,
                      _verdict(one, other, found, goal, look), level, seen, reached, one.reachers, other.reachers)


def _shares(one: People, other: People, goal: str, z: float) -> Share:
    value, low, high = (float(x) for x in shares.difference(one.hits(goal), len(one), other.hits(goal), len(other), z))
    return Share(value, (high - low) / (2 * z), low, high)


def _verdict(one: People, other: People, found: Share | Difference | None, goal: str, look: Look) -> str:
    if not len(one) or not len(other):
        return NO_CONTROL
    if found is None or _too_few(one, other, goal):
        return TOO_FEW
    if found.low > 0:
        return MORE
    if found.high < 0:
        return LESS
    return ALIKE if look.is_over else EARLY


def _too_few(one: People, other: People, goal: str) -> bool:
    """By numbers of both groups together, so that how they differ does not decide whether they are judged."""
    smaller = min(len(one), len(other))
    expected = (one.orderers + other.orderers) / (len(one) + len(other)) * smaller
    return smaller < FEWEST_PEOPLE or (goal not in (ORDERS, REACHED) and expected < FEWEST_BUYERS)


__all__ = ["ALIKE", "EARLY", "LESS", "MORE", "NO_CONTROL", "ORDERS", "PAID", "PROFIT", "REACHED", "TOO_FEW",
           "Comparison", "Look", "People", "Share", "compare"]
