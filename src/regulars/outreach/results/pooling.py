"""Several differences together: what is common to them, and what of each is its own and not chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from regulars.model.later import later

optimize = later("scipy.optimize")
stats = later("scipy.stats")
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Pooled:
    """The ``mean`` of such differences with its interval (HKSJ), how much they differ in truth (``between``, a standard
    deviation), and each drawn towards the mean by as much as it is unsure: ``each``, with intervals."""

    mean: float
    error: float
    low: float
    high: float
    between: float
    each: Floats
    each_low: Floats
    each_high: Floats


def pooled(values: ArrayLike, errors: ArrayLike, level: float = 0.05) -> Pooled:
    """Of two or more differences with their standard errors.

    Random effects: between by Paule & Mandel (1982), the interval of Hartung & Knapp (2001) and Sidik & Jonkman (2002),
    never narrower than the plain one; each by empirical Bayes, as sure as Morris (1983, JASA 78:47) allows.
    """
    y, s2 = np.asarray(values, float), np.maximum(np.asarray(errors, float), 1e-12) ** 2
    between = _between(y, s2)
    weight = 1 / (s2 + between)
    mean = float((weight * y).sum() / weight.sum())
    k = len(y)
    stretch = max(1.0, float((weight * (y - mean) ** 2).sum()) / (k - 1)) if k > 1 else 1.0
    error = float(np.sqrt(stretch / weight.sum()))
    half = error * float(stats.t.ppf(1 - level / 2, max(k - 1, 1)))
    each, spread = _drawn(y, s2, between, mean, 1 / weight.sum())
    reach = float(stats.norm.ppf(1 - level / 2)) * spread
    return Pooled(mean, error, mean - half, mean + half, float(np.sqrt(between)), each, each - reach, each + reach)


def _between(y: Floats, s2: Floats) -> float:
    """The variance at which the weighted squares are as many as chance makes them."""
    def excess(t: float) -> float:
        w = 1 / (s2 + t)
        return float((w * (y - (w * y).sum() / w.sum()) ** 2).sum()) - (len(y) - 1)
    if len(y) < 2 or excess(0.0) <= 0:
        return 0.0
    top = max(float(np.var(y)) * len(y), float(s2.max()), 1e-300)
    while excess(top) > 0:
        top *= 4
    return float(optimize.brentq(excess, 0.0, top))


def _drawn(y: Floats, s2: Floats, between: float, mean: float, mean_variance: float) -> tuple[Floats, Floats]:
    """Each drawn towards the mean, and how unsure it is then: its own error, that of the mean, that of the drawing."""
    k = len(y)
    held = s2 / (s2 + between)
    held = held * (k - 3) / (k - 1) if k > 3 else held / 2
    each = mean + (1 - held) * (y - mean)
    drawing = 2 / max(k - 3, 1) * held**2 * (y - mean) ** 2
    return each, np.sqrt(s2 * (1 - held) + held**2 * mean_variance + drawing)


__all__ = ["Pooled", "pooled"]
