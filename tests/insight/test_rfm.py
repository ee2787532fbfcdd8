"""Scores and groups, by hand counts, by the definitions as they are published, and by plain Python."""

from __future__ import annotations

from collections import Counter
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from regulars.errors import NotFound, Refused, TooLittleData
from regulars.insight.common import keep
from regulars.insight.rfm.groups import LABELS, NAMED
from regulars.shop import Shop
from tests.insight.conftest import NOW

Row = dict[str, Any]


def shop_of(folder: Path, people: dict[str, tuple[int, int, int]]) -> Shop:
    """Customers by days since the last order, number of orders, and what they paid in all."""
    lines = ["order_id,customer_id,at,status,total"]
    today = np.datetime64("2006-12-31")
    for name, (days, orders, money) in people.items():
        lines += [f"{name}-{i},{name},{today - days - 400 * (i > 0)}T12:00,paid,{money if i == 0 else 0}"
                  for i in range(orders)]
    shop = Shop.create(folder / "shop")
    (folder / "orders.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    shop.import_file(folder / "orders.csv", as_="orders", now="2006-12-31T23:00")
    return shop


def scores(shop: Shop, now: object = "2006-12-31T23:00", **parameters: Any) -> dict[str, tuple[int, int, int]]:
    kept = shop.insight("rfm", now, **parameters).scores  # type: ignore[arg-type]
    assert kept is not None
    return {r["customer_id"]: (r["rfm.recency"], r["rfm.frequency"], r["rfm.money"]) for r in kept.table.to_pylist()}


def facts(shop: Shop) -> list[Row]:
    """Per buyer of the demo shop, by its own orders: days since the last, how many, how much."""
    return list(shop.engine.query(
        """SELECT customer_id, DATE '2026-11-22' - max(timezone(?, "at"::TIMESTAMPTZ)::DATE) AS days,
        count(*) AS orders, sum(total - coalesce(refunded, 0))::DOUBLE AS money FROM orders
        WHERE counted AND customer_id IS NOT NULL GROUP BY 1 ORDER BY 1""", [shop.settings.timezone]).to_pylist())


def test_the_published_scores_of_five_customers(tmp_path: Path) -> None:
    """The first five rows of the result in the README of the R package rfm, with the thresholds of its reference."""
    people = {"Abbey O'Reilly": (205, 6, 472), "Add Senger": (140, 3, 340), "Aden Lesch": (194, 4, 405),
              "Aden Murphy": (98, 7, 596), "Admiral Senger": (132, 5, 448)}
    with shop_of(tmp_path, people) as shop:
        assert scores(shop, definition="r-package", recency_cuts="115,181,297,482", frequency_cuts="4,5,6,8",
                      money_cuts="256,382,506,666") == {
            "Abbey O'Reilly": (3, 4, 3), "Add Senger": (4, 1, 2), "Aden Lesch": (3, 2, 3),
            "Aden Murphy": (5, 4, 4), "Admiral Senger": (4, 3, 3)}


def test_the_r_package_cuts_at_type_7_quintiles_plus_one(demo_shop: Shop) -> None:
    """rfm's ``bins``: quantile(x, (.2, .4, .6, .8)) + 1 by R's default type 7, which is numpy's; lower <= x < upper."""
    buyers = facts(demo_shop)
    expected = {}
    for name, column in (("r", "days"), ("f", "orders"), ("m", "money")):
        values = np.array([b[column] for b in buyers], dtype=float)
        expected[name] = 1 + np.searchsorted(np.quantile(values, [.2, .4, .6, .8]) + 1, values, side="right")
    assert scores(demo_shop, NOW, definition="r-package") == {
        b["customer_id"]: (6 - int(r), int(f), int(m)) for b, r, f, m in
        zip(buyers, expected["r"], expected["f"], expected["m"], strict=True)}


def test_fifths_are_shared_by_those_who_are_equal(demo_shop: Shop) -> None:
    """By plain Python: the fifth in which the mean of the ranks of all who are equal lies."""
    buyers = facts(demo_shop)

    def fifths(values: list[float]) -> list[int]:
        ranked = sorted(values)
        first, count = {v: i for i, v in reversed(list(enumerate(ranked, 1)))}, Counter(values)
        doubled = [2 * first[v] + count[v] - 1 for v in values]
        return [-(-5 * d // (2 * len(values))) for d in doubled]
    expected = zip(fifths([-b["days"] for b in buyers]), fifths([b["orders"] for b in buyers]),
                   fifths([b["money"] for b in buyers]), strict=True)
    assert scores(demo_shop, NOW) == dict(zip((b["customer_id"] for b in buyers), expected, strict=True))


def test_a_tie_of_everybody_is_the_middle(tmp_path: Path) -> None:
    with shop_of(tmp_path, {f"C{i:02}": (10, 1, 50) for i in range(25)}) as shop:
        result = shop.insight("rfm", "2006-12-31T23:00")
        assert set(scores(shop).values()) == {(3, 3, 3)}
        assert [str(c) for c in result.caveats] == ["100% have ordered exactly once: they share one frequency score."]


def test_five_equal_fifths_where_all_differ(tmp_path: Path) -> None:
    with shop_of(tmp_path, {f"C{i:02}": (100 - i, 1, 10 + i) for i in range(25)}) as shop:
        found = scores(shop)
    assert [found[f"C{i:02}"][0] for i in range(25)] == [1 + i // 5 for i in range(25)]
    assert [found[f"C{i:02}"][2] for i in range(25)] == [1 + i // 5 for i in range(25)]


def test_frequency_by_once_twice_three_to_nine_and_more(tmp_path: Path) -> None:
    people = {f"F{n:02}": (5, n, 10) for n in (1, 2, 3, 9, 10, 30)}
    with shop_of(tmp_path, people) as shop:
        found = scores(shop, recency_cuts="30", frequency_cuts="2,3,10", money_cuts="100")
    assert {name: s[1] for name, s in found.items()} == {"F01": 1, "F02": 2, "F03": 4, "F09": 4, "F10": 5, "F30": 5}
    assert {(s[0], s[2]) for s in found.values()} == {(5, 1)}


def group_of(recency: int, frequency: int, money: int) -> str:
    """The named group of three scores, in plain Python."""
    return NAMED[recency - 1][(frequency + money) // 2 - 1]


def test_the_groups_are_a_partition_of_the_cube() -> None:
    cube = Counter(group_of(r, f, m) for r, f, m in product(range(1, 6), repeat=3))
    assert sum(cube.values()) == 125
    assert set(cube) == set(LABELS) - {"others"}
    assert group_of(5, 5, 5) == "champions"
    assert group_of(1, 1, 1) == "lost"


def test_everybody_with_an_order_is_in_one_group_and_the_sums_agree(demo_shop: Shop) -> None:
    result, buyers = demo_shop.insight("rfm", NOW), facts(demo_shop)
    rows = result.rows.to_pylist()
    assert sum(r["customers"] for r in rows) == result.n == len(buyers)
    assert float(sum(r["money"] for r in rows)) == pytest.approx(sum(b["money"] for b in buyers), abs=0.01)
    assert sum(r["share"] for r in rows) == pytest.approx(1)
    assert sum(cell["customers"] for cell in result.numbers["grid"]) == result.n
    assert len(result.numbers["grid"]) == 25
    kept = result.scores.table.to_pylist() if result.scores else []
    assert all(k["rfm.group"] == group_of(k["rfm.recency"], k["rfm.frequency"], k["rfm.money"]) for k in kept)


def test_own_segments_the_first_that_fits(tmp_path: Path) -> None:
    """Of two segments that overlap the first counts, as in rfm since 0.2.1; who fits none is with the others."""
    bounds = tmp_path / "segments.csv"
    bounds.write_text("name,recency_lower,recency_upper,frequency_lower,frequency_upper,monetary_lower,monetary_upper\n"
                      "Best,5,5,1,5,5,5\nGood,4,5,1,5,1,5\n", encoding="utf-8")
    people = {"best": (1, 1, 900), "good": (2, 1, 10), "other": (300, 1, 900)}
    with shop_of(tmp_path, people) as shop:
        result = shop.insight("rfm", "2006-12-31T23:00", recency_cuts="100", frequency_cuts="2", money_cuts="500",
                              groups=str(bounds))
    kept = result.scores.table if result.scores else None
    assert kept is not None
    assert dict(zip(kept["customer_id"].to_pylist(), kept["rfm.group"].to_pylist(), strict=True)) == {
        "best": "Best", "good": "Good", "other": "others"}
    assert result.rows["group"].to_pylist() == ["Best", "Good", "others"]
    with pytest.raises(Refused, match="rfm has no scores to keep"):
        keep(shop.engine, [result])


def test_it_says_which_scores_are_by_given_cut_points(tmp_path: Path) -> None:
    with shop_of(tmp_path, {f"c{i:02}": (i + 1, 1 + i % 4, 10 * i) for i in range(20)}) as shop:
        def method(**said: str) -> str:
            return str(shop.insight("rfm", "2006-12-31T23:00", **said).method)
        some = method(frequency_cuts="2,3,10")
        assert "cut points that were given (how often), else by fifths" in some
        assert "(how often), else by cut points at the quintiles plus one" in method(
            frequency_cuts="2", definition="r-package")
        assert method(recency_cuts="9", frequency_cuts="2", money_cuts="5", definition="r-package") == \
            "Scores by the cut points that were given."
        assert method() == "Scores by fifths of those who have bought; equals share a score."


def test_who_moved(tmp_path: Path) -> None:
    """Judged then by the facts of then: at the end of 2005 only old had bought."""
    with shop_of(tmp_path, {"old": (400, 1, 900), "new": (10, 1, 10)}) as shop:
        result = shop.insight("rfm", "2006-12-31T23:00", recency_cuts="100", frequency_cuts="2", money_cuts="500",
                              since="2005-12-31")
    assert result.numbers["movement"] == [
        {"from": "not yet a customer", "to": "new", "customers": 1},
        {"from": "potential loyalists", "to": "at risk", "customers": 1}]
    assert "1 customer is in another group than then." in map(str, result.findings)


def test_who_moved_of_a_segment_are_those_who_are_in_it_now(tmp_path: Path) -> None:
    """At the end of 2005 back had bought once, for nothing: a customer, though not yet one who had paid 500."""
    people = {"old": (400, 1, 900), "back": (10, 2, 900), "new": (10, 1, 900), "small": (10, 2, 10)}
    with shop_of(tmp_path, people) as shop:
        result = shop.insight("rfm", "2006-12-31T23:00", recency_cuts="100", frequency_cuts="2", money_cuts="500",
                              since="2005-12-31", segment="sum(orders.total) >= 500")
    assert result.n == 3
    assert result.numbers["movement"] == [
        {"from": "not yet a customer", "to": "potential loyalists", "customers": 1},
        {"from": "potential loyalists", "to": "at risk", "customers": 1},
        {"from": "new", "to": "champions", "customers": 1}]
    assert "2 customers are in another group than then." in map(str, result.findings)


@pytest.mark.parametrize(("parameters", "said"), [
    ({"frequency_cuts": "3,2"}, "rising numbers"), ({"money_cuts": "1,2,3,4,5"}, "one to four"),
    ({"recency_cuts": "soon"}, "no cut points for recency"), ({"definition": "x"}, "no definition called 'x'"),
    ({"since": "2026-13-01"}, "not a day"), ({"since": "2027-01-01"}, "not before"),
    ({"money_cuts": "nan"}, "rising numbers")])
def test_what_cannot_be_is_refused(demo_shop: Shop, parameters: dict[str, str], said: str) -> None:
    with pytest.raises(Refused, match=said):
        demo_shop.insight("rfm", NOW, **parameters)


def test_segments_that_cannot_be_read_are_named(demo_shop: Shop, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("name,recency_lower,recency_upper\nX,1,5\n", encoding="utf-8")
    with pytest.raises(Refused, match="Line 2 of the segments has no frequency_lower"):
        demo_shop.insight("rfm", NOW, groups=str(bad))
    with pytest.raises(NotFound, match="cannot be read"):
        demo_shop.insight("rfm", NOW, groups=str(tmp_path / "none.csv"))


def test_fewer_than_twenty_have_no_fifths(tmp_path: Path) -> None:
    with shop_of(tmp_path, {"a": (1, 1, 10)}) as shop, pytest.raises(TooLittleData, match="at least 20 customers"):
        shop.insight("rfm", "2006-12-31T23:00")
