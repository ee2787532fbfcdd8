"""What came back undoes the latest earlier purchase of it that has enough left."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.intake.hand import Hand, at


def bought(order: str, day: int, quantity: int, price: int = 5, who: str = "a", product: str = "p") -> dict[str, Any]:
    return {"order_id": order, "customer_id": who, "at": at(day), "product_id": product, "quantity": quantity,
            "unit_price": price}


def back(document: str, day: int, quantity: int, who: str | None = "a", product: str = "p",
         **more: Any) -> dict[str, Any]:
    return {"document": document, "customer_id": who, "at": at(day), "product_id": product, "quantity": quantity,
            "amount": quantity * 5, **more}


def places(hand: Hand) -> dict[str, str | None]:
    return dict(hand.rows("SELECT document, order_id FROM returns"))


def test_the_latest_earlier_purchase_with_enough_left_is_undone(hand: Hand) -> None:
    hand.bring(lines=[bought("1", 1, 10), bought("2", 3, 4), bought("3", 9, 10)],
               returns=[back("C1", 5, 4), back("C2", 6, 3)])
    assert places(hand) == {"C1": "2", "C2": "1"}
    assert hand.rows("SELECT order_id, total, refunded, returned FROM orders ORDER BY 1") == [
        ("1", 50, 15, True), ("2", 20, 20, True), ("3", 50, 0, False)]
    assert hand.rows("SELECT returned_quantity, amount FROM lines ORDER BY order_id") == [(3, 35), (4, 0), (0, 50)]
    assert hand.consistent()


def test_what_cannot_be_matched_is_kept_counted_and_named(hand: Hand) -> None:
    receipt = hand.bring(lines=[bought("1", 4, 2)], returns=[
        back("C1", 3, 1), back("C2", 5, 3), back("C3", 5, 1, who="b"), back("C4", 5, 1, product="q"),
        back("C5", 5, 1, who=None)])
    assert set(places(hand).values()) == {None}
    assert (receipt.returns.matched, receipt.returns.unmatched, receipt.returns.unmatched_amount) == (0, 5, Decimal(35))
    assert hand.consistent()


def test_a_return_finds_its_purchase_when_that_comes_later(hand: Hand) -> None:
    hand.bring(returns=[back("C1", 5, 2)])
    assert places(hand) == {"C1": None}
    hand.bring(lines=[bought("1", 1, 2)])
    assert places(hand) == {"C1": "1"}
    assert hand.row("SELECT total, refunded FROM orders") == (10, 10)
    hand.bring(lines=[bought("2", 4, 2)])
    assert places(hand) == {"C1": "2"}
    assert hand.rows("SELECT refunded FROM orders ORDER BY order_id") == [(0,), (10,)]
    assert hand.consistent()


def test_the_same_returns_twice_are_counted_once(hand: Hand) -> None:
    rows: dict[str, Any] = {"lines": [bought("1", 1, 9)], "returns": [back("C1", 5, 2), back("C1", 5, 2)]}
    hand.bring(**rows)
    assert hand.row("SELECT returned_quantity FROM lines") == (4,)
    again = hand.bring(**rows)
    assert (again.added, again.changed) == (0, 0)
    assert hand.row("SELECT returned_quantity FROM lines") == (4,)


def test_a_source_that_names_the_order_is_believed(hand: Hand) -> None:
    hand.bring(lines=[bought("1", 1, 2), bought("2", 2, 2)], returns=[back("R1", 5, 1, of_order="1")])
    assert places(hand) == {"R1": "1"}


def test_a_refund_of_an_order_as_a_whole_lowers_what_it_came_to(hand: Hand) -> None:
    hand.bring(orders=[{"order_id": "1", "customer_id": "a", "at": at(1), "total": 30}],
               returns=[{"return_id": "re_1", "of_order": "1", "at": at(2), "amount": 12}])
    assert hand.row("SELECT total, refunded, returned FROM orders") == (30, 12, True)
    assert hand.consistent()


def test_a_stated_refund_wins_over_what_the_lines_say(hand: Hand) -> None:
    hand.bring(orders=[{"order_id": "1", "customer_id": "a", "at": at(1), "total": 30, "refunded": 7}],
               lines=[bought("1", 1, 6)], returns=[back("C1", 2, 1)])
    assert hand.row("SELECT total, refunded FROM orders") == (30, 7)


def test_a_purchase_that_was_cancelled_takes_no_return(hand: Hand) -> None:
    hand.bring(orders=[{"order_id": "1", "customer_id": "a", "at": at(1), "status": "paid"},
                       {"order_id": "2", "customer_id": "a", "at": at(2), "status": "cancelled"}],
               lines=[bought("1", 1, 2), bought("2", 2, 2)], returns=[back("C1", 3, 2)])
    assert places(hand) == {"C1": "1"}


def test_a_merge_brings_returns_to_their_purchases_and_taking_it_back_parts_them(hand: Hand) -> None:
    hand.bring(lines=[bought("1", 1, 2)], returns=[back("C1", 3, 2, who="b")])
    assert places(hand) == {"C1": None}
    hand.by_hand.merge("a", "b", now=at(4))
    assert places(hand) == {"C1": "1"}
    assert hand.consistent()
    hand.by_hand.unmerge("b", now=at(5))
    assert places(hand) == {"C1": None}
    assert hand.consistent()


def test_a_return_that_names_anothers_order_leaves_less_for_its_customer_until_it_is_taken_back(hand: Hand) -> None:
    hand.bring(lines=[bought("1", 1, 2)], returns=[back("C1", 5, 2)])
    assert places(hand) == {"C1": "1"}
    second = hand.bring(returns=[back("C2", 9, 2, who="b", of_order="1")])
    assert places(hand) == {"C1": None, "C2": "1"}
    hand.imports.undo(second.import_id, now=at(20))
    assert places(hand) == {"C1": "1"}
    assert hand.consistent()


def test_a_return_that_comes_to_name_another_order_leaves_the_first_to_others(hand: Hand) -> None:
    hand.bring(lines=[bought("1", 1, 2), bought("2", 2, 2, who="c")],
               returns=[back("C1", 5, 2), {**back("C2", 9, 2, who="b", of_order="1"), "return_id": "r2"}])
    assert places(hand) == {"C1": None, "C2": "1"}
    again = hand.bring(returns=[{**back("C2", 9, 2, who="b", of_order="2"), "return_id": "r2"}])
    assert places(hand) == {"C1": "1", "C2": "2"}
    hand.imports.undo(again.import_id, now=at(20))
    assert places(hand) == {"C1": None, "C2": "1"}
    assert hand.consistent()


def test_what_was_given_back_is_what_the_return_says(hand: Hand) -> None:
    receipt = hand.bring(lines=[bought("1", 1, 10), bought("2", 1, 2, product="q"), bought("3", 2, 1, product="r")],
                         returns=[{**back("C1", 5, 4), "amount": 17}, {**back("C2", 5, 2, product="q"), "amount": None},
                                  {**back("C3", 5, 1, product="r"), "amount": 80}])
    assert hand.rows("SELECT order_id, returned_quantity, amount FROM lines ORDER BY 1") == [
        ("1", 4, 33), ("2", 2, 0), ("3", 1, -75)]
    assert hand.rows("SELECT order_id, total, refunded FROM orders ORDER BY 1") == [
        ("1", 50, 17), ("2", 10, 10), ("3", 5, 80)]
    assert [(f.code, f.rows, str(f.example)) for f in receipt.findings if f.code == "more_given_back"] == [
        ("more_given_back", 1, "r of order 3")]
    assert str(hand.imports.receipt(receipt.import_id).findings) == str(receipt.findings)
    assert hand.consistent()


def test_pieces_a_line_says_came_back_are_priced_as_they_were_bought_beside_those_a_return_prices(hand: Hand) -> None:
    hand.bring(lines=[{**bought("1", 1, 10), "discount": 10, "returned_quantity": 5}],
               returns=[{**back("C1", 5, 2), "amount": 3}])
    assert hand.row("SELECT returned_quantity, amount FROM lines") == (5, 40 - 3 - 3 * 4)
    assert hand.row("SELECT total, refunded FROM orders") == (40, 15)
    assert hand.consistent()


def test_a_return_without_an_amount_gives_back_what_the_pieces_came_to_also_of_a_stated_total(hand: Hand) -> None:
    hand.bring(orders=[{"order_id": "1", "customer_id": "a", "at": at(1), "total": 45}],
               lines=[{**bought("1", 1, 10), "discount": 10}], returns=[{**back("C1", 5, 2), "amount": None}])
    assert hand.row("SELECT total, refunded FROM orders") == (45, 8)
    assert hand.consistent()
