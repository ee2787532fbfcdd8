"""Saved segments: written once, kept in versions, and knowing who came and went."""

import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from regulars import Shop
from regulars.errors import LookedAtLater, Refused, RuleError, RuleSyntaxError, SegmentCircle, UnknownName
from regulars.model.clock import TICK, day_start
from regulars.model.settings import Settings
from regulars.segments import changes, kept_values
from regulars.segments.saved import Overlap, Segments
from regulars.segments.sizes import kept_sizes
from tests.little_shop import NOW
from tests.segments.shop_of_few import add_order, make

JUNE = datetime(2026, 6, 10, 12)
AFTER = NOW.replace(tzinfo=None) + timedelta(minutes=1)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with make(tmp_path / "shop") as made:
        yield made


def ids(table: object) -> list[str]:
    return table.column("customer_id").to_pylist()  # type: ignore[attr-defined]


def test_a_rule_is_saved_in_its_canonical_text(shop: Shop) -> None:
    saved = shop.segments.add("Often", "COUNT( orders )>=2", now=JUNE, note="come twice", by="rita")
    assert (saved.name, saved.rule, saved.note, saved.version, saved.changed_by) == (
        "Often", "count(orders) >= 2", "come twice", 1, "rita")


def test_a_changed_rule_keeps_its_earlier_versions(shop: Shop) -> None:
    shop.segments.add("Often", "count(orders) >= 2", now=JUNE)
    changed = shop.segments.change("often", rule="count(orders) >= 3", now=datetime(2026, 6, 11), by="rita")
    assert changed.version == 2
    assert [(v.version, v.rule) for v in shop.segments.versions("Often")] == [
        (2, "count(orders) >= 3"), (1, "count(orders) >= 2")]


def test_a_name_is_taken_whatever_its_case(shop: Shop) -> None:
    shop.segments.add("Straße", "everyone", now=JUNE)
    with pytest.raises(Refused, match="already"):
        shop.segments.add("STRASSE", "everyone", now=JUNE)


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "a\x00b"])
def test_a_segment_needs_a_name_that_can_be_read(shop: Shop, name: str) -> None:
    with pytest.raises(Refused, match="needs a name"):
        shop.segments.add(name, "everyone", now=JUNE)


def test_a_rule_that_does_not_fit_is_not_saved(shop: Shop) -> None:
    with pytest.raises(RuleSyntaxError):
        shop.segments.add("Broken", "count(orders", now=JUNE)
    with pytest.raises(UnknownName, match="Did you mean gender"):
        shop.segments.add("Broken", "gendre = 'female'", now=JUNE)
    assert shop.segments.list() == []


def test_an_unknown_segment_is_an_error_that_names_the_nearest(shop: Shop) -> None:
    shop.segments.add("Regular guests", "everyone", now=JUNE)
    with pytest.raises(UnknownName, match="Regular guests"):
        shop.segments.get("Regular gests")


def test_segments_stand_in_segments_and_a_circle_is_refused_by_name(shop: Shop) -> None:
    shop.segments.add("Women", "gender = 'female'", now=JUNE)
    shop.segments.add("Buying women", "in segment 'Women' and any(orders)", now=JUNE)
    assert ids(shop.members("in segment 'Buying women'", JUNE)) == ["anna", "carla", "dewi"]
    with pytest.raises(SegmentCircle, match="Women → Buying women → "):
        shop.segments.change("Women", rule="in segment 'Buying women'", now=JUNE)


def test_a_segment_others_lean_on_is_not_removed(shop: Shop) -> None:
    shop.segments.add("Women", "gender = 'female'", now=JUNE)
    shop.segments.add("Buying women", "in segment 'women' and any(orders)", now=JUNE)
    with pytest.raises(Refused, match="Buying women"):
        shop.segments.remove("Women", now=JUNE)
    shop.segments.remove("Buying women", now=JUNE)
    shop.segments.remove("Women", now=JUNE)
    assert shop.segments.list() == []


def test_members_enter_by_new_facts_and_leave_by_time_alone(shop: Shop) -> None:
    shop.segments.add("Lately", "any(orders in last 30 days)", now=JUNE)
    first, = shop.segments.refresh(JUNE)
    assert (first.members, first.entered, first.left) == (3, 3, 0)
    assert ids(shop.segments.members("Lately")) == ["anna", "carla", "dewi"]
    add_order(shop, "o8", "emil", "2026-06-12 09:00", 5)
    second, = shop.segments.refresh(datetime(2026, 7, 2))
    assert (second.members, second.entered, second.left) == (3, 1, 1)
    assert ids(shop.segments.entered("Lately", JUNE)) == ["emil"]
    assert ids(shop.segments.left("Lately", JUNE)) == ["anna"]


