"""At the ends of months a month ago goes back: of 28, 29, 30 and 31 March it is 28 February, each day anew."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from regulars.model.settings import Settings
from regulars.segments.saved import Segments
from tests.rules.world import World, at, fresh_engine


class Orders:
    """A shop in UTC where each of many bought once, and one segment of them."""

    def __init__(self, rule: str, moments: Sequence[datetime], now: datetime) -> None:
        self.bought = {f"c{i}": moment for i, moment in enumerate(moments)}
        world = World(fresh_engine())
        world.people(*self.bought)
        world.orders(*self.bought.items())
        self.segments = Segments(world.engine, Settings(timezone="UTC"))
        self.segments.add("s", rule, now=now)
        self.segments.advance(now)

    def members(self, now: datetime) -> list[datetime]:
        """When those bought who are in as of then, by a look at few."""
        self.segments.advance(now)
        return sorted(self.bought[who] for who in self.segments.members("s")["customer_id"].to_pylist())


def every(minutes: int, first: str, last: str) -> list[datetime]:
    moments = [at(first)]
    while moments[-1] < at(last):
        moments.append(moments[-1] + timedelta(minutes=minutes))
    return moments


@pytest.mark.parametrize(("rule", "inside"), [
    ("any(orders in last 1 month)", True), ("stopped(orders for 1 month)", False)])
def test_looks_around_midnight_miss_nobody_whom_a_month_passes_again(rule: str, inside: bool) -> None:
    now = at("2026-03-28T23:20")
    shop = Orders(rule, every(4, "2026-02-28T00:00", "2026-03-01T00:00"), now)
    for _ in range(9):
        now += timedelta(minutes=9)
        month_ago = now.replace(month=2, day=28)
        assert shop.members(now) == [m for m in shop.bought.values() if (m > month_ago) is inside]


@pytest.mark.parametrize("step", [timedelta(minutes=100), timedelta(hours=7)])
def test_on_the_last_day_of_a_short_month_those_wait_out_a_month_who_bought_on_days_it_has_not(step: timedelta) -> None:
    now = at("2026-02-27T22:20")
    shop = Orders("sequence(orders then no visits within 1 month)", every(20, "2026-01-27T23:00", "2026-02-01T02:00"),
                  now)
    while now < at("2026-03-01T01:00"):
        now += step
        waited = [m for m in shop.bought.values() if month_after(m) <= now]
        assert shop.members(now) == waited


def month_after(moment: datetime) -> datetime:
    return moment.replace(month=moment.month + 1, day=min(moment.day, 28) if moment.month == 1 else moment.day)


@pytest.mark.parametrize(("looks", "since", "until"), [
    (("2026-03-28T13:00", "2026-03-30T01:00"), "2026-03-30T00:00", None),
    (("2026-03-28T09:00", "2026-03-31T18:00"), None, "2026-03-31T12:00"),
    (("2026-03-28T18:00", "2026-03-29T06:00", "2026-03-29T13:00"), "2026-03-29T00:00", "2026-03-29T12:00"),
    (("2026-03-28T18:00", "2026-04-02T06:00"), None, None)])
def test_who_comes_back_as_a_day_begins_came_then(looks: Sequence[str], since: str | None, until: str | None) -> None:
    shop = Orders("any(orders in last 1 month)", [at("2026-02-28T12:00")], at(looks[0]))
    for moment in looks[1:]:
        shop.segments.advance(at(moment))
    told = shop.segments.engine.rows("SELECT since, until FROM memberships")
    first = since or looks[0]
    assert told == ([(at(first), None if until is None else at(until))] if since or until else [])
