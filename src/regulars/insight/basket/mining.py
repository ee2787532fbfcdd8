"""Item sets and rules out of baskets, exactly: counts are whole numbers, and thresholds fractions, never floats.

Frequent sets are found depth first, as Eclat does (Zaki 2000, IEEE TKDE 12:372), on a sparse matrix; support,
confidence and lift are as Agrawal & Srikant (1994, VLDB) and Brin et al. (1997, SIGMOD) have them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from regulars.errors import Refused
from regulars.insight.common.intervals import Z
from regulars.insight.common.refusals import why
from regulars.model.later import later
from regulars.model.phrases import Sentence

special = later("scipy.special")
stats = later("scipy.stats")
Set: TypeAlias = tuple[int, ...]
Ints: TypeAlias = NDArray[np.int64]
MOST_SETS = 50_000
RARE = 200


@dataclass(frozen=True)
class Rule:
    """Who takes ``left`` takes ``right``: baskets with both, with either, and all of them."""

    left: Set
    right: Set
    both: int
    lefts: int
    rights: int
    of: int


def fraction(said: str | float, what: Sentence, most: int | None = 1) -> Fraction:
    """A threshold from its text, so that .8 is four fifths; raises `Refused` for what is no number from 0 to 1."""
    try:
        found = Fraction(str(said))
    except (ValueError, ZeroDivisionError) as error:
        raise Refused(why("{what} is a number such as 0.05, not '{said}'.", what=what, said=said)) from error
    if found < 0 or (most is not None and found > most):
        raise Refused(why("{what} is from 0 to {most}, not {said}.", what=what, most=most, said=said) \
                      if most else why("{what} is not below 0.", what=what))
    return found


def needed(support: Fraction, of: int) -> int:
    """The smallest count whose share is at least ``support``, and no less than 1."""
    return max(-(-support.numerator * of // support.denominator), 1)


def frequent(matrix: Any, need: int, most_items: int) -> dict[Set, int]:
    """Sets of up to ``most_items`` items that at least ``need`` baskets hold, with how many do.

    Raises `Refused` where there are more than `MOST_SETS`.
    """
    counts: Ints = np.asarray(matrix.sum(axis=0), np.int64).ravel()
    kept = np.flatnonzero(counts >= need)
    found: dict[Set, int] = {(int(i),): int(counts[i]) for i in kept}
    if most_items > 1 and len(kept):
        for chosen, count in _larger(matrix[:, kept], need, most_items):
            found[tuple(int(kept[i]) for i in chosen)] = count
            if len(found) > MOST_SETS:
                raise Refused(why("More than {most} sets of items are as frequent as that.", most=MOST_SETS),
                              hint=why("Ask for a higher support or fewer items in a set."))
    return found


def _larger(matrix: Any, need: int, most_items: int) -> Iterator[tuple[Set, int]]:
    """Pairs by one product of matrices, then what each pair grows to."""
    together = (matrix.T @ matrix).tocoo()
    chosen = (together.row < together.col) & (together.data >= need)
    lefts, rights, counts = together.row[chosen], together.col[chosen], together.data[chosen]
    columns = matrix.tocsc() if most_items > 2 else None
    for at in np.lexsort((rights, lefts)):
        pair = (int(lefts[at]), int(rights[at]))
        yield pair, int(counts[at])
        if columns is not None:
            left, right = (columns.indices[columns.indptr[i]:columns.indptr[i + 1]] for i in pair)
            holders = np.intersect1d(left, right, assume_unique=True)
            yield from _grown(matrix, pair, holders, need, most_items)


def _grown(matrix: Any, prefix: Set, holders: Any, need: int, most_items: int) -> Iterator[tuple[Set, int]]:
    rows = matrix[holders]
    counts = np.bincount(rows.indices, minlength=matrix.shape[1])
    for item in np.flatnonzero(counts >= need):
        if item <= prefix[-1]:
            continue
        grown = (*prefix, int(item))
        yield grown, int(counts[item])
        if len(grown) < most_items:
            holding = np.searchsorted(rows.indptr, np.flatnonzero(rows.indices == item), side="right") - 1
            yield from _grown(matrix, grown, holders[holding], need, most_items)


def rules(sets: Mapping[Set, int], of: int, confidence: Fraction, lift: Fraction) -> list[Rule]:
    """Every way to split a set in two that reaches both thresholds: a confidence of exactly 4/5 passes 0.8."""
    found = []
    for items, both in sets.items():
        for size in range(1, len(items)):
            for left in combinations(items, size):
                right = tuple(i for i in items if i not in left)
                rule = Rule(left, right, both, sets[left], sets[right], of)
                if passes(rule, confidence, lift):
                    found.append(rule)
    return found


def passes(rule: Rule, confidence: Fraction, lift: Fraction) -> bool:
    """Whether both / lefts and both x of / (lefts x rights) reach the thresholds, compared as whole numbers."""
    sure = rule.both * confidence.denominator >= confidence.numerator * rule.lefts
    return sure and rule.both * rule.of * lift.denominator >= lift.numerator * rule.lefts * rule.rights


def lifts(both: Any, lefts: Any, rights: Any, of: Any) -> tuple[Any, Any, Any]:
    """Lift and its 95% interval, by the delta method on its logarithm over the four cells of the table.

    With shares p of both, a and b of either: var(log lift) = (p(1/p - 1/a - 1/b)^2 + (a - p)/a^2 + (b - p)/b^2 - 1)/n.
    """
    p, a, b = (np.asarray(x, float) / np.asarray(of, float) for x in (both, lefts, rights))
    spread = p * (1 / p - 1 / a - 1 / b) ** 2 + (a - p) / a**2 + (b - p) / b**2 - 1
    half = Z * np.sqrt(np.maximum(spread, 0) / np.asarray(of, float))
    lift = p / (a * b)
    return lift, lift * np.exp(-half), lift * np.exp(half)


def tested(sets: Mapping[Set, int]) -> int:
    """How many ways to split there were to look at: any two frequent items, and every split of the larger sets."""
    singles = sum(len(s) == 1 for s in sets)
    return singles * (singles - 1) + sum(int(2 ** len(s)) - 2 for s in sets if len(s) > 2)


def by_chance(found: Sequence[Rule]) -> Any:
    """The one-sided p that as many or more come together by chance.

    Fisher's exact test where either side is rare, else the signed root of the likelihood ratio, which is normal
    (Barndorff-Nielsen & Cox 1994, Inference and Asymptotics, 3.2).
    """
    if not found:
        return np.zeros(0)
    counts = np.array([(r.both, *sorted((r.lefts, r.rights)), r.of) for r in found], np.int64)
    alike, place = np.unique(counts, axis=0, return_inverse=True)
    both, fewer, more, of = alike.T
    p = stats.norm.sf(_signed_root(both, fewer, more, of))
    rare = fewer <= RARE
    p[rare] = stats.hypergeom.sf(both[rare] - 1, of[rare], fewer[rare], more[rare])
    return p[place.ravel()]


def _signed_root(both: Any, fewer: Any, more: Any, of: Any) -> Any:
    """How far the four cells are from what chance would make of their sums, in standard deviations."""
    seen = np.array([both, fewer - both, more - both, of - fewer - more + both], float)
    sides = np.array([fewer, fewer, of - fewer, of - fewer], float), np.array([more, of - more, more, of - more], float)
    by_sums = sides[0] * sides[1] / of
    ratio = 2 * special.xlogy(seen, seen / np.maximum(by_sums, 1e-300)).sum(axis=0)
    return np.sign(both - by_sums[0]) * np.sqrt(np.maximum(ratio, 0))


__all__ = ["MOST_SETS", "Rule", "Set", "by_chance", "fraction", "frequent", "lifts", "needed", "passes",
           "rules", "tested"]
