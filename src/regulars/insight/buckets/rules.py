"""Groups restated as rules: a small tree over round numbers, whose leaves are rules that take in everybody once.

The tree is grown on steps, not on numbers: each feature is cut at a few round values first, so that every split is a
condition of the rule language as it stands, and nothing is lost by rounding afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from regulars.insight.buckets.features import Feature
from regulars.insight.buckets.space import Flags, Ints, column
from regulars.model.later import later

if TYPE_CHECKING:
    from sklearn.tree import DecisionTreeClassifier
from regulars.rules.tree import write_number

model_selection = later("sklearn.model_selection")
trees = later("sklearn.tree")
SHARES = (0.05, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9)
CUTS = 20
SHORTER_IS_WORTH = 0.01
"""A tree with fewer leaves is taken where it is at most a hundredth less true."""
MOST_LEAVES = 3
"""Leaves a group, on average."""
FOLDS = 5
WORTH_SAYING = 0.02


@dataclass(frozen=True)
class Ladder:
    """A feature cut into steps: step 0 is unknown (or, of ``latest``, the last one is), the rest lie between cuts."""

    feature: Feature
    cuts: tuple[float, ...]

    @property
    def last(self) -> int:
        return len(self.cuts) + (1 if self.feature.known else 0)

    def steps(self, values: pa.Table) -> Ints:
        raw = column(values, self.feature.value)
        unknown = np.isnan(raw)
        if self.feature.latest:
            found = np.searchsorted(self.cuts, raw, side="left")
            return np.where(unknown, self.last, found).astype(np.int64)
        found = np.searchsorted(self.cuts, raw, side="right") + (1 if self.feature.known else 0)
        return np.where(unknown, 0, found).astype(np.int64)


def ladder(values: pa.Table, feature: Feature) -> Ladder:
    """Cuts at round values where the shop's customers lie."""
    if feature.form == "yes":
        return Ladder(feature, (0.5,))
    if feature.form == "share":
        return Ladder(feature, SHARES)
    raw = column(values, feature.value)
    known = raw[np.isfinite(raw)]
    if not len(known):
        return Ladder(feature, ())
    at = np.quantile(known, np.linspace(0.02, 0.98, CUTS))
    cuts = {max(1.0, round(c)) if feature.whole and c < 20 else two_digits(float(c)) for c in at}
    return Ladder(feature, tuple(sorted(c for c in cuts if c > 0)))


def two_digits(value: float) -> float:
    return float(f"{value:.2g}")


@dataclass
class Bounds:
    """From which to which step each feature may be, on the way to one leaf."""

    low: dict[int, int] = field(default_factory=dict)
    high: dict[int, int] = field(default_factory=dict)

    def at_most(self, feature: int, step: int) -> Bounds:
        return Bounds(self.low, {**self.high, feature: min(step, self.high.get(feature, step))})

    def above(self, feature: int, step: int) -> Bounds:
        return Bounds({**self.low, feature: max(step + 1, self.low.get(feature, 0))}, self.high)


@dataclass(frozen=True)
class Short:
    """At most two conditions that come nearest to a bucket by themselves."""

    rule: str
    recall: float
    precision: float

    @property
    def f1(self) -> float:
        return f1(self.recall, self.precision)


def f1(recall: float, precision: float) -> float:
    return 2 * recall * precision / (recall + precision) if recall + precision else 0.0


@dataclass(frozen=True)
class Stairs:
    """Every customer's step on every feature's ladder, a column a feature."""

    ladders: tuple[Ladder, ...]
    steps: Ints


def stairs(values: pa.Table, features: Sequence[Feature]) -> Stairs:
    ladders = tuple(ladder(values, f) for f in features)
    return Stairs(ladders, np.column_stack([rung.steps(values) for rung in ladders]))


def as_rules(on: Stairs, labels: Ints, seed: int) -> dict[int, str]:
    """A rule for each group that a small tree can tell from the rest; together they take in everybody once."""
    ladders, steps = on.ladders, on.steps
    tree = _smallest_good(steps, labels, seed).fit(steps, labels)
    ways: dict[int, list[str]] = {}
    for group, bounds in _leaves(tree):
        ways.setdefault(group, []).append(_written(bounds, ladders))
    return {group: rule(found) for group, found in sorted(ways.items())}


