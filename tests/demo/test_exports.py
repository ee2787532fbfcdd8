"""The demo shop written as other systems' exports, and brought back from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from regulars.demo import Demo, make_demo
from regulars.demo.exports import WRITERS, write_export, write_exports
from regulars.demo.make import SETTINGS
from regulars.engines.duckdb import DuckDBEngine
from regulars.shop import Shop

from .conftest import NOW

UTC_SHOP = replace(SETTINGS, timezone="UTC")
"""Local times leave an hour of each autumn in doubt; in UTC every moment comes back."""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return make_demo(tmp_path_factory.mktemp("small"), 400, 3, now=NOW)


@pytest.fixture(scope="module")
def facts(demo: Demo) -> Iterator[DuckDBEngine]:
    engine = DuckDBEngine.open(":memory:")
    for name, path in demo.files.items():
        engine.execute(f"CREATE TABLE {name} AS FROM read_parquet('{path}')")
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def exports(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Path]]:
    return write_exports(demo.files, tmp_path_factory.mktemp("exports"), UTC_SHOP)


@pytest.fixture
def brought_in(exports: dict[str, list[Path]], tmp_path: Path) -> Iterator[Callable[..., Shop]]:
    with ExitStack() as shops:

        def bring(*layouts: str) -> Shop:
            shop = shops.enter_context(Shop.create(tmp_path / "-".join(layouts), UTC_SHOP))
            for file in (f for layout in layouts for f in exports[layout]):
                for receipt in shop.imports.run(file, now=NOW):
                    assert receipt.rows.refused == 0, file
            assert shop.check().consistent
            return shop

        yield bring


def sums(engine: DuckDBEngine, where: str = "true") -> Any:
    return engine.rows(
        'SELECT count(*), sum(total), sum(coalesce(refunded, 0)), min("at"), max("at") FROM orders '
        f"WHERE coalesce(status, 'paid') IN ('paid', 'refunded') AND {where}"
    )[0]


def lines(engine: DuckDBEngine, order: str = "order_id", held: str = "true") -> list[tuple[Any, ...]]:
    return engine.rows(
        f"SELECT {order}, product_id, quantity, round(quantity * unit_price - coalesce(discount, 0), 2) FROM lines "
        f"WHERE {held} ORDER BY ALL"
    )


def test_every_layout_is_written(exports: dict[str, list[Path]]) -> None:
    assert set(exports) == set(WRITERS)
    assert all(file.stat().st_size for made in exports.values() for file in made)


def test_shopify_brings_the_orders_back_to_the_cent(facts: DuckDBEngine, brought_in: Callable[..., Shop]) -> None:
    shop = brought_in("shopify")
    assert sums(shop.engine) == sums(facts)
    assert lines(shop.engine, "substr(order_id, 9)") == lines(facts)
    assert shop.engine.value("SELECT count(*) FROM products") == facts.value("SELECT count(*) FROM products")


def test_shopify_names_everyone_it_can_reach(facts: DuckDBEngine, brought_in: Callable[..., Shop]) -> None:
    shop = brought_in("shopify")
    reachable = (
        "SELECT count(*) FROM orders o JOIN customers c USING (customer_id) WHERE coalesce(email, phone) IS NOT NULL"
    )
    named = shop.engine.value("SELECT count(*) FROM orders WHERE customer_id IS NOT NULL")
    assert named == facts.value(reachable)
    assert shop.engine.value("SELECT count(*) FROM customers") == facts.value("SELECT count(*) FROM customers")


def test_webtoffee_brings_the_orders_and_their_customers_back(
    facts: DuckDBEngine, brought_in: Callable[..., Shop]
) -> None:
    shop = brought_in("woocommerce")
    assert sums(shop.engine) == sums(facts)
    assert lines(shop.engine, "substr(order_id, 13)") == lines(facts)
    bought = "SELECT count(DISTINCT customer_id) FROM orders"
    assert shop.engine.value(bought) == facts.value(bought)


def test_square_brings_the_store_back_with_what_was_returned(
    facts: DuckDBEngine, brought_in: Callable[..., Shop]
) -> None:
    shop = brought_in("square")
    sold = "channel = 'store' AND coalesce(status, 'paid') IN ('paid', 'refunded')"
    of_store = f"order_id IN (SELECT order_id FROM orders WHERE {sold})"
    assert shop.engine.value("SELECT count(*) FROM orders") == facts.value(f"SELECT count(*) FROM orders WHERE {sold}")
    ours = {r[:3]: r[3] for r in lines(shop.engine, "substr(order_id, 8)")}
    theirs = {r[:3]: r[3] for r in lines(facts, held=of_store)}
    assert set(ours) == set(theirs)
    assert all(abs(ours[k] - theirs[k]) <= Decimal("0.01") for k in ours)
    back = facts.value(f"SELECT sum(returned_quantity) FROM lines WHERE {of_store}")
    assert shop.engine.value("SELECT sum(returned_quantity) FROM lines") == back


def test_mailchimp_brings_consent_back(facts: DuckDBEngine, brought_in: Callable[..., Shop]) -> None:
    shop = brought_in("mailchimp")
    agreed = "SELECT count(*) FROM customers WHERE email IS NOT NULL AND email_consent"
    assert shop.count("email_consent", now=NOW) == facts.value(agreed)
    assert shop.engine.value("SELECT count(*) FROM customers") == facts.value(
        "SELECT count(DISTINCT lower(email)) FROM customers"
    )


def test_surveymonkey_brings_every_answer_back(facts: DuckDBEngine, brought_in: Callable[..., Shop]) -> None:
    shop = brought_in("surveymonkey")
    said = 'SELECT survey, {0}, question, value, "at" FROM answers WHERE value IS NOT NULL ORDER BY ALL'
    assert shop.engine.rows(said.format("substr(respondent, 14)")) == facts.rows(said.format("respondent"))
    asked = "SELECT avg(number) FROM answers WHERE question = 'NPS'"
    assert shop.engine.value(asked) == pytest.approx(facts.value(asked))


def test_a_layout_without_its_facts_is_not_written(demo: Demo, tmp_path: Path) -> None:
    assert write_export("surveymonkey", {"customers": demo.files["customers"]}, tmp_path, UTC_SHOP) == []
