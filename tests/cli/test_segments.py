"""Segments on the command line: kept, changed, looked at, and compared."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Line

AT = ("--as-of", "2026-11-22T13:00")


@pytest.fixture
def kept(shop: Line) -> Line:
    """Two segments: VIP is C1; Utrecht is C1 and C2."""
    shop("segment", "add", "VIP", "count(orders)>=10", "--note", "Our best")
    shop("segment", "add", "Utrecht", "city = 'Utrecht'")
    return shop


def test_a_segment_is_saved_in_canonical_text_and_counted(shop: Line) -> None:
    said = shop("segment", "add", "VIP", "count(orders)>=10")
    assert said.lines == ["VIP is saved: The number of orders is at least 10.", "1 of 5 customers (20.0%)."]
    assert shop("segment", "add", "vip", "everyone").code == 1
    saved = shop("segment", "add", "Utrecht", "city='utrecht'", "--json").json
    assert (saved["rule"], saved["count"], saved["everyone"]) == ("city = 'utrecht'", 2, 5)


def test_sizes_are_those_of_the_last_refresh_or_of_the_moment_asked_for(kept: Line) -> None:
    assert "not looked at yet" in kept("segment", "list").out
    assert [s["members"] for s in kept("segment", "list", "--json").json] == [None, None]
    moved = kept("segment", "refresh", *AT, "--json").json
    assert moved == [{"segment": "Utrecht", "members": 2, "entered": 2, "left": 0},
                     {"segment": "VIP", "members": 1, "entered": 1, "left": 0}]
    assert [s["members"] for s in kept("segment", "list", "--json").json] == [2, 1]
    early = kept("segment", "list", "--as-of", "2026-10-10T09:59", "--json").json
    assert [s["members"] for s in early] == [2, 0]
    assert kept("segment", "list").lines[1].split()[:2] == ["Utrecht", "2"]


def test_a_change_keeps_the_earlier_version(kept: Line) -> None:
    assert "version 2" in kept("segment", "change", "VIP", "count(orders) >= 2").out
    kept("segment", "change", "VIP", "--note", "Twice or more")
    found = kept("segment", "show", "vip", "--json").json
    assert (found["rule"], found["note"], found["version"]) == ("count(orders) >= 2", "Twice or more", 3)
    assert [v["rule"] for v in found["versions"]] == ["count(orders) >= 2", "count(orders) >= 2", "count(orders) >= 10"]
    lines = kept("segment", "show", "VIP", "--lang", "id").lines
    assert lines[0] == "VIP"
    assert lines[1].split("  ")[1:2] == ["rule"]


def test_members_come_with_since_when_and_what_they_bought(kept: Line) -> None:
    kept("segment", "refresh", *AT)
    found = kept("segment", "members", "VIP", *AT, "--json").json
    assert found["count"] == 1
    member = found["members"][0]
    assert (member["customer_id"], member["spent"], member["since"]) == ("C1", 200, "2026-11-22T12:00:00Z")
    assert kept("segment", "members", "Utrecht", *AT, "--ids").out == "C1\nC2\n"
    assert kept("segment", "members", "Utrecht", *AT).lines[-1] == "2 customers as of 22 Nov 2026 13:00"


def test_who_came_and_who_left_since_a_moment(kept: Line) -> None:
    kept("segment", "add", "Bought lately", "any(orders in last 30 days)")
    kept("segment", "refresh", "--as-of", "2026-11-01")
    kept("segment", "refresh", *AT)
    since = ("--since", "2026-11-01T00:00:01")
    assert kept("segment", "entered", "Bought lately", *since, "--ids").out == "C2\n"
    assert kept("segment", "left", "Bought lately", *since, "--ids").out == "C1\n"
    left = kept("segment", "left", "Bought lately", *since, "--json").json
    assert (left["count"], left["left"][0]["until"]) == (1, "2026-11-09T08:00:00Z")
    assert kept("segment", "entered", "VIP", *since).out == "Nobody entered since 1 Nov 2026 00:00.\n"
    assert kept("segment", "entered", "Bought lately", *since).lines[1].split()[0] == "C2"


def test_history_counts_days_before_the_rule_was_written(shop: Line) -> None:
    asked = ("segment", "history", "count(orders) >= 10", "--since", "2026-10-08", "--as-of", "2026-10-11T12:00")
    days = shop(*asked, "--json").json
    assert [(d["day"], d["members"], d["entered"]) for d in days] == [
        ("2026-10-08", 0, 0), ("2026-10-09", 0, 0), ("2026-10-10", 1, 1), ("2026-10-11", 1, 0)]
    lines = shop(*asked).lines
    assert lines[3].split() == ["10", "Oct", "2026", "1", "1", "0"]
    assert lines[-1] == "▁▁██"
    weeks = shop(*asked[:-4], "--since", "2026-09-20", "--as-of", "2026-10-11T12:00", "--step", "week", "--json").json
    assert [d["members"] for d in weeks] == [0, 0, 0, 1]


def test_the_remainder_and_the_overlaps_add_up_to_everybody(kept: Line) -> None:
    assert kept("segment", "remainder", *AT, "--ids").out == "C3\nC4\nC5\n"
    assert kept("segment", "remainder", "VIP", *AT, "--json").json["count"] == 4
    assert kept("segment", "overlaps", *AT, "--json").json == [
        {"segments": ["Utrecht"], "people": 1}, {"segments": ["Utrecht", "VIP"], "people": 1}]
    assert kept("segment", "overlaps", *AT).lines[2].split() == ["1", "Utrecht", "+", "VIP"]


def test_a_segment_that_is_leant_on_is_not_removed(kept: Line) -> None:
    kept("segment", "add", "Far VIP", "in segment 'VIP' and not in segment 'Utrecht'")
    refused = kept("segment", "remove", "VIP")
    assert (refused.code, "Far VIP" in refused.err) == (1, True)
    assert "is removed" in kept("segment", "remove", "Far VIP").out
    assert kept("segment", "remove", "VIP", "--json").json == {"removed": "VIP"}
    assert [s["name"] for s in kept("segment", "list", "--json").json] == ["Utrecht"]


def test_ready_segments_say_what_the_shop_lacks_for_them(shop: Line) -> None:
    here = {t["key"] for t in shop("segment", "templates", "--json").json}
    everything = {t["key"]: t for t in shop("segment", "templates", "--missing", "--json").json}
    assert "vip-10-orders" in here
    assert len(everything) > len(here)
    lacking = next(t for t in everything.values() if t["missing"])
    assert lacking["key"] not in here
    theme = everything["vip-10-orders"]["theme"]
    listed = shop("segment", "templates", "--theme", theme, "--lang", "ru").lines
    assert any(line.startswith("  vip-10-orders  ") for line in listed)
    assert listed[-1].endswith("see them with --missing")


def test_a_ready_segment_is_added_by_its_key(shop: Line) -> None:
    said = shop("segment", "add", "Best", "--template", "vip-10-orders", "--json").json
    assert (said["rule"], said["count"]) == ("count(orders) >= 10", 1)
    assert said["note"]


def test_ready_segments_can_be_read_without_a_shop(line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert len(json.loads(line("segment", "templates", "--json").out)) >= 40


def test_segments_are_brought_up_to_date_and_say_how_far_they_are_known(kept: Line) -> None:
    kept("segment", "add", "Bought lately", "any(orders in last 30 days)")
    assert {s["state"] for s in kept("segment", "states", "--as-of", "2027-01-01", "--json").json} == {"stale"}
    kept("segment", "advance", "--as-of", "2026-11-01")
    moved = {m["segment"]: m for m in kept("segment", "advance", *AT, "--json").json}
    assert (moved["Bought lately"]["entered"], moved["Bought lately"]["left"]) == (1, 1)
    left = kept("segment", "left", "Bought lately", "--since", "2026-11-01", "--json").json["left"]
    assert [(row["customer_id"], row["until"]) for row in left] == [("C1", "2026-11-09T08:00:00Z")]
    assert [s["state"] for s in kept("segment", "states", *AT, "--json").json] == ["fresh"] * 3
    assert kept("segment", "states", "--as-of", "2026-11-22T14:00").lines[1].split()[2:] == [
        "stale", "22", "Nov", "2026", "13:00", "time"]
    assert kept("segment", "rebuild", *AT).out == "Everybody was looked at as of 22 Nov 2026 13:00: no difference.\n"


def test_who_will_come_and_go_by_time_alone_is_foretold(kept: Line) -> None:
    kept("segment", "add", "Bought lately", "any(orders in last 30 days)")
    said = kept("segment", "expected", "Bought lately", *AT, "--until", "2026-12-20", "--json").json
    assert (said["joining"], said["leaving"], said["first_leaving"]) == (0, 1, [["C2", "2026-12-15T14:30:00Z"]])
    lines = kept("segment", "expected", "Bought lately", *AT, "--until", "2026-12-20").lines
    assert lines[0] == "Until 20 Dec 2026 00:00, by time alone: 0 will come, 1 will go."
    assert lines[2].split() == ["C2", "goes", "15", "Dec", "2026", "15:30"]
    kept("segment", "add", "Best", "top 10% by count(orders)")
    assert kept("segment", "expected", "Best", *AT).code == 1
