"""A receipt says when an import began and when it ended; where a moment was said, that one."""

from __future__ import annotations

from pathlib import Path

from regulars.shop import Shop
from tests.little_shop import NOW, SETTINGS, write_files


def test_an_import_ends_after_it_began(tmp_path: Path) -> None:
    customers, orders = write_files(tmp_path / "in")
    with Shop.create(tmp_path / "shop", SETTINGS) as shop:
        before = shop.moment()
        receipt, = shop.import_file(customers)
        assert before <= receipt.began_at < receipt.ended_at <= shop.moment()
        assert shop.imports.receipt(receipt.import_id).ended_at == receipt.ended_at
        said, = shop.import_file(orders, now=NOW)
        assert said.began_at == said.ended_at == NOW.replace(tzinfo=None)
        assert shop.engine.rows("SELECT ended_at FROM imports ORDER BY import_id") == [
            (receipt.ended_at,), (said.ended_at,)]
