"""Whoever keeps memberships is told whose facts changed, in the transaction that changed them."""

from __future__ import annotations

from tests.intake.hand import Hand, at

ORDER = {"order_id": "1", "customer_id": "a", "at": at(1), "total": 5}


def changed(hand: Hand) -> list[tuple[int, str]]:
    return [
        (v, c) for v, c in hand.engine.rows("SELECT facts_version, customer_id FROM changed_customers ORDER BY ALL")
    ]


def test_an_import_names_whom_it_touched(hand: Hand) -> None:
    hand.bring(orders=[ORDER, {**ORDER, "order_id": "2", "customer_id": "b"}])
    hand.bring(orders=[{**ORDER, "total": 6}])
    assert changed(hand) == [(1, "a"), (1, "b"), (2, "a")]


def test_an_import_that_adds_nothing_changes_nobody(hand: Hand) -> None:
    hand.bring(orders=[ORDER])
    hand.bring(orders=[ORDER])
    assert changed(hand) == [(1, "a")]


def test_what_is_sold_may_be_in_anybodys_rule(hand: Hand) -> None:
    hand.bring(products=[{"product_id": "p", "category": "Bricks"}])
    assert changed(hand) == [(1, "")]


def test_merging_erasing_and_undoing_name_both_and_all(hand: Hand) -> None:
    receipt = hand.bring(orders=[ORDER, {**ORDER, "order_id": "2", "customer_id": "b"}])
    hand.by_hand.merge("a", "b", now=at(2))
    hand.by_hand.unmerge("b", now=at(3))
    hand.imports.undo(receipt.import_id, now=at(4))
    hand.bring(orders=[ORDER])
    hand.by_hand.erase("a")
    assert [c for v, c in changed(hand) if v > 1] == ["a", "b", "a", "b", "a", "b", "a", "a"]
