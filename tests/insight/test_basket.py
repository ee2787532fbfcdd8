"""What sells together: the published example, planted complements and sequences, and baskets counted by hand."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from math import comb
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pytest
from scipy import sparse, stats

from regulars.errors import Refused, TooLittleData
from regulars.insight.basket import nexts
from regulars.insight.basket.mining import Rule, by_chance, frequent
from regulars.model.settings import Settings
from regulars.shop import Shop
from tests.insight import shop_by_hand as hand
from tests.insight.conftest import NOW
from tests.realdata import realdata

FRANCE: dict[str, Any] = {"country": "France", "exclude": ("POSTAGE",), "level": "name", "min_support": "0.07",
                          "min_confidence": "0", "rules_only": True, "now": "2011-12-10"}
"""As in C. Moffitt, "Introduction to Market Basket Analysis in Python", pbpython.com 2017, by mlxtend: an item is a
description without spaces around it, a basket an invoice that does not begin with C, 392 of France."""


def lifts(result: Any) -> dict[tuple[str, ...], float]:
    return {(*r["antecedents"], "->", *r["consequents"]): r["lift"] for r in result.rows.to_pylist()}


@pytest.fixture(scope="module")
def retail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Online Retail as it is: 38 countries."""
    folder = tmp_path_factory.mktemp("retail") / "shop"
    with Shop.create(folder, Settings(currency="GBP", timezone="Europe/London", country="GB")) as shop:
        shop.import_file(realdata("online_retail/online_retail.parquet"), now="2011-12-10")
        yield shop


def test_it_finds_the_51_item_sets_and_26_rules_of_online_retail_in_france(retail: Shop) -> None:
    found = retail.insight("basket", **FRANCE)
    assert found.numbers["baskets"] == 392 and len(found.numbers["item_sets"]) == 51 and found.rows.num_rows == 26
    pink = lifts(found)["ALARM CLOCK BAKELIKE PINK", "->", "ALARM CLOCK BAKELIKE GREEN"]
    assert round(pink, 6) == 7.478947
    assert round(lifts(found)["ALARM CLOCK BAKELIKE GREEN", "->", "ALARM CLOCK BAKELIKE RED"], 6) == 8.642959


def test_a_segment_leaves_out_the_three_invoices_of_nobody(retail: Shop) -> None:
    found = retail.insight("basket", **FRANCE, segment="country = 'France'")
    assert found.numbers["baskets"] == 389 and len(found.numbers["item_sets"]) == 51 and found.rows.num_rows == 26
    pink = lifts(found)["ALARM CLOCK BAKELIKE PINK", "->", "ALARM CLOCK BAKELIKE GREEN"]
    assert pink == pytest.approx(7.478947 * 389 / 392)


def test_a_country_no_order_is_from_is_refused_with_the_nearest(retail: Shop) -> None:
    with pytest.raises(Refused, match="No order is from 'Frence'") as refused:
        retail.insight("basket", **{**FRANCE, "country": "Frence"})
    assert "Did you mean 'France'?" in str(refused.value.hint)


def test_orders_of_a_country_are_those_that_say_so_else_those_whose_customer_lives_there(tmp_path: Path) -> None:
    """40 say France, ten of them of nobody; 30 say nothing, by a Frenchman; 30 are of one who lives in Spain."""
    with hand.written(tmp_path / "shop") as shop:
        hand.people(shop, ["frank"], country="France")
        hand.people(shop, ["sara"], country=" spain")
        for i in range(100):
            who = None if i < 10 else "sara" if i < 40 or i >= 70 else "frank"
            hand.order(shop, f"o{i:02}", who, hand.ago(20), ["lamp", "bulb"], country="france " if i < 40 else None)
    found = {c: shop.insight("basket", hand.NOW, country=c, rules_only=True).numbers for c in ("FRANCE", "Spain")}
    assert [(n["baskets"], n["of_nobody"]) for n in found.values()] == [(70, 10), (30, 0)]
    whole = shop.insight("basket", hand.NOW, country="France").numbers
    assert whole["baskets"] == 70 and all("country = 'France'" in m["rule"] for m in whole["missing"])


