"""Where people went between two moments: counted by hand on a shop of six people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from regulars.errors import Refused
from regulars.insight.movement import NEW, NONE
from regulars.shop import Shop
from tests.segments.shop_of_few import make

NOW = datetime(2026, 6, 10, 12)
SEGMENTS = {"Once": "count(orders) = 1", "Twice": "count(orders) >= 2", "Women": "gender = 'female'"}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with make(tmp_path / "shop") as made:
        for name, rule in SEGMENTS.items():
            made.segments.add(name, rule, now=NOW)
        yield made


def ways(shop: Shop, **said: object) -> dict[tuple[str, str], int]:
    rows = shop.insight("movement", NOW, since="2026-05-01", **said).rows.to_pylist()
    return {(r["from"], r["to"]): r["people"] for r in rows}


def test_it_counts_who_stayed_came_and_went(shop: Shop) -> None:
    assert ways(shop, segments=("Once", "Twice")) == {
        ("Once", "Once"): 1, ("Twice", "Twice"): 1, (NONE, "Twice"): 1, (NONE, "Once"): 1, (NONE, NONE): 2}


def test_sizes_tell_before_after_entered_and_left(shop: Shop) -> None:
    sizes = shop.insight("movement", NOW, since="2026-03-01", segments=("Once", "Twice")).numbers["sizes"]
    assert sizes["Once"] == {"before": 2, "after": 2, "entered": 1, "left": 1}
    assert sizes["Twice"] == {"before": 0, "after": 2, "entered": 2, "left": 0}


def test_someone_in_two_segments_counts_in_each_unless_told_otherwise(shop: Shop) -> None:
    # Anna was and is in both; Carla was a woman and has come to buy twice; Dewi was and is a woman.
    assert ways(shop, segments=("Twice", "Women")) == {
        ("Twice", "Twice"): 1, ("Women", "Twice"): 1, ("Women", "Women"): 3, (NONE, NONE): 3}
    assert ways(shop, segments=("Twice", "Women"), exclusive=True) == {
        ("Twice", "Twice"): 1, ("Women", "Twice"): 1, ("Women", "Women"): 1, (NONE, NONE): 3}


def test_whoever_was_not_known_then_is_new(shop: Shop) -> None:
    shop.engine.execute("UPDATE customers SET \"at\" = TIMESTAMP '2026-06-09 10:00:00' WHERE customer_id = 'dewi'")
    found = shop.insight("movement", NOW, since="2026-05-01", segments=("Once",)).rows.to_pylist()
    new = next(r for r in found if r["from"] == NEW)
    assert (new["to"], new["people"], new["share"]) == ("Once", 1, None)


def test_a_share_carries_its_interval(shop: Shop) -> None:
    rows = shop.insight("movement", NOW, since="2026-05-01", segments=("Twice",)).rows.to_pylist()
    stayed = next(r for r in rows if r["from"] == r["to"] == NONE)
    assert stayed["share"] == pytest.approx(4 / 5)
    # Wilson's score interval of 4 of 5, as in Agresti & Coull 1998: .376 to .964
    assert (stayed["low"], stayed["high"]) == (pytest.approx(0.376, abs=1e-3), pytest.approx(0.964, abs=1e-3))


@pytest.mark.parametrize("since", ["2026-07-01", "soon"])
def test_a_first_moment_that_cannot_be_is_refused(shop: Shop, since: str) -> None:
    with pytest.raises(Refused, match=since):
        shop.insight("movement", NOW, since=since)