def shortest(on: Stairs, members: Flags, holding: Ints | None = None, most: int = 2) -> Short:
    """The one condition that comes nearest to those members, and another with it where that comes clearly nearer.

    ``most`` conditions at most; with ``holding`` (the steps of one customer) only such as are true of them.
    """
    bounds, chosen = _nearest(on, members, np.ones(len(members), bool), Bounds(), holding)
    for _ in range(most - 1):
        closer, better = _nearest(on, members, _within(on, bounds), bounds, holding)
        if f1(*better) <= f1(*chosen) + WORTH_SAYING:
            break
        bounds, chosen = closer, better
    return Short(_written(bounds, on.ladders), *chosen)


def _within(on: Stairs, bounds: Bounds) -> Flags:
    inside = np.ones(len(on.steps), bool)
    for i, low in bounds.low.items():
        inside &= on.steps[:, i] >= low
    for i, high in bounds.high.items():
        inside &= on.steps[:, i] <= high
    return inside


def _nearest(on: Stairs, members: Flags, inside: Flags, bounds: Bounds,
             holding: Ints | None) -> tuple[Bounds, tuple[float, float]]:
    """The bounds, narrowed by one more cut, that those inside share most with the members; their recall, precision."""
    best, found = bounds, (0.0, 0.0)
    total = max(int(members.sum()), 1)
    for i, rung in enumerate(on.ladders):
        at = on.steps[inside, i]
        everyone = np.bincount(at, minlength=rung.last + 1).cumsum()
        ours = np.bincount(at[members[inside]], minlength=rung.last + 1).cumsum()
        for step in range(rung.last):
            low = bounds.at_most(i, step), ours[step], everyone[step]
            high = bounds.above(i, step), ours[-1] - ours[step], everyone[-1] - everyone[step]
            sides = (low, high) if holding is None else (low,) if holding[i] <= step else (high,)
            for narrowed, hits, taken in sides:
                reached = (hits / total, hits / max(taken, 1))
                if f1(*reached) > f1(*found):
                    best, found = narrowed, (float(reached[0]), float(reached[1]))
    return best, found


def rule(ways: Sequence[str]) -> str:
    """Any of these; "everyone" where nothing is asked."""
    if "" in ways:
        return "everyone"
    return ways[0] if len(ways) == 1 else " or ".join(f"({w})" if " and " in w else w for w in ways)


