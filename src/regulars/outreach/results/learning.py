"""What campaigns of a kind have brought together, and what to expect of the next one: no small shop knows it of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

from regulars.outreach.results.judging import ORDERS, PAID, PROFIT, REACHED, Comparison
from regulars.outreach.results.pooling import Pooled, pooled

Z = 1.959963984540054
UNSURE = 0.15
"""How unsure an assumed lift is before anything was measured: a standard deviation of its logarithm, so that one of a
fifth may as well be none, or three fifths."""
APART = 0.1
"""At least so much campaigns of a kind are taken to differ in truth, as a standard deviation of the logarithm."""
FEWEST_ORDERERS = 5


@dataclass(frozen=True)
class Lift:
    """Orders (or people who reach a goal) by which part more with a message than without (0.2: a fifth), with a 95%
    range; of ``campaigns`` that measured it. Of none it is what was assumed."""

    low: float
    value: float
    high: float
    campaigns: int


@dataclass(frozen=True)
class Learned:
    """Of a ``kind`` (a move's code, a channel, or the rule of a goal): how many campaigns, the ``goal`` their
    differences are in, what they brought a person together (None of fewer than two), and the lift to expect."""

    kind: str
    campaigns: int
    people: int
    goal: str
    together: Pooled | None
    lift: Lift


def lift_of(found: Sequence[Comparison], assumed: float) -> Lift:
    """What to expect of the next one: the assumption, moved by what was measured, by as much as that is sure.

    Logarithms of the ratio of shares (with a half added where few ordered: Walter 1975, Biometrika 62:371) pooled by
    random effects, beside a normal prior around the assumption. The range is of a campaign to come, not of their mean.
    """
    told = [c for c in found if c.people and c.others and sum(c.hits) >= FEWEST_ORDERERS]
    prior = log(1 + assumed)
    if not told:
        return Lift(exp(prior - Z * UNSURE) - 1, assumed, exp(prior + Z * UNSURE) - 1, 0)
    values, errors = zip(*(_ratio(c) for c in told), strict=True)
    common = pooled(values, errors)
    between = max(common.between, APART)
    weights = [1 / (e**2 + between**2) for e in errors]
    seen = sum(w * v for w, v in zip(weights, values, strict=True)) / sum(weights)
    weight = sum(weights)
    middle = (prior / UNSURE**2 + seen * weight) / (1 / UNSURE**2 + weight)
    spread = sqrt(1 / (1 / UNSURE**2 + weight) + between**2)
    return Lift(exp(middle - Z * spread) - 1, exp(middle) - 1, exp(middle + Z * spread) - 1, len(told))


def _ratio(found: Comparison) -> tuple[float, float]:
    """The logarithm of how many times as many ordered (or reached the goal), and its standard error."""
    k, j = (hits + 0.5 for hits in found.hits)
    n, m = found.people + 0.5, found.others + 0.5
    return log(k / n) - log(j / m), sqrt(max(1 / k - 1 / n + 1 / j - 1 / m, 1e-12))


def learned(kind: str, found: Sequence[Comparison], assumed: float) -> Learned:
    """Of the campaigns of one kind; their differences are pooled where they are of one goal."""
    goal = PROFIT if all(c.profit for c in found) else PAID if all(c.paid for c in found) else ORDERS
    goal = REACHED if all(c.goal == REACHED for c in found) else goal
    told = [d for d in (_difference(c, goal) for c in found) if d and d[1] > 0]
    together = pooled([v for v, _ in told], [e for _, e in told]) if len(told) > 1 else None
    return Learned(kind, len(found), sum(c.people + c.others for c in found), goal, together, lift_of(found, assumed))


def _difference(found: Comparison, goal: str) -> tuple[float, float] | None:
    said = {ORDERS: found.ordered, PAID: found.paid, PROFIT: found.profit, REACHED: found.reached}[goal]
    return (said.value, said.error) if said else None


__all__ = ["Learned", "Lift", "learned", "lift_of"]
