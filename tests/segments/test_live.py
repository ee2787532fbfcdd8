"""Memberships kept up by looking at few are those of a look at everybody, and date from when they became true.

With ``--long``: a hundred shops of a hundred steps each, in twenty parts. Each part has a seed of its own, so that no
two are of the same shops; ``--hypothesis-seed N`` takes others. What fails is told with what makes it again.
"""

from __future__ import annotations

from datetime import timedelta
from operator import methodcaller

import pytest
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st

from regulars.rules import Condition, parse
from regulars.segments import advancing, kept_values
from regulars.segments.extracting import FEW
from regulars.segments.kept_values import FEW_CUSTOMERS
from tests.rules.shops import SEGMENTS
from tests.rules.trees import rules
from tests.segments.moving_shop import GAPS, MovingShop

SECONDS = (timedelta(0), timedelta(seconds=1), timedelta(seconds=5), timedelta(minutes=1), timedelta(minutes=9))
"""As the pages look: what is planned for the coming hour, and the texts compiled for the look before, are used."""
OF_TIME = ("any(orders in last 30 days)", "stopped(engagements for 7 days)", "anniversary(birth_date) in next 14 days",
           "anniversary(birth_date) in last 36 hours", "anniversary(signed_up_at) more than 60 days ago",
           "count(lines where category = 'red' in last 2 months) >= 1", "age >= 30 and any(visits)",
           "sequence(orders then no visits within 1 month)", "regularly(messages every 1 day, 1 of 3)",
           "since(orders) > 2.5", "last(orders) > yesterday", "any(tickets where (closed in last 7 days))",
           "signed_up_at in last 30 days or plan_since in last 1 month", "any(orders last month)",
           "signed_up_at in (today, yesterday)",
           "gap(orders in last 90 days) < 20", "count(visits in last 90 minutes) >= 1 or answer.nps > 1",
           "top 20% by count(orders in last 30 days)", "bottom 50% by sum(orders.total)")
OF_MINUTES = ("count(visits in last 2 minutes) >= 16", "any(messages where type = 'sent' in last 1 minute)",
              "stopped(orders for 2 minutes)", "last(events) between 1 and 3 minutes ago",
              "share(messages where type = 'sent' in last 2 minutes) > 0.2", "sum(orders.total in last 1 minute) > 50",
              "share(messages where type = 'sent' in last 1 minute) > 0.3",
              "no(tickets where (closed in last 7 days) in last 1 minute)", "since(checkouts) > 0.001")
LONG = settings.default.max_examples > 1_000  # type: ignore[union-attr]
PARTS, SHOPS, STEPS = (20, 5, 100) if LONG else (1, 2, 7)


@pytest.fixture(autouse=True)
def many_customers(monkeypatch: pytest.MonkeyPatch) -> None:
    """As of many customers, values are kept from look to look."""
    monkeypatch.setattr(kept_values, "FEW_CUSTOMERS", 0)


