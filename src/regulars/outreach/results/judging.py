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
PROFIT, PAID, ORDERS = "profit", "paid", "orders"
"""What a campaign is for: what is left of orders, what was paid (where costs are not known), or that they order."""


@dataclass(frozen=True)
class People:
    """A place for each person of a group: whether they ``ordered`` in the window, what they ``paid``, and the
    ``profit`` of it (None where costs are not known), what was sent to them taken off."""

    ordered: NDArray[np.bool_]
    paid: Brought
    profit: Brought | None

    def __len__(self) -> int:
        return len(self.ordered)

    @property
    def orderers(self) -> int:
        return int(self.ordered.sum())

    @property
    def share(self) -> float:
        return self.orderers / len(self) if len(self) else 0.0

    def take(self, which: NDArray[np.bool_]) -> People:
        return People(self.ordered[which], self.paid.take(which), self.profit.take(which) if self.profit else None)


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
    """By how much the share who ordered differs, about its standard error, and its interval."""

    value: float
    error: float
    low: float
    high: float


@dataclass(frozen=True)
class Comparison:
    """``people`` of whom ``orderers`` ordered beside ``others``; differences are of the first to the others, None where
    there is nobody or nothing to tell them by. ``verdict`` is on the ``goal``; ``detectable`` the rise of the share
    that is seen four times in five with so many people."""

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

    @property
    def of_goal(self) -> Share | Difference | None:
        """The difference the verdict is on."""
        return {ORDERS: self.ordered, PAID: self.paid, PROFIT: self.profit}[self.goal]

    @property
    def share(self) -> float:
        return self.orderers / self.people if self.people else 0.0

    @property
    def other_share(self) -> float:
        return self.other_orderers / self.others if self.others else 0.0


def compare(one: People, other: People, look: Look, goal: str = PROFIT, among: int = 1) -> Comparison:
    """The first group beside the other; ``among`` says how many such questions are asked at once (Bonferroni).

    Where the goal is profit and costs are not known, it is what was paid, and nothing is called profit.
    """
    if goal == PROFIT and (one.profit is None or other.profit is None):
        goal = PAID
    level = looks.LEVEL / max(among, 1)
    z = look.bound(len(one), len(other), level)
    both = bool(len(one) and len(other))
    ordered = _ordered(one, other, z) if both else None
    paid = means.difference(one.paid, other.paid, z)
    profit = means.difference(one.profit, other.profit, z) if one.profit and other.profit else None
    found = {ORDERS: ordered, PAID: paid, PROFIT: profit}[goal]
    common = (one.orderers + other.orderers) / max(len(one) + len(other), 1)
    seen = seen_with(len(one), len(other), common, z) if both else None
    return Comparison(len(one), len(other), one.orderers, other.orderers, ordered, paid, profit, goal,
                      _verdict(one, other, found, goal, look), level, seen)


def _ordered(one: People, other: People, z: float) -> Share:
    value, low, high = (float(x) for x in shares.difference(one.orderers, len(one), other.orderers, len(other), z))
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
    return smaller < FEWEST_PEOPLE or (goal != ORDERS and expected < FEWEST_BUYERS)


__all__ = ["ALIKE", "EARLY", "LESS", "MORE", "NO_CONTROL", "ORDERS", "PAID", "PROFIT", "TOO_FEW", "Comparison", "Look",
           "People", "Share", "compare"]
