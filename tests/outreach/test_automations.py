"""Automations through the door: whom they begin for, what each is handed and when.

Whatever happens in between, nobody gets what they should not.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.errors import NotFound, Refused, RuleError
from regulars.model.figures import Figures
from regulars.model.phrases import said as words
from regulars.outreach import reasons, suppression
from regulars.outreach.automations.automation import DATE, ENTERED, INSIDE, LEFT, RELEASE, Letter, Trigger
from regulars.outreach.automations.sequences import sequence
from regulars.outreach.campaign import Campaign
from regulars.outreach.content.blocks import read
from regulars.segments import memberships
from regulars.shop import Shop
from regulars.shop.automating import Looked
from regulars.shop.preflight import about, as_customer
from tests.outreach.conftest import FOUR, NOW, PLAIN, Clock, by_mail, lose, opened, person

DAY = timedelta(days=1)
LETTER = Letter(PLAIN, 0, "table")


def move(shop: Shop, who: str, inside: bool, at: datetime, why: str = memberships.CHANGE) -> None:
    """Into Small or out of it, as a look finds it."""
    with shop.engine.transaction():
        memberships.make_dated(shop.engine)
        shop.engine.execute("INSERT INTO look_standing SELECT rowid, segment, customer_id, since, why FROM memberships "
                            "WHERE until IS NULL AND segment = 'Small'")
        shop.engine.execute("INSERT INTO look_dated VALUES ('Small', ?, ?, ?, ?)", [who, inside, at, why])
        memberships.write(shop.engine, at)


def empty(shop: Shop) -> None:
    """Nobody is in Small."""
    for number in range(1, FOUR + 1):
        move(shop, person(number), False, NOW - DAY)


def got(shop: Shop) -> list[tuple[str, str]]:
    """Who was sent which step, in the order in which they were."""
    return shop.campaigns.store.rows(
        "SELECT d.customer_id, k.name FROM deliveries d JOIN campaigns k ON k.id = d.campaign_id "
        "WHERE d.state = 'sent' ORDER BY d.sent_at, d.id")


def day(shop: Shop, now: datetime) -> Looked:
    looked = shop.automations.look(now)
    shop.campaigns.drive(Clock(now))
    return looked


def add(shop: Shop, trigger: Trigger, *letters: Letter, **more: Any) -> None:
    shop.automations.add("Hi", trigger, letters or (LETTER,), now=NOW, **{"control_share": 0} | more)
    shop.automations.start("Hi", NOW)


def test_a_step_that_comes_in_later_is_for_who_has_not_passed_its_place_and_once(four: Shop) -> None:
    empty(four)
    add(four, Trigger(ENTERED, "Small"), LETTER, replace(LETTER, after_days=4), replace(LETTER, after_days=4))
    for n, who in enumerate(("P01", "P02", "P03")):
        for at in (NOW + 4 * n * DAY + DAY / 2,):
            day(four, at)
            move(four, who, True, at)
            day(four, at + DAY / 4)
    now = NOW + 9 * DAY
    before = got(four)
    assert sorted(before) == [("P01", "Hi · 1"), ("P01", "Hi · 2"), ("P01", "Hi · 3"), ("P02", "Hi · 1"),
                              ("P02", "Hi · 2"), ("P03", "Hi · 1")]
    four.automations.extend("Hi", replace(LETTER, after_days=2), now=now, before=2)
    four.automations.extend("Hi", LETTER, now=now)
    assert day(four, now + DAY) == Looked() and four.automations.get("Hi").state == "paused"
    four.automations.start("Hi", now + DAY)
    for n in range(1, 40):
        day(four, now + n * DAY)
    after = got(four)[len(before):]
    assert [step for who, step in after if who == "P01"] == []
    assert [step for who, step in after if who == "P02"] == ["Hi · 3", "Hi · 5"]
    assert [step for who, step in after if who == "P03"] == ["Hi · 4", "Hi · 2", "Hi · 3", "Hi · 5"]
    assert len(set(got(four))) == len(got(four)) and four.automations.show("Hi").people == {"done": 3}
    with pytest.raises(Refused, match="no step 7"):
        four.automations.extend("Hi", LETTER, now=now, before=7)
    four.automations.stop("Hi", now)
    with pytest.raises(Refused, match="off for good"):
        four.automations.extend("Hi", LETTER, now=now)


def test_each_step_comes_after_its_days_and_leaving_ends_it(four: Shop) -> None:
    empty(four)
    add(four, Trigger(ENTERED, "Small"), replace(LETTER, after_days=1), replace(LETTER, after_days=2))
    for who in ("P01", "P02"):
        move(four, who, True, NOW + DAY / 2)
    assert day(four, NOW + DAY) == Looked(2, 0, 0) and got(four) == []
    assert day(four, NOW + 2 * DAY) == Looked(0, 0, 2)
    assert got(four) == [("P01", "Hi · 1"), ("P02", "Hi · 1")]
    move(four, "P02", False, NOW + 3 * DAY)
    assert day(four, NOW + 4 * DAY) == Looked(0, 1, 1) and got(four)[2:] == [("P01", "Hi · 2")]
    assert four.automations.show("Hi").people == {"done": 1, "ended": 1}
    ended = four.automations.of_customer("P02")[0]
    assert (ended.enrolment.state, ended.enrolment.why, ended.automation.name) == ("ended", reasons.LEFT_SEGMENT, "Hi")
    assert day(four, NOW + 9 * DAY) == Looked() and len(got(four)) == 3


def test_one_that_goes_on_gives_every_step_to_who_left_or_came_back(four: Shop) -> None:
    empty(four)
    for name, kind in (("In", ENTERED), ("Out", LEFT)):
        four.automations.add(name, Trigger(kind, "Small"), [LETTER, replace(LETTER, after_days=2)], now=NOW,
                             control_share=0, goes_on=kind == ENTERED)
    four.automations.go_on("Out", True, now=NOW)
    for name in ("In", "Out"):
        four.automations.start(name, NOW)
    move(four, "P01", True, NOW + DAY)
    day(four, NOW + DAY)
    move(four, "P01", False, NOW + 2 * DAY)
    day(four, NOW + 2 * DAY)
    move(four, "P01", True, NOW + 3 * DAY)
    for n in (3, 4, 5):
        day(four, NOW + n * DAY)
    assert sorted(got(four)) == [("P01", "In · 1"), ("P01", "In · 2"), ("P01", "Out · 1"), ("P01", "Out · 2")]
    with pytest.raises(Refused, match="was on"):
        four.automations.go_on("Out", False, now=NOW)


@pytest.mark.parametrize("rule, warned", [
    ("no(messages in last 30 days)", True), ("in segment 'Unwritten' and everyone", True),
    ("no(messages where type = 'sent' and channel = 'email')", True), ("any(messages where type = 'clicked')", False),
    ("no(engagements in last 30 days)", False), ("count(orders) >= 1", False)])
def test_a_draft_warns_where_its_own_steps_may_end_it(four: Shop, rule: str, warned: bool) -> None:
    four.segments.add("Unwritten", "stopped(messages for 30 days)", now=NOW)
    four.segments.add("Asked", rule, now=NOW)
    four.automations.add("Hi", Trigger(ENTERED, "Asked"), [LETTER, LETTER], now=NOW)
    assert bool(four.automations.warned("Hi")) is warned
    four.automations.go_on("Hi", True, now=NOW)
    assert four.automations.warned("Hi") is None


def test_who_is_in_already_begins_where_that_is_asked_and_their_days_count(four: Shop) -> None:
    add(four, Trigger(INSIDE, "Small", days=3))
    assert day(four, NOW + DAY).handed == 0
    assert day(four, NOW + 3 * DAY).handed == FOUR
    four.automations.add("All", Trigger(ENTERED, "Small"), [LETTER], now=NOW, present=True, control_share=0)
    four.automations.start("All", NOW)
    assert day(four, NOW + 3 * DAY).handed == FOUR


def test_who_entered_just_before_the_clock_was_set_back_gets_each_step_once(four: Shop) -> None:
    empty(four)
    add(four, Trigger(ENTERED, "Small"), replace(LETTER, after_days=1))
    move(four, "P01", True, NOW + 3 * DAY)
    assert day(four, NOW + DAY) == Looked(1, 0, 0)
    assert day(four, NOW + 2 * DAY).handed == 1
    assert day(four, NOW + 9 * DAY) == Looked() and got(four) == [("P01", "Hi · 1")]


def test_leaving_begins_and_coming_back_ends(four: Shop) -> None:
    add(four, Trigger(LEFT, "Small"), LETTER, replace(LETTER, after_days=5))
    move(four, "P01", False, NOW + DAY)
    move(four, "P02", False, NOW + DAY)
    assert day(four, NOW + DAY) == Looked(2, 0, 2) and got(four) == [("P01", "Hi · 1"), ("P02", "Hi · 1")]
    move(four, "P01", True, NOW + 2 * DAY)
    day(four, NOW + 7 * DAY)
    assert got(four)[2:] == [("P02", "Hi · 2")]


def test_neither_a_rule_written_anew_nor_news_of_long_ago_begins_anything(four: Shop) -> None:
    empty(four)
    add(four, Trigger(ENTERED, "Small"))
    move(four, "P01", True, NOW + DAY, memberships.NEW_RULE)
    move(four, "P02", True, NOW - 2 * DAY)
    move(four, "P03", True, NOW + DAY)
    assert day(four, NOW + 2 * DAY) == Looked(1, 0, 1) and got(four) == [("P03", "Hi · 1")]


def test_a_second_time_begins_anew_only_where_it_may(four: Shop) -> None:
    empty(four)
    add(four, Trigger(ENTERED, "Small"))
    four.automations.add("Once", Trigger(ENTERED, "Small"), [LETTER], now=NOW, again=False, control_share=0)
    four.automations.start("Once", NOW)
    for n in (1, 3):
        move(four, "P01", True, NOW + n * DAY)
        day(four, NOW + n * DAY)
        move(four, "P01", False, NOW + (n + 1) * DAY)
    assert [name for _, name in got(four)] == ["Hi · 1", "Once · 1", "Hi · 1"]


def test_a_draft_says_how_many_entered_only_of_a_segment_that_was_followed_so_long(four: Shop) -> None:
    four.segments.add("Young", "everyone", now=NOW)
    four.automations.add("Hello", Trigger(ENTERED, "Young"), [LETTER], now=NOW, control_share=0)

    def said(now: datetime) -> list[str]:
        return [words(each, Figures(four.settings)) for each in four.automations.foreseen("Hello", now)]
    assert said(NOW + DAY) == [
        "For how many it will begin in the days to come is not known yet: this segment is followed only since "
        "26 Nov 2026."]
    assert said(NOW + 31 * DAY) == ["In the last 30 days 0 people entered the segment."]


def test_a_birthday_comes_once_a_year_also_where_nobody_looked_that_day(four: Shop) -> None:
    four.engine.execute("UPDATE customers SET birth_date = DATE '1990-11-28' WHERE customer_id = 'P01'")
    four.engine.execute("UPDATE customers SET birth_date = DATE '2000-11-26' WHERE customer_id = 'P02'")
    add(four, Trigger(DATE, attribute="birth_date", yearly=True))
    four.automations.add("Before", Trigger(DATE, "Small", days=-2, attribute="birth_date", yearly=True), [LETTER],
                         now=NOW, control_share=0)
    assert [words(each, Figures(four.settings)) for each in four.automations.foreseen("Before", NOW)] == [
        "This date is known of 2 people.", "In the next 30 days it begins for 1 person, on 26 Nov 2026.",
        "The first step goes as the day begins."]
    four.automations.start("Before", NOW)
    assert not four.automations.foreseen("Before", NOW)
    day(four, NOW)
    assert got(four) == [("P01", "Before · 1"), ("P02", "Hi · 1")]
    day(four, NOW + 4 * DAY)
    day(four, NOW + 4 * DAY)
    assert got(four)[2:] == [("P01", "Hi · 1")]


def test_a_date_that_is_none_and_a_segment_that_is_none_are_refused(four: Shop) -> None:
    for trigger in (Trigger(DATE, attribute="birth_dat"), Trigger(DATE, attribute="plan"), Trigger(ENTERED, "Smal")):
        with pytest.raises((RuleError, NotFound)):
            four.automations.add("No", trigger, [LETTER], now=NOW)
    for odd in (Trigger("sometimes"), Trigger(ENTERED), Trigger(INSIDE, "Small", days=-1)):
        with pytest.raises(Refused):
            four.automations.add("No", odd, [LETTER], now=NOW)
    with pytest.raises(Refused):
        four.automations.add("No", Trigger(RELEASE), [], now=NOW)
    assert four.automations.list() == [] and four.campaigns.list() == []


def test_a_new_release_reaches_whose_favourite_it_is_once(four: Shop, tmp_path: Path) -> None:
    products, lines = tmp_path / "products.csv", tmp_path / "lines.csv"
    products.write_text("product_id,name,vendor,released_at\nA,One,Blur,2020-01-01\nB,Two,Blur,2020-02-01\n"
                        f"C,Three,Blur,{date(2026, 11, 27)}\n")
    lines.write_text("order_id,customer_id,date,product_id,quantity,price\n" + "".join(
        f"L{who}{n},P0{who},2026-09-{n + 1:02d},{item},1,9\n" for who in (1, 2) for n, item in enumerate("AB")))
    for file in (products, lines):
        four.import_file(file, now=NOW.replace(tzinfo=UTC))
    add(four, Trigger(RELEASE))
    day(four, NOW)
    assert got(four) == []
    for n in (1, 2, 3):
        day(four, NOW + n * DAY)
    assert got(four) == [("P01", "Hi · 1"), ("P02", "Hi · 1")]


def test_a_message_about_a_release_names_it_with_its_price_page_and_picture(four: Shop, tmp_path: Path) -> None:
    products = tmp_path / "products.csv"
    products.write_text("product_id,name,vendor,price,url,image,released_at\nA,One,Blur,5,,,2020-01-01\n"
                        "B,Two,Blur,5,,,2020-02-01\nC,Three,Blur,12,"
                        f"https://shop.example/three,https://shop.example/three.png,{date(2026, 11, 27)}\n"
                        f"D,Four,Blur,13,,,{date(2026, 11, 28)}\n")
    lines = tmp_path / "lines.csv"
    lines.write_text("order_id,customer_id,date,product_id,quantity,price\n" + "".join(
        f"L{who}{n},P0{who},2026-09-{n + 1:02d},{item},1,5\n" for who in (1, 2) for n, item in enumerate("AB")))
    for file in (products, lines):
        four.import_file(file, now=NOW.replace(tzinfo=UTC))
    by_mail(four, 25)
    made = four.automations.add("New", Trigger(RELEASE), sequence("new-release").letters("en"), now=NOW,
                                control_share=0.0)
    four.automations.start(made.name, NOW)
    step = four.campaigns.by_id(made.steps[0].campaign)
    composer = four.campaigns.composer(step)
    for n in (1, 2, 3):
        four.automations.look(NOW + n * DAY)
    queued = four.campaigns.deliveries(step.name)
    assert sorted(d.occasion for d in queued if d.customer_id == "P01") == ["C", "D"]
    ready = {each.delivery.occasion: each.parcel for each in composer.compose(queued, NOW + 3 * DAY)[0]}
    assert "Three has come out" in ready["C"].text and "Four" not in ready["C"].text
    assert "Four has come out" in ready["D"].text and "12" in ready["C"].text
    message = read(step.variants[0].content, "en").said("ru")
    shown = as_customer(four, message, "P01", NOW + 3 * DAY, product=about(four.engine, step, NOW + 3 * DAY))
    assert "новинка: Four" in shown.text
    shown = as_customer(four, message, "", NOW + 3 * DAY, product="C")
    assert 'href="https://shop.example/three"' in shown.html and "three.png" in shown.html
    with pytest.raises(Refused, match="no product"):
        four.campaigns.add(Campaign("Odd", ("Small",), product="Z"), now=NOW)


def test_one_control_group_gets_no_step_at_all(four: Shop) -> None:
    add(four, Trigger(ENTERED, "Small"), LETTER, LETTER, present=True, control_share=0.5)
    for n in range(3):
        day(four, NOW + n * DAY)
    first = {row.customer_id for row in four.campaigns.audience("Hi · 1", NOW).of("control")}
    assert first == {row.customer_id for row in four.campaigns.audience("Hi · 2", NOW).of("control")}
    assert {who for who, _ in got(four)} == {person(n) for n in range(1, FOUR + 1)} - first


def test_what_is_not_known_to_be_so_waits_and_says_why(four_made: Path, tmp_path: Path) -> None:
    with opened(four_made, tmp_path / "s") as four:
        add(four, Trigger(ENTERED, "Small"), present=True)
        del four.segments.sendable
        with pytest.raises(Refused, match="'Small' it is decided who gets 'Hi'"):
            four.segments.remove("Small", now=NOW)
        lose(four, "Small")
        assert day(four, NOW + DAY) == Looked()
        assert "Small" in four.automations.get("Hi").why and four.automations.show("Hi").people == {"under way": FOUR}


def test_paused_nothing_goes_and_stopped_all_end(four: Shop) -> None:
    add(four, Trigger(ENTERED, "Small"), LETTER, replace(LETTER, after_days=1), present=True)
    four.automations.look(NOW)
    four.automations.pause("Hi", NOW)
    assert day(four, NOW + 3 * DAY) == Looked() and got(four) == []
    four.automations.start("Hi", NOW + 3 * DAY)
    day(four, NOW + 3 * DAY)
    assert len(got(four)) == 2 * FOUR
    four.automations.stop("Hi", NOW + 4 * DAY)
    with pytest.raises(Refused):
        four.automations.start("Hi", NOW + 4 * DAY)
    with pytest.raises(Refused):
        four.automations.remove("Hi")
    assert {c.state for c in four.automations.show("Hi").campaigns} == {"stopped"}


STEPS = (replace(LETTER, after_days=1), replace(LETTER, after_days=2))
EVENTS = st.lists(st.tuples(st.sampled_from(("in", "out", "no", "yes", "leave", "day", "day", "look", "send", "again")),
                            st.sampled_from(("P01", "P02"))), min_size=4, max_size=24)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(events=EVENTS)
def test_whatever_happens_in_between_nobody_gets_what_they_should_not(events: list[tuple[str, str]], four_made: Path,
                                                                       tmp_path: Path) -> None:
    with opened(four_made, tmp_path / "random") as shop:
        empty(shop)
        add(shop, Trigger(ENTERED, "Small"), *STEPS)
        inside: set[str] = set()
        unwilling: set[str] = set()
        entries = {"P01": 0, "P02": 0}
        now, before = NOW, 0
        for what, who in [*events, ("day", ""), ("day", ""), ("day", "")]:
            now += timedelta(minutes=1)
            if what == "in" and who not in inside:
                move(shop, who, True, now)
                inside.add(who)
                entries[who] += 1
            elif what == "out" and who in inside:
                move(shop, who, False, now)
                inside.remove(who)
            elif what in ("no", "yes"):
                shop.engine.execute("UPDATE customers SET email_consent = ? WHERE customer_id = ?",
                                    [what == "yes", who])
                shop.engine.execute("UPDATE meta SET value = value::BIGINT + 1 WHERE key = 'facts_version'")
                unwilling = unwilling | {f"no {who}"} if what == "no" else unwilling - {f"no {who}"}
            elif what == "leave":
                suppression.suppress(shop.campaigns.store, "email", who, "", reasons.UNSUBSCRIBED, now)
                unwilling.add(f"left {who}")
            elif what == "again":
                shop.automations.pause("Hi", now)
                shop.automations.start("Hi", now)
            elif what == "look":
                shop.automations.look(now)
            elif what in ("day", "send"):
                now += DAY if what == "day" else timedelta()
                shop.automations.look(now)
                shop.automations.look(now)
                shop.campaigns.drive(Clock(now))
            new = got(shop)[before:]
            before += len(new)
            for whom, _ in new:
                assert whom in inside and not unwilling & {f"no {whom}", f"left {whom}"}
        for whom, times in entries.items():
            steps = [name for each, name in got(shop) if each == whom]
            assert steps.count("Hi · 1") <= times and steps.count("Hi · 2") <= steps.count("Hi · 1") + len(unwilling)
            assert len(steps) <= len(STEPS) * times
