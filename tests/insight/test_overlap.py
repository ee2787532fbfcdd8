"""Who is in several segments: counted by hand on a shop of six people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from regulars.errors import NotFound, TooLittleData
from regulars.model.figures import Figures
from regulars.shop import Shop
from tests.segments.shop_of_few import make

NOW = datetime(2026, 6, 10, 12)
SEGMENTS = {"Twice": "count(orders) >= 2", "Women": "gender = 'female'", "Big": "sum(orders.total) >= 100"}
"""Twice: anna, carla. Women: anna, carla, dewi. Big: anna, ben."""


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with make(tmp_path / "shop") as made:
        for name, rule in SEGMENTS.items():
            made.segments.add(name, rule, now=NOW)
        yield made


def test_each_customer_is_counted_once_with_all_their_segments(shop: Shop) -> None:
    found = shop.insight("overlap", NOW)
    assert found.n == 6
    assert {tuple(r["segments"]): r["people"] for r in found.rows.to_pylist()} == {
        ("Big", "Twice", "Women"): 1, ("Twice", "Women"): 1, ("Women",): 1, ("Big",): 1, (): 2}
    assert found.numbers["sizes"] == {"Big": 2, "Twice": 2, "Women": 3}


def test_likeness_is_both_over_either(shop: Shop) -> None:
    pairs = {(p["one"], p["other"]): p for p in shop.insight("overlap", NOW).numbers["pairs"]}
    assert pairs["Twice", "Women"]["likeness"] == pytest.approx(2 / 3)
    assert pairs["Twice", "Women"]["of_one"] == 1
    assert pairs["Big", "Twice"]["likeness"] == pytest.approx(1 / 3)


def test_only_those_asked_for_are_compared(shop: Shop) -> None:
    found = shop.insight("overlap", NOW, segments=("twice", "Big"), segment="gender = 'female'")
    assert found.n == 3
    assert {tuple(r["segments"]): r["people"] for r in found.rows.to_pylist()} == {
        ("Twice", "Big"): 1, ("Twice",): 1, (): 1}


def test_who_is_in_none_is_said_first(shop: Shop) -> None:
    said = [f.say(Figures(shop.settings, "en")) for f in shop.insight("overlap", NOW).findings]
    assert said[:2] == ["2 customers (33%) are in no segment.", "2 customers (33%) are in more than one."]


def test_a_segment_that_is_not_there_is_named_with_the_nearest(shop: Shop) -> None:
    with pytest.raises(NotFound, match="Did you mean 'Women'"):
        shop.insight("overlap", NOW, segments=("Women", "Womens"))


def test_one_segment_overlaps_with_nothing(shop: Shop) -> None:
    with pytest.raises(TooLittleData, match="at least 2 saved segments"):
        shop.insight("overlap", NOW, segments=("Women",))