def test_a_first_look_is_no_entering(shop: Shop) -> None:
    shop.segments.add("Women", "gender = 'female'", now=JUNE)
    shop.segments.refresh(JUNE)
    assert ids(shop.segments.entered("Women", datetime(2000, 1, 1))) == []


def test_a_refresh_changes_nothing_where_nothing_changed(shop: Shop) -> None:
    shop.segments.add("Women", "gender = 'female'", now=JUNE)
    shop.segments.refresh(JUNE)
    again, = shop.segments.refresh(JUNE)
    assert (again.members, again.entered, again.left) == (3, 0, 0)


def test_memberships_are_not_worked_out_for_an_earlier_moment(shop: Shop) -> None:
    shop.segments.add("Women", "gender = 'female'", now=JUNE)
    shop.segments.refresh(JUNE)
    with pytest.raises(Refused, match="2026-06-10"):
        shop.segments.refresh(datetime(2026, 6, 9))


def test_who_came_by_a_new_rule_is_told_from_who_came_by_facts(shop: Shop) -> None:
    shop.segments.add("Spenders", "sum(orders.total) >= 100", now=JUNE)
    shop.segments.refresh(JUNE)
    shop.segments.change("Spenders", rule="sum(orders.total) >= 90", now=datetime(2026, 6, 11))
    shop.segments.refresh(datetime(2026, 6, 12))
    rows = shop.segments.entered("Spenders", JUNE).to_pylist()
    assert [(r["customer_id"], r["why"]) for r in rows] == [("dewi", "new rule")]


def test_sizes_are_known_for_days_before_the_rule_was_written(shop: Shop) -> None:
    sizes = shop.segments.history("any(orders in last 30 days)", now=JUNE, since=date(2026, 6, 8))
    assert [(s.day.day, s.members, s.entered, s.left) for s in sizes] == [
        (8, 2, 0, 0), (9, 3, 1, 0), (10, 3, 0, 0)]


def test_a_history_by_weeks_ends_today_and_counts_comings_and_goings(shop: Shop) -> None:
    sizes = shop.segments.history("any(orders in last 30 days)", now=JUNE, since=date(2026, 2, 1), step="week")
    assert sizes[-1].day == date(2026, 6, 10)
    assert len(sizes) == 19
    for before, after in pairwise(sizes):
        assert after.members == before.members + after.entered - after.left


def test_a_history_equals_the_count_as_of_each_moment(shop: Shop) -> None:
    rule = "count(orders in last 60 days) = 1 or stopped(orders for 90 days)"
    sizes = shop.segments.history(rule, now=JUNE, since=date(2026, 1, 1))
    assert len(sizes) == 161
    for size in sizes[::23]:
        end = datetime(size.day.year, size.day.month, size.day.day, 23, 59, 59, 999999)
        assert size.members == shop.count(rule, min(end, JUNE)), size.day


def test_a_history_across_a_change_of_clocks_has_who_was_in_at_the_end_of_each_day(tmp_path: Path) -> None:
    """Days, and the weeks before their ends, move apart by an hour: a pass of days is none of the one before."""
    rule = "any(orders in last 2 days) or count(orders in last 7 days) = 2"
    settings = Settings(name="Few", currency="EUR", timezone="Europe/Amsterdam", country="NL")
    with Shop.create(tmp_path / "spring", settings) as shop:
        shop.engine.execute("INSERT INTO customers (customer_id, described) VALUES ('anna', true), ('ben', true)")
        for order, day in enumerate((14, 16, 19, 22, 27, 28, 29, 30)):
            add_order(shop, f"a{order}", "anna", f"2026-03-{day} 22:30", 10)
            add_order(shop, f"b{order}", "ben", f"2026-03-{day - 3} 21:30", 10)
        sizes = shop.segments.history(rule, now=datetime(2026, 4, 8, 12), since=date(2026, 3, 10))
        ends = [day_start(s.day + timedelta(days=1), settings.zone) - TICK for s in sizes[:-1]]
        sets = [set(ids(shop.segments.evaluator.members(rule, moment))) for moment in [*ends, datetime(2026, 4, 8, 12)]]
    assert len(sizes) == 30 and {len(s) for s in sets} == {0, 1, 2}
    assert [s.members for s in sizes] == [len(s) for s in sets]
    assert [(s.entered, s.left) for s in sizes[1:]] == [(len(b - a), len(a - b)) for a, b in pairwise(sets)]


