"""Adopted buckets are segments, and drift tells when customers no longer are what they were."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from regulars.errors import Refused, TooLittleData
from regulars.insight.common import Result
from regulars.insight.drift import chi_squared, stability_index
from regulars.shop import Shop
from tests.insight.conftest import NOW


@pytest.fixture(scope="module")
def shop(demo_shop_made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A copy of the demo shop, for adopting in."""
    with Shop.open(shutil.copytree(demo_shop_made, tmp_path_factory.mktemp("adopt") / "shop")) as shop:
        yield shop


@pytest.fixture(scope="module")
def found(shop: Shop, demo_buckets: Result) -> Result:
    with pytest.raises(TooLittleData, match="needs buckets that have been adopted"):
        shop.insight("drift", NOW)
    shop.adopt(demo_buckets, NOW)
    return demo_buckets


def test_adopted_buckets_are_segments_of_the_same_people(shop: Shop, found: Result) -> None:
    adopted = shop.adopt(found, NOW)
    assert [shop.count(f"in segment '{s.name}'", NOW) for s in adopted] == found.rows.column("people").to_pylist()
    assert {s.changed_by for s in adopted} == {"buckets"}


def test_adopting_the_same_again_changes_nothing(shop: Shop, found: Result) -> None:
    before = shop.segments.list()
    assert len(shop.adopt(found, NOW)) == found.rows.num_rows
    assert shop.segments.list() == before


def test_a_segment_of_the_shop_s_own_is_never_written_over(found: Result, tmp_path: Path) -> None:
    first = found.rows.column("name")[0].as_py()
    with Shop.create(tmp_path / "other") as other:
        other.segments.add(first, "count(orders) >= 1", now=NOW.replace(tzinfo=None))
        assert other.adopt(found, NOW)[0].name == f"{first} 2"
        assert other.adopt(found, NOW)[0].name == f"{first} 2"
        assert other.segments.get(first).rule == "count(orders) >= 1"


def test_what_has_no_buckets_is_not_adopted(shop: Shop) -> None:
    with pytest.raises(Refused, match="no buckets here"):
        shop.adopt(shop.insight("rfm", NOW), NOW)


def test_on_the_day_of_adoption_nothing_has_moved(shop: Shop, found: Result) -> None:
    drift = shop.insight("drift", NOW)
    assert set(drift.rows.column("moved").to_pylist()) == {""}
    assert drift.rows.column("index").to_numpy().max() == 0
    assert str(drift.findings[0]).startswith("Customers are as they were")


def test_when_everybody_begins_to_buy_at_a_discount_an_alarm_names_it(shop: Shop, found: Result) -> None:
    shop.engine.execute("UPDATE orders SET discount = 1, discounted = true WHERE counted")
    shop.engine.execute("UPDATE meta SET value = (value::BIGINT + 1)::VARCHAR WHERE key = 'facts_version'")
    rows = {r["what"]: r for r in shop.insight("drift", NOW).rows.to_pylist()}
    assert rows["share(orders where discounted)"]["moved"] == "alarm"
    assert rows["share(orders where channel = 'store')"]["moved"] == ""
    bargain = next(n for n in found.rows.column("name").to_pylist() if "discount" in n.lower())
    assert rows[bargain]["moved"] and rows[bargain]["now"] > rows[bargain]["then"]
    assert any("find the buckets anew" in str(f) for f in shop.insight("drift", NOW).findings)


def test_the_index_is_the_one_by_hand() -> None:
    """Half and half against 60 and 40: .1 ln 1.2 - .1 ln .8."""
    then, today = np.array([5e6, 5e6]), np.array([6e6, 4e6])
    assert stability_index(then, today) == pytest.approx(0.1 * np.log(1.2) - 0.1 * np.log(0.8), abs=1e-6)
    assert stability_index(then, then) == 0.0


def test_chi_squared_is_the_textbook_s_and_empty_steps_do_not_count() -> None:
    """10, 20 and 20, 10: 6.667 with one degree of freedom."""
    assert chi_squared(np.array([10.0, 20, 0]), np.array([20.0, 10, 0])) == pytest.approx(0.00982, abs=1e-5)
    assert chi_squared(np.array([5.0, 0]), np.array([9.0, 0])) == 1.0
