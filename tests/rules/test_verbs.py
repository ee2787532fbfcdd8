"""stopped, restarted, regularly, sequence, anniversary (rules.md, Meaning 6), on their edges."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from tests.rules.world import BERLIN, NEW_YORK, NOON, World, at

TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)


def test_stopped_has_rows_and_none_in_the_last_d(world: World) -> None:
    world.people("edge", "just inside", "never", "long ago", "future")
    world.orders(("edge", NOON - 60 * DAY), ("just inside", NOON - 60 * DAY + TICK), ("long ago", NOON - 900 * DAY),
                 ("future", NOON + DAY), ("future", NOON - 61 * DAY))
    assert world.who("stopped(orders for 60 days)") == "edge future long ago"
    assert world.who("not stopped(orders for 60 days)") == "just inside never"
    assert world.who("stopped(orders in last 1 year for 60 days)") == "edge future"
    assert world.who("stopped(orders for 0 days)") == "edge future just inside long ago"


def test_stopped_heeds_where_and_months_of_the_calendar(world: World) -> None:
    world.people("1", "2")
    world.orders(("1", datetime(2026, 9, 30, 12)), ("2", datetime(2026, 9, 30, 12, 0, 0, 1)), channel="web")
    world.orders(("1", NOON), channel="store")
    now = datetime(2026, 10, 31, 12)
    assert world.who("stopped(orders where channel = 'web' for 1 month)", now) == "1"


def test_restarted_is_when_the_newest_row_came_at_least_d_after_the_one_before(world: World) -> None:
    world.people("edge", "too soon", "one", "none", "once, then steady", "twin")
    world.orders(("edge", NOON - 90 * DAY), ("edge", NOON), ("too soon", NOON - 90 * DAY + TICK), ("too soon", NOON),
                 ("one", NOON), ("once, then steady", NOON - 300 * DAY), ("once, then steady", NOON - DAY),
                 ("once, then steady", NOON), ("twin", NOON - 200 * DAY), ("twin", NOON), ("twin", NOON))
    assert world.who("restarted(orders after 90 days)") == "edge"
    assert world.who("restarted(orders after 0 days)") == "edge once, then steady too soon twin"
    assert world.who("restarted(orders in last 30 days after 90 days)") == ""


def test_restarted_after_a_month_counts_by_the_calendar_and_wall_clock(world: World) -> None:
    """From 31 January a month lasts to 28 February; from 25 September 02:30 to the first 02:30 of 25 October."""
    world.people("1", "2", "3", "4")
    world.orders(("1", datetime(2026, 1, 31, 12)), ("1", datetime(2026, 2, 28, 12)),
                 ("2", datetime(2026, 1, 31, 12)), ("2", datetime(2026, 2, 28, 12) - TICK))
    assert world.who("restarted(orders after 1 month)") == "1"
    start = at("2026-09-25T02:30", BERLIN)
    first = datetime(2026, 10, 25, 0, 30)
    world.orders(("3", start), ("3", first), ("4", start), ("4", first - TICK))
    assert world.who("restarted(orders after 1 month)", zone=BERLIN) == "1 3"


def test_restarted_into_the_skipped_hour(world: World) -> None:
    """Two years after 29 March 2024 02:30 is 29 March 2026 02:30, which was skipped and means 03:30: 01:30 UTC."""
    world.people("1", "2")
    begun, reached = at("2024-03-29T02:30", BERLIN), datetime(2026, 3, 29, 1, 30)
    world.orders(("1", begun), ("1", reached), ("2", begun), ("2", reached - TICK))
    assert world.who("restarted(orders after 2 years)", zone=BERLIN) == "1"


def test_regularly_asks_how_many_of_the_last_periods_hold_a_row(world: World) -> None:
    """Three periods of ten days end at now: (now-30d, now-20d], (now-20d, now-10d], (now-10d, now]."""
    days_ago = {"all": (0, 10, 20), "far ends": (30, 29.999, 19.999, 9.999), "two of three": (5, 6, 25),
                "outside": (30, 31),
                "one": (10,), "none": ()}
    world.people(*days_ago)
    world.orders(*((who, NOON - d * DAY) for who, days in days_ago.items() for d in days))
    assert world.who("regularly(orders every 10 days, 3 of 3)") == "all far ends"
    assert world.who("regularly(orders every 10 days, 2 of 3)") == "all far ends two of three"
    assert world.who("regularly(orders every 10 days, 1 of 3)") == "all far ends one two of three"
    assert world.who("regularly(orders every 10 days, 1 of 1)") == "all far ends two of three"
    assert world.who("not regularly(orders every 10 days, 1 of 3)") == "none outside"


def test_regularly_by_months_counts_each_back_from_now(world: World) -> None:
    """From 31 March, months end on 31 March, 28 February and 31 January: not on 28 January."""
    now = datetime(2026, 3, 31, 12)
    world.people("1", "2")
    world.orders(("1", datetime(2026, 2, 28, 12)), ("2", datetime(2026, 2, 28, 12, 0, 0, 1)))
    world.orders(("1", datetime(2026, 3, 30)), ("2", datetime(2026, 1, 31, 12)))
    assert world.who("regularly(orders every 1 month, 2 of 2)", now) == "1"
    assert world.who("regularly(orders every 1 month, 2 of 3)", now) == "1 2"


def test_regularly_heeds_where_and_window(world: World) -> None:
    world.people("1")
    world.orders(("1", NOON), ("1", NOON - 10 * DAY), channel="web")
    world.orders(("1", NOON - 20 * DAY), channel="store")
    assert world.who("regularly(orders where channel = 'web' every 10 days, 2 of 3)") == "1"
    assert world.who("regularly(orders where channel = 'web' every 10 days, 3 of 3)") == ""
    assert world.who("regularly(orders in last 15 days every 10 days, 3 of 3)") == ""


def visits_and_orders(world: World, **moments: tuple[list[float], list[float]]) -> None:
    """Customers with visits and orders so many days ago."""
    world.people(*moments)
    for who, (visits, orders) in moments.items():
        world.put("visits", *({"visit_id": f"{who}{d}", "customer_id": who, "at": NOON - d * DAY} for d in visits))
        if orders:
            world.orders(*((who, NOON - d * DAY) for d in orders))


MICRO = 1 / 86_400_000_000


def test_a_sequence_is_a_b_later_than_an_a_and_at_most_d_later(world: World) -> None:
    visits_and_orders(world, edge=([20], [13]), late=([20], [13 - MICRO]), same=([20], [20]), before=([20], [21]),
                      second=([40, 20], [19]), alone=([20], []), reverse=([], [20]), both=([20, 20], [20, 19]))
    assert world.who("sequence(visits then orders within 7 days)") == "both edge second"
    assert world.who("sequence(orders then visits within 7 days)") == "before"
    assert world.who("not sequence(visits then orders within 7 days)") == "alone before late reverse same"


def test_a_sequence_without_needs_an_a_that_is_at_least_d_old(world: World) -> None:
    visits_and_orders(world, edge=([7], []), young=([7 - MICRO], []), followed=([20], [13]), late=([20], [13 - MICRO]),
                      same=([20], [20]), one_of_two=([40, 20], [19]), nothing=([], []))
    assert world.who("sequence(visits then no orders within 7 days)") == "edge late one_of_two same"


def test_a_sequence_within_one_fact_and_with_conditions(world: World) -> None:
    world.people("1", "2", "3")
    for who, kinds in (("1", ("Trial Started", "Paid")), ("2", ("Paid", "Trial Started")), ("3", ("Trial Started",))):
        world.put("events", *({"event_id": f"{who}{i}", "customer_id": who, "at": NOON - (9 - i) * DAY, "name": kind}
                              for i, kind in enumerate(kinds)))
    then = "sequence(events where name = 'trial started' then {}events where name = 'PAID' within 1 week)"
    assert world.who(then.format("")) == "1"
    assert world.who(then.format("no ")) == "2 3"
    assert world.who("sequence(events then events within 1 day)") == "1 2"


def test_a_sequence_within_a_month_counts_by_the_calendar(world: World) -> None:
    world.people("1", "2")
    for who, order in (("1", datetime(2026, 2, 28, 12)), ("2", datetime(2026, 2, 28, 12) + TICK)):
        world.put("visits", {"visit_id": who, "customer_id": who, "at": datetime(2026, 1, 31, 12)})
        world.orders((who, order))
    assert world.who("sequence(visits then orders within 1 month)") == "1"
    assert world.who("sequence(visits then no orders within 1 month)") == "2"
    assert world.who("sequence(visits then no orders within 1 month)", datetime(2026, 2, 28, 12) - TICK) == ""


def test_a_b_after_now_follows_nothing(world: World) -> None:
    world.people("1")
    world.put("visits", {"visit_id": "1", "customer_id": "1", "at": NOON - 7 * DAY})
    world.orders(("1", NOON + TICK))
    assert world.who("sequence(visits then orders within 30 days)") == ""
    assert world.who("sequence(visits then no orders within 7 days)") == "1"


def test_an_anniversary_within_the_next_days_includes_both_ends(world: World) -> None:
    """From 22 November, the next 14 days are 22 November to 6 December."""
    for born in ("1990-11-21", "1990-11-22", "1990-12-06", "1990-12-07", "2026-11-25"):
        world.put("customers", {"customer_id": born, "birth_date": date.fromisoformat(born)})
    world.people("unborn")
    assert world.who("anniversary(birth_date) in next 14 days") == "1990-11-22 1990-12-06"
    assert world.who("anniversary(birth_date) today") == "1990-11-22"
    assert world.who("anniversary(birth_date) yesterday") == "1990-11-21"
    assert world.who("anniversary(birth_date) in last 1 day") == "1990-11-21 1990-11-22"
    assert world.who("anniversary(birth_date) less than 1 day ago") == "1990-11-21 1990-11-22"
    assert world.who("anniversary(birth_date) this month") == "1990-11-21 1990-11-22"
    everybody = "1990-11-21 1990-11-22 1990-12-06 1990-12-07 2026-11-25"
    assert world.who("anniversary(birth_date) in next 400 days") == everybody
    assert world.who("anniversary(birth_date) between 0 and 1 days ago") == "1990-11-21 1990-11-22"


def test_a_window_over_new_year(world: World) -> None:
    for born in ("1990-12-31", "1991-01-01", "1991-01-05", "1991-01-06"):
        world.put("customers", {"customer_id": born, "birth_date": date.fromisoformat(born)})
    assert world.who("anniversary(birth_date) in next 6 days", datetime(2026, 12,
                                                                        30)) == "1990-12-31 1991-01-01 1991-01-05"


def test_those_born_on_a_leap_day_celebrate_on_the_28th_in_common_years(world: World) -> None:
    for born in ("2000-02-28", "2000-02-29", "2000-03-01"):
        world.put("customers", {"customer_id": born, "birth_date": date.fromisoformat(born)})
    assert world.who("anniversary(birth_date) today", datetime(2026, 2, 28)) == "2000-02-28 2000-02-29"
    assert world.who("anniversary(birth_date) today", datetime(2026, 3, 1)) == "2000-03-01"
    assert world.who("anniversary(birth_date) today", datetime(2028, 2, 28)) == "2000-02-28"
    assert world.who("anniversary(birth_date) today", datetime(2028, 2, 29)) == "2000-02-29"
    assert world.who("anniversary(birth_date) in next 1 day", datetime(2027, 2, 27)) == "2000-02-28 2000-02-29"
    assert world.who("anniversary(birth_date) from 2100-02-28 to 2100-02-28") == "2000-02-28 2000-02-29"


def test_the_anniversary_of_a_moment_is_that_of_its_day_in_the_shop(world: World) -> None:
    """02:00 UTC on 22 November is still the 21st in New York."""
    world.put("customers", {"customer_id": "1", "signed_up_at": datetime(2020, 11, 22, 2)})
    assert world.who("anniversary(signed_up_at) today", at("2026-11-21T12:00", NEW_YORK), NEW_YORK) == "1"
    assert world.who("anniversary(signed_up_at) today", at("2026-11-22T12:00", NEW_YORK), NEW_YORK) == ""
    assert world.who("anniversary(signed_up_at) today", at("2026-11-22T12:00", BERLIN), BERLIN) == "1"


def test_the_day_of_anniversaries_turns_at_midnight_of_the_shop(world: World) -> None:
    world.put("customers", {"customer_id": "1", "birth_date": date(1990, 3, 29)})
    midnight = at("2026-03-29T00:00", BERLIN)
    assert world.who("anniversary(birth_date) today", midnight - TICK, BERLIN) == ""
    assert world.who("anniversary(birth_date) today", midnight, BERLIN) == "1"
    assert world.who("anniversary(birth_date) today", midnight + timedelta(hours=23) - TICK, BERLIN) == "1"
    assert world.who("anniversary(birth_date) today", midnight + timedelta(hours=23), BERLIN) == ""


@pytest.mark.parametrize(("zone", "wall"), [
    # Clocks went forward and back between, or do in the next days; in Havana and Beirut at midnight.
    ("Europe/Amsterdam", "2026-04-02T00:30"), ("Europe/Amsterdam", "2026-10-30T23:30"),
    ("Europe/Amsterdam", "2026-03-20T23:30"), ("Europe/Amsterdam", "2026-10-20T00:30"),
    ("America/Havana", "2026-03-22T00:30"), ("America/Havana", "2026-11-05T23:30"),
    ("Asia/Beirut", "2026-04-12T00:30"), ("Asia/Beirut", "2026-10-24T23:30")])
def test_days_of_an_anniversary_are_counted_by_the_calendar_however_long_they_were(
        world: World, zone: str, wall: str) -> None:
    today = datetime.fromisoformat(wall).date()
    for days in (-15, -14, -13, 0, 13, 14, 15):
        world.people(f"{days:+}", plan_since=(today + days * DAY).replace(year=2025))
    now, of = at(wall, ZoneInfo(zone)), ZoneInfo(zone)
    for fortnight in ("14 days", "2 weeks", "14.0 days"):
        assert world.who(f"anniversary(plan_since) in last {fortnight}", now, of) == "+0 -13 -14"
        assert world.who(f"anniversary(plan_since) in next {fortnight}", now, of) == "+0 +13 +14"
    assert world.who("anniversary(plan_since) between 13 and 14 days ago", now, of) == "-13 -14"
    assert world.who("anniversary(plan_since) more than 14 days ago", now, of) == "-14 -15"


def test_a_date_without_its_first_return_has_none(world: World) -> None:
    world.people("1", plan_since=date(2026, 11, 22))
    assert world.who("anniversary(plan_since) today") == ""
    assert world.who("anniversary(plan_since) before 2030-01-01") == "1"
    assert world.who("anniversary(plan_since) after 2030-01-01") == "1"


def test_verbs_of_different_facts_stand_together(world: World) -> None:
    world.people("1")
    world.orders(("1", NOON - 100 * DAY, Decimal(5)), ("1", NOON - 10 * DAY, Decimal(5)))
    rule = ("restarted(orders after 90 days) and stopped(orders for 10 days)"
            " and regularly(orders every 60 days, 2 of 2) and sequence(orders then orders within 90 days)"
            " and not stopped(visits for 1 day)")
    assert world.who(rule) == "1"
