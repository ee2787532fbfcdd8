"""Goals other than an order: what may be one, whom it is true of, and how a campaign is judged by it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from regulars.cli.entry import run
from regulars.errors import Refused, RegularsError
from regulars.model.figures import Figures
from regulars.outreach.audience import CONTROL, MESSAGE
from regulars.outreach.campaign import Variant
from regulars.outreach.goals import asked, read
from regulars.outreach.results import telling
from regulars.outreach.results.learning import lift_of
from regulars.outreach.results.pooling import pooled
from regulars.outreach.results.reading import read as read_people
from regulars.outreach.results.saying import findings
from regulars.rules import Condition, When, vocabulary
from regulars.rules.constructs.exists import AnyOf
from regulars.rules.constructs.logic import And, Or
from regulars.rules.constructs.windows import Duration, InLast
from regulars.shop import Shop
from regulars.shop.proving import ASSUMED_LIFT
from tests.outreach.conftest import NOW, PLAIN, campaign, person
from tests.outreach.test_proving import AFTER, orders, sent
from tests.rules.shops import stage
from tests.rules.trees import facts, selections

BOOKED = "any(events where name = 'Booked')"
happenings = facts.flatmap(selections).map(lambda rows: AnyOf(replace(rows, window=None)))
goals = st.one_of(happenings, st.lists(happenings, min_size=2, max_size=3).map(lambda some: And(tuple(some))),
                  st.lists(happenings, min_size=2, max_size=3).map(lambda some: Or(tuple(some))))


def happen(shop: Shop, people: list[str], at: datetime, name: str = "Booked") -> None:
    for who in people:
        shop.engine.execute('INSERT INTO events (event_id, customer_id, "at", name) VALUES (?, ?, ?, ?)',
                            [f"{who} {at} {name}", who, at, name])


def windowed(goal: Condition, days: int) -> Condition:
    """What it is to have reached it, asked as days end."""
    if isinstance(goal, AnyOf):
        return AnyOf(replace(goal.selection, window=InLast(Duration(days, "day"))))
    assert isinstance(goal, And | Or)
    return type(goal)(tuple(windowed(item, days) for item in goal.items))


@given(goals, st.sampled_from((0, 8)), st.integers(1, 120), st.integers(1, 200))
@settings(max_examples=settings.default.max_examples // 4)  # type: ignore[union-attr]
def test_whoever_reached_a_goal_is_whom_the_plain_judge_names_as_their_days_end(
        goal: Condition, seed: int, days: int, ago: int) -> None:
    here = stage(seed)
    try:
        aim = asked(goal.text(), here.world.vocabulary, here.when, here.world.engine.compile)
    except Refused:
        assume(False)
    people, since, over = here.everybody.people, here.when.now - timedelta(days=ago), min(days, ago)
    found = read_people(here.world.engine, [*people], [since] * len(people), ["message"] * len(people),
                        timedelta(days=days), here.when.now, None, aim)
    judged, end = windowed(goal, over), When(since + timedelta(days=over), here.when.zone)
    assert found.people.reached is not None
    assert [*found.people.reached] == [judged.holds(each, end) for each in people.values()], goal.text()


@pytest.mark.parametrize(("rule", "instead"), [
    ("any(orders in last 30 days)", "Write any(orders)."), ("count(orders) >= 3", "Write any(orders)."),
    ("no(orders)", "Write any(orders)."), ("not any(visits)", "Write any(visits)."),
    ("stopped(orders for 30 days)", "Write any(orders)."), ("plan = 'Pro'", "(plan_since is known and plan = 'Pro')"),
    ("any(orders) and plan = 'Pro'", "(plan_since is known and plan = 'Pro')"), ("everyone", "any(orders), any(events"),
    ("gender = 'f' or any(orders)", "any(orders), any(events"), ("any(clicks)", "any(visits)"),
    ("plan_since in last 30 days", "Write plan_since is known."),
    ("plan_since is known and plan_since >= today", "Write plan_since is known."),
    ("any(tickets where (closed in last 7 days))", "Leave it out.")])
def test_what_is_no_goal_is_refused_with_the_nearest_that_is_one(rule: str, instead: str) -> None:
    with pytest.raises(Refused) as refused:
        read(rule, vocabulary())
    assert instead in str(refused.value)


@pytest.fixture
def booking(mailing: Shop) -> tuple[Shop, dict[str, list[str]]]:
    """Of a campaign for bookings 10 of those with it booked in time and 2 without; others too early or too late."""
    arms = sent(mailing, goal="any( EVENTS where name = 'Booked')")
    happen(mailing, arms[MESSAGE][:10] + arms[CONTROL][:2], NOW + timedelta(days=14))
    happen(mailing, arms[MESSAGE][10:12], NOW)
    happen(mailing, arms[CONTROL][2:6], NOW + timedelta(days=14, microseconds=1))
    happen(mailing, arms[CONTROL][6:8], NOW + timedelta(days=1), "Called")
    orders(mailing, arms[CONTROL][:5], NOW + timedelta(days=2))
    return mailing, arms


def test_a_campaign_is_judged_by_its_goal_and_money_stays_of_orders(
        booking: tuple[Shop, dict[str, list[str]]], capfd: pytest.CaptureFixture[str]) -> None:
    shop, arms = booking
    assert shop.campaigns.get("Hello").goal == BOOKED
    found = shop.campaigns.results("Hello", AFTER)
    assert (found.whole.reachers, found.whole.other_reachers, found.whole.goal) == (10, 2, "reached")
    assert (found.whole.orderers, found.whole.other_orderers) == (0, 5)
    assert found.whole.reached and found.whole.of_goal == found.whole.reached
    assert found.whole.reached.value == pytest.approx(10 / len(arms[MESSAGE]) - 2 / len(arms[CONTROL]))
    assert found.paid == (0, pytest.approx(200 / len(arms[CONTROL])))
    early = shop.campaigns.results("Hello", NOW + timedelta(days=13, hours=23))
    assert (early.whole.reachers, early.whole.other_reachers) == (0, 0)
    folder = str(shop.folder)
    shop.close()
    assert run(["campaign", "results", "Hello", "--shop", folder, "--as-of", "2026-12-20"]) == 0
    told = capfd.readouterr().out
    assert "12 people in all reached the goal" in told and "Its goal: the event Booked, within 14 days." in told
    assert "reached the goal, of 100 people" in told and "Money here is of orders alone" in told
    assert run(["campaign", "results", "Hello", "--shop", folder, "--as-of", "2026-12-20", "--json"]) == 0
    said = json.loads(capfd.readouterr().out)
    assert (said["goal"], said["goal_rule"], said["reachers"], said["verdict"]) == (
        "reached", BOOKED, 10, "too_few")


def test_what_it_is_judged_by_is_decided_before_it_begins_and_teaches_nothing_of_orders(
        booking: tuple[Shop, dict[str, list[str]]]) -> None:
    shop, _arms = booking
    shop.campaigns.pause("Hello", NOW)
    with pytest.raises(Refused, match="what it is judged by was decided"):
        shop.campaigns.change("Hello", now=NOW, goal="any(orders)")
    learned = shop.campaigns.learned(AFTER)
    assert not (learned["move"] or learned["offer"] or learned["channel"])
    assert [(each.kind, each.campaigns, each.goal) for each in learned["goal"]] == [(BOOKED, 1, "reached")]
    history = shop.campaigns.of_segment("All", AFTER)
    assert [(c.own_goal, c.comparison.goal) for c in history.chapters] == [(True, "paid")]
    assert "1 campaign was for something else than orders" in " ".join(
        s.say(Figures(shop.settings)) for s in telling.caveats(history))
    shop.campaigns.add(campaign("Second", goal=BOOKED), now=NOW)
    with pytest.raises(RegularsError, match="no kind of fact called 'bookings'"):
        shop.campaigns.change("Second", now=NOW, goal="any(bookings)")
    assert shop.campaigns.change("Second", now=NOW, goal=" ").goal == ""


def test_campaigns_of_one_goal_are_learned_of_together(
        booking: tuple[Shop, dict[str, list[str]]], capfd: pytest.CaptureFixture[str]) -> None:
    shop, _arms = booking
    sent(shop, "Once more", goal=BOOKED)
    sent(shop, "For orders")
    learned = shop.campaigns.learned(AFTER)
    told = [shop.campaigns.results(name, AFTER).whole for name in ("Hello", "Once more")]
    assert [(each.kind, each.campaigns) for each in learned["channel"]] == [("email", 1)]
    (of_goal,) = learned["goal"]
    pool = pooled([c.reached.value for c in told if c.reached], [c.reached.error for c in told if c.reached])
    assert of_goal.campaigns == 2 and of_goal.together and of_goal.together.mean == pool.mean
    assert of_goal.lift == lift_of(told, ASSUMED_LIFT)
    folder = str(shop.folder)
    shop.close()
    assert run(["campaign", "learned", "--shop", folder, "--as-of", "2026-12-20"]) == 0
    assert " of 100" in capfd.readouterr().out


def test_two_messages_are_told_apart_by_the_goal(mailing: Shop) -> None:
    variants = tuple(Variant(name, test=name, content=PLAIN) for name in "AB")
    mailing.campaigns.add(campaign(goal=BOOKED, variants=variants), now=NOW)
    mailing.campaigns.send("Hello", NOW)
    rows = mailing.campaigns.audience("Hello", NOW).rows
    of = {name: [r.customer_id for r in rows if r.variant == name] for name in "AB"}
    happen(mailing, of["A"] + of["B"][:1], NOW + timedelta(days=1))
    (test,) = mailing.campaigns.results("Hello", AFTER).tests
    assert (test.comparison.reachers, test.comparison.other_reachers, test.comparison.goal) == (
        len(of["A"]), min(len(of["B"]), 1), "reached")


def test_of_a_plan_the_day_after_the_message_is_the_first_that_counts(mailing: Shop) -> None:
    """It is ten in the morning of 26 November in Amsterdam, and fourteen days end on 10 December at ten."""
    began = {1: date(2026, 11, 26), 2: date(2026, 11, 27), 3: date(2026, 12, 10), 4: date(2026, 12, 11)}
    for number, day in began.items():
        mailing.engine.execute("UPDATE customers SET plan = 'Pro', plan_since = ? WHERE customer_id = ?",
                               [day, person(number)])
    mailing.engine.execute("UPDATE customers SET plan = 'Small' WHERE customer_id = ?", [person(3)])
    for name, goal, count in (("Any", "plan_since is known", 2), ("Pro", "plan_since is known and plan = 'pro'", 1)):
        sent(mailing, name, share=0.0, goal=goal)
        found = mailing.campaigns.results(name, AFTER)
        assert found.whole.reachers == count
        assert f"{count} {'person' if count == 1 else 'people'} reached its goal" in str(findings(found)[0])
    choices = {each.rule: str(each.said) for each in mailing.campaigns.goals()}
    assert choices[""] == "an order" and choices["plan_since is known and plan = 'Pro'"] == "the plan Pro begun"
    assert all(mailing.campaigns.goals.read(rule) == rule for rule in choices)


def test_whoever_proved_to_be_another_reached_it_once_and_whoever_was_erased_is_left_out(
        booking: tuple[Shop, dict[str, list[str]]]) -> None:
    shop, arms = booking
    kept, absorbed, erased = arms[MESSAGE][12], arms[MESSAGE][0], arms[MESSAGE][1]
    for table in ("events", "orders"):
        shop.engine.execute(f"UPDATE {table} SET customer_id = ? WHERE customer_id = ?", [kept, absorbed])
    shop.engine.execute("INSERT INTO merges (merge_id, kept, absorbed) VALUES ('m', ?, ?)", [kept, absorbed])
    shop.engine.execute("DELETE FROM customers WHERE customer_id IN (?, ?)", [absorbed, erased])
    found = shop.campaigns.results("Hello", AFTER)
    assert (found.whole.people, found.whole.reachers, found.lost) == (len(arms[MESSAGE]) - 2, 9, 2)