def _tree(leaves: int, size: int, seed: int) -> DecisionTreeClassifier:
    return trees.DecisionTreeClassifier(max_leaf_nodes=leaves, min_samples_leaf=max(5, size // 200), random_state=seed)


def _smallest_good(steps: Ints, labels: Ints, seed: int) -> DecisionTreeClassifier:
    """The fewest leaves that are nearly as true as any, of customers the tree was not grown on."""
    groups = len(np.unique(labels))
    fewest = int(np.bincount(labels)[np.unique(labels)].min())
    sizes = range(groups, MOST_LEAVES * groups + 1, max(1, groups // 4))
    if fewest < FOLDS:
        return _tree(2 * groups, len(labels), seed)
    folds = model_selection.StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    told = {n: model_selection.cross_val_predict(_tree(n, len(labels), seed), steps, labels, cv=folds) for n in sizes}
    true = {n: float((found == labels).mean()) for n, found in told.items()}
    return _tree(min(n for n in sizes if true[n] >= max(true.values()) - SHORTER_IS_WORTH), len(labels), seed)


def _leaves(tree: DecisionTreeClassifier) -> Iterator[tuple[int, Bounds]]:
    """Group and bounds of each leaf, in the tree's order; two leaves of one group side by side are one."""
    inner = tree.tree_
    groups = tree.classes_[inner.value[:, 0, :].argmax(axis=1)]

    def only(node: int) -> set[Any]:
        if inner.children_left[node] < 0:
            return {groups[node]}
        return only(inner.children_left[node]) | only(inner.children_right[node])

    def walk(node: int, bounds: Bounds) -> Iterator[tuple[int, Bounds]]:
        alike = only(node)
        if len(alike) == 1:
            yield int(alike.pop()), bounds
            return
        feature, step = int(inner.feature[node]), int(np.floor(inner.threshold[node]))
        yield from walk(inner.children_left[node], bounds.at_most(feature, step))
        yield from walk(inner.children_right[node], bounds.above(feature, step))
    yield from walk(0, Bounds())


def _written(bounds: Bounds, ladders: Sequence[Ladder]) -> str:
    """The conditions of one leaf; what follows from another is not said."""
    asked = list(dict.fromkeys([*bounds.low, *bounds.high]))
    spans = [(ladders[i], bounds.low.get(i, 0), bounds.high.get(i, ladders[i].last)) for i in asked]
    known = {rung.feature.known for rung, low, high in spans if _says_known(rung, low, high)}
    known |= {"any(orders)" for rung, low, _ in spans if _at_least_orders(rung, low) >= 1}
    said = dict.fromkeys(c for span in spans for c in _conditions(*span, known))
    follows = {rung.feature.known for rung, low, high in spans if _compares(rung, low, high)}
    follows |= {"any(orders)" for rung, low, _ in spans if _at_least_orders(rung, low) > 1}
    return " and ".join(c for c in said if c not in follows)


def _at_least_orders(rung: Ladder, low: int) -> float:
    """How many orders are asked for at least."""
    return rung.cuts[low - 1] if rung.feature.value == "count(orders)" and low >= 1 else 0


def _says_known(rung: Ladder, low: int, high: int) -> bool:
    """Whether being there means that the value is known."""
    return bool(rung.feature.known) and (high < rung.last if rung.feature.latest else low >= 1)


def _compares(rung: Ladder, low: int, high: int) -> bool:
    """Whether a comparison with a value is said, from which it follows that there is one."""
    return bool(rung.feature.known) and (high < rung.last - 1 if rung.feature.latest else low >= 2)


def _conditions(rung: Ladder, low: int, high: int, known: set[str]) -> Iterator[str]:
    """What is said of one feature: that it is from step ``low`` to step ``high``."""
    if rung.feature.form == "yes":
        yield rung.feature.value if low else f"not {rung.feature.value}"
    elif rung.feature.latest:
        yield from _recent(rung, low, high, known)
    elif not rung.feature.known:
        yield from _counted(rung, low, high)
    else:
        yield from _at_least(rung, low, high, known)


def _at_least(rung: Ladder, low: int, high: int, known: set[str]) -> Iterator[str]:
    feature = rung.feature
    if high == 0:
        yield feature.unknown
        return
    if low >= 2:
        yield f"{feature.value} >= {_number(rung.cuts[low - 2])}"
    elif low == 1:
        yield feature.known
    if high < rung.last:
        cut = _number(rung.cuts[high - 1])
        yield f"{feature.value} < {cut}" if feature.known in known else f"not {feature.value} >= {cut}"


def _counted(rung: Ladder, low: int, high: int) -> Iterator[str]:
    value = rung.feature.value
    rows = value.removeprefix("count(").removesuffix(")")
    if low >= 1:
        cut = rung.cuts[low - 1]
        yield f"any({rows})" if cut == 1 else f"{value} >= {_number(cut)}"
    if high < rung.last:
        cut = rung.cuts[high]
        yield f"no({rows})" if cut == 1 else f"{value} < {_number(cut)}"


def _recent(rung: Ladder, low: int, high: int, known: set[str]) -> Iterator[str]:
    feature, cuts = rung.feature, rung.cuts
    if low == rung.last:
        yield feature.unknown
        return
    if high < rung.last - 1:
        yield f"{feature.value} <= {_number(cuts[high])}"
    elif high == rung.last - 1:
        yield feature.known
    if low >= 1:
        cut = _number(cuts[low - 1])
        yield f"{feature.value} > {cut}" if feature.known in known else f"not {feature.value} <= {cut}"


def _number(value: float) -> str:
    return write_number(Decimal(repr(value)))


def told_apart(answers: pa.Table, names: Sequence[str]) -> Ints:
    """For each row of `Facts.evaluate_at` the position of the rule that is true, -1 where none is."""
    found = np.full(answers.num_rows, -1, np.int64)
    for group, name in enumerate(names):
        found[answers.column(name).to_numpy().astype(bool)] = group
    return found
