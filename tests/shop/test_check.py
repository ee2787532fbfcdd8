"""`regulars check` finds what does not hold."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from regulars.shop.check import check
from tests.intake.hand import Hand, at
from tests.intake.test_imports import EVERYTHING


@pytest.fixture
def hand(tmp_path: Path) -> Iterator[Hand]:
    made = Hand(tmp_path / "shop")
    made.bring(**EVERYTHING)
    yield made
    made.shop.close()


def test_a_shop_that_holds_together_has_its_counts_and_sums(hand: Hand) -> None:
    found = check(hand.engine)
    assert found.consistent
    assert (found.counts["orders"], found.counts["lines"], found.counts["customers"]) == (2, 3, 2)
    assert found.sums == {"orders.total": Decimal(25), "orders.refunded": Decimal(5), "lines.amount": Decimal(20),
                          "returns.amount": Decimal(5)}


def test_an_empty_shop_holds_together(tmp_path: Path) -> None:
    empty = Hand(tmp_path / "empty")
    assert check(empty.engine).consistent
    empty.shop.close()


@pytest.mark.parametrize(("damage", "code", "what"), [
    ("INSERT INTO orders SELECT * FROM orders WHERE order_id = '1'", "key", "same order_id"),
    ("UPDATE orders SET order_id = NULL WHERE order_id = '2'", "no-key", "no order_id"),
    ("DELETE FROM orders WHERE order_id = '2'", "orphan", "order that is not there"),
    ("DELETE FROM customers WHERE customer_id = 'b'", "orphan", "customer who is not there"),
    ("UPDATE returns SET line = 99 WHERE line IS NOT NULL", "orphan", "line that is not there"),
    ("UPDATE lines SET amount = amount + 1 WHERE order_id = '2'", "settled", "lines.amount"),
    ("UPDATE orders SET margin = 3 WHERE order_id = '2'", "settled", "orders.margin"),
    ("UPDATE orders SET total = 3 WHERE order_id = '2'", "money", "another total than their lines"),
    ("UPDATE customers SET first_seen = NULL", "settled", "first_seen"),
    ("UPDATE customers SET kind = 'prospect'", "settled", "kind customer"),
    ("UPDATE returns SET quantity = 7", "money", "more was matched"),
    ("UPDATE imports SET undone_at = TIMESTAMP '2026-01-01'", "undone", "taken back"),
])
def test_damage_is_named(hand: Hand, damage: str, code: str, what: str) -> None:
    hand.engine.execute(damage)
    found = check(hand.engine)
    assert not found.consistent
    assert [p for p in found.problems if p.code == code and what in p.what], found.problems


def test_it_changes_nothing(hand: Hand) -> None:
    before = hand.state()
    hand.engine.execute("UPDATE lines SET amount = 0")
    check(hand.engine)
    assert hand.rows("SELECT DISTINCT amount FROM lines") == [(0,)]
    assert at(1) and before
