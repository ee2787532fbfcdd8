"""One item, then another: what customers buy within some days of their first purchase of an item."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

import numpy as np

from regulars.engines.duckdb import DuckDBEngine, literal
from regulars.insight.basket.items import LINES, Items
from regulars.insight.basket.mining import needed
from regulars.insight.common.intervals import Z
from regulars.model.later import later

sparse = later("scipy.sparse")
stats = later("scipy.stats")
FIRSTS = "basket_firsts"
A_PASS = 100_000
"""Customers a pass: what a pass holds at once grows with the square of what one customer buys."""


@dataclass(frozen=True)
class Then:
    """``right`` within the days of the first ``left``: of ``lefts`` customers whose days are over, ``both`` did.

    ``expected`` is how often any other first purchase is followed by ``right`` in that time, ``elsewhere`` the first
    purchases that share is of; ``of`` counts the customers any of whose first purchases is old enough.
    """

    left: int
    right: int
    both: int
    lefts: int
    expected: float
    elsewhere: int
    of: int

    @property
    def lift(self) -> float:
        """Where nobody else did, as if half of one had (Haldane 1956)."""
        return self.both / self.lefts / (self.expected or 0.5 / (self.elsewhere + 1))

    @property
    def by_chance(self) -> float:
        """The one-sided p of the lift, by the normal spread of its logarithm."""
        low, high = self.between()
        error = float(np.log(high / low)) / 2 / Z
        return float(stats.norm.sf(np.log(self.lift) / max(error, 1e-12)))

    def between(self) -> tuple[float, float]:
        """The 95% interval of the lift, of a ratio of two shares by its logarithm (Katz 1978, Biometrics 34:469)."""
        share = self.both / self.lefts
        spread = (1 - share) / self.both + (1 - self.expected) / max(self.expected * self.elsewhere, 0.5)
        half = Z * np.sqrt(spread)
        return float(self.lift * np.exp(-half)), float(self.lift * np.exp(half))


def sequences(engine: DuckDBEngine, items: Items, now: datetime, days: int, support: Fraction, confidence: Fraction,
              lift: Fraction) -> tuple[list[Then], int]:
    """Pairs that reach the thresholds (support is of the customers, the lift above any other first purchase), and how
    many pairs there were at all.

    A later order only: what is bought together is another question. First purchases within ``days`` of ``now`` are
    left out, for their time is not over.
    """
    engine.execute(f"CREATE OR REPLACE TEMP TABLE {FIRSTS} AS SELECT customer, item, min(\"at\") AS \"at\" FROM "
                   f"{LINES} WHERE customer IS NOT NULL GROUP BY customer, item "
                   f"HAVING min(\"at\") <= TIMESTAMP {literal(str(now))} - to_days({days})")
    try:
        of = engine.value(f"SELECT count(DISTINCT customer) FROM {FIRSTS}")
        firsts = _counted(engine, f"SELECT item, count(*) FROM {FIRSTS} GROUP BY item", len(items))
        followed = sum(_passes(engine, items, days), sparse.csr_matrix((len(items), len(items)), dtype=np.int64))
    finally:
        engine.execute(f"DROP TABLE {FIRSTS}")
    return list(_reaching(followed, firsts, of, support, confidence, lift)), int(followed.nnz)


def _counted(engine: DuckDBEngine, sql: str, size: int) -> Any:
    found = np.zeros(size, np.int64)
    for item, count in engine.rows(sql):
        found[item] = count
    return found


def _passes(engine: DuckDBEngine, items: Items, days: int) -> Iterator[Any]:
    """How many customers followed each item by each, some customers at a time."""
    for begins in range(0, items.people, A_PASS):
        found = engine.query(
            f"SELECT a, b, count(*) AS n FROM (SELECT DISTINCT f.customer, f.item AS a, l.item AS b FROM {FIRSTS} f "
            f"JOIN {LINES} l ON l.customer = f.customer AND l.\"at\" > f.\"at\" AND l.\"at\" <= f.\"at\" + "
            f"to_days({days}) AND l.item <> f.item WHERE f.customer >= {begins} AND f.customer < {begins + A_PASS}) "
            "GROUP BY a, b")
        yield sparse.csr_matrix((found["n"].to_numpy(), (found["a"].to_numpy(), found["b"].to_numpy())),
                                shape=(len(items), len(items)))


def _reaching(followed: Any, firsts: Any, of: int, support: Fraction, confidence: Fraction,
              lift: Fraction) -> Iterator[Then]:
    """Compared as whole numbers, as `mining.passes` does."""
    every, all_firsts = np.asarray(followed.sum(axis=0)).ravel(), int(firsts.sum())
    cells = followed.tocoo()
    for at in np.flatnonzero(cells.data >= needed(support, of)):
        left, right, both = int(cells.row[at]), int(cells.col[at]), int(cells.data[at])
        lefts = int(firsts[left])
        if both * confidence.denominator < confidence.numerator * lefts:
            continue
        elsewhere = all_firsts - lefts - int(firsts[right])
        others = int(every[right]) - both
        if both * elsewhere * lift.denominator >= lift.numerator * lefts * others:
            expected = others / elsewhere if elsewhere else 0.0
            yield Then(left, right, both, lefts, expected, elsewhere, of)


__all__ = ["Then", "sequences"]
