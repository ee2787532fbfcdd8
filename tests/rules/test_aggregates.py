"""What each function makes of a customer's rows: of none, of one, of ties; counted by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from tests.rules.world import NOON, World

DAY = timedelta(days=1)
FUNCTIONS_OF_ROWS = ("count", "first", "last", "gap", "since", "share")
FUNCTIONS_OF_A_COLUMN = ("sum", "avg", "min", "max", "median", "distinct")


@pytest.mark.parametrize("function", [*FUNCTIONS_OF_ROWS, *FUNCTIONS_OF_A_COLUMN, "favourite"])
def test_only_count_and_sum_are_known_of_nothing(world: World, function: str) -> None:
    world.people("1")
    column = "" if function in FUNCTIONS_OF_ROWS else ".channel" if function == "favourite" else ".total"
    for window in ("", " in last 30 days", " where discount = 7"):
        expected = "1" if function in ("count", "sum") else ""
        assert world.who(f"{function}(orders{column}{window}) is known") == expected


def test_count_and_sum_of_nothing_are_0(world: World) -> None:
    world.people("1", "2")
    world.orders(("2", NOON - 40 * DAY, Decimal(5)))
    assert world.who("count(orders) = 0") == "1"
    assert world.who("sum(orders.total) = 0") == "1"
    assert world.who("count(orders in last 30 days) = 0") == "1 2"
    assert world.who("sum(orders.total in last 30 days) = 0") == "1 2"


def test_the_sum_of_unknown_amounts_is_0_too(world: World) -> None:
    world.people("1")
    world.orders(("1", NOON, None))
    assert world.who("sum(orders.total) = 0") == "1"
    assert world.who("count(orders) = 1") == "1"
    assert world.who("avg(orders.total) is known") == ""
    assert world.who("max(orders.total) is known") == ""
    assert world.who("distinct(orders.total) = 0") == "1"


def test_one_row(world: World) -> None:
    world.people("1")
    world.orders(("1", NOON - 36 * DAY / 24, Decimal("12.5")), channel="online")
    for rule in ("count(orders) = 1", "sum(orders.total) = 12.5", "avg(orders.total) = 12.5",
                 "min(orders.total) = 12.5",
                 "max(orders.total) = 12.5", "median(orders.total) = 12.5", "distinct(orders.total) = 1",
                 "first(orders) = 2026-11-21T00:00", "last(orders) = 2026-11-21T00:00",
                 "favourite(orders.channel) = 'ONLINE'", "share(orders) = 1", "share(orders where total > 99) = 0",
                 "gap(orders) is not known", "since(orders) = 1.5"):
        assert world.who(rule) == "1", rule


def test_several_rows(world: World) -> None:
    world.people("1")
    days_ago = {16: "1.00", 10: "2.00", 6: None, 4: "9.00"}
    world.orders(*(("1", NOON - d * DAY, None if t is None else Decimal(t)) for d, t in days_ago.items()))
    for rule in ("count(orders) = 4", "sum(orders.total) = 12", "avg(orders.total) = 4", "median(orders.total) = 2",
                 "min(orders.total) = 1", "max(orders.total) = 9", "distinct(orders.total) = 3", "gap(orders) = 4",
                 "since(orders) = 4", "gap(orders in last 10 days) = 2", "share(orders where total > 1) = 0.5",
                 "share(orders where total > 1 in last 11 days) between 0.666 and 0.667",
                 "median(orders.total where total != 2) = 5", "first(orders in last 10 days) = 2026-11-16",
                 "first(orders) = 2026-11-06", "last(orders before 2026-11-13) = 2026-11-12"):
        assert world.who(rule) == "1", rule


def test_share_is_of_the_rows_in_the_window_and_unknown_without_any(world: World) -> None:
    world.people("none", "half", "past")
    world.orders(("half", NOON), ("half", NOON - DAY), ("past", NOON - 90 * DAY), promo_code="X")
    world.orders(("half", NOON - 2 * DAY), ("half", NOON - 3 * DAY))
    assert world.who("share(orders where promo_code is known in last 30 days) = 0.5") == "half"
    assert world.who("share(orders where promo_code is known in last 30 days) is known") == "half"
    assert world.who("share(orders where promo_code is known) = 1") == "past"


def test_favourite_is_the_most_frequent_and_ties_go_to_the_most_recent(world: World) -> None:
    world.people("most", "tie", "same moment", "unknown")
    world.orders(("most", NOON - 9 * DAY), ("most", NOON - 8 * DAY), channel="Store")
    world.orders(("most", NOON), ("tie", NOON - DAY), ("same moment", NOON), channel="phone")
    world.orders(("tie", NOON - 2 * DAY), ("same moment", NOON), ("most", NOON - 7 * DAY), channel="online")
    world.orders(("unknown", NOON), ("tie", NOON), ("tie", NOON), ("tie", NOON))
    assert world.who("favourite(orders.channel) = 'store'") == "most"
    assert world.who("favourite(orders.channel) = 'phone'") == "tie"
    assert world.who("favourite(orders.channel) = 'online'") == "same moment"
    assert world.who("favourite(orders.channel) is not known") == "unknown"


def test_spellings_of_one_text_count_together(world: World) -> None:
    world.people("1")
    for i, channel in enumerate(("Straße", "STRASSE", " strasse", "Weg", "Weg", "Platz")):
        world.put("visits", {"visit_id": str(i), "customer_id": "1", "at": NOON - i * DAY, "category": channel})
    assert world.who("distinct(visits.category) = 3") == "1"
    assert world.who("favourite(visits.category) = 'straße'") == "1"


def test_a_favourite_may_be_a_number_a_moment_or_a_yes(world: World) -> None:
    world.people("1")
    world.orders(("1", NOON - DAY, Decimal("5")), ("1", NOON - 2 * DAY, Decimal("5.0")), ("1", NOON, Decimal("7")),
                 returned=False)
    assert world.who("favourite(orders.total) = 5") == "1"
    assert world.who("favourite(orders.returned) = false") == "1"
    assert world.who("favourite(orders.at) = 2026-11-22T12:00") == "1"


def test_median_lies_between_the_two_middle_ones(world: World) -> None:
    world.people("1", "2")
    world.orders(*(("1", NOON, Decimal(t)) for t in ("1", "2", "10", "100")), *(("2", NOON, Decimal(t)) for t in "352"))
    assert world.who("median(orders.total) = 6") == "1"
    assert world.who("median(orders.total) = 3") == "2"


def test_gap_needs_two_rows_and_rows_of_one_moment_have_none(world: World) -> None:
    world.people("1", "2", "3")
    world.orders(("1", NOON), ("2", NOON), ("2", NOON), ("3", NOON - DAY), ("3", NOON), ("3", NOON))
    assert world.who("gap(orders) is not known") == "1"
    assert world.who("gap(orders) = 0") == "2"
    assert world.who("gap(orders) = 0.5") == "3"


def test_least_and_greatest_of_moments(world: World) -> None:
    world.people("1")
    world.put("tickets", *({"ticket_id": str(d), "customer_id": "1", "at": NOON - d * DAY, "effort": d,
                            "closed": None if d == 3 else NOON - (d - 1) * DAY} for d in (1, 2, 3)))
    assert world.who("max(tickets.closed) = 2026-11-22T12:00") == "1"
    assert world.who("min(tickets.closed) yesterday") == "1"
    assert world.who("avg(tickets.effort) = 2") == "1"
    assert world.who("sum(tickets.effort) = 6") == "1"
    assert world.who("count(tickets where (closed in last 1 day) in last 30 days) = 1") == "1"
    assert world.who("count(tickets where closed is not known) = 1") == "1"


def test_any_and_no_are_sugar_for_counts(world: World) -> None:
    world.people("1", "2")
    world.orders(("1", NOON, Decimal(3)))
    assert world.who("any(orders where total = 3)") == world.who("count(orders where total = 3) >= 1") == "1"
    assert world.who("no(orders where total = 3)") == world.who("count(orders where total = 3) = 0") == "2"


def test_rules_about_one_fact_do_not_disturb_each_other(world: World) -> None:
    world.people("1", "2")
    world.orders(("1", NOON, Decimal(3)), ("2", NOON - 40 * DAY, Decimal(4)))
    assert world.who("count(orders in last 30 days) = 1 and max(orders.total) = 3") == "1"
    assert world.who("count(orders in last 30 days) = 0 and max(orders.total) = 4 and count(orders) = 1") == "2"
    assert world.who("sum(orders.total in last 30 days) = 0 and sum(orders.total) = 4") == "2"


def test_sums_over_many_small_amounts_are_exact(world: World) -> None:
    world.people("1")
    world.orders(*(("1", datetime(2026, 1, 1), Decimal("0.0001")) for _ in range(1000)))
    assert world.who("sum(orders.total) = 0.1") == "1"
