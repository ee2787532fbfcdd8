"""Buckets are held to behaviours that are known, to rules that take in everybody once, and to shops without kinds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import adjusted_rand_score

from regulars.demo import make_demo
from regulars.demo.archetypes import PLAIN
from regulars.errors import Refused, TooLittleData
from regulars.insight.buckets.features import Feature, offered
from regulars.insight.buckets.found import values_of
from regulars.insight.buckets.grouping import copula, find_groups, overlaps
from regulars.insight.buckets.products import telling_words
from regulars.insight.buckets.rules import as_rules, stairs, told_apart
from regulars.insight.buckets.space import balanced, going_with, measured
from regulars.insight.common import Result
from regulars.model.figures import Figures
from regulars.shop import Shop
from tests.insight import shop_by_hand as hand
from tests.insight.conftest import NOW


@pytest.fixture(scope="module")
def shop_of_one_kind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder: Path = tmp_path_factory.mktemp("plain")
    demo = make_demo(folder / "files", 800, 3, now=NOW.replace(tzinfo=None), archetypes=PLAIN)
    with Shop.create(folder / "shop") as shop:
        for table, path in demo.files.items():
            shop.import_file(path, as_=table, now=NOW)
        yield shop


def truth(shop: Shop) -> pa.Table:
    return pq.read_table(shop.folder / "demo" / "ground_truth.parquet").sort_by("customer_id")


def names_of(result: Result) -> list[str]:
    assert result.scores is not None
    names: list[str] = result.scores.table.sort_by("customer_id").column("bucket.name").to_pylist()
    return names


def test_each_rule_is_true_of_its_bucket_and_everybody_is_in_exactly_one(demo_shop: Shop, demo_buckets: Result) -> None:
    rows = demo_buckets.rows.to_pylist()
    answers = demo_shop.evaluate({r["name"]: r["rule"] for r in rows}, NOW)
    inside = np.column_stack([answers.column(r["name"]).to_numpy() for r in rows])
    assert (inside.sum(axis=1) == 1).all()
    assert [int(n) for n in inside.sum(axis=0)] == [r["people"] for r in rows]
    assert Counter(names_of(demo_buckets)) == {r["name"]: r["people"] for r in rows}


def test_rules_are_short_and_true_to_the_groups_they_restate(demo_buckets: Result) -> None:
    assert demo_buckets.numbers["fidelity"] >= 0.85
    assert np.median([r["rule"].count(" and ") for r in demo_buckets.rows.to_pylist()]) <= 8
    assert all(r["short"].count(" and ") <= 1 for r in demo_buckets.rows.to_pylist())


def test_the_gist_of_a_rule_is_as_true_as_it_says(demo_shop: Shop, demo_buckets: Result) -> None:
    for row, detail in zip(demo_buckets.rows.to_pylist(), demo_buckets.numbers["buckets"], strict=True):
        both = demo_shop.count(f"({row['short']}) and ({row['rule']})", NOW)
        assert both / row["people"] == pytest.approx(detail["short_recall"])
        assert both / demo_shop.count(row["short"], NOW) == pytest.approx(detail["short_precision"])


def test_those_who_never_bought_are_told_from_those_who_did(demo_shop: Shop, demo_buckets: Result) -> None:
    kinds = truth(demo_shop).column("behaviour").to_pylist()
    where = Counter(name for name, kind in zip(names_of(demo_buckets), kinds, strict=True) if kind == "never_bought")
    assert where.most_common(1)[0][1] >= 0.95 * where.total()


def test_a_shop_of_one_kind_of_customers_has_no_buckets_worth_having(shop_of_one_kind: Shop) -> None:
    result = shop_of_one_kind.insight("buckets", NOW)
    assert result.rows.num_rows == 0
    assert result.numbers["structured"] is False
    assert str(result.findings[0]).startswith("There are no buckets worth having")
    assert result.scores is not None and result.scores.table.num_rows == 0


def test_a_number_that_is_asked_for_is_given_with_the_caveat_that_it_is_shades(shop_of_one_kind: Shop) -> None:
    result = shop_of_one_kind.insight("buckets", NOW, number=3)
    assert 2 <= result.rows.num_rows <= 3
    assert sum(result.rows.column("people").to_pylist()) == result.n
    assert any("shades" in str(c) for c in result.caveats)


@pytest.mark.parametrize("number", [1, 21])
def test_fewer_than_two_and_more_than_twenty_are_refused(demo_shop: Shop, number: int) -> None:
    with pytest.raises(Refused, match="2 to 20"):
        demo_shop.insight("buckets", NOW, number=number)


def test_a_segment_of_few_is_too_little(demo_shop: Shop) -> None:
    with pytest.raises(TooLittleData, match="at least 60 customers"):
        demo_shop.insight("buckets", NOW, segment="sample 1%")


def test_within_a_segment_rules_take_in_its_members_and_nobody_else(demo_shop: Shop) -> None:
    result = demo_shop.insight("buckets", NOW, segment="count(orders) >= 3", number=4)
    anyone = " or ".join(f"({rule})" for rule in result.rows.column("rule").to_pylist())
    assert demo_shop.count(anyone, NOW) == result.n == demo_shop.count("count(orders) >= 3", NOW)


def test_age_and_gender_are_used_only_where_they_are_asked_for(demo_shop: Shop, demo_buckets: Result) -> None:
    def about(result: Result) -> set[str]:
        return {f["value"] for f in result.numbers["model"]["features"]} & {"age", "gender = 'female'"}
    assert about(demo_buckets) == set()
    assert about(demo_shop.insight("buckets", NOW, number=4, age_and_gender=True)) == {"age", "gender = 'female'"}
    rules = demo_buckets.rows.column("rule").to_pylist()
    assert not any("birth_date" in rule or "age" in rule.split() for rule in rules)


def test_names_are_different_and_in_the_shop_s_language(demo_shop: Shop, demo_buckets: Result) -> None:
    names = demo_buckets.rows.column("name").to_pylist()
    assert len(set(names)) == len(names)
    assert all(n and n.isprintable() for n in names)
    assert any("discount" in n.lower() for n in names)


@pytest.mark.parametrize("cloud", ["uniform", "gaussian", "stretched", "skewed"])
def test_numbers_without_groups_are_found_to_have_none(cloud: str) -> None:
    random = np.random.default_rng(7)
    points = {"uniform": random.random((600, 4)), "gaussian": random.normal(size=(600, 5)),
              "stretched": random.normal(size=(600, 4)) * [3.0, 1, 1, 0.5],
              "skewed": random.exponential(size=(600, 2))}[cloud]
    assert not find_groups(points, np.ones(600), 1, range(2, 9)).structured


def test_four_heaps_are_found_to_be_four() -> None:
    random = np.random.default_rng(7)
    heaps = np.repeat([[0.0, 0], [6, 0], [0, 6], [6, 6]], 100, axis=0)
    found = find_groups(heaps + random.normal(size=(400, 2)), np.ones(400), 1, range(2, 9))
    assert (found.structured, found.trial.k) == (True, 4)
    assert adjusted_rand_score(np.repeat(range(4), 100), found.labels) > 0.95


def test_groups_that_cannot_be_reached_score_nothing() -> None:
    heaps = np.repeat([[0.0, 0], [9, 9]], 50, axis=0) + np.random.default_rng(7).normal(size=(100, 2))
    half = np.repeat([1.0, 0.0], 50)
    assert find_groups(heaps, half, 1, [2]).trial.reach == 0.5
    assert find_groups(heaps, np.zeros(100), 1, [2]).trial.reach == 1.0, "nobody's consent is recorded at all"


def test_overlap_of_groups_is_jaccard_by_hand() -> None:
    one, other = np.array([0, 0, 0, 1, 1]), np.array([1, 1, 0, 0, 0])
    assert overlaps(one, other, 2).tolist() == pytest.approx([2 / 3, 2 / 3])


def test_data_of_chance_have_the_same_columns_and_nearly_the_same_correlations() -> None:
    random = np.random.default_rng(7)
    points = random.normal(size=(2000, 2)) @ [[1.0, 0.8], [0.0, 0.6]]
    drawn = copula(points, random)
    assert np.array_equal(np.sort(drawn, axis=0), np.sort(points, axis=0))
    assert np.corrcoef(drawn, rowvar=False)[0, 1] == pytest.approx(np.corrcoef(points, rowvar=False)[0, 1], abs=0.05)


def test_each_side_of_behaviour_weighs_the_same() -> None:
    random = np.random.default_rng(7)
    points = np.column_stack([random.normal(size=(500, 6)) * 100, random.normal(size=500)])
    made = balanced(points, ["category"] * 6 + ["money"])
    first = [np.linalg.norm(block, 2) / np.sqrt(500) for block in (made[:, :6], made[:, 6:])]
    assert first == pytest.approx([1.0, 1.0])


def test_a_share_of_one_row_is_drawn_towards_everybody_s() -> None:
    share = Feature("share(orders where x)", "discount", "share", per="count(orders)")
    values = pa.table({"share(orders where x)": [1.0, 0.0, None], "count(orders)": [1.0, 9.0, 0.0]})
    overall = 1 / 10
    low, high = np.quantile([(1 + overall) / 2, overall / 10, overall], [0.01, 0.99])
    assert measured(values, [share])[:, 0] == pytest.approx([high, low, overall])


def test_unknown_goes_the_same_way_in_the_rule_as_in_the_tree(tmp_path: Path) -> None:
    """Two groups told apart by recency alone: those without any order go with those gone for long."""
    shop = Shop.create(tmp_path / "shop")
    people = "customer_id,name\n" + "".join(f"C{i:02},Somebody {i}\n" for i in range(30))
    orders = "order_id,customer_id,at,status,total\n" + "".join(
        f"O{i},C{i:02},{'2026-11-10' if i < 10 else '2024-01-10'}T10:00,paid,10\n" for i in range(20))
    for table, content in (("customers", people), ("orders", orders)):
        (tmp_path / f"{table}.csv").write_text(content)
        shop.import_file(tmp_path / f"{table}.csv", as_=table, now=NOW)
    now = datetime(2026, 11, 22, 14, 30)
    recency = Feature("since(orders)", "recency", "amount", known="any(orders)", unknown="no(orders)", latest=True)
    values = shop.values_at({"since(orders)": "since(orders)"}, now)
    labels = np.repeat([0, 1], [10, 20]).astype(np.int64)
    rules = as_rules(stairs(values, [recency]), labels, 1)
    names = [str(g) for g in rules]
    answers = shop.evaluate({str(g): rule for g, rule in rules.items()}, NOW)
    assert told_apart(answers, names).tolist() == labels.tolist()
    assert rules[0].startswith("since(orders) <= ") and rules[1].startswith("not since(orders) <= ")
    shop.close()


def test_what_was_found_is_said_in_every_language(demo_shop: Shop, demo_buckets: Result) -> None:
    for language, word in (("id", "jenis pelanggan"), ("ur", "قسمیں"), ("ru", "покупателей")):
        assert word in demo_buckets.findings[0].say(Figures(demo_shop.settings, language))


@pytest.mark.parametrize("seed", range(4))
def test_whatever_the_groups_the_rules_take_in_everybody_once_as_the_tree_does(small_shop: Shop, seed: int) -> None:
    """Groups by steps of random features, unknown among them: the rules must fall as the steps do."""
    now, random = NOW.replace(tzinfo=None), np.random.default_rng(seed)
    everybody = small_shop.members_at("everyone", now)
    small_shop.engine.register("everybody", everybody)
    features = offered(small_shop, "everybody", now, age_and_gender=True)
    on = stairs(values_of(small_shop, features, now, "everybody"), features)
    picked = random.choice(len(features), 3, replace=False)
    labels = sum(2**i * (on.steps[:, f] > np.median(on.steps[:, f])) for i, f in enumerate(picked)).astype(np.int64)
    rules = as_rules(on, labels, seed)
    answers = small_shop.evaluate({str(g): rule for g, rule in rules.items()}, NOW)
    inside = np.column_stack([answers.column(str(g)).to_numpy() for g in rules])
    assert (inside.sum(axis=1) == 1).all()
    told = np.array(list(rules))[inside.argmax(axis=1)]
    assert (told == labels).mean() >= 0.95


def test_where_there_are_no_kinds_customers_are_divided_by_degree_and_everybody_is_in_one(
        shop_of_one_kind: Shop) -> None:
    result = shop_of_one_kind.insight("buckets", NOW)
    shades = result.numbers["by_degree"]
    if not shades:
        assert all(t["stability"] < 0.75 or t["size"] < 1 for t in result.numbers["trials"] if 3 <= t["buckets"] <= 6)
        return
    assert 3 <= len(shades) <= 6 and sum(s["people"] for s in shades) == result.n
    assert [shop_of_one_kind.count(s["rule"], NOW) for s in shades] == [s["people"] for s in shades]


def test_without_categories_the_words_customers_differ_in_say_what_is_bought(tmp_path: Path) -> None:
    """Half buy bags and half buy mugs, all of them in red or blue as it comes, and jumbo is but a kind of bag."""
    with hand.written(tmp_path / "shop") as shop:
        hand.people(shop, [f"c{i:02}" for i in range(60)])
        for i in range(60):
            for n in range(6):
                kind = ("jumbo bag" if n % 2 else "bag") if i < 30 else "mug"
                hand.order(shop, f"o{i}/{n}", f"c{i:02}", hand.ago(100 - n), [f"{kind} {'red' if n % 3 else 'blue'}"])
    shop.engine.register("everybody", shop.members_at("everyone", hand.NOW))
    assert set(telling_words(shop, "everybody", hand.NOW)) == {"bag", "mug"}
    features = offered(shop, "everybody", hand.NOW)
    assert {f.value for f in features if f.block == "named"} == {
        "share(lines where product contains 'bag')", "share(lines where product contains 'mug')"}
    values = values_of(shop, features, hand.NOW, "everybody")
    shares = dict(zip(*(values[c].to_pylist() for c in ("customer_id", "share(lines where product contains 'bag')")),
                      strict=True))
    assert (shares["c00"], shares["c30"]) == (1.0, 0.0)
    shop.close()


def test_what_somebody_is_down_as_counts_where_it_goes_with_what_they_do(tmp_path: Path) -> None:
    """Those who prefer the phone order ten times as often; how they came to the shop has been drawn by lot."""
    random = np.random.default_rng(7)
    with hand.written(tmp_path / "shop") as shop:
        for i in range(120):
            hand.people(shop, [f"c{i:03}"], preferred_channel="phone" if i < 60 else "email",
                        acquisition_channel=str(random.choice(["fair", "search"])))
            for n in range(10 if i < 60 else 1):
                hand.order(shop, f"o{i}/{n}", f"c{i:03}", hand.ago(100 - n - i / 200), ["lamp"])
    shop.engine.register("everybody", shop.members_at("everyone", hand.NOW))
    features = offered(shop, "everybody", hand.NOW, stated=True)
    assert {"preferred_channel = 'phone'", "acquisition_channel = 'fair'"} <= {f.value for f in features}
    kept = {f.block for f in going_with(values_of(shop, features, hand.NOW, "everybody"), features) if f.stated}
    assert kept == {"asked"}
    shop.close()
