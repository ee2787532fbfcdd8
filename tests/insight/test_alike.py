"""People like one customer: a rule that is true of them and of most who behave like them."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from regulars.errors import NotFound, Refused
from regulars.insight.common import Result
from regulars.shop import Shop
from tests.insight.conftest import NOW


def alike(shop: Shop, **parameters: object) -> Result:
    return shop.insight("alike", NOW, **parameters)


@pytest.fixture(scope="module")
def some(demo_shop: Shop) -> list[str]:
    """A few of all kinds."""
    return [i for (i,) in demo_shop.engine.rows("SELECT customer_id FROM customers ORDER BY md5(customer_id) LIMIT 5")]


def test_the_rule_is_true_of_the_customer_and_of_whom_it_says(demo_shop: Shop, some: list[str]) -> None:
    for customer in some:
        found = alike(demo_shop, customer=customer)
        members = set(demo_shop.members(found.numbers["rule"], NOW)["customer_id"].to_pylist())
        rows = found.rows.to_pylist()
        assert rows[0]["customer_id"] == customer in members and rows[0]["distance"] == 0
        assert len(members) == found.numbers["people"] < 1500
        assert [r["held"] for r in rows] == [r["customer_id"] in members for r in rows]
        assert found.numbers["recall"] == pytest.approx(sum(r["held"] for r in rows) / len(rows))
        assert found.numbers["precision"] == pytest.approx(sum(r["held"] for r in rows) / len(members))
        assert found.numbers["rule"].count(" and ") <= 5


@pytest.mark.parametrize("kind", ["tradesperson", "collector", "bargain_hunter"])
def test_whom_the_demo_shop_made_alike_are_found_alike(demo_shop: Shop, demo_shop_made: Path, kind: str) -> None:
    """The makers wrote down what kind each customer is: of the nearest to three of a kind most are of it."""
    made = pq.read_table(demo_shop_made / "demo" / "ground_truth.parquet", columns=["customer_id", "archetype"])
    kinds = dict(zip(made["customer_id"].to_pylist(), made["archetype"].to_pylist(), strict=True))
    of_kind = sorted(i for i, k in kinds.items() if k == kind)[:3]
    near = [r["customer_id"] for i in of_kind for r in alike(demo_shop, customer=i).rows.to_pylist()[1:]]
    assert sum(kinds[i] == kind for i in near) / len(near) > 0.6


def test_without_a_name_it_is_who_spent_most(demo_shop: Shop) -> None:
    best = demo_shop.engine.value("SELECT customer_id FROM orders WHERE counted AND \"at\" <= ? GROUP BY 1 ORDER BY"
                                  " sum(total - coalesce(refunded, 0)) DESC LIMIT 1", [NOW.replace(tzinfo=None)])
    assert alike(demo_shop).numbers["customer"] == best


def test_within_a_segment_the_rule_keeps_to_it(demo_shop: Shop, some: list[str]) -> None:
    segment = f"any(orders) or customer_id = '{some[0]}'"
    found = alike(demo_shop, customer=some[0], segment=segment)
    assert demo_shop.count(f"({found.numbers['rule']}) and not ({segment})", NOW) == 0


def test_who_is_not_there_is_not_found(demo_shop: Shop, some: list[str]) -> None:
    with pytest.raises(NotFound, match="There is no customer 'nobody'"):
        alike(demo_shop, customer="nobody")
    with pytest.raises(Refused):
        alike(demo_shop, customer=some[0], nearest=1)