def test_the_remainder_is_who_is_in_none(shop: Shop) -> None:
    shop.segments.add("Women", "gender = 'female'", now=JUNE)
    shop.segments.add("Buyers", "any(orders)", now=JUNE)
    assert ids(shop.segments.remainder(JUNE)) == ["emil", "farah"]
    assert ids(shop.segments.remainder(JUNE, ["women"])) == ["ben", "emil", "farah"]


def test_overlaps_count_each_customer_once(shop: Shop) -> None:
    shop.segments.add("Women", "gender = 'female'", now=JUNE)
    shop.segments.add("Buyers", "any(orders)", now=JUNE)
    shop.segments.add("Twice", "count(orders) >= 2", now=JUNE)
    assert sorted(shop.segments.overlaps(JUNE), key=lambda o: o.segments) == [
        Overlap(("Buyers",), 1), Overlap(("Buyers", "Twice", "Women"), 2), Overlap(("Buyers", "Women"), 1)]
    assert shop.segments.shared(JUNE) == [("Buyers", "Twice", 2), ("Buyers", "Women", 3), ("Twice", "Women", 2)]


def test_kept_features_give_the_same_answer_as_the_facts(shop: Shop) -> None:
    rule = "count(orders in last 30 days) >= 1 and gender = 'female'"
    from_facts = shop.preview(rule, JUNE)
    shop.segments.add("Lately", rule, now=JUNE)
    shop.segments.refresh(JUNE)
    assert shop.preview(rule, JUNE) == from_facts
    assert from_facts.sample == ("anna", "carla", "dewi")


def test_kept_features_are_passed_over_once_facts_have_changed(shop: Shop) -> None:
    shop.segments.add("Lately", "any(orders in last 30 days)", now=JUNE)
    shop.segments.refresh(JUNE)
    add_order(shop, "o8", "emil", "2026-06-10 09:00", 5)
    assert shop.count("any(orders in last 30 days)", JUNE) == 4


def test_many_rules_are_asked_together_for_everybody(shop: Shop) -> None:
    rows = shop.evaluate({"often": "count(orders) >= 2", "never": "no(orders)"}, JUNE).to_pylist()
    assert [(r["customer_id"], r["often"], r["never"]) for r in rows] == [
        ("anna", True, False), ("ben", False, False), ("carla", True, False), ("dewi", False, False),
        ("emil", False, True), ("farah", False, True)]


def test_a_share_of_nobody_is_nothing(tmp_path: Path) -> None:
    with Shop.create(tmp_path / "empty") as empty:
        preview = empty.preview("everyone", JUNE)
        assert (preview.count, preview.everyone, preview.share, preview.sample) == (0, 0, 0.0, ())


def test_a_segment_that_does_not_fit_any_more_is_named_when_all_are_refreshed(shop: Shop) -> None:
    shop.segments.add("Often", "count(orders) >= 2", now=JUNE)
    shop.segments.add("Old", "any(orders)", now=JUNE)
    shop.engine.execute("UPDATE segments SET rule = 'any(orders in last 0 days)' WHERE name = 'Old'")
    with pytest.raises(RuleError, match=r"^Segment 'Old' cannot be used: No moment lies in 0 days.*Change or"):
        shop.segments.refresh(JUNE)
    assert ids(shop.members("in segment 'Often'", now=JUNE)) == ["anna", "carla"]


def test_an_anniversary_by_hours_ends_when_the_day_goes_out_of_its_window(shop: Shop) -> None:
    shop.engine.execute("UPDATE customers SET birth_date = '1990-06-10' WHERE customer_id = 'anna'")
    shop.segments.add("Birthday", "anniversary(birth_date) in last 12 hours", now=datetime(2026, 6, 11, 11))
    shop.segments.advance(datetime(2026, 6, 11, 11, 50))
    assert ids(shop.segments.members("Birthday")) == ["anna"]
    shop.segments.advance(datetime(2026, 6, 11, 12, 10))
    assert shop.segments.left("Birthday", datetime(2026, 6, 11))["until"].to_pylist() == [datetime(2026, 6, 11, 12)]


