"""What people rely on of memberships that keep up: moments counted by hand, states, the nightly look, tomorrow."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from regulars import Shop
from regulars.errors import Refused, SegmentFailed, SegmentStale
from regulars.segments.freshness import FAILED, FRESH, STALE, UPDATING
from regulars.segments.saved import Segments
from tests.segments.shop_of_few import add_order, make

JUNE = datetime(2026, 6, 10, 12)
LATELY = "any(orders in last 30 days)"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """Anna's last order is of 1 June 12:00, Carla's of 5 June 12:00, Dewi's of 9 June 23:30."""
    with make(tmp_path / "shop") as made:
        made.segments.add("Lately", LATELY, now=JUNE)
        made.segments.advance(JUNE)
        yield made


def told(shop: Shop, customer: str, at: datetime) -> None:
    """As the commit of a change of facts notes it."""
    shop.engine.execute("INSERT INTO changed_customers SELECT value::BIGINT, ?, ?, NULL FROM meta "
                        "WHERE key = 'facts_version'", [at, customer])


def changes(shop: Shop) -> list[tuple[object, ...]]:
    return shop.engine.rows('SELECT seq, segment, customer_id, what, "at", noticed_at FROM changes ORDER BY seq')


def test_who_leaves_by_time_leaves_to_the_microsecond_and_not_when_it_is_noticed(shop: Shop) -> None:
    noticed = datetime(2026, 7, 6, 9)
    shop.segments.advance(noticed)
    assert changes(shop) == [
        (1, "Lately", "anna", "left", datetime(2026, 7, 1, 12), noticed),
        (2, "Lately", "carla", "left", datetime(2026, 7, 5, 12), noticed)]
    still = shop.segments.members("Lately").to_pylist()
    assert [(m["customer_id"], m["since"]) for m in still] == [("dewi", JUNE)]


def test_a_late_order_counts_from_when_the_shop_was_told(shop: Shop) -> None:
    add_order(shop, "o8", "emil", "2026-06-01 09:00", 5)
    heard = datetime(2026, 6, 10, 12, 0, 3)
    told(shop, "emil", heard)
    moved, = shop.segments.advance(JUNE + timedelta(minutes=1))
    assert (moved.entered, moved.left, moved.members) == (1, 0, 4)
    assert [row[3:5] for row in changes(shop)] == [("entered", heard)]


def test_where_everybody_changed_and_of_another_change_it_is_not_known_whose_it_was_looks_go_on(shop: Shop) -> None:
    add_order(shop, "o8", "emil", "2026-06-10 08:30", 5)
    told(shop, "", JUNE)
    shop.engine.execute("UPDATE meta SET value = (value::BIGINT + 1)::VARCHAR WHERE key = 'facts_version'")
    assert [(m.entered, m.left) for m in shop.segments.advance(JUNE + timedelta(seconds=1))] == [(1, 0)]


def test_an_order_of_the_future_counts_when_its_moment_comes(shop: Shop) -> None:
    add_order(shop, "o8", "emil", "2026-06-10 18:00", 5)
    told(shop, "emil", JUNE + timedelta(seconds=1))
    assert [m.entered for m in shop.segments.advance(JUNE + timedelta(hours=1))] == [0]
    shop.segments.advance(JUNE + timedelta(days=1))
    assert [row[3:5] for row in changes(shop)] == [("entered", datetime(2026, 6, 10, 18))]


def test_a_first_look_is_no_change_and_a_new_rule_says_so(shop: Shop) -> None:
    assert changes(shop) == []
    shop.segments.change("Lately", rule="any(orders in last 3 days)", now=JUNE)
    shop.segments.advance(JUNE + timedelta(minutes=1))
    assert {row[2]: row[3] for row in changes(shop)} == {"anna": "left", "carla": "left"}
    assert {r[0] for r in shop.engine.rows("SELECT why FROM changes")} == {"new rule"}


def test_facts_that_changed_without_a_word_are_found_all_the_same(shop: Shop) -> None:
    add_order(shop, "o8", "emil", "2026-06-10 09:00", 5)
    later = JUNE + timedelta(minutes=1)
    assert [m.entered for m in shop.segments.advance(later)] == [1]
    assert changes(shop)[0][4] == later


