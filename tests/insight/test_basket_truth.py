"""What sells together in a shop of which it is known, and in one where nothing does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from regulars.errors import Refused
from regulars.insight.basket.affinity import segments_by_items
from regulars.insight.basket.items import numbered
from regulars.insight.basket.saying import findings
from regulars.insight.common import among
from regulars.shop import Shop
from tests.insight import shop_by_hand as hand
from tests.insight.conftest import NOW


@pytest.fixture(scope="module")
def found(demo_shop: Shop) -> Any:
    return demo_shop.insight("basket", NOW)


def truth(shop: Shop) -> Any:
    return json.loads((shop.folder / "demo" / "ground_truth.json").read_text(encoding="utf-8"))


def test_planted_sequences_come_first(demo_shop: Shop) -> None:
    rows = demo_shop.insight("basket", NOW, by="customer", rules_only=True).rows.slice(0, 2).to_pylist()
    planted = {(s["first"], s["then"]) for s in truth(demo_shop)["sequences"]}
    assert {(r["antecedents"][0], r["consequents"][0]) for r in rows} <= planted


def test_complements_left_out_are_what_was_planted(demo_shop: Shop, found: Any) -> None:
    planted = {frozenset((c["name"], c["complement"])) for c in truth(demo_shop)["complements"]}
    missing = found.numbers["missing"]
    assert missing and all(frozenset((m["has"], m["lacks"])) in planted for m in missing)
    assert all(m["people"] == demo_shop.count(m["rule"], NOW) for m in missing[:3])
    assert all(0 <= m["worth_low"] <= m["worth_high"] for m in missing)


def test_advice_beats_the_most_bought_and_is_never_what_one_has(demo_shop: Shop, found: Any) -> None:
    tested = found.numbers["next"]
    assert tested["tested"] > 500 and tested["likeness_low"] > tested["popularity_high"]
    demo_shop.engine.register("advice", found.scores.table)
    had = demo_shop.engine.value('SELECT count(*) FROM advice a JOIN products p ON p.name = a."product.next" '
                                 "JOIN lines l ON l.customer_id = a.customer_id AND l.product_id = p.product_id "
                                 "WHERE l.counted")
    demo_shop.engine.unregister("advice")
    assert had == 0 and found.scores.table.num_rows > 2000


def test_segments_are_set_against_the_others(demo_shop: Shop, found: Any) -> None:
    best = max((r for r in found.numbers["segments"] if r["segment"] == "Trade, by phone"), key=lambda r: r["low"] or 0)
    inside = demo_shop.count(f"in segment 'Trade, by phone' and any(lines where product = '{best['item']}')", NOW)
    assert best["item"] in ("Portland cement 25 kg", "Mason sand 25 kg")
    assert best["buyers"] == inside and best["low"] > 1 and best["q"] < 0.001


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """200 people who buy each of 40 items one time in eight, with 160 tags that have nothing to do with it."""
    random = np.random.default_rng(3)
    with hand.written(tmp_path_factory.mktemp("noise") / "shop") as shop:
        for i in range(200):
            hand.people(shop, [f"c{i:03}"], tags=[f"t{k}" for k in np.flatnonzero(random.random(160) < 0.3)])
            items = np.flatnonzero(random.random(40) < 1 / 8)
            hand.order(shop, f"o{i}", f"c{i:03}", hand.ago(20), [f"i{k:02}" for k in items] or ["i00"])
    yield shop
    shop.close()


def test_segments_that_differ_by_chance_are_not_told(noise: Shop) -> None:
    """20 times 8 segments: in one of twenty, or nearly so, any is said to buy more of one of the 40 items."""
    none, told = pa.table({"q": pa.array([], pa.float64())}), 0
    with among(noise, None, hand.NOW) as everybody, \
            numbered(noise.engine, everybody, "product", (), hand.NOW, True):
        for first in range(0, 160, 8):
            rules = {f"t{k}": f"tags contains 't{k}'" for k in range(first, first + 8)}
            rows = segments_by_items(noise, rules, hand.NOW)
            assert len(rows) == 8 * 40
            told += bool(findings("order", none, {"segments": rows}, 60))
    assert told <= 3


def test_what_goes_with_a_segment_is_held_to_all_that_was_looked_at(noise: Shop) -> None:
    rules = {f"t{k}": f"tags contains 't{k}'" for k in range(8)}
    with among(noise, None, hand.NOW) as everybody, \
            numbered(noise.engine, everybody, "product", (), hand.NOW, True):
        rows = segments_by_items(noise, rules, hand.NOW)
    for row in (r for r in rows[::37] if r["times"]):
        outside = round(row["share"] / row["times"] * (200 - row["of"]))
        cells = [[row["buyers"], row["of"] - row["buyers"]], [outside, 200 - row["of"] - outside]]
        assert row["p"] == pytest.approx(stats.fisher_exact(cells, "greater").pvalue)
    assert [r["q"] for r in rows] == pytest.approx(stats.false_discovery_control([r["p"] for r in rows]))


def test_each_table_can_be_asked_for(demo_shop: Shop, found: Any) -> None:
    for show, column in (("missing", "worth_high"), ("replenish", "due_now"), ("segments", "times"), ("sets", "items")):
        assert column in demo_shop.insight("basket", NOW, show=show).rows.column_names
    with pytest.raises(Refused):
        demo_shop.insight("basket", NOW, show="missing", by="customer")


def test_sets_by_customer_are_of_all_they_ever_bought(demo_shop: Shop) -> None:
    rows = demo_shop.insight("basket", NOW, by="customer", show="sets", rules_only=True, min_support="0.05",
                             level="category").rows.to_pylist()
    most = next(r for r in rows if len(r["items"]) == 3)
    rule = " and ".join(f"any(lines where category = '{item}')" for item in most["items"])
    assert most["baskets"] == demo_shop.count(rule, NOW) and most["support"] == most["baskets"] / 3000