def test_products_by_number_have_two_more_sets_for_some_were_renamed(retail: Shop) -> None:
    found = retail.insight("basket", **{**FRANCE, "level": "product"})
    assert len(found.numbers["item_sets"]) == 53 and found.rows.num_rows == 26


def test_it_says_what_looks_like_no_product(retail: Shop) -> None:
    found = retail.insight("basket", **{**FRANCE, "exclude": ()})
    assert any("POSTAGE" in str(c) and "Left out, for they look like no products" in str(c) for c in found.caveats)
    assert found.rows.equals(retail.insight("basket", **FRANCE).rows)
    whole = retail.insight("basket", **{**FRANCE, "exclude": (), "services": True})
    assert whole.rows.num_rows > found.rows.num_rows and any("POSTAGE" in str(r) for r in whole.rows.to_pylist())


@pytest.fixture(scope="module")
def forty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """40 orders of as many people: bricks in 25, 20 of those with sand; sand alone in 4; the others glue."""
    with hand.written(tmp_path_factory.mktemp("forty") / "shop") as shop:
        hand.people(shop, [f"c{i:02}" for i in range(40)])
        for i in range(40):
            items = ["bricks", "sand"] if i < 20 else ["bricks"] if i < 25 else ["sand"] if i < 29 else ["glue"]
            hand.order(shop, f"o{i:02}", f"c{i:02}", hand.ago(70 if i % 2 else 20), items, cost=4)
    yield shop
    shop.close()


def test_a_confidence_of_exactly_four_fifths_passes(forty: Shop) -> None:
    def rules(confidence: str) -> list[tuple[str, str]]:
        found = forty.insight("basket", hand.NOW, min_confidence=confidence, rules_only=True)
        return [(r["antecedents"][0], r["consequents"][0]) for r in found.rows.to_pylist()]
    assert ("Bricks", "Sand") in rules("0.8") and ("Bricks", "Sand") in rules("4/5")
    assert ("Bricks", "Sand") not in rules("0.8000000000000000001")


def test_support_and_lift_are_compared_exactly_too(forty: Shop) -> None:
    def count(**said: str) -> int:
        return forty.insight("basket", hand.NOW, rules_only=True, **said).rows.num_rows
    assert count(min_support="0.5") == 2 and count(min_support="0.50000000000000001") == 0
    assert count(min_lift="4/3") == 2 and count(min_lift="1.3333333333333333334") == 0  # 20 x 40 / (25 x 24)


def test_each_number_has_its_interval(forty: Shop) -> None:
    rows = forty.insight("basket", hand.NOW, min_confidence="0.8", rules_only=True).rows.to_pylist()
    (row,) = [r for r in rows if r["antecedents"] == ["Bricks"]]
    assert (row["support"], row["confidence"]) == (0.5, 0.8) and row["lift"] == pytest.approx(4 / 3)
    assert (round(row["support_low"], 4), round(row["support_high"], 4)) == (0.3520, 0.6480)  # Wilson, 20 of 40
    assert (round(row["lift_low"], 4), round(row["lift_high"], 4)) == (1.0960, 1.6220)  # a standard error of exactly .1


def test_who_left_the_complement_out_and_what_it_is_worth(tmp_path: Path) -> None:
    with hand.written(tmp_path / "shop") as shop:
        hand.people(shop, [f"c{i:02}" for i in range(60)])
        for i in range(60):
            items = ["bricks", "sand"] if i < 20 else ["bricks"] if i < 26 else ["glue"]
            hand.order(shop, f"o{i:02}", f"c{i:02}", hand.ago(20 if i < 24 else 90), items, cost=4)
        hand.order(shop, "later", "c25", hand.ago(80), ["sand"], cost=4)
    (found,) = [m for m in shop.insight("basket", hand.NOW).numbers["missing"] if m["has"] == "Bricks"]
    assert found["who"] == ["c20", "c21", "c22", "c23"] == shop.members(found["rule"], hand.NOW)[
        "customer_id"].to_pylist()
    assert found["at_once"] == 20 / 26 and found["later"] == 0.5 and found["each"] == 6  # one of c24, c25
    # Wilson: 20 of 26 at most .8897, 1 of 2 at least .0945; what comes by itself is no gain.
    assert found["worth_low"] == 0 and found["worth_high"] == pytest.approx(4 * 6 * (0.8897 - 0.0945), abs=0.01)


