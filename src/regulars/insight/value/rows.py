"""What the models see of customers: repeat orders x, the time t_x of the last and T until now, each kind once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Wholes = NDArray[np.int64]


def dot(one: Numbers, other: Numbers) -> float:
    """The inner product, not by BLAS: its threads wait for each other on a busy machine, and add in no fixed order."""
    return float(np.einsum("i,i->", one, other))


@dataclass(frozen=True)
class Rows:
    """Distinct (x, t_x, T), times counted from each one's first order in one unit, and how many customers have each."""

    x: Wholes
    t_x: Numbers
    T: Numbers
    weight: Numbers

    @classmethod
    def of(cls, x: Wholes, last: Wholes, until: Wholes, unit: float) -> tuple[Rows, Wholes]:
        """The distinct rows of customers whose times are whole days, and which row each customer is.

        ``unit`` is its length in days.
        """
        span = int(until.max(initial=0)) + 1
        _, first, which, count = np.unique((x * span + last) * span + until, return_index=True, return_inverse=True,
                                           return_counts=True)
        return cls(x[first], last[first] / unit, until[first] / unit, count.astype(float)), which

    @property
    def n(self) -> float:
        """How many customers."""
        return float(self.weight.sum())

    def __len__(self) -> int:
        return len(self.x)

    @cached_property
    def levels(self) -> tuple[Numbers, Wholes, Numbers]:
        """The different x, which of them each row has, and how many customers have it."""
        found, which = np.unique(self.x, return_inverse=True)
        people = np.bincount(which, self.weight, len(found)).astype(float)
        return found.astype(float), which, people

    def take(self, which: NDArray[np.intp] | slice) -> Rows:
        return Rows(self.x[which], self.t_x[which], self.T[which], self.weight[which])

    def thinned(self, most: int, rng: np.random.Generator) -> Rows:
        """All where there are no more rows, else so many customers, each as likely to be there as any other."""
        if len(self) <= most:
            return self
        there = rng.multivariate_hypergeometric(self.weight.astype(int), most, method="marginals")
        some = np.flatnonzero(there)
        return Rows(self.x[some], self.t_x[some], self.T[some], there[some].astype(float))

    def drawn(self, most: int, rng: np.random.Generator) -> Rows:
        """So many customers, one row each; all of them where there are no more."""
        whole = np.repeat(np.arange(len(self)), self.weight.astype(int))
        some = whole if len(whole) <= most else np.sort(rng.choice(whole, most, replace=False))
        return Rows(self.x[some], self.t_x[some], self.T[some], np.ones(len(some)))

    def pieces(self, size: int) -> Iterator[tuple[slice, Rows]]:
        for start in range(0, len(self), size):
            piece = slice(start, start + size)
            yield piece, self.take(piece)
