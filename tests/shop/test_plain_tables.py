"""Tables that bear the names of data.md need no mapping, in whatever order they come; rules then hold by hand count."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from regulars import Shop
from regulars.model.settings import Settings

TABLES = Path(__file__).parents[2] / "data" / "canonical"
NOW = "2026-11-22T12:00:00+00:00"

RULES = {
    "everyone": "c1 c2 c3",
    "count(orders) >= 2": "c1",
    "no(orders)": "c3",
    "sum(orders.total) = 40": "c1",                     # 25 + 15: a piece that came back is no refund of a stated total
    "sum(lines.amount) = 36.25": "c1",                  # 10 x 2.50, and 4 x 5 - 5 = 15 less a quarter of it
    "sum(lines.margin) = 20.25": "c1",                  # 25 - 10 x 1, and 11.25 - 3 x 2
    "any(orders where refunded > 0)": "c2",
    "any(orders yesterday)": "c1",                      # 20 November 23:30 UTC is the 21st in Berlin
    "any(orders from 2026-11-21 to 2026-11-21)": "c1",
    "any(orders today)": "c2",
    "any(opens)": "c1",
    "any(messages where machine)": "c2",
    "tags contains 'VIP'": "c1 c3",
    "email = 'anna@EXAMPLE.com'": "c1",
    "account.employees > 100": "c1 c2",
    "answer.nps >= 9": "c1",
    "any(events where name = 'trial started' and price > 10 and annual)": "c1",
    "shoe_size > 40": "c2",
    "within 5 km of 'Berlin'": "c1",
    "any(tickets where effort >= 8 and (closed in last 12 days))": "c2",
    "any(lines where category = 'sand' and returned)": "c1",
    "anniversary(birth_date) in next 100 days": "c1 c2",
    "age = 36": "c1",
    "plan is not known": "c2",
    "favourite(orders.channel) = 'store'": "c1",
}


@pytest.fixture(scope="module", params=["by name", "backwards"])
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("plain") / "shop"
    with Shop.create(folder, Settings(currency="EUR", timezone="Europe/Berlin", country="DE")) as made:
        for table in sorted(TABLES.glob("*.csv"), reverse=request.param == "backwards"):
            made.imports.run(table, now=made.moment(NOW))
        yield made


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_holds_of_whom_it_should(shop: Shop, rule: str) -> None:
    assert " ".join(shop.members(rule, NOW).column("customer_id").to_pylist()) == RULES[rule]


def test_the_facts_agree_with_each_other_whatever_came_first(shop: Shop) -> None:
    assert not shop.check().problems


def test_a_column_whose_name_means_something_else_in_rules_gets_one_of_its_own(tmp_path: Path) -> None:
    table = tmp_path / "customers.csv"
    table.write_text("customer_id,name,age,not\n1,Ann,37,a\n2,Ben,52,b\n", encoding="utf-8")
    with Shop.create(tmp_path / "shop", Settings()) as shop:
        shop.imports.run(table, now=shop.moment(NOW))
        assert shop.members("age_own = 37 and not_own = 'a'", NOW).column("customer_id").to_pylist() == ["1"]
        assert shop.count("age is known", NOW) == 0
