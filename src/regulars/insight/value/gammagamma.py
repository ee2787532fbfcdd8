"""The gamma-gamma model of spend: Fader, Hardie and Lee (2005), RFM and CLV, Journal of Marketing Research 42(4).

What a customer pays an order varies about their own mean, which varies over customers and not with how often they
order. Formulas: Fader and Hardie (2013), The gamma-gamma model of monetary value, note 025.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from regulars.insight.value.fitting import Fit, again, fit
from regulars.insight.value.rows import Numbers, Wholes, dot
from regulars.model.later import later

special = later("scipy.special")


@dataclass(frozen=True)
class Spend:
    """Of each customer: how many repeat orders with a known amount, and their mean amount, above nothing."""

    x: Numbers
    mean: Numbers

    @property
    def n(self) -> float:
        return float(len(self.x))

    @cached_property
    def levels(self) -> tuple[Numbers, Wholes, Numbers]:
        """The different x, which of them each has, and how many have it."""
        found, which = np.unique(self.x, return_inverse=True)
        return found, which, np.bincount(which, minlength=len(found)).astype(float)

    def thinned(self, most: int, rng: np.random.Generator) -> Spend:
        if len(self.x) <= most:
            return self
        some = rng.choice(len(self.x), most, replace=False)
        return Spend(self.x[some], self.mean[some])


class GammaGamma:
    """The model; ``parameters`` are p, q, gamma, ``theta`` the logarithms of p, q - 1, gamma.

    Only for q above 1 is there a mean over all customers, without which nothing can be said of one who is new.
    """

    name = "gamma-gamma"
    names = ("p", "q", "gamma")
    largest = 1_000_000

    def starts(self, spend: Spend) -> list[Numbers]:
        """Where to begin looking, at the mean that was seen."""
        mean = float(spend.mean.mean())
        return [np.log([p, q - 1, mean * (q - 1) / p]) for p, q in ((5.0, 4.0), (1.5, 2.5), (20.0, 10.0))]

    def parameters(self, theta: Numbers) -> tuple[float, ...]:
        p, more, gamma = np.exp(theta)
        return float(p), float(1 + more), float(gamma)

    def log_likelihood(self, theta: Numbers, spend: Spend) -> tuple[float, Numbers]:
        """Its value and its gradient by ``theta``."""
        gammaln, digamma = special.gammaln, special.digamma
        p, more, gamma = np.exp(theta)
        q = 1 + more
        x, _, people = spend.levels
        paid, log_paid = gamma + spend.x * spend.mean, np.log(spend.mean)
        log_all = np.log(paid)
        value = dot(gammaln(p * x + q) - gammaln(p * x) + p * x * np.log(x), people) + \
            spend.n * (q * theta[2] - gammaln(q)) + dot(p * spend.x - 1, log_paid) - dot(p * spend.x + q, log_all)
        slope_p = dot(x * (digamma(p * x + q) - digamma(p * x) + np.log(x)), people) + dot(spend.x, log_paid - log_all)
        slope_q = dot(digamma(p * x + q), people) + spend.n * (theta[2] - digamma(q)) - log_all.sum()
        slope_gamma = spend.n * q / gamma - dot(p * spend.x + q, 1 / paid)
        return float(value), np.array([slope_p * p, slope_q * more, slope_gamma * gamma])

    def expected(self, parameters: Sequence[float], x: Numbers, mean: Numbers) -> Numbers:
        """What each will pay an order: between their own mean and, the fewer orders, that of all; note 025, (5)."""
        p, q, gamma = parameters
        found: Numbers = p * (gamma + x * mean) / (p * x + q - 1)
        return found


class HeldMean(GammaGamma):
    """The same with the mean of all, p gamma / (q - 1), held at a given one; ``theta``: logarithms of p and q - 1."""

    def __init__(self, mean: float) -> None:
        self.mean = mean

    def starts(self, spend: Spend) -> list[Numbers]:
        return [start[:2] for start in super().starts(spend)]

    def whole(self, theta: Numbers) -> Numbers:
        """The ``theta`` of the model that is not held."""
        return np.array([theta[0], theta[1], np.log(self.mean) + theta[1] - theta[0]])

    def parameters(self, theta: Numbers) -> tuple[float, ...]:
        return super().parameters(self.whole(theta))

    def log_likelihood(self, theta: Numbers, spend: Spend) -> tuple[float, Numbers]:
        value, (p, more, gamma) = super().log_likelihood(self.whole(theta), spend)
        return value, np.array([p - gamma, more + gamma])


OFF = 1.25
"""A mean of all that is off what was seen by more than this factor is no mean to go by."""


@dataclass(frozen=True)
class SpendFit:
    """What was fitted; ``held`` where the free fit had no mean of all to go by, and it was held at the one seen."""

    fit: Fit
    held: bool

    @classmethod
    def of(cls, spend: Spend, seed: int) -> SpendFit:
        free, seen = fit(GammaGamma(), spend, seed), float(spend.mean.mean())
        p, q, gamma = free.parameters
        if free.converged and not free.with_priors and 1 / OFF < p * gamma / (q - 1) / seen < OFF:
            return cls(free, False)
        return cls(fit(HeldMean(seen), spend, seed), True)

    @property
    def parameters(self) -> tuple[float, ...]:
        return self.fit.parameters

    def said(self) -> dict[str, Any]:
        return {**self.fit.said(), **self.fit.about(), "mean_held": self.held}

    def draw(self, spend: Spend, times: int, most: int, rng: np.random.Generator) -> list[tuple[float, ...]]:
        """Parameters of shops whose customers are drawn from those there are, as far away as of as many as were fitted.

        What is paid is drawn and not made up: amounts of real shops are rarely as smooth as the model's.
        """
        part = min(len(spend.x), most)
        found: list[tuple[float, ...]] = []
        for _ in range(times):
            some = rng.integers(len(spend.x), size=part)
            made = Spend(spend.x[some], spend.mean[some])
            model = HeldMean(float(made.mean.mean())) if self.held else GammaGamma()
            theirs, ours = (_logarithms(p) for p in (model.parameters(again(model, self.fit, made)), self.parameters))
            p, more, gamma = np.exp(ours + (theirs - ours) * np.sqrt(min(part / self.fit.fitted, 1.0)))
            found.append((float(p), float(1 + more), float(gamma)))
        return found


def _logarithms(parameters: Sequence[float]) -> Numbers:
    p, q, gamma = parameters
    return np.log([p, max(q - 1, 1e-6), gamma])
