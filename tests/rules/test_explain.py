"""Why a rule is true of a customer: each condition, since when, and the next moment at which time alone changes it."""

from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.rules import Condition, When, parse, vocabulary
from regulars.rules.constructs.rank import Rank
from regulars.rules.constructs.selection import Selection
from regulars.rules.edges import edges
from regulars.rules.explain import Explanation, explain
from regulars.rules.oracle import Everybody
from regulars.rules.subjects import Row, Subject
from tests.rules.shops import stage
from tests.rules.trees import rules

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 22, 12)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def told(rule: str, *moments: str, now: datetime = NOW, **attributes: object) -> Explanation:
    """The rule explained of one person with paid orders at these moments (UTC)."""
    orders = [{"order_id": str(i), "customer_id": "c", "at": at(m), "total": None, "refunded": None, "counted": True}
              for i, m in enumerate(moments)]
    everybody = Everybody({"customers": [{"customer_id": "c", **attributes}], "orders": orders}, vocabulary())
    return explain(parse(rule), everybody.people["c"], When(now, BERLIN), vocabulary())


def test_a_window_ends_exactly_its_length_after_the_fact() -> None:
    found = told("any(orders in last 30 days)", "2026-11-01T11:00")
    assert (found.holds, found.value, found.since, found.changes_at) == (
        True, 1, at("2026-11-01T11:00"), at("2026-12-01T11:00"))


def test_of_several_facts_the_newest_decides_when_it_ends() -> None:
    found = told("any(orders in last 30 days)", "2026-11-01T11:00", "2026-11-10T11:00", "2026-03-01T00:00")
    assert (found.since, found.changes_at) == (at("2026-11-01T11:00"), at("2026-12-10T11:00"))


def test_months_end_by_the_calendar_of_the_shop() -> None:
    found = told("stopped(orders for 1 month)", "2026-10-31T11:00")
    assert (found.holds, found.value, found.since) == (False, at("2026-10-31T11:00"), None)
    # One month back from 30 November 23:59 in Berlin is 30 October; from 1 December 00:00 it is 1 November.
    assert found.changes_at == at("2026-11-30T23:00")


def test_a_month_ago_goes_back_as_a_day_begins_that_it_has_not() -> None:
    bought, rule = "2026-02-28T11:00", "any(orders in last 1 month)"  # noon in Berlin
    found = told(rule, bought, now=at("2026-03-28T17:00"))
    assert (found.holds, found.since, found.changes_at) == (False, at("2026-03-28T11:00"), at("2026-03-28T23:00"))
    found = told(rule, bought, now=at("2026-03-30T00:00"))
    assert (found.holds, found.since, found.changes_at) == (True, at("2026-03-29T22:00"), at("2026-03-30T10:00"))


def test_today_ends_at_midnight_of_the_shop() -> None:
    found = told("any(orders today)", "2026-11-22T08:00")
    assert (found.holds, found.since, found.changes_at) == (True, at("2026-11-22T08:00"), at("2026-11-22T23:00"))


def test_a_count_that_no_passing_time_changes_says_so() -> None:
    found = told("count(orders) >= 2", "2026-01-01T00:00", "2026-02-01T00:00")
    assert (found.value, found.since, found.changes_at) == (2, at("2026-02-01T00:00"), None)


def test_an_age_changes_on_the_birthday() -> None:
    found = told("age >= 36", birth_date=at("1990-12-01").date())
    assert (found.holds, found.value, found.since, found.changes_at) == (False, 35, None, at("2026-11-30T23:00"))


def test_a_birthday_comes_into_sight_two_weeks_before() -> None:
    found = told("anniversary(birth_date) in next 14 days", birth_date=at("1990-12-24").date())
    assert (found.holds, found.changes_at) == (False, at("2026-12-09T23:00"))


def test_days_since_are_reached_to_the_microsecond() -> None:
    found = told("since(orders) > 1.5", "2026-11-22T00:00")
    assert (found.holds, found.changes_at) == (False, at("2026-11-23T12:00:00.000001"))


def test_a_value_that_is_not_known_is_told_as_such() -> None:
    found = told("gender != 'female'")
    assert (found.holds, found.value, found.since, found.changes_at) == (False, None, None, None)


