"""How a segment differs in behaviour, how mixed it is, and whether what marks it is found again in resamples."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from regulars.insight.buckets.features import Feature
from regulars.insight.buckets.space import Flags, Floats
from regulars.insight.certificate.verdicts import Tested, Verdict, unknown
from regulars.insight.common.intervals import Z, corrected
from regulars.model.later import later

stats = later("scipy.stats")
MEDIUM, SMALL = 0.5, 0.2
"""Effect sizes (Cohen 1988)."""
DIFFERENT = 0.05
SIDES = 2
FEWEST = 10
TOP, RESAMPLES = 5, 40
ASKED: Mapping[str, str] = {
    "frequency": r"count\(orders|gap\(|regularly|no\(orders|any\(orders", "recency": r"since\(|last\(|stopped|in last",
    "money": r"total|amount|price", "basket": r"items|quantity", "discount": r"promo_code|discount",
    "occasion": r"occasion", "channel": r"channel", "category": r"category|product|brand|vendor|tags",
    "named": r"category|product|brand|vendor|tags", "asked": r"preferred_channel", "came": r"acquisition_channel",
    "country": r"country",
    "returns": r"returned", "service": r"tickets", "device": r"device|browser",
    "engagement": r"opens|clicks|engagements|messages"}
"""The sides of behaviour a rule speaks of itself: that its members differ there goes without saying."""


@dataclass(frozen=True)
class Effect:
    """Standardised difference (Hedges 1981) between members and all others, with its 95% interval."""

    feature: Feature
    size: float
    low: float
    high: float
    p: float


def effects(points: Floats, features: Sequence[Feature], inside: Flags) -> list[Effect]:
    """The effects that survive correction for their number (Benjamini & Hochberg 1995), the largest first."""
    few = min(int(inside.sum()), int((~inside).sum()))
    if few < 2:
        return []
    ps = np.array([_p(points[inside, i], points[~inside, i]) for i in range(len(features))])
    found = [_effect(points[:, i], f, inside, float(p)) for i, (f, p) in enumerate(
        zip(features, corrected(ps), strict=True))]
    return sorted((e for e in found if e.p < DIFFERENT), key=lambda e: -abs(e.size))


def _p(mine: Floats, others: Floats) -> float:
    if np.ptp(np.concatenate([mine, others])) == 0:
        return 1.0
    return float(stats.mannwhitneyu(mine, others, method="asymptotic").pvalue)


def _effect(values: Floats, feature: Feature, inside: Flags, p: float) -> Effect:
    size = hedges(values[inside], values[~inside])
    one, other = int(inside.sum()), int((~inside).sum())
    half = Z * np.sqrt((one + other) / (one * other) + size**2 / (2 * (one + other)))
    return Effect(feature, size, size - half, size + half, p)


def hedges(mine: Floats, others: Floats) -> float:
    """The difference of two means in pooled standard deviations, without the bias of small samples."""
    freedom = len(mine) + len(others) - 2
    pooled = ((len(mine) - 1) * np.var(mine, ddof=1) + (len(others) - 1) * np.var(others, ddof=1)) / freedom
    if not pooled > 0:
        return 0.0
    return float((mine.mean() - others.mean()) / np.sqrt(pooled) * (1 - 3 / (4 * freedom - 1)))


def distinct(found: Sequence[Effect], rule: str, n: int) -> Tested:
    """On how many sides of behaviour, beyond those the rule asks for itself, the members differ at least moderately."""
    said = {block for block, words in ASKED.items() if re.search(words, rule)}
    beyond = [e for e in found if e.feature.block not in said]
    sides = {e.feature.block for e in beyond if abs(e.size) >= MEDIUM}
    if n < FEWEST:
        return unknown("distinct", "too_few")
    if not beyond:
        return Tested("distinct", "fail", 0.0, 0.0, 0.0, n, count=0, reason="as_everybody")
    most = beyond[0]
    verdict: Verdict = "pass" if len(sides) >= SIDES else "warn" if abs(most.size) >= SMALL else "fail"
    return Tested("distinct", verdict, most.size, most.low, most.high, n, count=len(sides),
                  reason="differs" if sides else "hardly", word=most.feature.value)


def steady(points: Floats, inside: Flags, seed: int) -> Tested:
    """Of the five things that mark the members most, how many mark them in a resample too (bootstrap)."""
    n = int(inside.sum())
    if n < FEWEST or inside.all():
        return unknown("steady", "too_few" if n < FEWEST else "everybody")
    first = _top(points, inside)
    again = np.array(list(_resampled(points, inside, first, seed)))
    value, (low, high) = float(again.mean()), np.quantile(again, [0.025, 0.975]).tolist()
    verdict: Verdict = "pass" if value >= 0.7 else "warn" if value >= 0.5 else "fail"
    return Tested("steady", verdict, value, low, high, n, count=TOP, reason="found_again")


def _resampled(points: Floats, inside: Flags, first: set[int], seed: int) -> Iterator[float]:
    random = np.random.default_rng(seed)
    for _ in range(RESAMPLES):
        drawn = random.integers(0, len(points), len(points))
        if inside[drawn].any() and not inside[drawn].all():
            yield len(first & _top(points[drawn], inside[drawn])) / len(first)


def _top(points: Floats, inside: Flags) -> set[int]:
    spread = points.std(axis=0)
    away = np.abs(points[inside].mean(axis=0) - points.mean(axis=0))
    score = np.divide(away, spread, out=np.zeros_like(away), where=spread > 0)
    return set(np.argsort(-score, kind="stable")[:TOP].tolist())


def mixedness(balanced: Floats, inside: Flags) -> float | None:
    """The members' spread around their own middle, as a part of everybody's."""
    whole = float(((balanced - balanced.mean(axis=0)) ** 2).sum(axis=1).mean())
    if inside.sum() < 2 or whole == 0:
        return None
    mine = balanced[inside]
    return float(((mine - mine.mean(axis=0)) ** 2).sum(axis=1).sum() / (inside.sum() - 1) / whole)
