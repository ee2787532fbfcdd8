"""What a segment's tests say: each a verdict, a number with its range, and a reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["pass", "warn", "fail", "unknown"]
TESTS = ("distinct", "substantial", "money", "reachable", "lasting", "steady", "actionable", "discounts", "prices",
         "breadth")
"""In the order they are told in: what the data differ in, then people and money, reach, time, response, rivals."""


@dataclass(frozen=True)
class Tested:
    """``value`` with its range; ``n`` is of whom or what it is known; ``other`` what it is held against, ``count`` a
    whole number that goes with it, ``reason`` the words for it, ``word`` a name within them."""

    test: str
    verdict: Verdict
    value: float | None
    low: float | None
    high: float | None
    n: int
    other: float | None = None
    count: int = 0
    reason: str = ""
    word: str = ""


def graded(value: float, good: float, fair: float) -> Verdict:
    """More is better."""
    return "pass" if value >= good else "warn" if value >= fair else "fail"


def unknown(test: str, reason: str) -> Tested:
    """Nothing is recorded that could tell."""
    return Tested(test, "unknown", None, None, None, 0, reason=reason)
