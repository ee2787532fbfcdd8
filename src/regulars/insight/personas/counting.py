"""Counting traits of groups, and testing whether a group differs from everybody else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from typing import Any

import numpy as np
from scipy import stats

from regulars.insight.common import Facts
from regulars.insight.common.groups import EVERYONE
from regulars.insight.common.intervals import corrected, trials, wilson
from regulars.insight.personas.traits import Trait

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


def told(shop: Facts, table: str, traits: Sequence[Trait], groups: Sequence[int]) -> dict[int, list[Statement]]:
    """The statements of each group of a table of `grouped`, tested against all who are not in it."""
    found: dict[int, list[Statement]] = {g: [] for g in groups}
    for trait in traits:
        made = {"number": _numbers, "rate": _rates}.get(trait.kind, _shares)
        for group, statement in made(shop, table, trait):
            if group in found:
                found[group].append(statement)
    return {group: _chosen(_tested(statements)) for group, statements in found.items()}


def _shares(shop: Facts, table: str, trait: Trait) -> Iterator[tuple[int, Statement]]:
    """A statement a group and word; of yes or no only the yes."""
    rows = shop.engine.rows(
        f"WITH known AS ({trait.sql}), mine AS (SELECT grp, customer_id, value FROM {table} JOIN known USING"
        " (customer_id)), bases AS (SELECT grp, count(DISTINCT customer_id) AS base FROM mine GROUP BY grp)"
        " SELECT grp, CAST(value AS VARCHAR), count(DISTINCT customer_id) AS n, any_value(base) FROM mine JOIN bases"
        " USING (grp) GROUP BY ALL ORDER BY grp, n DESC, 2")
    counts = {(g, w): n for g, w, n, _ in rows}
    bases = {g: base for g, _, _, base in rows}
    for group in (g for g in bases if g != EVERYONE):
        common = [w for g, w, _, _ in rows if g == group][:LOOKED_AT]
        for word in common if trait.kind == "word" else ["true"]:
            whole = counts.get((EVERYONE, word), 0), bases.get(EVERYONE, 0)
            yield group, _share(trait, word, counts.get((group, word), 0), bases[group], *whole)


def _share(trait: Trait, word: str, n: int, of: int, everyone_n: int, everyone_of: int) -> Statement:
    low, high = wilson(n, of)
    rest_n, rest_of = everyone_n - n, everyone_of - of
    p = float(stats.fisher_exact([[n, of - n], [rest_n, rest_of - rest_n]])[1]) if rest_of > 0 else None
    return Statement(trait.code, trait.topic, trait.kind, word, n, of, n / of, float(low), float(high),
                     rest_n / rest_of if rest_of > 0 else None, p)


def _rates(shop: Facts, table: str, trait: Trait) -> Iterator[tuple[int, Statement]]:
    """The share of all orders, or messages, of each group."""
    rows = shop.engine.rows(
        f'WITH known AS ({trait.sql}) SELECT grp, count(*), {SUMS} FROM {table} JOIN known USING (customer_id)'
        " GROUP BY grp")
    found = {grp: Rate(*map(float, sums)) for grp, *sums in rows}
    for group, mine in found.items():
        if group != EVERYONE and mine.people >= FEWEST_KNOWN:
            low, high = wilson(mine.share * mine.trials, mine.trials)
            rest = found[EVERYONE].without(mine)
            known = rest.people > 0
            yield group, Statement(trait.code, trait.topic, "rate", "", int(mine.hits), int(mine.of), mine.share,
                                   float(low), float(high), rest.share if known else None,
                                   mine.differs_from(rest) if known else None)


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

    def without(self, other: Rate) -> Rate:
        return Rate(*(a - b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def differs_from(self, other: Rate) -> float:
        """The two-sided p of both being one rate: a score test whose variance is that between customers."""
        one = (self.hits + other.hits) / (self.of + other.of)
        variance = self._variance(one) + other._variance(one)
        return float(2 * stats.norm.sf(abs(self.share - other.share) / np.sqrt(variance))) if variance > 0 else 1.0

    def _variance(self, rate: float) -> float:
        """Of the share, were it ``rate``, with the correction for few clusters."""
        spread = max(self.hits2 - 2 * rate * self.both + rate**2 * self.of2, 0.0)
        return spread / self.of**2 * self.people / max(self.people - 1, 1)


def _numbers(shop: Facts, table: str, trait: Trait) -> Iterator[tuple[int, Statement]]:
    """Median and quartiles of each group, and the rank-sum test (Mann & Whitney 1947) with its correction for ties."""
    rows = shop.engine.rows(
        f"WITH known AS ({trait.sql}), everyone AS (SELECT customer_id, CAST(value AS DOUBLE) AS value FROM known SEMI"
        f" JOIN (SELECT customer_id FROM {table} WHERE grp = {EVERYONE}) USING (customer_id)),"
        " ranked AS (SELECT *, rank() OVER (ORDER BY value) + (count(*) OVER (PARTITION BY value) - 1) / 2.0 AS place,"
        " count(*) OVER (PARTITION BY value) AS ties FROM everyone)"
        " SELECT grp, count(*), quantile_cont(value, [0.25, 0.5, 0.75]), sum(place),"
        f" sum(CAST(ties AS DOUBLE) * ties - 1) FROM {table} JOIN ranked USING (customer_id) GROUP BY grp")
    by_group: Mapping[int, tuple[Any, ...]] = {r[0]: r for r in rows}
    if EVERYONE not in by_group:
        return
    _, everyone, (_, middle, _), _, ties = by_group[EVERYONE]
    for group, n, (low, median, high), places, _ in rows:
        if group != EVERYONE:
            p = rank_sum(n, everyone - n, places, ties)
            yield group, Statement(trait.code, trait.topic, trait.kind, "", n, n, median, low, high, middle, p)


def rank_sum(n: int, rest: int, places: float, ties: float) -> float | None:
    """The two-sided p of the ranks' sum ``places`` of ``n`` among ``n + rest``; ``ties`` is the sum of t³ - t."""
    whole = n + rest
    if rest == 0:
        return None
    variance = n * rest / 12 * ((whole + 1) - ties / (whole * (whole - 1)))
    if variance <= 0:
        return 1.0
    return float(2 * stats.norm.sf(abs(places - n * (whole + 1) / 2) / np.sqrt(variance)))


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
    """What is so of every customer, or of none, says nothing of a group."""
    return statement.kind in ("yes", "rate") and statement.value == statement.others and statement.value in (0.0, 1.0)
