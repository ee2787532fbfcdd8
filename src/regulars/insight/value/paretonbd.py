"""The Pareto/NBD model of Schmittlein, Morrison and Colombo (1987), Counting your customers, Management Science 33(1).

While active, a customer orders at random at a rate that is gamma distributed over customers (r, alpha), and leaves at
random, orders or not, at a rate that is gamma distributed too (s, beta).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from regulars.insight.value.bgnbd import _rate
from regulars.insight.value.rows import Numbers, Rows, Wholes, dot
from regulars.model.later import later

special = later("scipy.special")
NODES, WEIGHTS = np.polynomial.legendre.leggauss(32)
PIECE = 10_000
DEEP = 36.0
"""What has decayed by exp(-36) is below what a double holds."""
HALVINGS = 8


class ParetoNBD:
    """The model; ``parameters`` are r, alpha, s, beta, ``theta`` their logarithms."""

    name = "pareto-nbd"
    names = ("r", "alpha", "s", "beta")
    largest = 20_000

    def starts(self, rows: Rows) -> list[Numbers]:
        """Where to begin looking: few and many who differ, at the rate that was seen; leaving slow or quick."""
        rate, long = _rate(rows), max(float(np.average(rows.T, weights=rows.weight)), 1e-9)
        return [np.log([r, r / rate, s, s * long * slow]) for r, s, slow in
                ((0.5, 0.5, 1.0), (2.0, 1.0, 4.0), (0.3, 0.5, 0.2))]

    def parameters(self, theta: Numbers) -> tuple[float, ...]:
        return tuple(float(v) for v in np.exp(theta))

    def log_likelihood(self, theta: Numbers, rows: Rows) -> tuple[float, Numbers]:
        """Its value and its gradient by ``theta``."""
        value, slope = 0.0, np.zeros(4)
        for _, piece in rows.pieces(PIECE):
            some, more = self._piece(theta, piece)
            value, slope = value + some, slope + more
        return value, slope

    def _piece(self, theta: Numbers, rows: Rows) -> tuple[float, Numbers]:
        gammaln, digamma = special.gammaln, special.digamma
        r, alpha, s, beta = np.exp(theta)
        x, _, people = rows.levels
        w = rows.weight
        log_active, active, left = self._parts(theta, rows)
        power, end_a, end_b = r + rows.x, alpha + rows.T, beta + rows.T
        value = dot(gammaln(r + x) - gammaln(r), people) + rows.n * (r * theta[1] + s * theta[3]) + \
            dot(w, log_active - np.log(active))
        stay, go = w * active, w * (1 - active)
        slope_r = dot(digamma(r + x) - digamma(r), people) + rows.n * theta[1] - dot(stay, np.log(end_a)) - \
            dot(go, left[0])
        slope_alpha = rows.n * r / alpha - dot(stay * power, 1 / end_a) - dot(go * power, left[1])
        slope_s = rows.n * theta[3] - dot(stay, np.log(end_b)) - dot(go, left[2]) + go.sum() / s
        slope_beta = rows.n * s / beta - s * dot(stay, 1 / end_b) - (s + 1) * dot(go, left[3])
        return float(value), np.array([slope_r * r, slope_alpha * alpha, slope_s * s, slope_beta * beta])

    def _parts(self, theta: Numbers, rows: Rows) -> tuple[Numbers, Numbers, tuple[Numbers, ...]]:
        """Of each row: the logarithm of its likelihood while active, the share of that in the whole, and means over
        when those who left did so: of ln(alpha + t), 1/(alpha + t), ln(beta + t), 1/(beta + t).

        Those who left at t between t_x and T add s times the integral of (alpha + t)^-(r+x) (beta + t)^-(s+1): the
        difference of hypergeometric functions in the paper is this integral. It is taken by Gauss-Legendre
        quadrature in u = ln(m + t), m the smaller of alpha and beta, in which it is smooth and nothing cancels.
        """
        r, alpha, s, beta = np.exp(theta)
        m, power = min(alpha, beta), r + rows.x
        begin = np.log(m + rows.t_x)
        end = _where_it_matters(theta, rows, begin, np.log(m + rows.T))
        half = (end - begin) / 2
        u = begin[:, None] + half[:, None] * (NODES + 1)
        t = np.exp(u)
        log_a, log_b = np.log(t + (alpha - m)), np.log(t + (beta - m))
        log_f = u - power[:, None] * log_a - (s + 1) * log_b
        top = log_f.max(axis=1)
        f = np.exp(log_f - top[:, None]) * WEIGHTS
        whole = np.maximum(f.sum(axis=1), 1e-300)
        log_active = -power * np.log(alpha + rows.T) - s * np.log(beta + rows.T)
        log_left = theta[2] + top + np.log(whole) + np.log(np.maximum(half, 1e-300))
        active = 1 / (1 + np.exp(np.clip(log_left - log_active, -700, 700)))
        means = tuple((f * g).sum(axis=1) / whole for g in (log_a, np.exp(-log_a), log_b, np.exp(-log_b)))
        return log_active, active, means

    def alive(self, parameters: Sequence[float], rows: Rows) -> Numbers:
        """The probability that each is still active."""
        theta = np.log(parameters)
        return np.concatenate([self._parts(theta, piece)[1] for _, piece in rows.pieces(PIECE)] or [np.empty(0)])

    def expected(self, parameters: Sequence[float], rows: Rows, times: Numbers) -> Numbers:
        """Orders expected of each (rows) within each of ``times`` from now (columns): the paper's (22)."""
        r, alpha, s, beta = parameters
        logs = np.log1p(times[None, :] / (beta + rows.T)[:, None])
        rate = (r + rows.x) * (beta + rows.T) / (alpha + rows.T) * self.alive(parameters, rows)
        found: Numbers = rate[:, None] * logs * special.exprel((1 - s) * logs)
        return found

    def simulate(self, parameters: Sequence[float], ends: Numbers, rng: np.random.Generator) -> Rows:
        """As many new customers, each watched until their end."""
        r, alpha, s, beta = parameters
        rate, leaving = rng.gamma(r, 1 / alpha, len(ends)), rng.gamma(s, 1 / beta, len(ends))
        until = np.minimum(ends, rng.exponential(size=len(ends)) / np.maximum(leaving, 1e-300))
        x = rng.poisson(np.minimum(rate * until, 1e9))
        last = until * rng.random(len(ends)) ** (1 / np.maximum(x, 1))
        return Rows(x, np.where(x > 0, last, 0.0), ends, np.ones(len(ends)))

    def future(self, parameters: Sequence[float], rows: Rows, time: float, rng: np.random.Generator) -> Wholes:
        """The orders each might make within ``time`` from now."""
        r, alpha, s, beta = parameters
        rate, leaving = rng.gamma(r + rows.x) / (alpha + rows.T), rng.gamma(s, size=len(rows)) / (beta + rows.T)
        until = np.minimum(time, rng.exponential(size=len(rows)) / np.maximum(leaving, 1e-300))
        orders = rng.poisson(np.minimum(rate * until, 1e9))
        return np.where(rng.random(len(rows)) < self.alive(parameters, rows), orders, 0)


def _where_it_matters(theta: Numbers, rows: Rows, begin: Numbers, end: Numbers) -> Numbers:
    """The end of the integral in u, or where it has decayed below what a double holds, found by halving."""
    r, alpha, s, beta = np.exp(theta)
    m = min(alpha, beta)

    def decayed(u: Numbers) -> NDArray[np.bool_]:
        t = np.exp(u) - m
        found: Numbers = (r + rows.x) * np.log((alpha + t) / (alpha + rows.t_x)) + \
            (s + 1) * np.log((beta + t) / (beta + rows.t_x))
        return found > DEEP
    low, high = begin, end
    if decayed(end).any():
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            deep = decayed(middle)
            low, high = np.where(deep, low, middle), np.where(deep, middle, high)
    return np.where(decayed(end), high, end)