def test_what_comes_by_itself_more_often_is_no_gain_at_all(tmp_path: Path) -> None:
    """Of 64 with bricks 40 take sand at once; of 20 who did not long ago, all took it ten days later."""
    with hand.written(tmp_path / "shop") as shop:
        hand.people(shop, [f"c{i:03}" for i in range(164)])
        for i in range(164):
            items = ["bricks", "sand"] if i < 40 else ["bricks"] if i < 64 else ["glue"]
            hand.order(shop, f"o{i:03}", f"c{i:03}", hand.ago(20 if i >= 60 else 130), items, cost=4)
            if 40 <= i < 60:
                hand.order(shop, f"s{i:03}", f"c{i:03}", hand.ago(120), ["sand"], cost=4)
    result = shop.insight("basket", hand.NOW)
    (found,) = [m for m in result.numbers["missing"] if m["has"] == "Bricks"]
    assert (found["people"], found["later"], found["worth_low"], found["worth_high"]) == (4, 1, 0, 0)
    assert not any("a reminder could bring" in str(f) and "no Sand" in str(f) for f in result.findings)


def test_a_complement_is_worth_what_tax_and_the_discount_of_the_order_leave(tmp_path: Path) -> None:
    """Two items of 12.10 with 21% tax in them, a tenth off the order: 21.78 paid, 3.78 of it tax, 9 left of each."""
    with hand.written(tmp_path / "shop") as shop:
        hand.people(shop, [f"c{i:02}" for i in range(60)])
        for i in range(60):
            items = ["bricks", "sand"] if i < 20 else ["bricks", "nails"] if i < 26 else ["glue", "tape"]
            hand.order(shop, f"o{i:02}", f"c{i:02}", hand.ago(20), items, price=12.1, cost=4, total=21.78, tax=3.78,
                       discount=2.42)
    (found,) = [m for m in shop.insight("basket", hand.NOW).numbers["missing"]
                if (m["has"], m["lacks"]) == ("Bricks", "Sand")]
    assert (found["each_is"], found["each"]) == ("margin", pytest.approx(9 - 4))


def test_the_clock_knows_who_is_due(tmp_path: Path) -> None:
    """Ten people bought feed every 30 days four times, the last time 25 to 34 days ago; one stopped 200 days ago."""
    with hand.written(tmp_path / "shop") as shop:
        hand.people(shop, [f"c{i}" for i in range(11)])
        for i in range(11):
            for n in range(4):
                hand.order(shop, f"o{i}-{n}", f"c{i}", hand.ago((200 if i == 10 else 25 + i) + 30 * n), ["feed"])
    found = shop.insight("basket", hand.NOW)
    (feed,) = found.numbers["replenish"]
    assert (feed["item"], feed["days"], feed["due_now"], feed["due_in_14_days"]) == ("Feed", 30, 5, 5)
    assert found.scores is not None
    due = {r["customer_id"]: r["replenish.due"] for r in found.scores.table.to_pylist() if r["replenish.due"]}
    assert set(due) == {f"c{i}" for i in range(10)} and due["c0"] == hand.ago(-5).date()


def test_then_means_a_later_order_within_the_days(tmp_path: Path) -> None:
    """Of 30 who first bought a bed 100 days ago, 12 bought seeds 20 days later, 3 on the same order, 5 too late."""
    with hand.written(tmp_path / "shop") as shop:
        hand.people(shop, [f"c{i:02}" for i in range(60)])
        for i in range(60):
            first = ["bed"] if i < 27 else ["bed", "seeds"] if i < 30 else ["glue"]
            hand.order(shop, f"o{i:02}", f"c{i:02}", hand.ago(100), first)
            if i < 17 or i == 59:
                hand.order(shop, f"p{i:02}", f"c{i:02}", hand.ago(80 if i < 12 or i == 59 else 10), ["seeds"])
    (row,) = shop.insight("basket", hand.NOW, by="customer", rules_only=True).rows.to_pylist()
    assert (row["antecedents"], row["consequents"]) == (["Bed"], ["Seeds"])
    assert (row["baskets"], row["of_antecedents"], row["of"]) == (12, 30, 60)
    assert row["expected"] == pytest.approx(1 / 30) and row["lift"] == pytest.approx(12)  # one of 30 after glue