@pytest.mark.parametrize("part", range(PARTS))
def test_members_and_their_moments_are_the_models_after_every_step(part: int, pytestconfig: pytest.Config,
                                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    walked = 0

    # Not made smaller when it fails: a walk takes as long as all that would be tried.
    @seed(int(pytestconfig.getoption("--hypothesis-seed") or 0) * 1_000 + part)
    @settings(max_examples=SHOPS, phases=[Phase.generate])
    @given(st.lists(rules, min_size=3, max_size=7, unique_by=methodcaller("text")), st.integers(0, 10_000),
           st.booleans(), st.sampled_from([0, 0, FEW_CUSTOMERS]))
    def walk(many: list[Condition], number: int, by_seconds: bool, few_customers: int) -> None:
        nonlocal walked
        monkeypatch.setattr(kept_values, "FEW_CUSTOMERS", few_customers)
        shop = MovingShop(number, SECONDS if by_seconds else GAPS)
        for name, rule in SEGMENTS.items():
            shop.save(name, rule)
        for condition in many[2:]:
            shop.add_segment(condition)
        shop.look()
        for step in range(STEPS):
            change_segments(shop, many, step)
            shop.step()
            if step % 10 == 6:
                shop.rebuild()
            walked += 1

    walk()
    assert walked == SHOPS * STEPS


def change_segments(shop: MovingShop, many: list[Condition], step: int) -> None:
    """Now and then one more, another rule for one, and for one that others lean on."""
    if step % 50 == 2:
        shop.add_segment(many[step // 50 % len(many)])
    if step % 25 == 4:
        shop.edit_segment(many[(1 + step // 25) % len(many)])
    if step % 25 == 5:
        shop.edit_segment(parse(f"sum(orders.total) >= {step % 4}"), "VIP")


@pytest.mark.parametrize(("gaps", "few", "few_customers"), [
    (GAPS, FEW, 0), (SECONDS, FEW, 0), (GAPS, 0, 0), (GAPS, 0, FEW_CUSTOMERS)],
    ids=["months", "seconds", "months, of many at once", "months, of a few customers, many at once"])
def test_everything_that_time_can_change_turns_when_the_model_says(
        gaps: tuple[timedelta, ...], few: int, few_customers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    # Of many who are looked at, other statements are asked than of a few.
    monkeypatch.setattr(advancing, "FEW", few)
    monkeypatch.setattr(kept_values, "FEW_CUSTOMERS", few_customers)
    shop = MovingShop(1, gaps)
    for rule in OF_TIME:
        shop.add_segment(parse(rule))
    shop.look()
    for _ in range(6):
        shop.step()


def test_a_row_that_stops_counting_moves_whom_it_moves_though_newer_ones_count() -> None:
    shop = MovingShop(1, (timedelta(seconds=5), timedelta(seconds=20)))
    shop.crowd(apart=timedelta(seconds=7))
    for rule in OF_MINUTES:
        shop.add_segment(parse(rule))
    shop.look()
    for _ in range(6):
        shop.step()


@pytest.mark.parametrize("seed", [9, 10, 12], ids=["in March", "in December, Berlin", "in March, Lord Howe"])
def test_whom_the_beginning_of_a_month_moves_it_moves_at_once_and_at_that_moment(seed: int) -> None:
    shop = MovingShop(seed, (timedelta(hours=17),))
    shop.crowd(apart=timedelta(days=1))
    for rule in ("any(orders last month)", "any(orders this month) and no(visits last month)", "any(lines this year)",
                 "count(messages where type = 'sent' last month) >= 3", "sum(orders.total in last 1 month) > 50"):
        shop.add_segment(parse(rule))
    shop.look()
    for _ in range(3):
        shop.wait()
        shop.look()


@pytest.mark.parametrize("few_customers", [0, FEW_CUSTOMERS])
def test_what_came_for_many_at_once_stops_counting_within_the_hour(few_customers: int,
                                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(advancing, "FEW", 0)
    monkeypatch.setattr(kept_values, "FEW_CUSTOMERS", few_customers)
    shop = MovingShop(1, (timedelta(seconds=50),))
    shop.add_segment(parse("any(orders in last 2 minutes)"))
    shop.look()
    for step in range(7):
        shop.wait()
        if step == 3:
            shop.buy_now()
        shop.look()


@pytest.mark.parametrize("also", ["everybody's scores are others", "a note is written on the segment"])
def test_what_came_while_everybody_was_looked_at_stops_counting_within_the_hour(also: str) -> None:
    shop = MovingShop(1, (timedelta(seconds=50),))
    shop.add_segment(parse("any(orders in last 2 minutes)"))
    shop.look()
    for step in range(6):
        shop.wait()
        if step == 2:
            shop.buy_now()
            if also.startswith("everybody"):
                shop.score()
            else:
                shop.edit_segment(shop.model["s0"].rule)
        shop.look()


def test_a_rank_is_true_of_the_facts_where_no_other_segment_is_told_by_what_is_kept() -> None:
    shop = MovingShop(1, (timedelta(minutes=20),))
    for rule in ("any(tickets where (closed in last 7 days))", "top 20% by count(orders)"):
        shop.add_segment(parse(rule))
    shop.look()
    for _ in range(4):
        shop.wait()
        shop.buy_now()
        shop.look()
