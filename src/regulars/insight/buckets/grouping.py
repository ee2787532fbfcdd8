"""Finding groups: k-means, how many, how sure, and whether there are any.

Stability is Hennig's (2007, Computational Statistics & Data Analysis 52, 258-271): groups are found again in bootstrap
samples, and each is compared with the one most like it (Jaccard). Whether there is structure is asked of data that
have none but the same columns and correlations (a Gaussian copula): groups as good as those found there are no groups.
That is strict where a single column falls into heaps; so groups that are plain to see (Kaufman & Rousseeuw 1990: a
silhouette above .6) are also held to one Gaussian cloud, as in Liu et al. (2008, JASA 103, 1281-1293).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from threadpoolctl import threadpool_limits

from regulars.insight.buckets.space import Floats, Ints
from regulars.model.later import later

if TYPE_CHECKING:
    from sklearn.cluster import KMeans

cluster = later("sklearn.cluster")
metrics = later("sklearn.metrics")
special = later("scipy.special")
LEAST, MOST = 2, 20
STARTS, RESAMPLES, NULLS = 4, 8, 6
AS_GOOD = 0.95
"""Of numbers of groups that are as good as the best but for a twentieth, the largest says most."""
BETTER_THAN_CHANCE = 1.2
"""Groups must be a fifth better than the best of those that chance makes."""
PLAIN_TO_SEE, BETTER_THAN_CLOUD = 0.6, 1.35
LOOKED_ON, FAR_WORSE = 4, 0.7
SMALLEST_SHARE, SMALLEST = 0.01, 15
REACH = 0.1
"""A group of whom fewer can be written to is of little use."""


@dataclass(frozen=True)
class Trial:
    """One number of groups. ``separation`` is the mean silhouette (-1 to 1), ``stability`` the mean Jaccard (0 to 1)
    weighed by people, ``size`` and ``reach`` the share of people in groups that are large, and reachable, enough."""

    k: int
    separation: float
    stability: float
    size: float = 1.0
    reach: float = 1.0

    @property
    def score(self) -> float:
        return max(self.separation, 0.0) * self.stability * self.size * self.reach


@dataclass(frozen=True)
class Grouping:
    """What was found: ``labels`` are of the points given, ``chance`` and ``cloud`` the best scores of data without
    groups: of the same columns, and of one Gaussian cloud."""

    labels: Ints
    stability: Floats
    trial: Trial
    trials: Sequence[Trial]
    chance: Sequence[float]
    cloud: Sequence[float]

    @property
    def structured(self) -> bool:
        plain = self.trial.separation >= PLAIN_TO_SEE and self.trial.score > BETTER_THAN_CLOUD * max(self.cloud)
        return plain or self.trial.score > BETTER_THAN_CHANCE * max(self.chance)


def find_groups(points: Floats, reachable: Floats, seed: int, counts: Sequence[int]) -> Grouping:
    """The best number of groups among ``counts``; ``reachable`` is 1 for those who may be written to.

    Where that is nobody, consent is not recorded, and reach is left aside.
    """
    with alone():
        return _searched(points, reachable, seed, counts)


def alone() -> threadpool_limits:
    """One thread for the block: those of k-means wait actively for each other, which on a busy machine takes longer.

    Only libraries that are loaded are held to it.
    """
    assert cluster.KMeans
    return threadpool_limits(1)


def _searched(points: Floats, reachable: Floats, seed: int, counts: Sequence[int]) -> Grouping:
    trials: list[Trial] = []
    labels: dict[int, Ints] = {}
    steady: dict[int, Floats] = {}
    distances = metrics.pairwise_distances(points)
    for k in counts:
        found = _grouped(points, k, seed)
        labels[k], steady[k] = np.asarray(found.labels_, np.int64), stability(points, found, k, seed)
        trials.append(_tried(distances, labels[k], steady[k], reachable, k))
        if _declines(trials):
            break
    best = max(t.score for t in trials)
    chosen = max((t for t in trials if t.score >= AS_GOOD * best), key=lambda t: t.k)
    looked_at = sorted({2, 3, chosen.k} & set(counts))
    return Grouping(labels[chosen.k], steady[chosen.k], chosen, trials, by_chance(points, looked_at, seed, copula),
                    by_chance(points, looked_at, seed, cloud) if chosen.separation >= PLAIN_TO_SEE else [0.0])


def _declines(trials: Sequence[Trial]) -> bool:
    """Whether the last few numbers of groups were each far worse than the best before: more would be worse still."""
    best = max(t.score for t in trials)
    return len(trials) > LOOKED_ON and all(t.score < FAR_WORSE * best for t in trials[-LOOKED_ON:])


def regrouped(points: Floats, few: Floats, labels: Ints) -> Ints:
    """All ``points`` in the groups that were found among a ``few`` of them."""
    centres = np.array([few[labels == g].mean(axis=0) for g in range(labels.max() + 1)])
    with alone():
        return np.asarray(cluster.KMeans(len(centres), init=centres, n_init=1).fit(points).labels_, np.int64)


def stability(points: Floats, found: KMeans, k: int, seed: int, resamples: int = RESAMPLES) -> Floats:
    """For each group the mean Jaccard overlap with its nearest in bootstrap samples."""
    random = np.random.default_rng(seed)
    overlap = np.zeros(k)
    for turn in range(resamples):
        again = _grouped(points[random.integers(0, len(points), len(points))], k, seed + turn, starts=2)
        overlap += overlaps(np.asarray(found.labels_, np.int64), np.asarray(again.predict(points), np.int64), k)
    return np.asarray(overlap / resamples, np.float64)


def overlaps(one: Ints, other: Ints, k: int) -> Floats:
    """For each group of ``one`` the Jaccard overlap with the group of ``other`` that is most like it."""
    both = np.zeros((k, k))
    np.add.at(both, (one, other), 1)
    either = both.sum(axis=1, keepdims=True) + both.sum(axis=0, keepdims=True) - both
    return np.asarray(np.divide(both, either, out=np.zeros_like(both), where=either > 0).max(axis=1), np.float64)


def by_chance(points: Floats, counts: Sequence[int], seed: int,
              draw: Callable[[Floats, np.random.Generator], Floats]) -> list[float]:
    """The best score among ``counts`` in each of some data sets without groups."""
    return [max(_by_chance(draw(points, np.random.default_rng([seed, turn])), k, seed) for k in counts)
            for turn in range(NULLS)]


def _by_chance(points: Floats, k: int, seed: int) -> float:
    found = _grouped(points, k, seed, starts=2)
    labels = np.asarray(found.labels_, np.int64)
    people = np.bincount(labels, minlength=k) / len(points)
    steady = float(stability(points, found, k, seed, resamples=3) @ people)
    return max(float(metrics.silhouette_score(points, labels)), 0.0) * steady


def copula(points: Floats, random: np.random.Generator) -> Floats:
    """Data with the same columns and rank correlations, but no groups: one Gaussian cloud, pulled to the columns."""
    size, width = points.shape
    shuffled = points[random.permutation(size)]
    normal = special.ndtri((_ranks(shuffled) + 0.5) / size)
    spread, axes = np.linalg.eigh(np.atleast_2d(np.corrcoef(normal, rowvar=False)))
    drawn = random.normal(size=(size, width)) @ (axes * np.sqrt(np.clip(spread, 0, None))).T
    return np.asarray(np.take_along_axis(np.sort(points, axis=0), _ranks(drawn), axis=0), np.float64)


def cloud(points: Floats, random: np.random.Generator) -> Floats:
    """One Gaussian cloud of the same extent in every direction."""
    spread, axes = np.linalg.eigh(np.atleast_2d(np.cov(points, rowvar=False)))
    return np.asarray(random.normal(size=points.shape) @ (axes * np.sqrt(np.clip(spread, 0, None))).T, np.float64)


def _ranks(points: Floats) -> Ints:
    """From 0 in each column; ties in the order they stand in."""
    return np.asarray(np.argsort(np.argsort(points, axis=0, kind="stable"), axis=0), np.int64)


def _grouped(points: Floats, k: int, seed: int, starts: int = STARTS) -> KMeans:
    return cluster.KMeans(k, n_init=starts, random_state=seed).fit(points)


def _tried(distances: Floats, labels: Ints, steady: Floats, reachable: Floats, k: int) -> Trial:
    people = np.bincount(labels, minlength=k)
    several = len(set(labels.tolist())) > 1
    apart = float(metrics.silhouette_score(distances, labels, metric="precomputed")) if several else 0.0
    large = people >= max(SMALLEST, SMALLEST_SHARE * len(labels))
    reached = np.bincount(labels, weights=reachable, minlength=k) >= REACH * people * bool(reachable.any())
    share = people / len(labels)
    return Trial(k, apart, float(steady @ share), float(share[large].sum()), float(share[reached].sum()))
