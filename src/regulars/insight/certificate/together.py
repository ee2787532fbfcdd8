"""What a set of segments does together: whom it covers, who is in more than one, and which two are most alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

import numpy as np

from regulars.insight.buckets.space import Flags, Floats
from regulars.insight.certificate.behaviour import FEWEST, MEDIUM, SMALL, hedges
from regulars.insight.certificate.verdicts import Tested, graded
from regulars.insight.common import Facts
from regulars.insight.common.groups import EVERYONE
from regulars.insight.common.intervals import Z, wilson

COVERED, HALF = 0.9, 0.5
TWICE, OFTEN_TWICE = 0.1, 0.5


def together(shop: Facts, table: str, points: Floats, inside: Mapping[str, Flags]) -> Iterator[Tested]:
    """The tests of the set."""
    everyone, anyone, several = shop.engine.rows(
        f"SELECT count(*), count(*) FILTER (n > 0), count(*) FILTER (n > 1) FROM (SELECT customer_id, count(*) FILTER"
        f" (grp <> {EVERYONE}) AS n FROM {table} GROUP BY customer_id)")[0]
    low, high = wilson(anyone, everyone)
    yield Tested("covered", "pass" if anyone >= COVERED * everyone else "warn", anyone / everyone, float(low),
                 float(high), everyone, count=anyone)
    if anyone:
        low, high = wilson(several, anyone)
        share = several / anyone
        yield Tested("once", "pass" if share <= TWICE else "warn" if share <= OFTEN_TWICE else "fail", share,
                     float(low), float(high), anyone, count=several)
    pairs = [(_apart(points, inside[a], inside[b]), a, b) for a, b in combinations(inside, 2)
             if min(int(inside[a].sum()), int(inside[b].sum())) >= FEWEST]
    if pairs:
        (size, half), one, other = min(pairs, key=lambda p: abs(p[0][0]))
        yield Tested("apart", graded(abs(size), MEDIUM, SMALL), abs(size), max(abs(size) - half, 0.0), abs(size) + half,
                     len(pairs), word=f"{one} / {other}")


def _apart(points: Floats, one: Flags, other: Flags) -> tuple[float, float]:
    """The largest standardised difference of two groups in anything, and half its interval."""
    sizes = np.array([hedges(points[one, i], points[other, i]) for i in range(points.shape[1])])
    size = float(np.abs(sizes).max())
    a, b = int(one.sum()), int(other.sum())
    return size, float(Z * np.sqrt((a + b) / (a * b) + size**2 / (2 * (a + b))))
