"""Who buys anyway within some days: a chance for each, learnt of earlier spans of as many days, and held to the newest.

A model of when people order says how likely each is to order again; what it leaves out (seasons, how the shop is now)
is put right by what really happened after it was asked before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regulars.model.later import later

special = later("scipy.special")
Floats = NDArray[np.float64]
STEPS, RIDGE = 25, 1.0
"""Newton's steps, and how strongly the slopes are held near what the model itself says."""
GROUPS = 5
LEAST, MOST = 1e-4, 1 - 1e-4


@dataclass(frozen=True)
class Look:
    """A place for each person who had ordered by some moment: the chance a model gave them, ``orders`` they had placed,
    how ``late`` they were (days since the last, by their usual gap), and what followed in the window: whether they
    ``bought`` and what they ``paid``, beside the ``size`` of order to expect of them."""

    chance: Floats
    orders: Floats
    late: Floats
    bought: NDArray[np.bool_]
    paid: Floats
    size: Floats

    def __len__(self) -> int:
        return len(self.chance)

    @property
    def features(self) -> Floats:
        p = np.clip(self.chance, LEAST, MOST)
        return np.column_stack([np.ones(len(p)), np.log(p / (1 - p)), np.log1p(self.orders),
                                np.log1p(np.maximum(self.late, 0))])


@dataclass(frozen=True)
class Group:
    """People of like chances: what they were ``said`` to do on average, what was ``seen``, and how many they are."""

    said: float
    seen: float
    people: int


@dataclass(frozen=True)
class Chances:
    """``slopes`` of the logistic regression; ``groups`` what it said of the newest look, learnt of the others, and what
    was seen; ``drift`` how far off a whole look is by itself (a standard deviation of the ratio of seen to said)
    with its degrees of ``freedom``; ``times``: what a buyer pays beside what is expected of them, and the ``spread``
    around that (relative)."""

    slopes: Floats
    groups: tuple[Group, ...]
    drift: float
    freedom: int
    times: float
    spread: float

    def of(self, look: Look) -> Floats:
        """The chance of each."""
        found: Floats = np.clip(special.expit(look.features @ self.slopes), LEAST, MOST)
        return found

    def amounts(self, look: Look) -> Floats:
        """What each pays in the window, if they buy."""
        return self.times * look.size * orders_of(self.of(look))


def orders_of(chance: Floats) -> Floats:
    """How many orders those place who order at all with this chance: at a steady rate, -log(1 - p) / p."""
    found: Floats = -np.log1p(-chance) / chance
    return found


def lateness(repeats: Floats, last: Floats, until: Floats) -> Floats:
    """Days since the last order by each one's usual gap; of those who ordered once by that of all who came back.

    ``last`` and ``until`` are days from the first order to the last, and to now.
    """
    again = repeats > 0
    gaps = np.maximum(last, 1) / np.maximum(repeats, 1)
    usual = float(np.median(gaps[again])) if again.any() else max(float(np.median(until)), 1.0) if len(until) else 1.0
    found: Floats = (until - last) / np.where(again, gaps, usual)
    return found


def learn(looks: Sequence[Look]) -> Chances:
    """Of two or more looks, oldest first."""
    slopes = _fit(looks)
    last = looks[-1]
    before = np.clip(special.expit(last.features @ _fit(looks[:-1])), LEAST, MOST)
    drift, freedom = _drift(looks)
    times, spread = _amounts(looks, slopes)
    return Chances(slopes, tuple(_groups(before, last.bought)), drift, freedom, times, spread)


def _fit(looks: Sequence[Look]) -> Floats:
    """By iterated least squares (McCullagh & Nelder 1989, 4.4), slopes drawn to (0, 1, 0, 0): the model as it is."""
    x = np.concatenate([look.features for look in looks])
    y = np.concatenate([look.bought for look in looks]).astype(float)
    start = np.array([0.0, 1.0, 0.0, 0.0])
    hold = np.diag([1e-3, RIDGE, RIDGE, RIDGE])
    slopes = start.copy()
    for _ in range(STEPS):
        p = special.expit(x @ slopes)
        weight = np.maximum(p * (1 - p), 1e-9)
        step = np.linalg.solve((x * weight[:, None]).T @ x + hold, x.T @ (y - p) - hold @ (slopes - start))
        slopes = slopes + np.clip(step, -3, 3)
        if float(np.abs(step).max()) < 1e-8:
            break
    found: Floats = slopes
    return found


def _groups(said: Floats, bought: NDArray[np.bool_]) -> list[Group]:
    """Fifths by what was said, those of fewer than ten people aside."""
    order = np.argsort(said, kind="stable")
    return [Group(float(said[part].mean()), float(bought[part].mean()), len(part))
            for part in np.array_split(order, GROUPS) if len(part) >= 10]


PRIOR_DRIFT, PRIOR_LOOKS = 0.12, 4
"""A look is taken to be off by an eighth, as sure as four looks would make it, before any were compared."""


def _drift(looks: Sequence[Look]) -> tuple[float, int]:
    """How far each look is off when it is foretold by the others, chance taken out."""
    off = []
    for i, look in enumerate(looks):
        said = np.clip(special.expit(look.features @ _fit([*looks[:i], *looks[i + 1:]])), LEAST, MOST)
        expected, seen = float(said.sum()), float(look.bought.sum())
        off.append((seen / expected - 1) ** 2 - float((said * (1 - said)).sum()) / expected**2)
    variance = (max(sum(off), 0.0) + PRIOR_LOOKS * PRIOR_DRIFT**2) / (len(looks) + PRIOR_LOOKS)
    return float(np.sqrt(variance)), len(looks) + PRIOR_LOOKS - 1


def _amounts(looks: Sequence[Look], slopes: Floats) -> tuple[float, float]:
    """How many times what is expected of them buyers paid, and the spread around that."""
    paid = np.concatenate([look.paid[look.bought] for look in looks])
    chances = [np.clip(special.expit(look.features @ slopes), LEAST, MOST) for look in looks]
    said = np.concatenate([(look.size * orders_of(p))[look.bought] for look, p in zip(looks, chances, strict=True)])
    known = said > 0
    paid, said = paid[known], said[known]
    if not len(paid) or paid.sum() <= 0:
        return 1.0, 1.0
    times = float(paid.sum() / said.sum())
    off = paid / (said * times) - 1
    return times, float(np.sqrt(np.einsum("i,i->", said**2, off**2) / np.einsum("i,i->", said, said)))


__all__ = ["Chances", "Group", "Look", "lateness", "learn"]
