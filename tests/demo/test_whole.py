"""The demo shop as a person gets it: made, imported, with segments."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from regulars.demo.make import SETTINGS, make_demo
from regulars.errors import Refused
from regulars.intake.imports import Imports
from regulars.intake.prepared import Progress
from regulars.shop import Shop
from regulars.shop.check import check
from regulars.shop.demo import SEGMENTS, make_demo_shop
from tests.demo.conftest import NOW, Made


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    found = make_demo_shop(tmp_path_factory.mktemp("whole") / "shop", now=NOW, customers=3000, seed=7)
    with found:
        yield found


def test_every_row_that_was_made_came_in(shop: Shop, made: Made) -> None:
    assert {t: shop.engine.value(f"SELECT count(*) FROM {t}") for t in made.demo.rows} == dict(made.demo.rows)


def test_the_shop_agrees_with_the_files_on_money(shop: Shop, made: Made) -> None:
    sums = "SELECT sum(total), sum(discount), sum(shipping), coalesce(sum(refunded), 0) FROM orders"
    assert shop.engine.rows(sums) == made.rows(sums)
    amounts = ("SELECT sum(quantity * unit_price - discount) FROM lines", "SELECT sum(amount) FROM costs")
    assert [shop.engine.value(a) for a in amounts] == [made.value(a) for a in amounts]


def test_orders_earn_what_their_files_say(shop: Shop, made: Made) -> None:
    expected = made.value("""SELECT sum((quantity - returned_quantity) * (unit_price - unit_cost)
        - CASE WHEN returned_quantity = 0 THEN discount ELSE 0 END) FROM lines WHERE unit_cost IS NOT NULL""")
    assert shop.engine.value("SELECT sum(margin) FROM lines") == pytest.approx(expected)


def test_nothing_in_it_is_inconsistent(shop: Shop) -> None:
    assert check(shop.engine).problems == ()


def test_every_segment_has_members_and_none_has_most(shop: Shop) -> None:
    sizes = {s.name: s.members for s in shop.segments.list()}
    assert set(SEGMENTS) < set(sizes) and len(sizes) == len(SEGMENTS) + 1
    assert all(0 < (members or 0) < 1500 for members in sizes.values()), sizes


def test_rules_count_whom_the_truth_made(shop: Shop, made: Made) -> None:
    assert shop.count("everyone", NOW) == 3000
    assert shop.count("acquisition_channel = 'friend' and referred_by is known", NOW) > 50
    traders = {c for (c,) in made.rows("SELECT customer_id FROM truth WHERE behaviour = 'trade' AND orders > 0")}
    found = set(shop.members("favourite(orders.channel) = 'phone'", NOW)["customer_id"].to_pylist())
    assert len(traders & found) > 0.9 * len(traders) and len(found - traders) < 0.05 * len(found)


def test_the_truth_stays_beside_the_shop(shop: Shop, made: Made) -> None:
    assert pq.read_table(shop.folder / "demo" / "ground_truth.parquet") == pq.read_table(made.demo.truth_of_customers)


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear shop")
    with pytest.raises(Refused, match="not empty"):
        make_demo_shop(tmp_path, now=NOW, customers=10)
    assert [p.name for p in tmp_path.iterdir()] == ["letter.txt"]


def test_stopping_half_way_leaves_nothing(tmp_path: Path) -> None:
    def stop(progress: Progress) -> None:
        raise KeyboardInterrupt
    with pytest.raises(KeyboardInterrupt):
        make_demo_shop(tmp_path / "shop", now=NOW, customers=10, progress=stop)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long
def test_orders_first_and_their_lines_later_come_in_whole_at_any_size(tmp_path: Path) -> None:
    """Over 122,880 lines of orders that are there already: once they stayed unseen, and orders earned nothing."""
    made = make_demo(tmp_path / "files", 60_000, now=NOW)
    with Shop.create(tmp_path / "shop", SETTINGS) as shop:
        imports = Imports(shop.engine, shop.settings, tmp_path / "kept")
        for table in ("customers", "products", "orders", "lines"):
            imports.run(made.files[table], now=NOW, as_=table)
        assert shop.engine.value('SELECT count("at") FROM lines') == made.rows["lines"]
        assert check(shop.engine).problems == ()