def test_a_customer_who_is_no_more_leaves(shop: Shop) -> None:
    shop.engine.execute("DELETE FROM customers WHERE customer_id = 'dewi'")
    shop.engine.execute("UPDATE meta SET value = (value::BIGINT + 1)::VARCHAR WHERE key = 'facts_version'")
    told(shop, "dewi", JUNE + timedelta(seconds=2))
    assert [m.left for m in shop.segments.advance(JUNE + timedelta(minutes=1))] == [1]


def test_a_rank_is_looked_at_by_its_schedule_and_says_of_when_it_is(shop: Shop) -> None:
    shop.segments.add("Best", "top 20% by sum(orders.total)", now=JUNE)
    shop.segments.advance(JUNE)
    assert shop.segments.members("Best")["customer_id"].to_pylist() == ["anna", "ben"]
    add_order(shop, "o8", "emil", "2026-06-10 09:00", 900)
    told(shop, "emil", JUNE + timedelta(seconds=1))
    shop.segments.advance(JUNE + timedelta(minutes=5))
    assert shop.segments.get("Best").refreshed_at == JUNE
    assert shop.segments.states(JUNE + timedelta(minutes=5))["Best"].state == FRESH
    shop.segments.advance(JUNE + timedelta(minutes=15))
    assert shop.segments.members("Best")["customer_id"].to_pylist() == ["ben", "emil"]


def test_a_look_at_everybody_finds_nothing_and_says_so(shop: Shop) -> None:
    assert shop.segments.rebuilt() is None
    done = shop.segments.rebuild(JUNE + timedelta(days=25))
    assert (done.differences, shop.segments.rebuilt()) == (0, done)


def test_a_look_at_everybody_counts_and_repairs_what_was_missed(shop: Shop) -> None:
    shop.engine.execute("DELETE FROM memberships WHERE customer_id = 'anna'")
    shop.engine.execute("INSERT INTO memberships VALUES ('Lately', 'farah', ?, NULL, 'facts or time')", [JUNE])
    done = shop.segments.rebuild(JUNE + timedelta(minutes=1))
    assert done.by_segment == {"Lately": 2}
    assert shop.segments.members("Lately")["customer_id"].to_pylist() == ["anna", "carla", "dewi"]
    assert shop.segments.rebuild(JUNE + timedelta(minutes=2)).differences == 0


def test_what_a_refresh_puts_right_is_counted_by_the_next_rebuild(shop: Shop) -> None:
    shop.engine.execute("DELETE FROM memberships WHERE customer_id = 'anna'")
    moved, = shop.segments.refresh(JUNE + timedelta(minutes=1))
    assert (moved.entered, moved.left, moved.members) == (1, 0, 3)
    assert shop.segments.refresh(JUNE + timedelta(minutes=2))[0].entered == 0
    assert shop.segments.rebuild(JUNE + timedelta(minutes=3)).by_segment == {"Lately": 1}
    assert shop.segments.rebuild(JUNE + timedelta(minutes=4)).differences == 0


def test_states_go_from_fresh_over_updating_to_stale(shop: Shop) -> None:
    assert shop.segments.states(JUNE)["Lately"].state == FRESH
    add_order(shop, "o8", "emil", "2026-06-10 09:00", 5)
    told(shop, "emil", JUNE + timedelta(seconds=1))
    said = {seconds: shop.segments.states(JUNE + timedelta(seconds=seconds))["Lately"] for seconds in (10, 100)}
    assert [(s.state, s.reason) for s in said.values()] == [(UPDATING, "facts"), (STALE, "facts")]
    shop.segments.advance(JUNE + timedelta(seconds=120))
    assert shop.segments.states(JUNE + timedelta(minutes=3))["Lately"].state == FRESH
    assert shop.segments.states(JUNE + timedelta(minutes=30))["Lately"].reason == "time"


