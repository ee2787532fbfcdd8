"""Ranges by the parametric bootstrap: shops like this one are made up by the model, and fitted again.

Of a large shop a part is made up, and what the parameters stray is scaled to as many as were fitted, as the square
root of sizes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from regulars.insight.value.fitting import Fit, Model, again
from regulars.insight.value.rows import Numbers, Rows, Wholes

PART = 1000
"""So many customers are made up each time."""
LOW, HIGH = 0.1, 0.9
"""Ranges hold four in five."""


class Buying(Model[Rows], Protocol):
    """A model of when customers order."""

    def alive(self, parameters: Sequence[float], rows: Rows, /) -> Numbers: ...

    def expected(self, parameters: Sequence[float], rows: Rows, times: Numbers, /) -> Numbers: ...

    def simulate(self, parameters: Sequence[float], ends: Numbers, rng: np.random.Generator, /) -> Rows: ...

    def future(self, parameters: Sequence[float], rows: Rows, time: float, rng: np.random.Generator, /) -> Wholes: ...


@dataclass(frozen=True)
class Range:
    low: float
    high: float


def strayed(fit: Fit, found: Numbers, part: float) -> Numbers:
    """The logarithms of parameters as far from the fitted ones as those of a shop the fit saw would be."""
    return np.asarray(fit.theta + (found - fit.theta) * np.sqrt(min(part / max(fit.fitted, 1.0), 1.0)))


@dataclass(frozen=True)
class Drawn:
    """Made-up shops: the parameters each gave, and how many customers of it ordered again 0, 1 … 6, 7 or more times."""

    parameters: NDArray[np.float64]
    repeats: NDArray[np.float64]


def draw(model: Buying, fit: Fit, rows: Rows, times: int, rng: np.random.Generator) -> Drawn:
    """``times`` made-up shops of the people there are."""
    parameters, repeats = [], []
    for _ in range(times):
        ends = rows.drawn(PART, rng).T
        made = model.simulate(fit.parameters, ends, rng)
        parameters.append(model.parameters(strayed(fit, again(model, fit, made), made.n)))
        repeats.append(np.bincount(np.minimum(made.x, 7), minlength=8) * rows.n / made.n)
    return Drawn(np.array(parameters), np.array(repeats))


def range_of(values: Numbers) -> Range:
    return Range(float(np.quantile(values, LOW)), float(np.quantile(values, HIGH)))


@dataclass(frozen=True)
class Part:
    """A part of the customers on whom the ranges of sums are worked out, and how many times the whole it is."""

    rows: Rows
    known: Numbers
    mean: Numbers
    scale: float


def totals(model: Buying, fit: Fit, drawn: Drawn, pays: Sequence[Numbers], part: Part, weights: Numbers,
           times: Numbers, rng: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """By draw, all orders and all worth until the last of ``times``, as shares of what is expected.

    Both hold what the parameters may stray, and how chance falls for each customer. ``pays`` is what each of the part
    pays an order, by draw and last as fitted; ``weights`` what an order counts until each of the times.
    """
    sure = model.expected(fit.parameters, part.rows, times)
    all_orders, all_worth = max(sure[:, -1].sum(), 1e-12), max(((sure @ weights) * pays[-1]).sum(), 1e-12)
    orders, worth = [], []
    for parameters, pay in zip(drawn.parameters, pays, strict=False):
        expected = model.expected(parameters, part.rows, times)
        chance = (model.future(fit.parameters, part.rows, float(times[-1]), rng) - sure[:, -1]) / np.sqrt(part.scale)
        orders.append((expected[:, -1].sum() + chance.sum()) / all_orders)
        worth.append((((expected @ weights) * pay).sum() + (chance * pays[-1]).sum()) / all_worth)
    return np.array(orders), np.array(worth)
