"""How many people it takes to see a difference, and what could be seen with those there are."""

from __future__ import annotations

from math import ceil, sqrt

from regulars.model.later import later

optimize = later("scipy.optimize")
stats = later("scipy.stats")
FOUR_IN_FIVE = 0.8
LARGEST_SHARE = 0.5
SMALL, LARGE = 1_000, 10_000


def seen_with(people: float, others: float, share: float, z: float, power: float = FOUR_IN_FIVE) -> float | None:
    """The smallest rise of the ``share`` who order (of the others) that is seen with this chance; None where even all
    of them ordering might not be.

    The normal approximation, with the variance of either share (Fleiss 1981, Statistical Methods for Rates, 3.2).
    """
    def short(rise: float) -> float:
        return rise - _needed(share, share + rise, people, others, z, power)
    most = 1 - share
    if people <= 0 or others <= 0 or most <= 0 or short(most) < 0:
        return None
    return float(optimize.brentq(short, 0.0, most))


def _needed(share: float, other: float, people: float, others: float, z: float, power: float) -> float:
    """The difference that standard errors demand."""
    common = (other * people + share * others) / (people + others)
    under_none = sqrt(common * (1 - common) * (1 / people + 1 / others))
    under_it = sqrt(other * (1 - other) / people + share * (1 - share) / others)
    return z * under_none + float(stats.norm.ppf(power)) * under_it


def people_for(share: float, lift: float, of_others: float, z: float, power: float = FOUR_IN_FIVE) -> int | None:
    """How many people in all, ``of_others`` of them in the control group, to see orders rise by ``lift`` (0.2: by a
    fifth) from ``share``; None where there is nothing to see."""
    rise = share * lift
    if not 0 < share < 1 or rise <= 0 or share + rise >= 1 or not 0 < of_others < 1:
        return None
    def short(n: float) -> float:
        return rise - _needed(share, share + rise, n * (1 - of_others), n * of_others, z, power)
    if short(1e12) <= 0:
        return None
    return ceil(optimize.brentq(short, 2.0, 1e12)) if short(2.0) < 0 else 2


def control_share(people: int) -> float:
    """How large a control group to take: half of few people, a tenth of many, between them ever less.

    The error hangs on the smaller group; with many, a tenth errs little and costs little.
    """
    if people <= SMALL:
        return LARGEST_SHARE if people <= SMALL / 2 else 0.3
    return 0.2 if people <= LARGE else 0.1


__all__ = ["control_share", "people_for", "seen_with"]