def test_only_a_fresh_segment_may_be_sent_to(shop: Shop) -> None:
    assert shop.segments.sendable("lately", JUNE).members == 3
    with pytest.raises(SegmentStale, match="2026-06-10"):
        shop.segments.sendable("Lately", JUNE + timedelta(hours=1))
    shop.segments.add("New", "everyone", now=JUNE)
    with pytest.raises(SegmentStale):
        shop.segments.sendable("New", JUNE)


def test_what_leans_on_a_segment_whose_rule_is_another_one_is_not_sent_to_before_a_look(shop: Shop) -> None:
    shop.segments.add("Near", "in segment 'lately' and everyone", now=JUNE)
    shop.segments.add("Nearer", "not in segment 'Near'", now=JUNE)
    shop.segments.advance(JUNE)
    shop.segments.change("Lately", rule="no(orders)", now=JUNE)
    for name in ("Near", "Nearer"):
        with pytest.raises(SegmentStale):
            shop.segments.sendable(name, JUNE)
    shop.segments.advance(JUNE)
    assert {s.state for s in shop.segments.states(JUNE).values()} == {FRESH}


def test_a_look_ahead_of_the_clock_is_not_fresh(shop: Shop) -> None:
    shop.segments.advance(JUNE + timedelta(days=300))
    said = shop.segments.states(JUNE)["Lately"]
    assert (said.state, said.reason) == (STALE, "time")
    with pytest.raises(SegmentStale):
        shop.segments.sendable("Lately", JUNE)
    assert shop.segments.states(JUNE + timedelta(days=300, seconds=-30))["Lately"].state == FRESH


def test_a_segment_that_fails_stops_no_other_and_does_not_look_healthy(shop: Shop) -> None:
    shop.segments.add("Odd", "any(orders)", now=JUNE)
    shop.segments.advance(JUNE)
    shop.engine.execute("UPDATE segments SET rule = 'any(orders in last 0 days)' WHERE name = 'Odd'")
    later = JUNE + timedelta(days=25)
    moved = shop.segments.advance(later)
    assert [(m.segment, m.left) for m in moved] == [("Lately", 2)]
    assert shop.segments.states(later)["Odd"].state == FAILED
    with pytest.raises(SegmentFailed, match="No moment lies"):
        shop.segments.sendable("Odd", later)
    assert len(shop.segments.members("Odd")) == 4, "what was known is kept, and said to be failed"
    shop.segments.change("Odd", rule="any(orders)", now=later)
    shop.segments.advance(later)
    assert shop.segments.states(later)["Odd"].state == FRESH


def test_a_segment_that_the_engine_refuses_stops_no_other(shop: Shop) -> None:
    shop.segments.add("Dear", "median(orders.total) > 60", now=JUNE)
    shop.segments.add("Dear lately", "in segment 'Dear' and any(orders in last 30 days)", now=JUNE)
    shop.segments.advance(JUNE)
    before = shop.segments.members("Dear").to_pylist()
    add_order(shop, "o8", "emil", "2026-06-10 12:30", 9_999_999_999_999)
    told(shop, "emil", JUNE + timedelta(hours=1))
    later = JUNE + timedelta(hours=2)
    moved = shop.segments.advance(later)
    assert [(m.segment, m.entered) for m in moved] == [("Lately", 1)]
    said = shop.segments.states(later)
    assert [said[name].state for name in ("Dear", "Dear lately", "Lately")] == [FAILED, FAILED, FRESH]
    with pytest.raises(SegmentFailed, match="larger than can be kept exactly"):
        shop.segments.sendable("Dear", later)
    assert shop.segments.members("Dear").to_pylist() == before and before
    assert shop.segments.rebuild(later + timedelta(minutes=1)).differences == 0
    shop.engine.execute("DELETE FROM orders WHERE order_id = 'o8'")
    shop.engine.execute("UPDATE meta SET value = (value::BIGINT + 1)::VARCHAR WHERE key = 'facts_version'")
    after = later + timedelta(minutes=2)
    shop.segments.advance(after)
    assert {s.state for s in shop.segments.states(after).values()} == {FRESH}
    assert shop.segments.rebuild(after).differences == 0


