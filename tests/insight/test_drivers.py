"""What makes a difference: effects counted by hand, and noise that is called none. What was planted: `test_truth`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from regulars.errors import Refused, TooLittleData
from regulars.insight.common.intervals import corrected
from regulars.insight.drivers import PEOPLE_A_COLUMN, label
from regulars.insight.drivers.effects import alone, beside, coded
from regulars.insight.drivers.judging import code_all, judge, rows
from regulars.shop import Shop
from tests.insight import shop_by_hand as hand
from tests.insight.conftest import NOW


def test_what_only_looks_different_is_listed_with_what_explains_it(demo_shop: Shop) -> None:
    found = demo_shop.insight("drivers", NOW).numbers
    assert found["explained"]["opened_early"] == ["clicked_early"]
    assert "opened_early" in found["verdicts"]["confounded"] and "web_savviness" in found["verdicts"]["confounded"]
    assert found["explained"]["first_payment"] == ["first_channel"]


def test_nothing_of_the_outcomes_time_is_known_before_it(demo_shop_made: Path, demo_shop: Shop, tmp_path: Path) -> None:
    """What happens after the last first order's early days changes nothing but the outcome."""
    before = demo_shop.insight("drivers", NOW)
    cut = datetime(2026, 9, 1, tzinfo=UTC)
    assert before.rows.filter(pa.compute.equal(before.rows["attribute"], "clicked_early")).num_rows == 2
    engine = demo_shop.engine
    engine.execute("BEGIN")
    try:
        engine.execute(f"DELETE FROM messages WHERE \"at\" > TIMESTAMP '{cut:%Y-%m-%d}'")
        engine.execute(f"DELETE FROM tickets WHERE \"at\" > TIMESTAMP '{cut:%Y-%m-%d}'")
        engine.execute(f"DELETE FROM visits WHERE \"at\" > TIMESTAMP '{cut:%Y-%m-%d}'")
        after = demo_shop.insight("drivers", NOW)
    finally:
        engine.execute("ROLLBACK")
    assert after.rows.equals(before.rows)


