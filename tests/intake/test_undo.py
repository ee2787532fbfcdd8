"""Taking an import back brings the shop to what it was before."""

from __future__ import annotations

from typing import Any

import pytest

from regulars.errors import NotFound, Refused
from regulars.intake.prepared import OwnField
from regulars.model.types import Type
from tests.intake.hand import Hand, at
from tests.intake.test_imports import EVERYTHING

BEFORE: dict[str, Any] = {
    "customers": [{"customer_id": "a", "city": "York", "tags": ["vip", 'a, "b"']},
                  {"id_phone": "020 7946 "
    "0958", "kind": "subscriber"}],
    "products": [{"product_id": "p", "category": "coffee", "price": 4}],
    "orders": [{"order_id": "1", "customer_id": "a", "at": at(1), "status": "pending"}],
    "lines": [{"order_id": "1", "product_id": "p", "quantity": 1, "unit_price": 5}],
    "returns": [{"document": "C0", "customer_id": "b", "at": at(9), "product_id": "q", "quantity": 3, "amount": 15}],
}


def test_undoing_the_only_import_leaves_an_empty_shop(hand: Hand) -> None:
    empty = hand.state()
    hand.bring(**EVERYTHING)
    hand.imports.undo("i000001", now=at(2))
    assert hand.state() == empty
    assert hand.consistent()


def test_undoing_an_import_brings_back_every_row_it_changed(hand: Hand) -> None:
    hand.bring(**BEFORE)
    before = hand.state()
    receipt = hand.bring(**EVERYTHING, own=(OwnField("customers", "shoe_size", Type.NUMBER),))
    assert receipt.changed > 0
    assert receipt.customers.merged == 1
    assert hand.state() != before
    hand.imports.undo(receipt.import_id, now=at(2))
    assert hand.state() == before
    assert hand.consistent()


def test_an_import_that_was_undone_can_come_in_again(hand: Hand) -> None:
    hand.bring(**BEFORE)
    hand.bring(**EVERYTHING)
    hand.imports.undo("i000002", now=at(2))
    again = hand.bring(**EVERYTHING)
    assert again.import_id == "i000003"
    assert hand.consistent()
    assert hand.imports.receipts()[1].undone_at == at(2)


def test_lines_replaced_by_a_newer_file_come_back(hand: Hand) -> None:
    order: dict[str, Any] = {"order_id": "1", "customer_id": "a", "at": at(1)}
    hand.bring(orders=[order], lines=[{"order_id": "1", "product_id": p, "unit_price": 5} for p in "pq"])
    before = hand.state()
    hand.bring(orders=[order], lines=[{"order_id": "1", "product_id": p, "unit_price": 5} for p in "qr"])
    hand.imports.undo("i000002", now=at(2))
    assert hand.state() == before


def test_people_others_speak_of_stay_with_nothing_but_their_name(hand: Hand) -> None:
    hand.bring(customers=[{"customer_id": "a", "city": "Bath"}, {"customer_id": "b", "city": "York"}])
    hand.bring(orders=[{"order_id": "1", "customer_id": "a", "at": at(1)}])
    hand.imports.undo("i000001", now=at(2))
    assert hand.row("SELECT customer_id, city, described, kind FROM customers") == ("a", None, False, "customer")
    assert hand.consistent()


def test_an_import_others_built_on_is_not_undone_before_them(hand: Hand) -> None:
    order: dict[str, Any] = {"order_id": "1", "customer_id": "a", "at": at(1), "total": 5}
    hand.bring(orders=[order])
    hand.bring(orders=[{**order, "total": 6}])
    with pytest.raises(Refused, match="i000002"):
        hand.imports.undo("i000001", now=at(2))
    hand.imports.undo("i000002", now=at(2))
    assert hand.row("SELECT total FROM orders") == (5,)
    hand.imports.undo("i000001", now=at(2))
    assert hand.rows("SELECT * FROM orders") == []


def test_what_is_not_there_or_was_undone_is_refused(hand: Hand) -> None:
    with pytest.raises(NotFound):
        hand.imports.undo("i000009", now=at(2))
    hand.bring(orders=[{"order_id": "1", "customer_id": "a", "at": at(1)}])
    hand.imports.undo("i000001", now=at(2))
    with pytest.raises(Refused, match="already"):
        hand.imports.undo("i000001", now=at(3))


def test_lines_of_another_file_keep_an_order_of_their_own(hand: Hand) -> None:
    hand.bring(orders=[{"order_id": "1", "customer_id": "a", "at": at(1), "total": 50}])
    hand.bring(lines=[{"order_id": "1", "customer_id": "a", "at": at(1), "product_id": "p", "unit_price": 5}])
    hand.imports.undo("i000001", now=at(2))
    assert hand.row("SELECT total FROM orders") == (5,)
    assert hand.consistent()


def test_what_a_later_merge_moved_is_not_given_to_somebody_who_is_gone(hand: Hand) -> None:
    hand.bring(orders=[{"order_id": "1", "customer_id": "a", "at": at(1)}, {"order_id": "2", "customer_id": "b",
                                                                            "at": at(1)}])
    changed = hand.bring(orders=[{"order_id": "1", "customer_id": "a", "at": at(1), "total": 77}])
    hand.by_hand.merge("b", "a", now=at(2))
    with pytest.raises(Refused, match="A later merge, m000001"):
        hand.imports.undo(changed.import_id, now=at(3))
    hand.by_hand.unmerge("a", now=at(3))
    hand.imports.undo(changed.import_id, now=at(4))
    assert hand.rows("SELECT customer_id, total FROM orders ORDER BY order_id") == [("a", None), ("b", None)]


def test_what_changed_while_two_were_one_goes_back_to_whose_it_is_now(hand: Hand) -> None:
    hand.bring(orders=[{"order_id": "1", "customer_id": "a", "at": at(1)}, {"order_id": "2", "customer_id": "b",
                                                                            "at": at(1)}])
    hand.by_hand.merge("b", "a", now=at(2))
    changed = hand.bring(orders=[{"order_id": "1", "customer_id": "b", "at": at(1), "total": 77}])
    hand.by_hand.unmerge("a", now=at(3))
    hand.imports.undo(changed.import_id, now=at(4))
    assert hand.rows("SELECT order_id, customer_id FROM orders ORDER BY 1") == [("1", "a"), ("2", "b")]
    assert hand.consistent()