def test_a_segment_that_the_engine_has_no_columns_for_stops_no_other(shop: Shop) -> None:
    shop.segments.add("By browser", "any(visits where browser = 'Firefox')", now=JUNE)
    shop.engine.execute("ALTER TABLE visits DROP COLUMN browser")
    moved = shop.segments.advance(JUNE + timedelta(days=25))
    assert [(m.segment, m.left) for m in moved] == [("Lately", 2)]
    said = shop.segments.states(JUNE + timedelta(days=25))
    assert [said[name].state for name in ("By browser", "Lately")] == [FAILED, FRESH]


def test_tomorrow_is_foretold_with_its_moments(shop: Shop) -> None:
    found = shop.segments.expected("Lately", datetime(2026, 7, 1), datetime(2026, 7, 2))
    assert (found.joining, found.leaving) == (0, 1)
    assert found.first_leaving == (("anna", datetime(2026, 7, 1, 12)),)
    shop.segments.add("Gone quiet", "stopped(orders for 30 days)", now=JUNE)
    coming = shop.segments.expected("Gone quiet", datetime(2026, 7, 1), datetime(2026, 7, 2))
    assert coming.first_joining == (("anna", datetime(2026, 7, 1, 12)),)
    shop.segments.add("Best", "top 10% by count(orders)", now=JUNE)
    with pytest.raises(Refused):
        shop.segments.expected("Best", JUNE, JUNE + timedelta(days=1))


def test_memberships_of_an_empty_shop_are_nobodys(tmp_path: Path) -> None:
    with Shop.create(tmp_path / "empty") as empty:
        assert empty.segments.advance(JUNE) == []
        empty.segments.add("All", "everyone", now=JUNE)
        assert [(m.members, m.entered) for m in empty.segments.advance(JUNE)] == [(0, 0)]
        assert [(m.members, m.entered) for m in empty.segments.advance(JUNE + timedelta(days=400))] == [(0, 0)]
        with pytest.raises(Refused):
            empty.segments.advance(JUNE)


def test_an_import_taken_back_leaves_no_member_and_says_so_to_whoever_reads_on(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("order_id,customer_id,at,total\no9,emil,2026-06-10 09:00,5\n")
    receipt, = shop.import_file(file, now=JUNE + timedelta(hours=1), as_="orders")
    shop.segments.advance(JUNE + timedelta(hours=2))
    assert shop.segments.members("Lately")["customer_id"].to_pylist() == ["anna", "carla", "dewi", "emil"]
    assert [row[2:5] for row in changes(shop)] == [("emil", "entered", JUNE + timedelta(hours=1))]
    shop.undo_import(receipt.import_id, now=JUNE + timedelta(hours=3))
    assert [row[2:5] for row in changes(shop)][1:] == [("emil", "left", JUNE + timedelta(hours=3))]
    noticed = datetime(2026, 7, 2)
    shop.segments.advance(noticed)
    assert [row[2:5] for row in changes(shop)][2:] == [("anna", "left", datetime(2026, 7, 1, 12))]
    assert shop.segments.members("Lately")["customer_id"].to_pylist() == ["carla", "dewi"]
    assert shop.segments.rebuild(noticed).differences == 0


def test_looking_and_writing_segments_at_the_same_time_do_not_meet(shop: Shop) -> None:
    def look() -> None:
        mine = Segments(shop.engine.cursor(), shop.settings)
        for minute in range(1, 9):
            mine.advance(JUNE + timedelta(minutes=minute))

    def write() -> None:
        mine = Segments(shop.engine.cursor(), shop.settings)
        for number in range(8):
            mine.add(f"Written {number}", f"count(orders) >= {number}", now=JUNE)
            mine.change("Lately", note=f"Changed {number} times.", now=JUNE)
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(look), pool.submit(write)]:
            done.result()
    shop.segments.advance(JUNE + timedelta(minutes=10))
    assert shop.segments.rebuild(JUNE + timedelta(minutes=11)).differences == 0
    assert {s.state for s in shop.segments.states(JUNE + timedelta(minutes=11)).values()} == {FRESH}
