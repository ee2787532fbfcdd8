"""What campaigns to one segment brought, one after the other, all together, and what that teaches of the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from regulars.outreach.results import CampaignResult
from regulars.outreach.results.judging import NO_CONTROL, ORDERS, PAID, PROFIT, Comparison, Share
from regulars.outreach.results.learning import Lift, lift_of
from regulars.outreach.results.means import Difference
from regulars.outreach.results.pooling import Pooled, pooled


@dataclass(frozen=True)
class Chapter:
    """A campaign's people of the segment: those who got it beside those who by chance did not.

    ``over``: everybody's time is; of a campaign without an end those are compared whose time is. ``drawn`` is the
    difference of the history's goal (mean, low, high) as all campaigns together tell it, None of one not among them.
    ``own_goal``: it was for something else than orders, by which it is told here all the same.
    """

    campaign: str
    channel: str
    began: datetime
    until: datetime | None
    over: bool
    comparison: Comparison
    drawn: tuple[float, float, float] | None = None
    own_goal: bool = False


@dataclass(frozen=True)
class History:
    """Of a ``segment``, the first campaign first. ``goal`` is what the differences are in: profit only where each of
    those that can be told knows it. ``together`` and ``ordered``: the difference of the goal, and of the share who
    order, of all that can be told; None of fewer than two. ``changed``: when its rule was last written."""

    segment: str
    now: datetime
    chapters: tuple[Chapter, ...]
    goal: str
    together: Pooled | None
    ordered: Pooled | None
    lift: Lift
    changed: datetime | None = None

    @property
    def told(self) -> list[Chapter]:
        """Those that are over and had a control group."""
        return [each for each in self.chapters if _tells(each)]


def chapter(result: CampaignResult, channel: str, began: datetime, *, own_goal: bool = False) -> Chapter:
    """Of the result of the segment's people alone."""
    return Chapter(result.asked.campaign, channel, began, result.until, result.done is None or result.done >= 1,
                   result.whole, own_goal=own_goal)


def history(segment: str, chapters: Sequence[Chapter], now: datetime, assumed: float,
            changed: datetime | None = None) -> History:
    """``assumed`` is what a message is taken to add to orders before any was measured."""
    in_order = sorted(chapters, key=lambda each: (each.began, each.campaign))
    told = [each.comparison for each in in_order if _tells(each)]
    goal = PROFIT if all(c.profit for c in told) else PAID if all(c.paid for c in told) else ORDERS
    places = [i for i, each in enumerate(in_order) if _tells(each) and _sure(of_goal(each.comparison, goal))]
    together = _pooled([of_goal(in_order[i].comparison, goal) for i in places])
    for place, i in enumerate(places if together else ()):
        assert together is not None
        drawn = tuple(float(x[place]) for x in (together.each, together.each_low, together.each_high))
        in_order[i] = Chapter(**{**vars(in_order[i]), "drawn": drawn})
    return History(segment, now, tuple(in_order), goal, together, _pooled([c.ordered for c in told]),
                   lift_of(told, assumed), changed)


def in_all(found: History) -> tuple[float, float, float] | None:
    """How much more of the goal those who got them came to than without, in all (value, low, high).

    What all together brought a person, or the one that can be told, times the people who got it; None where nothing
    can be told.
    """
    told = [(each.comparison.people, met) for each in found.told
            if (met := of_goal(each.comparison, found.goal)) and _sure(met)]
    people = sum(n for n, _met in told)
    if found.together:
        return people * found.together.mean, people * found.together.low, people * found.together.high
    return (people * told[0][1].value, people * told[0][1].low, people * told[0][1].high) if told else None


def of_goal(found: Comparison, goal: str) -> Share | Difference | None:
    """A comparison's difference of this goal."""
    return {ORDERS: found.ordered, PAID: found.paid, PROFIT: found.profit}[goal]


def _tells(each: Chapter) -> bool:
    return each.over and each.comparison.verdict != NO_CONTROL


def _sure(found: Share | Difference | None) -> bool:
    return found is not None and found.error > 0


def _pooled(found: Sequence[Share | Difference | None]) -> Pooled | None:
    sure = [each for each in found if each is not None and each.error > 0]
    return pooled([each.value for each in sure], [each.error for each in sure]) if len(sure) > 1 else None


__all__ = ["Chapter", "History", "chapter", "history", "in_all", "of_goal"]
