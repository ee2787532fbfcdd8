"""The difference of two shares, with an interval that holds also where hardly anybody ordered."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
STEPS = 40
"""Halvings: to a millionth of a millionth."""


def difference(hits: ArrayLike, of: ArrayLike, other_hits: ArrayLike, other_of: ArrayLike,
               z: float) -> tuple[Floats, Floats, Floats]:
    """How much larger the first share is, and its interval at ``z``: arrays of any one shape, or numbers.

    The score interval of Miettinen & Nurminen (1985), Statistics in Medicine 4:213; -1 to 1 where one of the two has
    nobody.
    """
    k, n, j, m = np.broadcast_arrays(*(np.asarray(x, float) for x in (hits, of, other_hits, other_of)))
    with np.errstate(divide="ignore", invalid="ignore"):
        seen = np.where((n > 0) & (m > 0), k / n - j / m, 0.0)
    low = _end(k, n, j, m, z, np.full(seen.shape, -1.0), seen)
    high = _end(k, n, j, m, -z, seen, np.full(seen.shape, 1.0))
    empty = (n <= 0) | (m <= 0)
    return seen, np.where(empty, -1.0, low), np.where(empty, 1.0, high)


def _end(k: Floats, n: Floats, j: Floats, m: Floats, z: float, left: Floats, right: Floats) -> Floats:
    """Where the score falls through ``z`` between ``left`` and ``right``: it falls as the assumed difference grows."""
    for _ in range(STEPS):
        middle = (left + right) / 2
        above = _score(k, n, j, m, middle) > z
        left, right = np.where(above, middle, left), np.where(above, right, middle)
    return (left + right) / 2


def _score(k: Floats, n: Floats, j: Floats, m: Floats, d: Floats) -> Floats:
    """How many standard errors the seen difference lies above ``d``, by the likeliest shares that differ by ``d``."""
    with np.errstate(divide="ignore", invalid="ignore"):
        second = _second_share(k, n, j, m, d)
        first = np.clip(second + d, 0, 1)
        n_all = n + m
        variance = (first * (1 - first) / n + second * (1 - second) / m) * n_all / np.maximum(n_all - 1, 1)
        off = k / n - j / m - d
        return np.where(variance > 0, off / np.sqrt(np.maximum(variance, 1e-300)), np.sign(off) * np.inf)


def _second_share(k: Floats, n: Floats, j: Floats, m: Floats, d: Floats) -> Floats:
    """The likeliest second share where the first is larger by ``d``: the root of a cubic, by the paper."""
    n_all, hits = n + m, k + j
    a3 = n_all
    a2 = (n + 2 * m) * d - n_all - hits
    a1 = (m * d - n_all - 2 * j) * d + hits
    a0 = j * d * (1 - d)
    q = a2**3 / (3 * a3) ** 3 - a1 * a2 / (6 * a3**2) + a0 / (2 * a3)
    p = np.where(q < 0, -1, 1) * np.sqrt(np.maximum(a2**2 / (3 * a3) ** 2 - a1 / (3 * a3), 1e-30))
    angle = (np.pi + np.arccos(np.clip(q / p**3, -1, 1))) / 3
    root: Floats = np.clip(2 * p * np.cos(angle) - a2 / (3 * a3), np.maximum(0, -d), np.minimum(1, 1 - d))
    return root


__all__ = ["difference"]