def test_an_anniversary_by_days_turns_at_midnight_of_the_shop_across_a_change_of_clocks(tmp_path: Path) -> None:
    """Clocks in Amsterdam went forward on 29 March: 2 April begins at 22:00 UTC of the first."""
    settings = Settings(name="Few", currency="EUR", timezone="Europe/Amsterdam", country="NL")
    with Shop.create(tmp_path / "of-spring", settings) as shop:
        shop.engine.execute("INSERT INTO customers (customer_id, described, birth_date) VALUES "
                            "('gone', true, '1990-03-18'), ('kept', true, '1990-03-19')")
        shop.segments.add("Birthday", "anniversary(birth_date) in last 14 days", now=datetime(2026, 4, 1, 21, 50))
        shop.segments.advance(datetime(2026, 4, 1, 21, 55))
        assert ids(shop.segments.members("Birthday")) == ["gone", "kept"]
        shop.segments.advance(datetime(2026, 4, 1, 22, 5))
        left = shop.segments.left("Birthday", datetime(2026, 4, 1))
        assert (ids(left), left["until"].to_pylist()) == (["gone"], [datetime(2026, 4, 1, 22)])


def test_looks_of_a_clock_that_ran_ahead_are_taken_back_and_who_is_in_is_known_again(shop: Shop) -> None:
    """Dewi ordered on 9 June: in August nobody has in the last 30 days. The clock is right again on the 11th."""
    shop.segments.add("Lately", "any(orders in last 30 days)", now=JUNE)
    shop.segments.advance(JUNE)
    again, known = JUNE.replace(day=11), ids(shop.segments.members("Lately"))
    with pytest.raises(Refused, match="No look was later"):
        shop.segments.look_back(JUNE, JUNE)
    august = datetime(2026, 8, 10)
    shop.segments.add("Ahead", "count(orders) >= 2", now=august)
    shop.segments.advance(august)
    assert ids(shop.segments.members("Lately")) == [] and known == ["anna", "carla", "dewi"]
    with pytest.raises(LookedAtLater, match="2026-08-10"):
        shop.segments.advance(again)
    told = changes.last(shop.engine)
    shop.segments.look_back(again, again)
    shop.segments.advance(again)
    assert ids(shop.segments.members("Lately")) == known and ids(shop.segments.members("Ahead")) == ["anna", "carla"]
    assert max(shop.segments.members("Ahead")["since"].to_pylist()) <= again
    assert shop.segments.states(again)["Lately"].is_fresh
    assert [(c.customer_id, c.what, c.why) for c in changes.since(shop.engine, told, 9)] == [
        (who, "entered", "taken back") for who in known]
    assert max(s.day for sizes in kept_sizes(shop.segments).values() for s in sizes) == again.date()
    assert shop.segments.rebuild(again).differences == 0


