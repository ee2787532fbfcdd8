"""Facts lie together by customer."""

from __future__ import annotations

from tests.intake.hand import Hand, at


def test_a_first_import_lies_together_by_customer(hand: Hand) -> None:
    hand.bring(orders=[{"order_id": str(i), "customer_id": c, "at": at(i + 1)} for i, c in enumerate("bab")])
    assert hand.rows("SELECT customer_id FROM orders ORDER BY rowid") == [("a",), ("b",), ("b",)]
