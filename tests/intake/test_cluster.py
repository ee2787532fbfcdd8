"""Facts lie together by customer."""

from __future__ import annotations

import pytest

from regulars.errors import Refused
from regulars.intake.cluster import recluster
from tests.intake.hand import Hand, at


def where(hand: Hand) -> list[str]:
    return [c for (c,) in hand.rows("SELECT customer_id FROM orders ORDER BY rowid")]


def test_a_first_import_lies_together_and_later_ones_can_be_brought_in_line(hand: Hand) -> None:
    hand.bring(orders=[{"order_id": str(i), "customer_id": c, "at": at(i + 1)} for i, c in enumerate("bab")])
    assert where(hand) == ["a", "b", "b"]
    hand.bring(orders=[{"order_id": "9", "customer_id": "a", "at": at(9)}])
    before = hand.state()
    assert where(hand) == ["a", "b", "b", "a"]
    recluster(hand.engine, "orders")
    assert where(hand) == ["a", "a", "b", "b"]
    assert hand.state() == before
    assert hand.consistent()


def test_a_table_that_is_not_of_customers_is_refused(hand: Hand) -> None:
    with pytest.raises(Refused):
        recluster(hand.engine, "products")
