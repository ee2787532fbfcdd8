"""How far apart two groups must be before it is said, however often somebody looks.

Whoever looks at a result every week and stops at the first that pleases finds one in nothing. The bounds here hold for
all looks together.
"""

from __future__ import annotations

from functools import lru_cache
from math import log, sqrt

from regulars.model.later import later

optimize = later("scipy.optimize")
stats = later("scipy.stats")
LEVEL = 0.05
EARLY = 2.5
"""Before the window is over the difference must pass this, times the square root of 1 over the part that is over: the
bound of O'Brien & Fleming (1979), Biometrics 35:549, for looks at any time."""
AT_BEST = 500.0
"""People (of the smaller group, twice) around which the bound of campaigns without an end is narrowest."""


@lru_cache(maxsize=64)
def when_over(level: float = LEVEL) -> float:
    """The bound once the window is over, such that all looks together err in ``level``.

    A Brownian motion that must neither touch ±EARLY on its way nor end beyond the bound (by the reflections of its end;
    Siegmund 1985, Sequential Analysis, III.3). A bound of a stricter level keeps the ratio of the two.
    """
    if level != LEVEL:
        return when_over() * _plain(level) / _plain(LEVEL)
    return float(optimize.brentq(lambda b: _stays(EARLY, b) - (1 - level), 1.0, EARLY))


def _stays(wall: float, end: float) -> float:
    """The chance to stay within ±wall until 1, and to be within ±end then."""
    return float(sum((-1) ** k * (stats.norm.cdf(end + 2 * k * wall) - stats.norm.cdf(-end + 2 * k * wall))
                     for k in range(-6, 7)))


def _plain(level: float) -> float:
    return float(stats.norm.isf(level / 2))


def bound(done: float, level: float = LEVEL) -> float:
    """In standard errors, for a campaign whose window is over to the part ``done`` (0 to 1)."""
    if done >= 1:
        return when_over(level)
    return EARLY * _plain(level) / _plain(LEVEL) / sqrt(max(done, 1e-6))


def endless_bound(people: float, level: float = LEVEL) -> float:
    """In standard errors, where more people keep coming: ``people`` is how many there are by now, in effect.

    The mixture of Robbins (1970), Annals of Mathematical Statistics 41:1397.
    """
    at = 2 * log(1 / level)
    rho = AT_BEST / (at + log(1 + at))
    known = max(people, 1.0)
    return sqrt((1 + rho / known) * log((1 + known / rho) / level**2))


__all__ = ["LEVEL", "bound", "endless_bound", "when_over"]
