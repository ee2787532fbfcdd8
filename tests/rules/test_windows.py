"""Windows of time, to the microsecond. Everything is counted by hand from NOON, 2026-11-22 12:00 UTC, a Sunday."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from tests.rules.world import BERLIN, LORD_HOWE, NEW_YORK, NOON, World, at

TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)


def edges(world: World, *moments: datetime) -> None:
    """Customers 1, 2, 3 … with one order each, at these moments."""
    ids = [str(i) for i in range(1, len(moments) + 1)]
    world.people(*ids)
    world.orders(*zip(ids, moments, strict=True))


def test_the_last_30_days_begin_just_after_30_times_24_hours_ago_and_end_with_now(world: World) -> None:
    edges(world, NOON - 30 * DAY, NOON - 30 * DAY + TICK, NOON, NOON + TICK)
    assert world.who("any(orders in last 30 days)") == "2 3"
    assert world.who("any(orders less than 30 days ago)") == "2 3"
    assert world.who("any(orders more than 30 days ago)") == "1"
    assert world.who("no(orders in last 30 days)") == "1 4"


def test_rows_after_now_do_not_exist(world: World) -> None:
    edges(world, NOON, NOON + TICK)
    assert world.who("any(orders)") == "1"
    assert world.who("any(orders after 2026-11-01)") == "1"
    assert world.who("last(orders) is known") == "1"
    assert world.who("any(orders today)") == "1"


def test_between_60_and_90_days_ago_leaves_out_its_far_end_and_holds_its_near_one(world: World) -> None:
    edges(world, NOON - 90 * DAY, NOON - 90 * DAY + TICK, NOON - 60 * DAY, NOON - 60 * DAY + TICK)
    assert world.who("any(orders between 60 and 90 days ago)") == "2 3"
    assert world.who("any(orders between 90 and 60 days ago)") == "2 3"
    assert world.who("last(orders) between 60 and 90 days ago") == "2 3"


@pytest.mark.parametrize(("unit", "length"), [("minute", timedelta(minutes=1)), ("hour", timedelta(hours=1)),
                                              ("day", DAY), ("week", 7 * DAY)])
def test_minutes_to_weeks_are_exact_lengths_in_any_zone(world: World, unit: str, length: timedelta) -> None:
    edges(world, NOON - 40 * length, NOON - 40 * length + TICK)
    for zone in (BERLIN, NEW_YORK, LORD_HOWE):
        assert world.who(f"any(orders in last 40 {unit}s)", zone=zone) == "2"


def test_a_length_may_have_a_fraction(world: World) -> None:
    edges(world, NOON - timedelta(hours=12), NOON - timedelta(hours=12) + TICK)
    assert world.who("any(orders in last 0.5 days)") == "2"


def test_one_month_back_from_the_31st_of_march_is_the_end_of_february(world: World) -> None:
    now = datetime(2026, 3, 31, 12)
    edges(world, datetime(2026, 2, 28, 12), datetime(2026, 2, 28, 12, 0, 0, 1))
    assert world.who("any(orders in last 1 month)", now) == "2"
    leap = datetime(2028, 3, 31, 12)
    edges_of_leap = [("1", datetime(2028, 2, 29, 12)), ("2", datetime(2028, 2, 29, 12, 0, 0, 1))]
    world.orders(*edges_of_leap)
    assert world.who("any(orders in last 1 month)", leap) == "2"


def test_one_year_back_from_a_leap_day_is_the_28th(world: World) -> None:
    edges(world, datetime(2027, 2, 28, 12), datetime(2027, 2, 28, 12, 0, 0, 1))
    assert world.who("any(orders in last 1 year)", datetime(2028, 2, 29, 12)) == "2"


def test_months_move_by_the_wall_clock_of_the_shop(world: World) -> None:
    """Noon in Berlin is 11:00 UTC in winter and was 10:00 UTC in summer; an exact day would not notice."""
    now = at("2026-11-22T12:00", BERLIN)
    edges(world, at("2026-09-22T12:00", BERLIN), at("2026-09-22T12:00", BERLIN) + TICK)
    assert world.who("any(orders in last 2 months)", now, BERLIN) == "2"
    assert world.who("any(orders in last 2 months)", now) == ""


def test_a_month_back_into_the_skipped_hour_lands_an_hour_later(world: World) -> None:
    """02:30 on 29 March 2026 does not exist in Berlin: it means 03:30 summer time, 01:30 UTC."""
    now = at("2026-04-29T02:30", BERLIN)
    skipped = datetime(2026, 3, 29, 1, 30)
    edges(world, skipped, skipped + TICK)
    assert world.who("any(orders in last 1 month)", now, BERLIN) == "2"


def test_a_month_back_into_the_repeated_hour_means_the_first_of_the_two(world: World) -> None:
    """02:30 on 25 October 2026 happens twice in Berlin, first at 00:30 UTC."""
    now = at("2026-11-25T02:30", BERLIN)
    first = datetime(2026, 10, 25, 0, 30)
    edges(world, first, first + TICK)
    assert world.who("any(orders in last 1 month)", now, BERLIN) == "2"


@pytest.mark.parametrize(("zone", "day", "start", "hours"), [
    (BERLIN, "2026-03-29", datetime(2026, 3, 28, 23), 23), (BERLIN, "2026-10-25", datetime(2026, 10, 24, 22), 25),
    (NEW_YORK, "2026-03-08", datetime(2026, 3, 8, 5), 23), (NEW_YORK, "2026-11-01", datetime(2026, 11, 1, 4), 25),
    (LORD_HOWE, "2026-10-04", datetime(2026, 10, 3, 13, 30), 23.5),
    (LORD_HOWE, "2026-04-05", datetime(2026, 4, 4, 13), 24.5)])
def test_days_of_a_clock_change_are_shorter_or_longer(world: World, zone: object, day: str, start: datetime,
                                                      hours: float) -> None:
    end = start + timedelta(hours=hours)
    edges(world, start - TICK, start, end - TICK, end)
    now = end + 5 * DAY
    assert world.who(f"any(orders from {day} to {day})", now, zone) == "2 3"  # type: ignore[arg-type]
    assert world.who(f"any(orders before {day})", now, zone) == "1"  # type: ignore[arg-type]
    assert world.who(f"any(orders after {day})", now, zone) == "4"  # type: ignore[arg-type]
    assert world.who(f"any(orders since {day})", now, zone) == "2 3 4"  # type: ignore[arg-type]
    assert world.who("any(orders today)", end - TICK, zone) == "2 3"  # type: ignore[arg-type]
    assert world.who("any(orders yesterday)", end, zone) == "2 3"  # type: ignore[arg-type]


def test_bare_dates_are_whole_days_of_the_shop(world: World) -> None:
    start, end = at("2026-11-10T00:00", BERLIN), at("2026-11-11T00:00", BERLIN)
    edges(world, start - TICK, start, end - TICK, end)
    assert world.who("any(orders before 2026-11-10)", zone=BERLIN) == "1"
    assert world.who("any(orders after 2026-11-10)", zone=BERLIN) == "4"
    assert world.who("any(orders since 2026-11-10)", zone=BERLIN) == "2 3 4"
    assert world.who("any(orders from 2026-11-10 to 2026-11-10)", zone=BERLIN) == "2 3"
    assert world.who("last(orders) = 2026-11-10", zone=BERLIN) == "2 3"
    assert world.who("last(orders) != 2026-11-10", zone=BERLIN) == "1 4"
    assert world.who("last(orders) <= 2026-11-10", zone=BERLIN) == "1 2 3"
    assert world.who("last(orders) < 2026-11-10", zone=BERLIN) == "1"
    assert world.who("last(orders) > 2026-11-10", zone=BERLIN) == "4"
    assert world.who("last(orders) >= 2026-11-10", zone=BERLIN) == "2 3 4"
    assert world.who("last(orders) between 2026-11-10 and 2026-11-10", zone=BERLIN) == "2 3"
    assert world.who("last(orders) in (2026-11-10)", zone=BERLIN) == "2 3"


def test_an_instant_is_itself_and_no_more(world: World) -> None:
    noon = at("2026-11-10T14:30", BERLIN)
    edges(world, noon - TICK, noon, noon + TICK)
    assert world.who("any(orders before 2026-11-10T14:30)", zone=BERLIN) == "1"
    assert world.who("any(orders after 2026-11-10T14:30)", zone=BERLIN) == "3"
    assert world.who("any(orders since 2026-11-10T14:30)", zone=BERLIN) == "2 3"
    assert world.who("any(orders from 2026-11-10T14:30 to 2026-11-10T14:30)", zone=BERLIN) == "2"
    assert world.who("last(orders) = 2026-11-10T14:30", zone=BERLIN) == "2"
    assert world.who("last(orders) = 2026-11-10T13:30Z", zone=NEW_YORK) == "2"
    assert world.who("last(orders) = 2026-11-10T15:30:00.000000+02:00") == "2"


def test_from_a_day_to_an_instant_mixes_them(world: World) -> None:
    start, end = at("2026-11-10T00:00"), at("2026-11-12T09:00")
    edges(world, start - TICK, start, end, end + TICK)
    assert world.who("any(orders from 2026-11-10 to 2026-11-12T09:00)") == "2 3"


def test_now_today_and_yesterday_as_moments(world: World) -> None:
    midnight = datetime(2026, 11, 22)
    edges(world, midnight - DAY - TICK, midnight - DAY, midnight - TICK, midnight, NOON)
    assert world.who("any(orders before today)") == "1 2 3"
    assert world.who("any(orders since yesterday)") == "2 3 4 5"
    assert world.who("any(orders after yesterday)") == "4 5"
    assert world.who("any(orders before now)") == "1 2 3 4"
    assert world.who("last(orders) = now") == "5"
    assert world.who("last(orders) = yesterday") == "2 3"
    assert world.who("any(orders from yesterday to now)") == "2 3 4 5"


PERIODS = [
    ("today", "2026-11-22", "2026-11-23"), ("yesterday", "2026-11-21", "2026-11-22"),
    ("this week", "2026-11-16", "2026-11-23"), ("last week", "2026-11-09", "2026-11-16"),
    ("this month", "2026-11-01", "2026-12-01"), ("last month", "2026-10-01", "2026-11-01"),
    ("this quarter", "2026-10-01", "2027-01-01"), ("last quarter", "2026-07-01", "2026-10-01"),
    ("this year", "2026-01-01", "2027-01-01"), ("last year", "2025-01-01", "2026-01-01"),
]


@pytest.mark.parametrize(("period", "first", "following"), PERIODS)
@pytest.mark.parametrize("zone", [BERLIN, NEW_YORK, LORD_HOWE], ids=str)
def test_calendar_periods_begin_and_end_at_midnight_of_the_shop(world: World, period: str, first: str,
                                                                following: str, zone: object) -> None:
    """22 November 2026 is a Sunday: the week began on Monday the 16th."""
    start, end = at(f"{first}T00:00", zone), at(f"{following}T00:00", zone)  # type: ignore[arg-type]
    edges(world, start - TICK, start, min(end - TICK, at("2026-11-22T12:00", zone)), end)  # type: ignore[arg-type]
    now = at("2026-11-22T12:00", zone)  # type: ignore[arg-type]
    assert world.who(f"any(orders {period})", now, zone) == "2 3"  # type: ignore[arg-type]


@pytest.mark.parametrize(("now", "period", "first", "last"), [
    ("2027-01-01T00:00", "last quarter", "2026-10-01", "2026-12-31"),
    ("2027-01-01T00:00", "last month", "2026-12-01", "2026-12-31"),
    ("2027-01-01T00:00", "last week", "2026-12-21", "2026-12-27"),
    ("2027-01-01T00:00", "this week", "2026-12-28", "2027-01-03"),
    ("2026-11-23T00:00", "this week", "2026-11-23", "2026-11-29"),
    ("2028-03-31T23:59", "last month", "2028-02-01", "2028-02-29")])
def test_periods_at_the_turn_of_year_and_month(world: World, now: str, period: str, first: str, last: str) -> None:
    world.people("1", "2", "3", "4")
    days = (date.fromisoformat(first) - DAY, date.fromisoformat(first), date.fromisoformat(last),
            date.fromisoformat(last) + DAY)
    for who, day in zip("1234", days, strict=True):
        world.put("customers", {"customer_id": f"d{who}", "plan_since": day})
    assert world.who(f"plan_since {period}", datetime.fromisoformat(now)) == "d2 d3"


def test_a_date_lies_in_a_window_where_its_midnight_does(world: World) -> None:
    for day in (21, 22, 23, 25, 26):
        world.put("customers", {"customer_id": str(day), "plan_since": date(2026, 11, day)})
    assert world.who("plan_since in last 1 day") == "22"
    assert world.who("plan_since in next 3 days") == "23 25"
    assert world.who("plan_since today") == "22"
    assert world.who("plan_since before today") == "21"
    assert world.who("plan_since after 2026-11-25") == "26"
    assert world.who("plan_since = 2026-11-25") == "25"
    assert world.who("plan_since > today") == "23 25 26"
    assert world.who("plan_since more than 12 hours ago") == "21 22"


def test_a_moment_of_a_customer_may_lie_in_the_future(world: World) -> None:
    for who, moment in (("past", NOON), ("soon", NOON + TICK), ("end", NOON + 7 * DAY),
                        ("later", NOON + 7 * DAY + TICK)):
        world.put("customers", {"customer_id": who, "at": datetime(2026, 1, 1), "email_consent_at": moment})
    assert world.who("email_consent_at in next 7 days") == "end soon"
    assert world.who("email_consent_at in last 7 days") == "past"


def test_windows_longer_than_time_hold_everything_or_nothing(world: World) -> None:
    edges(world, datetime(1970, 1, 1), NOON)
    world.put("customers", {"customer_id": "d", "plan_since": date(2026, 1, 1)})
    for zone in (BERLIN, NEW_YORK):
        assert world.who("any(orders in last 9000 years)", zone=zone) == "1 2"
        assert world.who("any(orders more than 9000 years ago)", zone=zone) == ""
        assert world.who("any(orders between 8000 and 9000 years ago)", zone=zone) == ""
        assert world.who("plan_since in last 9000 years", zone=zone) == "d"
        assert world.who("plan_since more than 9000 years ago", zone=zone) == ""
        assert world.who("plan_since in next 9000 years", zone=zone) == ""
        assert world.who("anniversary(plan_since) more than 9000 years ago", zone=zone) == ""
        assert world.who("anniversary(plan_since) in next 9000 years", zone=zone) == "d"
        assert world.who("any(orders in last 739941 days)", zone=zone) == "1 2"
        assert world.who("plan_since in last 739941 days", zone=zone) == "d"
        assert world.who("stopped(orders for 9000 years)", zone=zone) == ""
        assert world.who("restarted(orders after 9000 years)", zone=zone) == ""
        assert world.who("sequence(orders then no orders within 9000 years)", zone=zone) == ""
        assert world.who("regularly(orders every 1000 years, 1 of 9)", zone=zone) == "1 2"


def test_more_than_0_days_ago_is_up_to_now(world: World) -> None:
    edges(world, NOON, NOON - TICK)
    assert world.who("any(orders more than 0 days ago)") == "1 2"


@pytest.mark.parametrize("rule", [
    "any(orders from 2026-05-01 to 2026-05-01)", "any(orders from 2026-05-01T09:00 to 2026-05-01T09:00)",
    "any(orders from today to now)", "any(orders from now to today)", "any(orders from yesterday to now)",
    "any(orders from 2026-05-03T01:00+14:00 to 2026-05-01)", "any(orders from 2026-12-01 to today)",
    "any(orders from today to 2020-01-01)", "count(orders) between 2 and 2", "city between 'STRASSE' and 'straße'",
    "any(orders more than 0 days ago)", "anniversary(birth_date) in next 0 days", "any(orders after 2999-01-01)",
    "anniversary(birth_date) between 3 and 3 days ago", "signed_up_at in next 3 days"])
def test_a_window_in_which_some_moment_may_lie_is_taken(world: World, rule: str) -> None:
    assert world.who(rule) == ""


def test_one_instant_and_one_day_are_windows(world: World) -> None:
    world.people("1", "2")
    world.orders(("1", at("2026-05-01T09:00")), ("2", at("2026-05-01T09:01")))
    assert world.who("any(orders from 2026-05-01T09:00 to 2026-05-01T09:00)") == "1"
    assert world.who("any(orders from 2026-05-01 to 2026-05-01)") == "1 2"
