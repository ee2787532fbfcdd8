"""A shop of an older version is brought up to date after a backup; one of a newer version is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from regulars.engines.duckdb import DuckDBEngine
from regulars.errors import Refused, ShopTooNew, ShopTooOld
from regulars.model.books import SCHEMA_VERSION
from regulars.shop import Shop
from regulars.shop.upgrade import MIGRATIONS, upgrade
from tests.little_shop import NOW

MOMENT = NOW.replace(tzinfo=None)


def set_version(folder: Path, version: int) -> None:
    with Shop.open(folder) as shop:
        shop.engine.execute("UPDATE meta SET value = ? WHERE key = 'schema_version'", [str(version)])


def add_shoe_size(engine: DuckDBEngine) -> None:
    engine.add_column("customers", "shoe_size", "whole number")


def count_in_dozens(engine: DuckDBEngine) -> None:
    engine.execute("UPDATE customers SET shoe_size = 12")


def fail(engine: DuckDBEngine) -> None:
    engine.execute("UPDATE customers SET name = NULL")
    raise RuntimeError("killed here")


@pytest.fixture
def old(little_shop_folder: Path) -> Path:
    """A shop whose version is two below this one's."""
    set_version(little_shop_folder, SCHEMA_VERSION - 2)
    return little_shop_folder


STEPS = {SCHEMA_VERSION - 2: add_shoe_size, SCHEMA_VERSION - 1: count_in_dozens}


def test_every_version_since_the_first_has_its_step() -> None:
    assert sorted(MIGRATIONS) == list(range(1, SCHEMA_VERSION))


def test_an_old_shop_says_how_to_bring_it_up_to_date(old: Path) -> None:
    with pytest.raises(ShopTooOld, match=rf"regulars upgrade --shop \S*{old.name} --backup-to {old.name}-before.zip"):
        Shop.open(old)


def test_nothing_is_changed_without_a_backup(old: Path) -> None:
    with pytest.raises(Refused, match="back it up first"):
        upgrade(old, None, MOMENT, migrations=STEPS)
    with pytest.raises(ShopTooOld):
        Shop.open(old)


def test_the_steps_are_taken_in_order_after_a_backup_of_what_was(old: Path, tmp_path: Path) -> None:
    done = upgrade(old, tmp_path / "before.zip", MOMENT, migrations=STEPS)
    assert (done.from_version, done.to_version) == (SCHEMA_VERSION - 2, SCHEMA_VERSION)
    assert done.backup is not None
    assert (done.backup.schema_version, done.backup.tables["customers"]) == (SCHEMA_VERSION - 2, 5)
    with Shop.open(old) as shop:
        assert shop.engine.value("SELECT min(shoe_size) FROM customers") == 12
    Shop.restore(tmp_path / "before.zip", tmp_path / "back")
    with pytest.raises(ShopTooOld):
        Shop.open(tmp_path / "back")


def test_a_step_that_fails_leaves_the_shop_as_it_was(old: Path, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        upgrade(old, tmp_path / "a.zip", MOMENT, migrations={**STEPS, SCHEMA_VERSION - 1: fail})
    upgrade(old, tmp_path / "b.zip", MOMENT, migrations=STEPS)
    with Shop.open(old) as shop:
        assert shop.engine.value("SELECT count(name) FROM customers") == 5


def test_a_shop_from_which_no_way_leads_is_refused(old: Path, tmp_path: Path) -> None:
    with pytest.raises(ShopTooOld, match="no way leads"):
        upgrade(old, tmp_path / "before.zip", MOMENT, migrations={})
    assert not (tmp_path / "before.zip").exists()


def test_a_shop_of_a_newer_version_is_neither_opened_nor_upgraded(little_shop_folder: Path, tmp_path: Path) -> None:
    set_version(little_shop_folder, SCHEMA_VERSION + 1)
    with pytest.raises(ShopTooNew, match="newer Regulars"):
        Shop.open(little_shop_folder)
    with pytest.raises(ShopTooNew):
        Shop.upgrade(little_shop_folder, tmp_path / "before.zip")
    assert not (tmp_path / "before.zip").exists()


def test_a_shop_of_the_first_version_learns_what_was_taken_off_its_orders(little_shop_folder: Path,
                                                                          tmp_path: Path) -> None:
    with Shop.open(little_shop_folder) as shop:
        shop.engine.execute("UPDATE orders SET discount = 4 WHERE order_id = (SELECT min(order_id) FROM orders)")
        for column in ("discount_stated", "discounted"):
            shop.engine.execute(f"ALTER TABLE orders DROP COLUMN {column}")
    set_version(little_shop_folder, 1)
    upgrade(little_shop_folder, tmp_path / "before.zip", MOMENT)
    with Shop.open(little_shop_folder) as shop:
        assert shop.engine.rows("SELECT discount, discount_stated, discounted FROM orders WHERE discount IS NOT NULL"
                                ) == [(4, 4, True)]
        assert shop.check().problems == ()
        assert shop.count("any(orders where discounted)", NOW) == 1


def test_a_shop_of_the_first_version_settles_what_came_back_anew(little_shop_folder: Path, tmp_path: Path) -> None:
    """A return that said an amount was once taken off the order and not off its line."""
    with Shop.open(little_shop_folder) as shop:
        (tmp_path / "sold.csv").write_text("order id,customer id,date,sku,quantity,price\n9001,C1,2026-01-02,P,4,5.00\n"
                                           "C9002,C1,2026-01-09,P,-1,5.00\n9003,C1,2026-01-12,Q,1,2.00\n")
        shop.import_file(tmp_path / "sold.csv", now=NOW)
        settled = shop.engine.rows("SELECT order_id, line, amount, margin FROM lines ORDER BY 1, 2")
        assert ("9001", 15) in {(order, amount) for order, _, amount, _ in settled}
        shop.engine.execute("UPDATE lines SET amount = 20 WHERE order_id = '9001'")
        before = shop.engine.value("SELECT value::BIGINT FROM meta WHERE key = 'facts_version'")
    set_version(little_shop_folder, 1)
    Shop.upgrade(little_shop_folder, tmp_path / "before.zip")
    with Shop.open(little_shop_folder) as shop:
        assert shop.engine.rows("SELECT order_id, line, amount, margin FROM lines ORDER BY 1, 2") == settled
        assert shop.engine.value("SELECT value::BIGINT FROM meta WHERE key = 'facts_version'") == before + 1
        assert shop.check().consistent
