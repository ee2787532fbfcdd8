"""How sure a share or a ratio is: 95% intervals, and what many comparisons at once do to chance findings."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from regulars.model.later import later

special = later("scipy.special")
Z = 1.959963984540054
Floats: TypeAlias = NDArray[np.float64]


def wilson(hits: ArrayLike, of: ArrayLike) -> tuple[Floats, Floats]:
    """The score interval of a share (Wilson 1927, JASA 22:209); 0 to 1 where there was no trial.

    Neither needs to be whole: an effective number of trials widens it.
    """
    k, n = np.asarray(hits, float), np.asarray(of, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = k / n
        middle = (p + Z**2 / (2 * n)) / (1 + Z**2 / n)
        half = Z * np.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2)) / (1 + Z**2 / n)
    none = n <= 0
    return (np.where(none, 0.0, np.clip(middle - half, 0, 1)), np.where(none, 1.0, np.clip(middle + half, 0, 1)))


def effective(hits: ArrayLike, of: ArrayLike, squares: ArrayLike, products: ArrayLike,
              of_squares: ArrayLike) -> Floats:
    """How many independent trials trials are worth that come in clusters (the orders of one customer).

    With a of n in each cluster: ``squares`` is the sum of a², ``products`` of a·n, ``of_squares`` of n². The design
    effect of a ratio (Rao & Scott 1992, Biometrics 48:577), never below 1.
    """
    k, n, aa, an, nn = (np.asarray(x, float) for x in (hits, of, squares, products, of_squares))
    with np.errstate(divide="ignore", invalid="ignore"):
        p = k / n
        clustered = (aa - 2 * p * an + p**2 * nn) / n**2
        effect = clustered / (p * (1 - p) / n)
    effect = np.where(np.isfinite(effect), np.maximum(effect, 1.0), 1.0)
    return np.asarray(n / effect, np.float64)


def trials(hits: float, of: float, squares: float, products: float, of_squares: float, clusters: int) -> float:
    """As `effective`, of one share. Where all or none of the trials hit, nothing tells how alike those of one cluster
    are: each cluster is one trial then."""
    return float(effective(hits, of, squares, products, of_squares)) if 0 < hits < of else float(clusters)


def newcombe(hits: float, of: float, other_hits: float, other_of: float) -> tuple[float, float]:
    """The interval of a difference of two shares (Newcombe 1998, Statistics in Medicine 17:873, method 10).

    Neither needs to be whole: effective numbers of trials widen it.
    """
    p, q = hits / of, other_hits / other_of
    (low, high), (other_low, other_high) = wilson(hits, of), wilson(other_hits, other_of)
    return (float(p - q - np.hypot(p - low, other_high - q)), float(p - q + np.hypot(high - p, q - other_low)))


def times_as_often(hits: ArrayLike, of: ArrayLike, share: ArrayLike) -> tuple[Floats, Floats, Floats, Floats]:
    """How many times as often as ``share`` of the time would make it, with its interval and its two-sided p.

    The rate inside over the rate outside: the odds of the hits over the odds of the share. The p is exact (binomial).
    """
    k, n, e = np.asarray(hits, float), np.asarray(of, float), np.asarray(share, float)
    low, high = wilson(k, n)
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = e / (1 - e)
        ratio, lower, upper = (p / (1 - p) / odds for p in (k / n, low, high))
    more = special.betainc(np.maximum(k, 1e-9), n - k + 1, e)
    fewer = special.betainc(np.maximum(n - k, 1e-9), k + 1, 1 - e)
    return ratio, lower, upper, np.clip(2 * np.minimum(more, fewer), 0, 1)


def corrected(p: ArrayLike, of: int = 0) -> Floats:
    """Each p as the share of false findings one would accept with it (Benjamini & Hochberg 1995, JRSS B 57:289).

    Where more than these were looked at, ``of`` says how many: the others are nothing.
    """
    values = np.asarray(p, float)
    order = np.argsort(values, kind="stable")
    q = values[order] * max(of, values.size) / np.arange(1, values.size + 1)
    found = np.empty(values.size)
    found[order] = np.minimum(np.minimum.accumulate(q[::-1])[::-1], 1)
    return found


def clustered_mean(total: ArrayLike, of: ArrayLike, squares: ArrayLike, products: ArrayLike,
                   of_squares: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """A mean over rows that come in clusters, with its interval: with the sum a over the n rows of each cluster,
    ``total`` is the sum of a, ``of`` of n, the rest as in `effective`. The variance of a ratio, linearised.
    """
    s, n, aa, an, nn = (np.asarray(x, float) for x in (total, of, squares, products, of_squares))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = s / n
        half = Z * np.sqrt(np.maximum(aa - 2 * mean * an + mean**2 * nn, 0)) / n
    return mean, mean - half, mean + half
