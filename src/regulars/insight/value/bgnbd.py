"""The BG/NBD model of Fader, Hardie and Lee (2005), "Counting your customers" the easy way, Marketing Science 24(2).

While active, a customer orders at random at a rate that is gamma distributed over customers (r, alpha); after each
order they leave with a probability that is beta distributed (a, b).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from regulars.insight.value.rows import Numbers, Rows, Wholes, dot
from regulars.model.later import later

linalg = later("scipy.linalg")
special = later("scipy.special")
NODES = 24
PIECE = 20_000


class BGNBD:
    """The model; ``parameters`` are r, alpha, a, b, ``theta`` their logarithms."""

    name = "bg-nbd"
    names = ("r", "alpha", "a", "b")
    largest = 10_000_000

    def starts(self, rows: Rows) -> list[Numbers]:
        """Where to begin looking: few and many who differ, at the rate that was seen."""
        rate = _rate(rows)
        return [np.log([r, r / rate, a, b]) for r, a, b in ((0.5, 0.5, 2.0), (2.0, 0.2, 2.0), (0.2, 2.0, 6.0))]

    def parameters(self, theta: Numbers) -> tuple[float, ...]:
        return tuple(float(v) for v in np.exp(theta))

    def log_likelihood(self, theta: Numbers, rows: Rows) -> tuple[float, Numbers]:
        """Its value and its gradient by ``theta``.

        In the form that neither overflows nor cancels: Fader and Hardie (2013), Overcoming the BG/NBD model's #NUM!
        error problem, note 027.
        """
        gammaln, digamma = special.gammaln, special.digamma
        r, alpha, a, b = np.exp(theta)
        x, which, people = rows.levels
        fixed = gammaln(r + x) - gammaln(r) + gammaln(a + b) - gammaln(a + b + x) + gammaln(b + x) - gammaln(b)
        room = np.maximum(b + x - 1, 1e-300)
        left = np.where(x > 0, a / room, 0.0)[which]
        end, last = 1 / (alpha + rows.T), 1 / (alpha + rows.t_x)
        log_last, power, w = -np.log(last), r + rows.x, rows.weight
        log_stayed = power * (log_last + np.log(end))
        stayed, never = np.exp(log_stayed), rows.x == 0
        both = np.where(never, 1.0, stayed + left)
        value = dot(fixed, people) + rows.n * r * theta[1] - dot(w * power, log_last) + \
            dot(w, np.log(both) + np.where(never, log_stayed, 0.0))
        share = np.where(never, w, w * stayed / both)
        of_left = np.bincount(which, w - share, len(x)).astype(float)
        slope_r = dot(digamma(r + x) - digamma(r), people) + rows.n * theta[1] - dot(w, log_last) + \
            dot(share, log_stayed / power)
        slope_alpha = rows.n * r / alpha - dot(w * power, last) + dot(share * power, last - end)
        common = digamma(a + b) - digamma(a + b + x)
        slope_a = dot(common, people) + of_left.sum() / a
        slope_b = dot(common + digamma(b + x) - digamma(b), people) - dot(of_left, np.where(x > 0, 1 / room, 0.0))
        return float(value), np.array([slope_r * r, slope_alpha * alpha, slope_a * a, slope_b * b])

    def alive(self, parameters: Sequence[float], rows: Rows) -> Numbers:
        """The probability that each is still active; 1 for those who never came back, as the model has it."""
        r, alpha, a, b = parameters
        odds = np.log(a) - np.log(np.maximum(b + rows.x - 1, 1e-300)) + \
            (r + rows.x) * (np.log(alpha + rows.T) - np.log(alpha + rows.t_x))
        return np.where(rows.x > 0, 1 / (1 + np.exp(np.minimum(odds, 700))), 1.0)

    def expected(self, parameters: Sequence[float], rows: Rows, times: Numbers) -> Numbers:
        """Orders expected of each (rows) within each of ``times`` from now (columns).

        The paper's (10) as the mean over who is still active, p ~ beta(a, b + x), of (1 - E exp(-lambda p t)) / p, by
        Gauss-Jacobi quadrature: it needs no hypergeometric function and has no hole at a = 1.
        """
        r, alpha, a, b = parameters
        found = np.empty((len(rows), len(times)))
        x, which, _ = rows.levels
        order = np.argsort(which, kind="stable")
        ends = np.cumsum(np.bincount(which, minlength=len(x)))
        for level, (start, end) in enumerate(zip(np.r_[0, ends[:-1]], ends, strict=True)):
            p, weight = _beta_nodes(a, b + x[level])
            for begin in range(start, end, PIECE):
                some = order[begin:min(begin + PIECE, end)]
                scaled = times[None, :] / (alpha + rows.T[some])[:, None]
                found[some] = sum(w / q * -np.expm1(-(r + x[level]) * np.log1p(q * scaled))
                                  for q, w in zip(p, weight, strict=True))
        return found * self.alive(parameters, rows)[:, None]

    def chance(self, parameters: Sequence[float], rows: Rows, time: float) -> Numbers:
        """The probability that each orders at all within ``time`` from now: whoever is active leaves only after an
        order, so the wait for it is that of one who stays."""
        r, alpha = parameters[:2]
        waits = -np.expm1((r + rows.x) * -np.log1p(time / (alpha + rows.T)))
        found: Numbers = self.alive(parameters, rows) * waits
        return found

    def simulate(self, parameters: Sequence[float], ends: Numbers, rng: np.random.Generator) -> Rows:
        """As many new customers, each watched until their end."""
        r, alpha, a, b = parameters
        rate, leaving = rng.gamma(r, 1 / alpha, len(ends)), rng.beta(a, b, len(ends))
        arrivals, x = _orders(rate, leaving, ends, rng)
        place = rng.beta(np.maximum(x, 1), np.maximum(arrivals - x + 1, 1))
        return Rows(x, np.where(x > 0, ends * place, 0.0), ends, np.ones(len(ends)))

    def future(self, parameters: Sequence[float], rows: Rows, time: float, rng: np.random.Generator) -> Wholes:
        """The orders each might make within ``time`` from now."""
        r, alpha, a, b = parameters
        rate = rng.gamma(r + rows.x) / (alpha + rows.T)
        leaving = rng.beta(a, b + rows.x)
        _, orders = _orders(rate, leaving, np.full(len(rows), time), rng)
        return np.where(rng.random(len(rows)) < self.alive(parameters, rows), orders, 0)


def _rate(rows: Rows) -> float:
    """Orders in a unit of time, over everyone."""
    return max(dot(rows.weight, rows.x.astype(float)), 0.5) / max(dot(rows.weight, rows.T), 1e-9)


def _orders(rate: Numbers, leaving: Numbers, ends: Numbers, rng: np.random.Generator) -> tuple[Wholes, Wholes]:
    """Arrivals within each one's time, and how many of them come before they leave."""
    arrivals = rng.poisson(np.minimum(rate * ends, 1e9))
    return arrivals, np.minimum(arrivals, rng.geometric(np.clip(leaving, 1e-12, 1)))


def _beta_nodes(a: float, b: float) -> tuple[Numbers, Numbers]:
    """Nodes and weights, adding up to 1, of the beta distribution.

    Golub and Welsch (1969): from the recurrence of Jacobi's polynomials, which large parameters do not overflow.
    """
    n, both = np.arange(1, NODES), a + b - 2
    middle = np.empty(NODES)
    middle[0] = (a - b) / (both + 2)
    middle[1:] = (a - b) * both / ((2 * n + both) * (2 * n + both + 2))
    beside = 4 * n * (n + b - 1) * (n + a - 1) / ((2 * n + both) ** 2 * (2 * n + both + 1))
    beside[1:] *= (n + both)[1:] / (2 * n + both - 1)[1:]
    z, vectors = linalg.eigh_tridiagonal(middle, np.sqrt(beside))
    return (z + 1) / 2, vectors[0] ** 2