@pytest.mark.parametrize("outcome", ["churn", "conversion", "spend"])
def test_each_outcome_is_what_its_rule_counts(demo_shop: Shop, outcome: str) -> None:
    found = demo_shop.insight("drivers", NOW, outcome=outcome)
    since = "TIMESTAMP '2026-11-22 14:30:00' - INTERVAL 90 DAY"
    if outcome == "churn":
        active = "count(orders between 90 and 455 days ago) >= 1"
        gone = demo_shop.count(f"{active} and no(orders in last 90 days)", NOW)
        assert found.n == demo_shop.count(active, NOW) and round(found.numbers["mean"] * found.n) == gone
    if outcome == "spend":
        firsts = 'SELECT min("at") AS t FROM orders WHERE counted GROUP BY customer_id'
        assert found.n == demo_shop.engine.value(f"SELECT count(*) FROM ({firsts}) WHERE t <= {since}")
        assert found.rows["outcome"].to_numpy().max() > 100
    assert found.numbers["verdicts"]["driver"]


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """120 in the store, 60 of whom came back; 120 online, 24 of whom did; phones go with the store three times in four,
    and with nothing else. 30 came back within the week."""
    with hand.written(tmp_path_factory.mktemp("stores") / "shop") as shop:
        for i in range(240):
            store, back = i < 120, i % 2 == 0 if i < 120 else i % 5 == 0
            phone = (i // 10) % 4 != 0 if store else (i // 10) % 4 == 0
            hand.people(shop, [f"c{i:03}"], device="phone" if phone else "desktop")
            channel = "store" if store else "online"
            hand.order(shop, f"o{i}", f"c{i:03}", hand.ago(200), ["lamp"], channel=channel)
            if back:
                hand.order(shop, f"p{i}", f"c{i:03}", hand.ago(150), ["lamp"], channel=channel)
        for i in range(240, 270):
            hand.people(shop, [f"c{i:03}"], device="phone")
            hand.order(shop, f"o{i}", f"c{i:03}", hand.ago(200), ["lamp"], channel="store")
            hand.order(shop, f"p{i}", f"c{i:03}", hand.ago(195), ["lamp"], channel="store")
    yield shop
    shop.close()


def test_differences_are_what_a_hand_count_says(stores: Shop) -> None:
    found = stores.insight("drivers", hand.NOW)
    row = next(r for r in found.rows.to_pylist() if (r["attribute"], r["level"]) == ("first_channel", "store"))
    assert (found.n, found.numbers["left_out_early"], row["people"], row["outcome"]) == (240, 30, 120, 0.5)
    assert row["looks"] == pytest.approx(0.5 - 0.2)
    error = np.sqrt(120 * 0.5 * 0.5 + 120 * 0.2 * 0.8) / 119  # HC3 of a mean: the sum of squares over (n - 1) squared
    assert row["looks_high"] - row["looks"] == pytest.approx(1.959964 * error)
    device = next(r for r in found.rows.to_pylist() if (r["attribute"], r["level"]) == ("device", "phone"))
    assert device["looks"] == pytest.approx(0.15, abs=0.01) and abs(device["adjusted"]) < 0.01
    assert device["because_of"] == ["first_channel"] and device["verdict"] == "confounded"


def test_a_segment_and_few_people_are_honest(stores: Shop) -> None:
    with pytest.raises(TooLittleData, match="needs at least 100 people"):
        stores.insight("drivers", hand.NOW, segment="customer_id = 'c001'")
    with pytest.raises(TooLittleData, match="people of either outcome"):
        stores.insight("drivers", hand.NOW, segment="count(orders) = 1")
    with pytest.raises(Refused):
        stores.insight("drivers", hand.NOW, early_days=90)


def test_what_says_the_same_is_not_told_apart() -> None:
    random = np.random.default_rng(3)
    letters = random.choice(["a", "b", "c"], 600)
    table = pa.table({"letter": letters, "again": [{"a": "x", "b": "y", "c": "z"}[v] for v in letters]})
    y = (random.random(600) < np.where(letters == "a", 0.6, 0.3)).astype(float)
    found = judge([c for n in table.column_names if (c := coded(n, table[n], 30))], y, 100)
    assert {j.attribute.name: j.verdict for j in found} == {"letter": "driver", "again": "same"}
    assert next(j for j in found if j.verdict == "same").because_of == ("letter",)
    assert rows(found, y).num_rows == 6


def test_rare_values_are_put_together_and_the_unknown_only_held_apart() -> None:
    words = ["a"] * 50 + ["b"] * 40 + ["c"] * 20 + ["d"] * 15 + [None] * 30
    attribute = coded("letter", pa.chunked_array([pa.array(words)]), 30)
    assert attribute is not None and list(attribute.levels) == ["a", "b", "other"]
    assert np.bincount(attribute.codes).tolist() == [50, 40, 35, 30] and attribute.known == 3
    y = np.r_[np.zeros(125), np.ones(30)]  # all of the unknown, nobody else
    assert alone(attribute, y).p == pytest.approx(1) and coded("letter", pa.chunked_array([["a"] * 90]), 30) is None


def test_false_findings_stay_as_rare_as_is_said() -> None:
    """200 times ten attributes that change nothing: in one of twenty, or nearly so, any is called a driver."""
    random, called = np.random.default_rng(11), 0
    for _ in range(200):
        table = pa.table({f"a{k}": random.choice(["u", "v", "w"], 300) for k in range(10)})
        attributes = [c for n in table.column_names if (c := coded(n, table[n], 30))]
        y = (random.random(300) < 0.3).astype(float)
        called += any(j.verdict == "driver" for j in judge(attributes, y, 100))
    assert called / 200 < 0.09
    assert all(effect is not None for effect in beside(attributes, y))


def of_few(random: Any, chance: float = 0.3) -> list[Any]:
    """120 people with 24 attributes, of which the first may change their chance, and no room for all of them."""
    table = pa.table({f"a{k:02}": random.choice(["u", "v", "w"], 120) for k in range(24)})
    first = np.array(table["a00"].to_pylist()) == "u"
    y = (random.random(120) < np.where(first, chance, 0.3)).astype(float)
    found = judge(code_all(table, 30), y, int(min(y.sum(), 120 - y.sum())) // PEOPLE_A_COLUMN)
    assert sum(j.adjusted is not None for j in found) < len(found)
    return found


def test_picking_the_surest_of_many_makes_no_drivers() -> None:
    random = np.random.default_rng(1)
    called = sum(any(j.verdict == "driver" for j in of_few(random)) for _ in range(200))
    assert called / 200 < 0.09


def test_noise_among_few_people_looks_different_no_more_often_than_is_said() -> None:
    """200 times 24 attributes of 120 people, one in six of whom came back: any of them looks it in one of twenty."""
    random, looks = np.random.default_rng(5), 0
    for _ in range(200):
        table = pa.table({f"a{k:02}": random.choice(["u", "v", "w"], 120) for k in range(24)})
        y = (random.random(120) < 0.17).astype(float)
        looks += bool((corrected([alone(a, y).p for a in code_all(table, 30)]) < 0.05).any())
    assert looks / 200 < 0.08


def test_the_p_of_a_yes_or_no_alone_is_that_of_its_table_of_counts(stores: Shop) -> None:
    looks = {r["attribute"]: r["looks_q"] for r in stores.insight("drivers", hand.NOW).rows.to_pylist()}
    channel, device = (stats.chi2_contingency(t, correction=False).pvalue for t in
                       ([[60, 60], [24, 96]], [[51, 69], [33, 87]]))
    assert looks["first_channel"] == pytest.approx(channel * len(looks))
    assert looks["device"] == pytest.approx(device * len(looks) / 2)


def test_age_is_in_full_years_at_the_shops_day_of_the_first_order(tmp_path: Path) -> None:
    """The first order is of 12 December 2025: whoever is born at the end of December 2000 is 24."""
    born = ["2000-12-31", "2000-12-12", "1990-06-01"]
    with hand.written(tmp_path / "shop") as shop:
        for i in range(120):
            hand.people(shop, [f"c{i:03}"], birth_date=born[i % 3])
            hand.order(shop, f"o{i}", f"c{i:03}", hand.ago(200), ["lamp"])
            if i % 2:
                hand.order(shop, f"p{i}", f"c{i:03}", hand.ago(150), ["lamp"])
    found = shop.insight("drivers", hand.NOW, personal=True).rows.to_pylist()
    assert {r["level"]: r["people"] for r in found if r["attribute"] == "age"} == {"under 25": 40, "25 to 39": 80}


def test_a_large_difference_is_found_among_few_people() -> None:
    random = np.random.default_rng(7)
    found = [of_few(random, 0.9) for _ in range(20)]
    assert sum(any(j.verdict == "driver" and j.attribute.name == "a00" for j in each) for each in found) >= 18
    assert all(j.q is None or j.q >= j.raw_q for each in found for j in each)


def test_every_attribute_has_a_name(demo_shop: Shop) -> None:
    for outcome in ("second_order", "churn"):
        names = demo_shop.insight("drivers", NOW, outcome=outcome, personal=True).rows["attribute"].to_pylist()
        assert {"gender", "age"} <= set(names) and all(label(name) for name in names)
