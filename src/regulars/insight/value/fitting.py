"""Maximum likelihood from several starts, whether it converged, and what is done where the likelihood is flat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from regulars.insight.value.rows import Numbers
from regulars.model.later import later

optimize = later("scipy.optimize")
D = TypeVar("D", bound="Data")
D_contra = TypeVar("D_contra", bound="Data", contravariant=True)

FAR = 15.0
"""A logarithm of a parameter is not looked for beyond."""
FLAT = 2.0
"""A standard error of a logarithm above this: the data say little of it, within a factor of seven."""
PRIOR = 1.5
"""The standard deviation of the prior of a logarithm: within a factor of 4.5 of where the first start is."""
STEPS, MOST_STEPS = 6, 15
"""Newton's steps to the parameters of a made-up shop, and of a large one from a part of it."""
STILL = 1e-7
"""The slope of the mean log likelihood that needs no further step."""
FIRST_LOOK = 5_000
"""The starts are told apart on at most so many rows."""
STEADY = 1e-5
"""The slope of the mean log likelihood at which it has converged."""
SAME = 1e-4
"""Starts that end so near in log likelihood, for its size, have found the same."""


class Data(Protocol):
    @property
    def n(self) -> float: ...

    def thinned(self: D, most: int, rng: np.random.Generator) -> D: ...


class Model(Protocol[D_contra]):
    """What can be fitted: a likelihood with its gradient by ``theta``, the logarithms of what is to be found."""

    @property
    def name(self) -> str: ...

    @property
    def names(self) -> tuple[str, ...]: ...

    @property
    def largest(self) -> int: ...

    def starts(self, data: D_contra, /) -> list[Numbers]: ...

    def parameters(self, theta: Numbers, /) -> tuple[float, ...]: ...

    def log_likelihood(self, theta: Numbers, data: D_contra, /) -> tuple[float, Numbers]: ...


@dataclass(frozen=True)
class Fit:
    """Parameters, the log likelihood there, and how far to trust it.

    ``agreeing`` of ``starts`` ended at the same likelihood; ``slope`` is the steepest of the mean log likelihood where
    it ended; ``with_priors`` where the likelihood alone was flat; ``curvature`` is minus its second derivative by the
    logarithms, of a mean customer; ``n`` is how many customers there are, ``fitted`` on how many of them it was found.
    """

    names: tuple[str, ...]
    parameters: tuple[float, ...]
    theta: Numbers
    log_likelihood: float
    n: float
    converged: bool
    slope: float
    starts: int
    agreeing: int
    with_priors: bool
    curvature: NDArray[np.float64]
    sampled: bool
    fitted: float

    def said(self) -> dict[str, float]:
        return dict(zip(self.names, self.parameters, strict=True))

    def about(self) -> dict[str, Any]:
        """How it was come by, for JSON."""
        return {"converged": self.converged, "slope": self.slope, "starts": self.starts, "agreeing": self.agreeing,
                "with_priors": self.with_priors, "on_a_sample": self.sampled, "n": self.n,
                "log_likelihood": self.log_likelihood}


def fit(model: Model[D], data: D, seed: int) -> Fit:
    """The likeliest parameters; with priors where the likelihood hardly tells them apart."""
    rng = np.random.default_rng(seed)
    used = data.thinned(model.largest, rng)
    starts = model.starts(used)
    centre = starts[0]
    theta, curvature, agreeing = _from_all(model, used, starts, rng)
    flat = not _steady(model, used, theta) or _is_flat(curvature, used.n, theta)
    if flat:
        theta = _best(model, used, _climb(model, used, centre, centre), _climb(model, used, theta, centre), centre)
        curvature = _curvature(model, used, theta) + np.eye(len(theta)) / (PRIOR ** 2 * used.n)
    value, _ = model.log_likelihood(theta, used)
    slope = float(np.abs(_mean(model, used, theta, centre if flat else None)[1]).max())
    return Fit(model.names, model.parameters(theta), theta, value * data.n / used.n, data.n, slope < STEADY, slope,
               len(starts), agreeing, flat, curvature, used is not data, used.n)