def test_what_only_follows_one_thing_has_a_finite_lift(tmp_path: Path) -> None:
    """Thirty first bought a bed, ten of them seeds after it, and nobody else bought seeds."""
    with hand.written(tmp_path / "shop") as shop:
        hand.people(shop, [f"c{i:02}" for i in range(60)])
        for i in range(60):
            hand.order(shop, f"o{i:02}", f"c{i:02}", hand.ago(100), ["bed" if i < 30 else "glue"])
            if i < 10:
                hand.order(shop, f"p{i:02}", f"c{i:02}", hand.ago(80), ["seeds"])
    (row,) = shop.insight("basket", hand.NOW, by="customer", rules_only=True).rows.to_pylist()
    assert row["expected"] == 0 and row["lift"] == pytest.approx(10 / 30 / (0.5 / 31)) and row["lift_low"] > 1


def test_a_rule_of_who_left_it_out_stands_whatever_the_segment_is_written_like(forty: Shop) -> None:
    found = forty.insight("basket", hand.NOW, segment="any(orders) -- everybody who ever bought\n or kind = 'customer'")
    assert all(m["people"] == forty.count(m["rule"], hand.NOW) for m in found.numbers["missing"])
    assert found.numbers["missing"][0]["rule"].startswith("(any(orders) or kind = 'customer') and any(lines")


def test_sets_are_those_that_counting_every_subset_finds() -> None:
    random = np.random.default_rng(5)
    chosen = random.random((200, 7)) < random.random(7)
    counts = {s: int(chosen[:, s].all(axis=1).sum()) for n in range(1, 5) for s in combinations(range(7), n)}
    found = frequent(sparse.csr_matrix(chosen.astype(np.int32)), 9, 4)
    assert found == {s: n for s, n in counts.items() if n >= 9}


def test_orders_that_name_no_product_are_no_baskets(tmp_path: Path) -> None:
    """Forty orders with the lamp, twenty of them with a bulb; of forty more only the number of pieces is known."""
    with hand.written(tmp_path / "shop") as shop:
        hand.people(shop, [f"c{i:02}" for i in range(80)])
        for i in range(80):
            hand.order(shop, f"o{i:02}", f"c{i:02}", hand.ago(20), ["lamp", "bulb"] if i < 20 else ["lamp"])
        shop.engine.execute("UPDATE lines SET product_id = NULL, product_name = NULL WHERE order_id >= 'o40'")
    found = shop.insight("basket", hand.NOW, rules_only=True)
    assert found.numbers["baskets"] == 40 and {r["lift"] for r in found.rows.to_pylist()} == {1.0}
    shop.engine.execute("UPDATE lines SET product_id = NULL, product_name = NULL")
    with pytest.raises(TooLittleData, match="at least 30 orders with lines, and there are 0"):
        shop.insight("basket", hand.NOW)


@pytest.mark.parametrize("said", [{"min_support": "much"}, {"min_support": "1.5"}, {"min_confidence": "-0.1"},
                                  {"min_lift": "1/0"}])
def test_a_threshold_that_is_none_is_refused(forty: Shop, said: dict[str, str]) -> None:
    with pytest.raises(Refused):
        forty.insight("basket", hand.NOW, **said)


def test_too_few_orders_say_so(little_shop: Shop) -> None:
    with pytest.raises(TooLittleData, match="needs at least 30"):
        little_shop.insight("basket", NOW)


