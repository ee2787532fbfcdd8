"""The difference of what people brought on average, where most brought nothing and a few a great deal.

The usual interval of two means errs where one group is small: its own spread is learnt of a handful of orders, and is
smallest just when its mean happens to be. Here the spread is learnt of both groups together, on the scale of what was
ordered before anything was taken off, and what people spent before is taken out of it (Deng et al. 2013, WSDM 123).
`benchmarks/proof.py` shows how often it holds the truth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regulars.model.later import later

stats = later("scipy.stats")
Floats = NDArray[np.float64]
PRIOR_BUYERS = 20
"""So many buyers of the common share each group is taken to have had, when its part of the spread is worked out."""


@dataclass(frozen=True)
class Brought:
    """A place for each person: ``amount`` they brought in the window (profit, say), ``gross`` what they ordered before
    discounts and costs (the scale the spread is learnt on), ``before`` what they spent earlier (0 for nothing)."""

    amount: Floats
    gross: Floats
    before: Floats

    def __len__(self) -> int:
        return len(self.amount)

    @property
    def buyers(self) -> int:
        return int((self.gross != 0).sum())

    @property
    def mean(self) -> float:
        return float(self.amount.mean()) if len(self) else 0.0

    def take(self, which: NDArray[np.bool_] | NDArray[np.intp]) -> Brought:
        return Brought(self.amount[which], self.gross[which], self.before[which])


@dataclass(frozen=True)
class Difference:
    """How much more each person of the first group brought, its standard error, and its interval."""

    value: float
    error: float
    low: float
    high: float


def difference(one: Brought, other: Brought, z: float) -> Difference | None:
    """The interval at ``z`` standard errors, a little wider where there are few buyers; None where fewer than three
    bought or a group has nobody: nothing tells how much people differ."""
    buyers, people = one.buyers + other.buyers, len(one) + len(other)
    if buyers < 3 or not len(one) or not len(other):
        return None
    kept, other_kept = _kept(one, other)
    slope, spread, middle = _common(one, other)
    factor, other_factor = _factors(one, other)
    value = _level(one, kept * slope, middle) - _level(other, other_kept * slope, middle)
    variance = (factor * kept**2 * spread + _own(one, kept)) / len(one) + \
        (other_factor * other_kept**2 * spread + _own(other, other_kept)) / len(other)
    error = float(np.sqrt(variance))
    half = error * float(stats.t.isf(stats.norm.sf(z), min(buyers, people - 1) - 2 if buyers > 3 else 1))
    return Difference(value, error, value - half, value + half)


def _kept(one: Brought, other: Brought) -> tuple[float, float]:
    """What is left of 1 that was ordered, in each group: the common rate where nothing was."""
    gross, other_gross = float(one.gross.sum()), float(other.gross.sum())
    whole = gross + other_gross
    common = float(one.amount.sum() + other.amount.sum()) / whole if whole else 1.0
    return (float(one.amount.sum()) / gross if gross else common,
            float(other.amount.sum()) / other_gross if other_gross else common)


def _common(one: Brought, other: Brought) -> tuple[float, float, float]:
    """Of what was ordered: its slope by earlier spend, the variance around that, and the mean earlier spend; each group
    around its own mean."""
    x, other_x = np.sqrt(np.maximum(one.before, 0)), np.sqrt(np.maximum(other.before, 0))
    dx = np.concatenate([x - x.mean(), other_x - other_x.mean()])
    dy = np.concatenate([one.gross - one.gross.mean(), other.gross - other.gross.mean()])
    square = float(np.einsum("i,i->", dx, dx))
    slope = float(np.einsum("i,i->", dx, dy)) / square if square > 0 else 0.0
    around = dy - slope * dx
    spread = float(np.einsum("i,i->", around, around)) / max(len(dy) - 3, 1)
    return slope, spread, float((x.sum() + other_x.sum()) / len(dx))


def _own(group: Brought, kept: float) -> float:
    """The variance, within a group, of what is left of each one's orders beside what is left on average."""
    off = group.amount - kept * group.gross
    off = off - off.mean()
    return float(np.einsum("i,i->", off, off)) / max(len(group) - 1, 1)


def _level(group: Brought, slope: float, middle: float) -> float:
    """Its mean, as it would be if its people had spent before what all did."""
    return group.mean - slope * (float(np.sqrt(np.maximum(group.before, 0)).mean()) - middle)


def _factors(one: Brought, other: Brought) -> tuple[float, float]:
    """How the spread of each group is to the common one: as its share of buyers to that of all, held near 1."""
    people, buyers = len(one) + len(other), one.buyers + other.buyers
    more = PRIOR_BUYERS * people / buyers
    share = (one.buyers + PRIOR_BUYERS) / (len(one) + more)
    other_share = (other.buyers + PRIOR_BUYERS) / (len(other) + more)
    common = (share * len(one) + other_share * len(other)) / people
    return share / common, other_share / common


__all__ = ["Brought", "Difference", "difference"]