def test_brackets_are_told_with_what_is_in_them() -> None:
    found = told("(any(orders in last 30 days) or gender = 'x') and not age > 3", "2026-11-01T11:00")
    assert [p.text for p in found.parts] == ["any(orders in last 30 days) or gender = 'x'", "not age > 3"]
    assert [p.holds for p in found.parts[0].parts] == [True, False]


def test_a_rank_hangs_on_others_and_promises_no_moment() -> None:
    found = told("top 50% by count(orders)", "2026-11-01T11:00")
    assert (found.holds, found.value, found.since, found.changes_at, found.hangs_on_others) == (
        True, 1, None, None, True)


def test_it_is_told_in_json_with_moments_in_utc() -> None:
    found = told("any(orders in last 30 days)", "2026-11-01T11:00").to_json()
    assert (found["since"], found["changes_at"]) == ("2026-11-01T11:00:00Z", "2026-12-01T11:00:00Z")


@given(rules, st.integers(0, 17), st.integers(0, 2**32))
def test_between_two_edges_nothing_changes(rule: Condition, seed: int, chance: int) -> None:
    if any(isinstance(node, Rank) or node.kind == "in_segment" for node in rule.walk()):
        return
    set_up = stage(seed)
    random = Random(chance)
    person = random.choice(list(set_up.everybody.people.values()))
    moments = edges(rule, person, set_up.when)
    for _ in range(4):
        one = set_up.when.now + timedelta(seconds=random.uniform(-4e7, 4e7))
        index = sum(m <= one for m in moments)
        following = moments[index] if index < len(moments) else one + timedelta(days=300)
        other = one + (following - one) * random.random()
        first, second = (rule.holds(person, When(m, set_up.when.zone)) for m in (one, other))
        assert first == second, (rule.text(), one, other)


@pytest.mark.parametrize("rule", ["everyone", "sample 50%", "gender = 'x'"])
def test_what_hangs_on_no_time_has_no_edges(rule: str) -> None:
    assert told(rule).changes_at is None


@pytest.mark.parametrize("period", ["last year", "last quarter", "last month", "last week", "this year", "yesterday"])
@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Apia", "UTC"])
def test_the_far_ends_of_the_calendar_are_never_fallen_off(period: str, zone: str) -> None:
    person = Everybody({"customers": [{"customer_id": "c", "birth_date": at("1990-12-01").date()}]},
                       vocabulary()).people["c"]
    found = explain(parse(f"anniversary(birth_date) {period} or birth_date {period}"), person,
                    When(NOW, ZoneInfo(zone)), vocabulary())
    assert found.holds is (period in ("last year", "this year"))


def test_what_is_out_of_reach_is_not_said_to_be_always_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a tenth of the moments that are tried of a shop's customers, and of the orders."""
    monkeypatch.setattr("regulars.rules.explain.MOST_LOOKED_AT", 200)
    hours = [NOW - timedelta(minutes=103 * i) for i in range(1, 51)]
    found = told("any(orders)", *(h.isoformat() for h in hours))
    assert (found.holds, found.since, found.since_unknown, found.change_unknown) == (True, None, True, False)
    few = told("any(orders)", *(h.isoformat() for h in hours[:5]))
    assert (few.since, few.since_unknown) == (hours[4], False)
    coming = told("count(orders in last 1 year) >= 0 and count(orders in last 2 years) >= 0",
                  *(h.isoformat() for h in hours))
    assert (coming.since_unknown, coming.change_unknown) == (True, True)


def test_since_when_is_not_looked_for_among_all_rows_of_a_tills_own_customer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each moment that is tried goes through all rows: two thousand moments of three thousand took ten seconds."""
    looked_at, rows_in_window = [], Selection.rows_in_window

    def counted(selection: Selection, subject: Subject, when: When) -> list[Row]:
        looked_at.append(len(subject.rows(selection.fact)))
        return rows_in_window(selection, subject, when)
    monkeypatch.setattr(Selection, "rows_in_window", counted)
    found = told("count(orders) >= 2", *((NOW - timedelta(hours=i)).isoformat() for i in range(1, 3001)))
    assert (found.holds, found.value, found.since, found.since_unknown) == (True, 3000, None, True)
    assert sum(looked_at) < 900_000