def test_what_nobody_buys_any_more_is_no_advice(tmp_path: Path) -> None:
    """Thirty bought bed and seeds long ago; of thirty who bought the bed lately all but one stakes, nobody seeds."""
    with hand.written(tmp_path / "shop") as shop:
        hand.people(shop, [f"c{i:02}" for i in range(60)])
        for i in range(60):
            items = ["bed", "seeds"] if i < 30 else ["bed", "stakes"] if i < 59 else ["bed"]
            hand.order(shop, f"o{i:02}", f"c{i:02}", hand.ago(300 if i < 30 else 20), items)
    scores = shop.insight("basket", hand.NOW).scores
    assert scores is not None
    advice = {r["customer_id"]: r["product.next"] for r in scores.table.to_pylist()}
    assert advice["c59"] == "Stakes" and set(advice.values()) <= {"Stakes", None}


def test_advice_is_held_to_whoever_bought_something_new_be_it_rare(tmp_path: Path,
                                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty had the bed; lately forty of them bought stakes, ten a rarity nobody else ever had, and five had it sent
    again. Five more came for the first time. With two items looked at: 40 of 50 could be named."""
    monkeypatch.setattr(nexts, "MOST_ITEMS", 2)
    with hand.written(tmp_path / "shop") as shop:
        hand.people(shop, [f"c{i:02}" for i in range(65)])
        for i in range(60):
            hand.order(shop, f"o{i:02}", f"c{i:02}", hand.ago(100), ["bed", "stakes"] if i >= 50 else ["bed"])
        for i in range(40):
            hand.order(shop, f"p{i:02}", f"c{i:02}", hand.ago(20), ["stakes"])
        for i in range(40, 50):
            hand.order(shop, f"p{i:02}", f"c{i:02}", hand.ago(20), [f"rarity {i}"])
        for i in range(50, 55):
            hand.order(shop, f"p{i:02}", f"c{i:02}", hand.ago(20), ["postage"])
        for i in range(60, 65):
            hand.order(shop, f"p{i:02}", f"c{i:02}", hand.ago(20), ["bed"])
    tested = shop.insight("basket", hand.NOW).numbers["next"]
    assert (tested["tested"], tested["likeness"], tested["popularity"]) == (50, 0.8, 0.8)


def test_where_nothing_goes_together_nothing_is_said_to(tmp_path: Path) -> None:
    """400 orders of three of twelve items at random: some pairs look it, and none is told."""
    random = np.random.default_rng(8)
    with hand.written(tmp_path / "shop") as shop:
        hand.people(shop, [f"c{i:03}" for i in range(400)])
        for i in range(400):
            items = [f"item {k}" for k in random.choice(12, 3, replace=False)]
            hand.order(shop, f"o{i:03}", f"c{i:03}", hand.ago(20), items)
    found = shop.insight("basket", hand.NOW, rules_only=True, min_confidence="0.1")
    looks = found.rows.filter(pc.greater(found.rows["lift_low"], 1))
    assert found.rows.num_rows > 20 and found.findings == [] and min(found.rows["q"].to_pylist()) > 0.05, looks
    assert any("none of these is surely" in str(c) for c in found.caveats)


def test_a_q_is_the_p_of_fishers_test_held_to_all_that_were_looked_at(forty: Shop) -> None:
    rows = forty.insight("basket", hand.NOW, min_confidence="0.8", rules_only=True).rows.to_pylist()
    p = sum(comb(25, k) * comb(15, 24 - k) for k in range(20, 25)) / comb(40, 24)  # 20 or more of 24 sands with bricks
    assert [r["q"] for r in rows] == pytest.approx([p * 6 / 2] * 2)  # three items: six ordered pairs, two rules alike


def test_the_p_of_frequent_sides_is_near_the_exact_one() -> None:
    found = [Rule((0,), (1,), both, 900, 1200, 5000) for both in (190, 216, 240, 280)]  # 216 is what chance makes
    exact = stats.hypergeom.sf(np.array([r.both for r in found]) - 1, 5000, 900, 1200)
    assert by_chance(found) == pytest.approx(exact, rel=0.25, abs=0.05) and by_chance(found)[3] < 1e-5
