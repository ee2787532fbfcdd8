"""What a campaign brought: those who got it beside those who by chance did not, in orders and in profit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from regulars.engines.duckdb import DuckDBEngine
from regulars.model.phrases import Sentence
from regulars.outreach.goals import Goal
from regulars.outreach.offers import Used
from regulars.outreach.results.judging import PROFIT, TOO_FEW, Comparison, Look, People, compare
from regulars.outreach.results.means import Brought
from regulars.outreach.results.pooling import pooled
from regulars.outreach.results.reading import Read, read

MESSAGE, CONTROL, HELD_OUT = "message", "control", "held out"


@dataclass(frozen=True)
class Assigned:
    """Where chance put somebody: ``arm``; the ``segment`` whose variant they would get, "" for those of no other; and
    the ``variant`` that is theirs. Their time begins at ``since``, naive UTC."""

    customer_id: str
    arm: str
    segment: str
    variant: str
    since: datetime


@dataclass(frozen=True)
class Asked:
    """What is asked of a campaign: of orders in so many ``days`` after each one's beginning. ``endless`` where ever
    more people come. ``goal`` is what the verdict is on. ``each`` is what a message costs, None where nobody knows.
    ``profits`` is SQL of ``order_id`` and ``profit``, None where nobody knows what goods cost; ``assumed`` where that
    of some is taken to be the share known of others. ``aim`` is what the campaign is for where that is no order, in
    words ``aimed``: then the verdict is on it."""

    campaign: str
    days: int
    endless: bool = False
    goal: str = PROFIT
    each: float | None = None
    profits: str | None = None
    assumed: bool = False
    aim: Goal | None = None
    aimed: Sentence | None = None


@dataclass(frozen=True)
class Part:
    """A part of a campaign: people of one ``segment``, with and without; or those of variant ``one`` beside ``other``.

    ``drawn``, ``low`` and ``high``: the difference drawn towards that of all parts, by as much as it is unsure.
    """

    comparison: Comparison
    segment: str = ""
    one: str = ""
    other: str = ""
    drawn: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class CampaignResult:
    """``until`` is when the last one's time is over, ``done`` the part of it that is (None for one without an end).

    ``whole`` is the message beside the control group, ``segments`` the same of each segment where there are several,
    ``tests`` variants that shared a segment by chance. ``waiting`` counts people whose time is not over in a campaign
    without an end, ``lost`` those who were merged across arms or erased. ``codes``: what became of its single codes.
    """

    asked: Asked
    now: datetime
    until: datetime | None
    done: float | None
    whole: Comparison
    segments: tuple[Part, ...]
    tests: tuple[Part, ...]
    paid: tuple[float, float]
    profit: tuple[float, float] | None
    waiting: int = 0
    lost: int = 0
    without_amount: int = 0
    codes: Used | None = None


def judge(engine: DuckDBEngine, asked: Asked, people: Sequence[Assigned], now: datetime) -> CampaignResult:
    """Of everybody who was put in an arm, whether or not the message arrived (intention to treat).

    Whoever is held out from everything is left aside: unlike the control group, they get no other campaign either.
    """
    window = timedelta(days=asked.days)
    people = [p for p in people if p.arm != HELD_OUT]
    over = [p for p in people if not asked.endless or p.since + window <= now]
    found = _read(engine, asked, over, window, now)
    mine = [over[i] for i in found.places]
    without = np.array([p.arm != MESSAGE for p in mine], bool)
    until = max((p.since + window for p in people), default=None)
    look = Look(None if asked.endless else _done(people, window, now))
    one, other = found.people.take(~without), found.people.take(without)
    one = _less(one, asked.each)
    return CampaignResult(
        asked, now, None if asked.endless else until, look.done, compare(one, other, look, asked.goal),
        _drawn(tuple(_segments(mine, found.people, without, look, asked))),
        tuple(_tests(mine, found.people, without, look, asked)), (one.paid.mean, other.paid.mean),
        (one.profit.mean, other.profit.mean) if one.profit and other.profit else None, len(people) - len(over),
        found.lost, found.without_amount)


def _read(engine: DuckDBEngine, asked: Asked, people: Sequence[Assigned], window: timedelta, now: datetime) -> Read:
    return read(engine, [p.customer_id for p in people], [p.since for p in people], [p.arm for p in people], window,
                now, asked.profits, asked.aim)


def _done(people: Sequence[Assigned], window: timedelta, now: datetime) -> float:
    """The part of the window that is over for those who came last."""
    last = max((p.since for p in people), default=now)
    return float(min(max((now - last) / window, 0.0), 1.0))


def _less(people: People, each: float | None) -> People:
    """What is left when what a message costs is taken off each one's profit."""
    if people.profit is None or not each:
        return people
    held = people.profit
    return replace(people, profit=Brought(held.amount - each, held.gross, held.before))


def _segments(mine: Sequence[Assigned], people: People, without: NDArray[np.bool_], look: Look,
              asked: Asked) -> Iterator[Part]:
    """Each segment's people with and without, where there are several."""
    names = sorted({p.segment for p in mine})
    for name in names if len(names) > 1 else ():
        here = np.array([p.segment == name for p in mine], bool)
        yield Part(compare(_less(people.take(here & ~without), asked.each), people.take(here & without), look,
                           asked.goal, len(names)), segment=name)


def _tests(mine: Sequence[Assigned], people: People, without: NDArray[np.bool_], look: Look,
           asked: Asked) -> Iterator[Part]:
    """Of each segment, every two variants that were sent to its people by chance."""
    sent = sorted({(p.segment, p.variant) for p, out in zip(mine, without, strict=True) if not out})
    pairs = [(s, a, b) for (s, a), (t, b) in combinations(sent, 2) if s == t]
    got = {pair: np.array([(p.segment, p.variant) == pair and not out for p, out in zip(mine, without, strict=True)],
                          bool) for pair in sent}
    for segment, a, b in pairs:
        yield Part(compare(people.take(got[segment, a]), people.take(got[segment, b]), look, asked.goal, len(pairs)),
                   segment, a, b)


def _drawn(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """With what each one's difference is when all are looked at together; as they are where fewer than two can be."""
    told = {i: p.comparison.of_goal for i, p in enumerate(parts) if p.comparison.verdict != TOO_FEW}
    sure = {i: d for i, d in told.items() if d is not None and d.error > 0}
    if len(sure) < 2:
        return parts
    found = pooled([d.value for d in sure.values()], [d.error for d in sure.values()])
    places = {i: place for place, i in enumerate(sure)}
    return tuple(Part(p.comparison, p.segment, p.one, p.other, None if i not in places else (
        float(found.each[places[i]]), float(found.each_low[places[i]]), float(found.each_high[places[i]])))
        for i, p in enumerate(parts))


__all__ = ["CONTROL", "HELD_OUT", "MESSAGE", "Asked", "Assigned", "CampaignResult", "Part", "judge"]
