"""What was mined, as rows: the surest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from regulars.insight.basket.items import Items
from regulars.insight.basket.mining import Rule, Set, by_chance, lifts
from regulars.insight.basket.missing import Pair
from regulars.insight.basket.sequences import Then
from regulars.insight.common.intervals import corrected, wilson

NAMES = pa.list_(pa.string())
COMPLEMENT = 0.3
FALSE_SHARE = 0.05


def of_sets(sets: Mapping[Set, int], items: Items, of: int) -> list[dict[str, Any]]:
    """Item sets, the most frequent first, with their support among ``of`` baskets."""
    order = sorted(sets.items(), key=lambda s: (-s[1], s[0]))
    low, high = wilson([n for _, n in order], [of] * len(order))
    return [{"items": [items.names[i] for i in chosen], "baskets": n, "support": n / of,
             "support_low": float(low[at]), "support_high": float(high[at])} for at, (chosen, n) in enumerate(order)]


def of_rules(found: Sequence[Rule], items: Items, tested: int) -> pa.Table:
    """Rules, by the lower end of their lift; ``q`` is the share of false ones if all with no larger q were believed."""
    both, lefts, rights = (np.array([getattr(r, a) for r in found], np.int64) for a in ("both", "lefts", "rights"))
    lift, low, high = lifts(both, lefts, rights, np.full(len(found), items.baskets))
    return _table([r.left for r in found], [r.right for r in found], items, {
        "baskets": both, "of_antecedents": lefts, "of_consequents": rights, "of": np.full(len(found), items.baskets),
        "lift": lift, "lift_low": low, "lift_high": high, "q": corrected(by_chance(found), tested)})


def of_sequences(found: Sequence[Then], items: Items, tested: int) -> pa.Table:
    """The same of one item after another; ``baskets`` counts customers, ``expected`` is the share of any others."""
    between = np.array([f.between() for f in found], float).reshape(-1, 2)
    return _table([(f.left,) for f in found], [(f.right,) for f in found], items, {
        "baskets": np.array([f.both for f in found], np.int64),
        "of_antecedents": np.array([f.lefts for f in found], np.int64),
        "expected": np.array([f.expected for f in found], float), "of": np.array([f.of for f in found], np.int64),
        "lift": np.array([f.lift for f in found], float), "lift_low": between[:, 0], "lift_high": between[:, 1],
        "q": corrected(np.array([f.by_chance for f in found], float), tested)})


def _table(lefts: Sequence[Set], rights: Sequence[Set], items: Items, columns: dict[str, Any]) -> pa.Table:
    both = columns["baskets"]
    for name, of in (("support", columns["of"]), ("confidence", columns["of_antecedents"])):
        low, high = wilson(both, of)
        with np.errstate(divide="ignore", invalid="ignore"):
            columns |= {name: both / of, f"{name}_low": low, f"{name}_high": high}
    names = {"antecedents": pa.array([[items.names[i] for i in s] for s in lefts], NAMES),
             "consequents": pa.array([[items.names[i] for i in s] for s in rights], NAMES)}
    order = np.lexsort((-both, -columns["lift_low"]))
    return pa.table({**names, **{n: pa.array(c) for n, c in columns.items()}}).take(pa.array(order))


def promising(found: Sequence[Rule], items: Items, tested: int) -> list[Pair]:
    """Rules of one item each that say what belongs to what, those first that most is left out of.

    A complement is the smaller purchase, is taken at least `COMPLEMENT` of the time, and surely more often than chance
    would have it.
    """
    single = [r for r in found if len(r.left) == len(r.right) == 1 and _completes(r, items)]
    sure = [r for r, q in zip(single, corrected(by_chance(single), tested), strict=True) if q < FALSE_SHARE]

    def left_out(rule: Rule) -> float:
        return (rule.lefts - rule.both) * rule.both / rule.lefts * (items.amount[rule.right[0]] or 0.0)
    return [Pair(r.left[0], r.right[0], r.both, r.lefts) for r in sorted(sure, key=left_out, reverse=True)]


def _completes(rule: Rule, items: Items) -> bool:
    left, right = rule.left[0], rule.right[0]
    return (rule.both >= COMPLEMENT * rule.lefts and (items.amount[right] or 0.0) <= (items.amount[left] or 0.0)
            and not {left, right} & set(items.services))


__all__ = ["of_rules", "of_sequences", "of_sets", "promising"]
