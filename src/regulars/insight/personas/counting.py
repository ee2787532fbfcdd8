"""Counting traits of groups, and testing whether a group differs from everybody else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from regulars.insight.common import Facts
from regulars.insight.common.groups import EVERYONE
from regulars.insight.common.intervals import Floats, corrected, trials, wilson
from regulars.insight.personas.drawing import GROUPS, OTHERS
from regulars.insight.personas.traits import Trait
from regulars.model.later import later

stats = later("scipy.stats")
DIFFERENT = 0.05
"""Of the differences a card tells, at most one in twenty is expected to be chance (Benjamini-Hochberg)."""
AT_LEAST_TOLD = 0.15
LOOKED_AT, MOST_WORDS = 12, 2
"""Words of a trait that are compared, the most common of the group; and that are told."""
FEWEST_KNOWN = 3
HARDLY = 0.1
"""Shares that lie nearer to each other than this share of themselves are told as alike, however sure."""


@dataclass(frozen=True)
class Statement:
    """One thing told of a group.

    A share: ``n`` of ``of`` (those of whom it is known), ``low`` to ``high`` its interval, ``others`` the share of
    everybody else. A rate: the same of orders or messages, those of one customer taken as a cluster. A number:
    ``value`` is the median, ``low`` and ``high`` the quartiles, ``others`` the median of everybody. ``p`` is corrected
    within the card; ``differs`` is "more", "less" or "" and needs it below .05.
    """

    code: str
    topic: str
    kind: str
    word: str
    n: int
    of: int
    value: float
    low: float
    high: float
    others: float | None
    p: float | None
    differs: str = ""


def told(shop: Facts, traits: Sequence[Trait], groups: Sequence[int]) -> dict[int, list[Statement]]:
    """The statements of each of the groups that were `drawn`, tested against all who are not in it."""
    found: dict[int, list[Statement]] = {g: [] for g in groups}
    for trait in traits:
        made = {"number": _numbers, "rate": _rates}.get(trait.kind, _shares)
        for group, statement in made(shop, trait):
            if group in found:
                found[group].append(statement)
    return {group: _chosen(_tested(statements)) for group, statements in found.items()}


def _shares(shop: Facts, trait: Trait) -> Iterator[tuple[int, Statement]]:
    """A statement a group and word; of yes or no only the yes."""
    rows = shop.engine.rows(
        f"WITH known AS ({trait.sql}), mine AS (SELECT grp, customer_id, value FROM {GROUPS} JOIN known USING"
        " (customer_id)), bases AS (SELECT grp, count(DISTINCT customer_id) AS base FROM mine GROUP BY grp)"
        " SELECT grp, CAST(value AS VARCHAR), count(DISTINCT customer_id) AS n, any_value(base) FROM mine JOIN bases"
        " USING (grp) GROUP BY ALL ORDER BY grp, n DESC, 2")
    counts = {(g, w): n for g, w, n, _ in rows}
    bases = {g: base for g, _, _, base in rows}
    for group in (g for g in bases if g >= 0):
        common = [w for g, w, _, _ in rows if g == group][:LOOKED_AT]
        for word in common if trait.kind == "word" else ["true"]:
            rest = counts.get((OTHERS - group, word), 0), bases.get(OTHERS - group, 0)
            yield group, _share(trait, word, counts.get((group, word), 0), bases[group], *rest)


def _share(trait: Trait, word: str, n: int, of: int, rest_n: int, rest_of: int) -> Statement:
    low, high = wilson(n, of)
    p = float(stats.fisher_exact([[n, of - n], [rest_n, rest_of - rest_n]])[1]) if rest_of > 0 else None
    return Statement(trait.code, trait.topic, trait.kind, word, n, of, n / of, float(low), float(high),
                     rest_n / rest_of if rest_of > 0 else None, p)


def _rates(shop: Facts, trait: Trait) -> Iterator[tuple[int, Statement]]:
    """The share of all orders, or messages, of each group."""
    rows = shop.engine.rows(
        f'WITH known AS ({trait.sql}) SELECT grp, count(*), {SUMS} FROM {GROUPS} JOIN known USING (customer_id)'
        " GROUP BY grp")
    found = {grp: Rate(*map(float, sums)) for grp, *sums in rows}
    for group, mine in found.items():
        if group >= 0 and mine.people >= FEWEST_KNOWN:
            low, high = wilson(mine.share * mine.trials, mine.trials)
            rest = found.get(OTHERS - group)
            yield group, Statement(trait.code, trait.topic, "rate", "", int(mine.hits), int(mine.of), mine.share,
                                   float(low), float(high), rest.share if rest else None,
                                   mine.differs_from(rest) if rest else None)


SUMS = 'sum(hits), sum("of"), sum(hits * hits), sum(hits * "of"), sum("of" * "of")'


@dataclass(frozen=True)
class Rate:
    """``hits`` of ``of`` trials of so many people, with the sums of squares and products over them."""

    people: float
    hits: float
    of: float
    hits2: float
    both: float
    of2: float

    @property
    def share(self) -> float:
        return self.hits / self.of

    @property
    def trials(self) -> float:
        """How many independent trials they are worth."""
        return trials(self.hits, self.of, self.hits2, self.both, self.of2, int(self.people))

    def differs_from(self, other: Rate) -> float:
        """The two-sided p of both being one rate: a score test whose variance is that between customers."""
        one = (self.hits + other.hits) / (self.of + other.of)
        variance = self._variance(one) + other._variance(one)
        return float(2 * stats.norm.sf(abs(self.share - other.share) / np.sqrt(variance))) if variance > 0 else 1.0

    def _variance(self, rate: float) -> float:
        """Of the share, were it ``rate``, with the correction for few clusters."""
        spread = max(self.hits2 - 2 * rate * self.both + rate**2 * self.of2, 0.0)
        return spread / self.of**2 * self.people / max(self.people - 1, 1)


def _numbers(shop: Facts, trait: Trait) -> Iterator[tuple[int, Statement]]:
    """Median and quartiles of each group, and the rank-sum test (Mann & Whitney 1947) with its correction for ties."""
    rows = shop.engine.query(f"WITH known AS ({trait.sql}) SELECT grp, CAST(value AS DOUBLE) AS value FROM {GROUPS}"
                             " JOIN known USING (customer_id)")
    of, known = rows["grp"].to_numpy(), rows["value"].to_numpy()
    values = {group: known[of == group] for group in np.unique(of).tolist()}
    for group, mine in values.items():
        if group >= 0:
            low, median, high = np.quantile(mine, [0.25, 0.5, 0.75]).tolist()
            yield group, Statement(trait.code, trait.topic, trait.kind, "", len(mine), len(mine), median, low, high,
                                   float(np.median(values[EVERYONE])) if OTHERS - group in values else None,
                                   rank_sum(mine, values.get(OTHERS - group)))


def rank_sum(mine: Floats, rest: Floats | None) -> float | None:
    """The two-sided p of both coming from the same; None where there are no others."""
    if rest is None:
        return None
    p = float(stats.mannwhitneyu(mine, rest, use_continuity=False, method="asymptotic").pvalue)
    return p if np.isfinite(p) else 1.0


def _tested(statements: Sequence[Statement]) -> list[Statement]:
    """With p corrected within the card, and what differs."""
    fair = iter(corrected(np.array([s.p for s in statements if s.p is not None])).tolist())
    found = [replace(s, p=next(fair)) if s.p is not None else s for s in statements]
    return [replace(s, differs=_differs(s)) for s in found]


def _differs(statement: Statement) -> str:
    if statement.p is None or statement.p >= DIFFERENT or statement.others is None:
        return ""
    away = statement.value - statement.others
    return "" if abs(away) <= HARDLY * max(abs(statement.others), 0.02) else "more" if away > 0 else "less"


def _chosen(statements: Sequence[Statement]) -> list[Statement]:
    """Of each trait's words the most common one, and the next where it is more common than among others."""
    found: list[Statement] = []
    for code in dict.fromkeys(s.code for s in statements):
        own = sorted((s for s in statements if s.code == code and s.of >= FEWEST_KNOWN and not _of_all_or_none(s)),
                     key=lambda s: -s.n)
        if own and own[0].kind == "word":
            own = [s for i, s in enumerate(own) if s.value >= AT_LEAST_TOLD and (i == 0 or s.differs == "more")]
        found += own[:MOST_WORDS]
    return found


def _of_all_or_none(statement: Statement) -> bool:
    """What is so of every customer, or of none, says nothing of a group; what nobody has done may not be recorded."""
    if statement.others is None:
        return statement.kind == "rate" and statement.value == 0
    return statement.kind in ("yes", "rate") and statement.value == statement.others and statement.value in (0.0, 1.0)