def test_looks_go_on_after_somebody_was_erased_and_keep_nothing_of_them(shop: Shop,
                                                                        monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is written anew then, by another connection, between two looks of the same hour."""
    monkeypatch.setattr(kept_values, "FEW_CUSTOMERS", 0)
    shop.segments.add("Lately", "any(orders in last 30 days)", now=JUNE)
    shop.segments.refresh(JUNE)
    for minute in (1, 2):
        shop.segments.advance(JUNE.replace(minute=minute))
    assert {"kept_values", "kept_features"} <= set(tables_with("carla", shop))
    shop.customers.erase("carla", now=JUNE.replace(minute=3))
    assert tables_with("carla", shop) == ["changed_customers", "changes"]
    shop.segments.advance(JUNE.replace(minute=4))
    assert tables_with("carla", shop) == ["changes"]
    assert ids(shop.segments.members("Lately")) == ["anna", "dewi"]
    assert shop.segments.get("Lately").members == 2


def test_what_was_kept_of_many_customers_says_nothing_once_they_are_few(shop: Shop, monkeypatch: pytest.MonkeyPatch) \
        -> None:
    """Farah's order of which nobody was told is found by the night's look: she came once, whatever else she buys."""
    monkeypatch.setattr(kept_values, "FEW_CUSTOMERS", 0)
    shop.segments.add("Some", "count(orders) >= 1", now=JUNE)
    shop.segments.refresh(JUNE)
    monkeypatch.setattr(kept_values, "FEW_CUSTOMERS", 50_000)
    shop.engine.execute("INSERT INTO orders (order_id, customer_id, \"at\", counted) SELECT 'o8', 'farah', ?, true",
                        [JUNE])
    assert shop.segments.rebuild(JUNE.replace(minute=1)).differences == 1
    told_order(shop, "o9", "farah", "2026-06-10 12:01")
    shop.segments.advance(JUNE.replace(minute=2))
    assert ids(shop.segments.members("Some")).count("farah") == 1


def test_who_is_in_is_right_though_the_process_ended_before_the_values_were_kept(shop: Shop,
                                                                                 monkeypatch: pytest.MonkeyPatch) \
        -> None:
    """Farah's second order is looked at and its count not kept; with the third she has three, not two."""
    monkeypatch.setattr(kept_values, "FEW_CUSTOMERS", 0)
    shop.segments.add("Two", "count(orders) = 2", now=JUNE)
    shop.segments.add("Three", "count(orders) = 3", now=JUNE)
    shop.segments.refresh(JUNE)
    told_order(shop, "p1", "farah", "2026-06-10 12:01")
    shop.segments.advance(JUNE.replace(minute=1))
    told_order(shop, "p2", "farah", "2026-06-10 12:02")
    with monkeypatch.context() as stopped, pytest.raises(KeyboardInterrupt):
        stopped.setattr(kept_values.KeptValues, "keep", lambda _: signal.raise_signal(signal.SIGINT))
        shop.segments.advance(JUNE.replace(minute=2))
    assert "farah" in ids(shop.segments.members("Two"))
    told_order(shop, "p3", "farah", "2026-06-10 12:03")
    shop.segments.advance(JUNE.replace(minute=4))
    assert "farah" not in ids(shop.segments.members("Two")) and "farah" in ids(shop.segments.members("Three"))
    assert shop.segments.rebuild(JUNE.replace(minute=5)).differences == 0


def told_order(shop: Shop, order: str, customer: str, when: str) -> None:
    add_order(shop, order, customer, when, 5)
    shop.engine.execute("INSERT INTO changed_customers SELECT value::BIGINT, ?, ?, NULL FROM meta WHERE key = "
                        "'facts_version'", [JUNE, customer])


def tables_with(word: str, shop: Shop) -> list[str]:
    return [table for table in sorted(shop.engine.tables()) if shop.engine.rows(
        f"SELECT 1 FROM {table} t WHERE contains(CAST(t AS VARCHAR), ?) LIMIT 1", [word])]


def test_a_name_of_a_question_that_was_taken_back_stands_for_the_next_one_to_everybody(little_shop: Shop,
                                                                                     tmp_path: Path) -> None:
    first = answers(little_shop, tmp_path, "C1", "How likely?")
    answers(little_shop, tmp_path, "C2", "How likely!")
    little_shop.segments.add("Said", "answer.how_likely is known", now=AFTER)
    little_shop.segments.advance(AFTER)
    assert ids(little_shop.segments.members("Said")) == ["C1"]
    little_shop.undo_import(first, now=NOW + timedelta(minutes=2))
    answers(little_shop, tmp_path, "C3", "How likely!")
    little_shop.segments.advance(AFTER + timedelta(minutes=3))
    assert ids(little_shop.segments.members("Said")) == ["C2", "C3"]


def answers(shop: Shop, folder: Path, who: str, question: str) -> str:
    """An import of one answer, with its number."""
    path = folder / f"{who}.csv"
    path.write_text("survey,respondent,question,customer_id,at,value,number\n"
                    f"s,{who},{question},{who},2026-11-20T10:00:00Z,,7\n")
    return shop.import_file(path, now=NOW, as_="answers")[0].import_id


def test_another_time_zone_has_everybody_looked_at_by_its_days(shop: Shop) -> None:
    """An order of noon in UTC is of yesterday in Jakarta, where it is three in the night."""
    evening = JUNE.replace(hour=20)
    add_order(shop, "o8", "emil", "2026-06-10 12:00", 5)
    shop.segments.add("Today", "any(orders today)", now=evening)
    shop.segments.advance(evening)
    assert ids(shop.segments.members("Today")) == ["emil"]
    there = Segments(shop.engine, replace(shop.settings, timezone="Asia/Jakarta"))
    there.advance(evening + timedelta(minutes=1))
    assert ids(there.members("Today")) == []
    assert there.left("Today", evening)["until"].to_pylist() == [evening + timedelta(minutes=1)]


def test_another_country_has_everybody_looked_at_by_its_places(shop: Shop) -> None:
    """Melbourne is in Australia, and in the United States it is in Florida."""
    shop.engine.execute("UPDATE customers SET latitude = -37.81, longitude = 144.96 WHERE customer_id = 'anna'")
    shop.engine.execute("UPDATE customers SET latitude = 28.08, longitude = -80.61 WHERE customer_id = 'ben'")
    shop.segments.add("Near", "within 50 km of 'Melbourne'", now=JUNE)
    shop.segments.advance(JUNE)
    assert ids(shop.segments.members("Near")) == ["anna"]
    there = Segments(shop.engine, replace(shop.settings, country="US"))
    there.advance(JUNE + timedelta(minutes=1))
    assert ids(there.members("Near")) == ["ben"]