def _from_all(model: Model[D], data: D, starts: Sequence[Numbers],
              rng: np.random.Generator) -> tuple[Numbers, NDArray[np.float64], int]:
    """The best of all starts, the curvature there, and how many ended there.

    Where there is much data they are told apart on a part of it, whose curvature is near enough to step by.
    """
    some = data.thinned(FIRST_LOOK, rng)
    ends = [_climb(model, some, start) for start in starts]
    values = [model.log_likelihood(end, some)[0] for end in ends]
    best = ends[int(np.argmax(values))]
    agreeing = sum(max(values) - v <= SAME * max(1.0, some.n) for v in values)
    curvature = _curvature(model, some, best)
    if some is data or not _steady(model, some, best) or _is_flat(curvature, some.n, best):
        theta = best if some is data else _climb(model, data, best)
        return theta, curvature if some is data else _curvature(model, data, theta), agreeing
    theta = _step(model, data, best, curvature)
    if not _steady(model, data, theta):
        theta = _climb(model, data, best)
    return theta, curvature, agreeing


def _mean(model: Model[D], data: D, theta: Numbers, centre: Numbers | None) -> tuple[float, Numbers]:
    """Minus the mean log likelihood and its slope, the prior about ``centre`` taken in where there is one."""
    value, slope = model.log_likelihood(theta, data)
    if centre is not None:
        away = (theta - centre) / PRIOR
        value, slope = value - float(away @ away) / 2, slope - away / PRIOR
    if not np.isfinite(value) or not np.isfinite(slope).all():
        return 1e10, np.zeros_like(theta)
    return -value / data.n, -slope / data.n


def _climb(model: Model[D], data: D, start: Numbers, centre: Numbers | None = None) -> Numbers:
    """To the top from ``start``, by a quasi-Newton method."""
    # Not L-BFGS-B: its tiny matrices go through BLAS, whose threads wait for each other on a busy machine (30 times).
    found = optimize.minimize(lambda theta: _mean(model, data, np.clip(theta, -FAR, FAR), centre), start, jac=True,
                     method="BFGS", options={"maxiter": 300, "gtol": 1e-7})
    theta: Numbers = np.clip(found.x, -FAR, FAR)
    return theta


def _step(model: Model[D], data: D, start: Numbers, curvature: NDArray[np.float64]) -> Numbers:
    """To the top from near by, by Newton's steps with one curvature."""
    theta, inverse = start, np.linalg.pinv(curvature, hermitian=True)
    for _ in range(MOST_STEPS):
        _, slope = _mean(model, data, theta, None)
        if np.abs(slope).max() < STILL:
            break
        step = inverse @ slope
        theta = np.clip(theta - step * min(1.0, 0.5 / max(float(np.abs(step).max()), 1e-12)), -FAR, FAR)
    return theta


def _best(model: Model[D], data: D, one: Numbers, other: Numbers, centre: Numbers) -> Numbers:
    return min(one, other, key=lambda theta: _mean(model, data, theta, centre)[0])


def _steady(model: Model[D], data: D, theta: Numbers) -> bool:
    return float(np.abs(_mean(model, data, theta, None)[1]).max()) < STEADY


def _curvature(model: Model[D], data: D, theta: Numbers, step: float = 1e-4) -> NDArray[np.float64]:
    """By central differences of the gradient."""
    rows = []
    for i in range(len(theta)):
        away = np.zeros_like(theta)
        away[i] = step
        above, below = (_mean(model, data, theta + sign * away, None)[1] for sign in (1, -1))
        rows.append((above - below) / (2 * step))
    found = np.array(rows)
    return (found + found.T) / 2


def _is_flat(curvature: NDArray[np.float64], n: float, theta: Numbers) -> bool:
    if not np.isfinite(curvature).all() or np.abs(theta).max() > FAR - 0.1:
        return True
    return bool(np.linalg.eigvalsh(curvature * n).min() < 1 / FLAT ** 2)


def again(model: Model[D], fit: Fit, made: D) -> Numbers:
    """The parameters' logarithms that fit a made-up shop, by Newton's steps from the true ones."""
    inverse = np.linalg.pinv(fit.curvature, hermitian=True)
    theta = fit.theta.copy()
    for _ in range(STEPS):
        slope = model.log_likelihood(theta, made)[1] / made.n
        if fit.with_priors:
            slope = slope - (theta - fit.theta) / PRIOR ** 2 / made.n
        step = inverse @ slope
        if not np.isfinite(step).all():
            break
        theta = np.clip(theta + step * min(1.0, 0.5 / max(float(np.abs(step).max()), 1e-12)), -FAR, FAR)
    return theta
