"""What is worked out: totals counted once, margins where a cost is known, and the same whatever came first."""

from __future__ import annotations

from typing import Any

import pytest

from tests.intake.hand import Hand, at

ORDER = {"order_id": "1", "customer_id": "a", "at": at(1), "channel": "online", "promo_code": "SAVE"}


def off(hand: Hand) -> tuple[Any, ...]:
    return tuple(hand.row("SELECT discount, discounted FROM orders"))


def line(product: str, quantity: int, price: int, order: str = "1", **more: Any) -> dict[str, Any]:
    return {"order_id": order, "product_id": product, "quantity": quantity, "unit_price": price, **more}


def test_a_stated_total_is_counted_once_however_many_lines(hand: Hand) -> None:
    hand.bring(orders=[{**ORDER, "total": 33}], lines=[line("p", 2, 10), line("q", 1, 5)])
    assert hand.row("SELECT total, items, returned, refunded, counted FROM orders") == (33, 3, False, 0, True)


def test_without_a_stated_total_an_order_comes_to_its_lines(hand: Hand) -> None:
    hand.bring(orders=[ORDER], lines=[line("p", 2, 10, discount=3), line("q", 1, 5)])
    assert hand.row("SELECT total FROM orders") == (22,)


def test_what_is_taken_off_the_lines_is_taken_off_the_order(hand: Hand) -> None:
    hand.bring(orders=[{**ORDER, "promo_code": None}], lines=[line("p", 2, 10, discount=3), line("q", 1, 5)])
    assert off(hand) == (3, True) and hand.consistent()


def test_a_discount_that_repeats_its_lines_is_counted_once(hand: Hand) -> None:
    """Goods of 25 less 3 are 22, and 4 of shipping: the order's 3 are the lines' 3."""
    hand.bring(orders=[{**ORDER, "discount": 3, "shipping": 4, "total": 26}],
               lines=[line("p", 2, 10, discount=3), line("q", 1, 5)])
    assert off(hand) == (3, True) and hand.consistent()


@pytest.mark.parametrize(("tax", "total"), [(0, 24), (3, 27)])
def test_a_discount_beside_those_of_its_lines_is_added_where_the_total_shows_both(hand: Hand, tax: int,
                                                                                   total: int) -> None:
    """Goods of 25 less 3 are 22, less the order's 2 are 20, and 4 of shipping, and tax on top or within."""
    hand.bring(orders=[{**ORDER, "discount": 2, "shipping": 4, "tax": tax, "total": total}],
               lines=[line("p", 2, 10, discount=3), line("q", 1, 5)])
    assert off(hand) == (5, True) and hand.consistent()


def test_where_the_total_does_not_tell_the_larger_discount_holds_the_other(hand: Hand) -> None:
    hand.bring(orders=[{**ORDER, "discount": 5}], lines=[line("p", 2, 10, discount=3)])
    assert off(hand) == (5, True) and hand.consistent()


@pytest.mark.parametrize(("said", "expected"), [
    ({"promo_code": "TEN"}, (None, True)), ({"promo_code": "TEN", "discount": 0}, (0, False)),
    ({"promo_code": None}, (None, None)), ({"promo_code": None, "discount": 0}, (0, False))])
def test_a_code_is_a_discount_unless_it_is_known_to_take_nothing_off(hand: Hand, said: dict[str, Any],
                                                                     expected: tuple[Any, Any]) -> None:
    hand.bring(orders=[{**ORDER, **said, "total": 20}], lines=[line("p", 2, 10)])
    assert off(hand) == expected and hand.consistent()


def test_a_discount_is_settled_again_when_lines_come_later(hand: Hand) -> None:
    hand.bring(orders=[{**ORDER, "promo_code": None, "total": 17}])
    assert off(hand) == (None, None)
    hand.bring(lines=[line("p", 2, 10, discount=3)])
    assert off(hand) == (3, True) and hand.consistent()


def test_lines_say_what_their_order_says(hand: Hand) -> None:
    hand.bring(orders=[ORDER], lines=[line("p", 1, 1)])
    assert hand.row('SELECT customer_id, "at", channel, promo_code, counted FROM '
                    'lines') == (
        "a", at(1), "online", "SAVE", True)


def test_lines_that_came_before_their_order_are_settled_when_it_comes(hand: Hand) -> None:
    hand.bring(lines=[line("p", 2, 10)])
    assert hand.row('SELECT customer_id, "at", total FROM orders') == (None, None, 20)
    hand.bring(orders=[{**ORDER, "status": "cancelled"}])
    assert hand.row('SELECT customer_id, "at", counted FROM lines') == ("a", at(1), False)
    assert hand.row("SELECT counted, total FROM orders") == (False, 20)
    assert hand.consistent()


def test_it_makes_no_difference_which_file_came_first(hand: Hand, tmp_path: Any) -> None:
    orders, lines = [{**ORDER, "total": 25}], [line("p", 2, 10), line("q", 1, 5)]
    products = [{"product_id": "p", "unit_cost": 6}, {"product_id": "q", "unit_cost": 1}]
    hand.bring(orders=orders)
    hand.bring(lines=lines)
    hand.bring(products=products)
    other = Hand(tmp_path / "other")
    other.bring(products=products)
    other.bring(lines=lines)
    other.bring(orders=orders)
    facts = ("orders", "lines", "products")
    for table in facts:
        assert hand.rows(f"SELECT * EXCLUDE source FROM {table} ORDER BY ALL") == other.rows(
            f"SELECT * EXCLUDE source FROM {table} ORDER BY ALL")
    assert hand.row("SELECT margin FROM orders") == (12,)
    assert other.consistent()
    other.shop.close()


def test_a_margin_follows_the_cost_at_the_time_else_the_products(hand: Hand) -> None:
    hand.bring(products=[{"product_id": "p", "unit_cost": 6}])
    hand.bring(orders=[ORDER], lines=[line("p", 2, 10), line("p", 1, 10, unit_cost=1)])
    assert hand.rows("SELECT margin FROM lines ORDER BY line") == [(8,), (9,)]
    assert hand.row("SELECT margin FROM orders") == (17,)


def test_one_unknown_cost_makes_the_orders_margin_unknown(hand: Hand) -> None:
    receipt = hand.bring(products=[{"product_id": "p", "unit_cost": 6}], orders=[ORDER],
                         lines=[line("p", 2, 10), line("q", 1, 5)])
    assert hand.row("SELECT margin FROM orders") == (None,)
    assert receipt.costs_unknown == 1


def test_a_new_cost_changes_the_margins_of_that_products_lines(hand: Hand) -> None:
    hand.bring(orders=[ORDER], lines=[line("p", 2, 10), line("q", 1, 5, unit_cost=2)])
    hand.bring(products=[{"product_id": "p", "unit_cost": 6}, {"product_id": "q", "unit_cost": 4}])
    assert hand.row("SELECT margin FROM orders") == (11,)
    hand.bring(products=[{"product_id": "p", "unit_cost": 7}])
    assert hand.row("SELECT margin FROM orders") == (9,)
    assert hand.consistent()


def test_a_refunded_order_counts_and_came_to_nothing(hand: Hand) -> None:
    hand.bring(orders=[{**ORDER, "status": "refunded", "total": 40}])
    assert hand.row("SELECT counted, total, refunded, returned FROM orders") == (True, 40, 40, True)


def test_what_a_line_states_as_returned_is_taken_off(hand: Hand) -> None:
    hand.bring(products=[{"product_id": "p", "unit_cost": 4}], orders=[ORDER],
               lines=[line("p", 4, 10, returned_stated=1)])
    assert hand.row("SELECT returned_quantity, amount, margin, returned FROM lines") == (1, 30, 18, True)
    assert hand.row("SELECT total, refunded FROM orders") == (40, 10)
    assert hand.consistent()


def test_pieces_that_came_back_say_nothing_of_the_money_of_a_stated_total(hand: Hand) -> None:
    hand.bring(orders=[{**ORDER, "total": 40}], lines=[line("p", 4, 10, returned_stated=1)])
    assert hand.row("SELECT amount, returned FROM lines") == (30, True)
    assert hand.row("SELECT total, refunded, returned FROM orders") == (40, 0, True)
    assert hand.consistent()


def test_a_customer_is_known_since_the_first_fact(hand: Hand) -> None:
    hand.bring(orders=[{**ORDER, "at": at(9)}], messages=[{"customer_id": "a", "at": at(4), "type": "opened"}])
    assert hand.row("SELECT first_seen, described, kind FROM customers") == (at(4), False, "customer")


def test_a_customer_described_by_a_list_is_described(hand: Hand) -> None:
    hand.bring(customers=[{"customer_id": "a", "city": "Bath"}])
    assert hand.row("SELECT described, kind FROM customers") == (True, "customer")


def test_what_a_wholesaler_sells_in_rupiah_is_settled_as_exactly(hand: Hand) -> None:
    """A thousand pieces at 15 million come to 15,000,000,000: more than the engine multiplies by itself."""
    lines = [{"order_id": "1", "product_id": "p", "quantity": 2, "unit_price": 600_000},
             {"order_id": "2", "product_id": "q", "quantity": 1000, "unit_price": 15_000_000}]
    hand.bring(products=[{"product_id": "p", "unit_cost": 400_000}, {"product_id": "q", "unit_cost": 10_000_000}],
               orders=[{"order_id": n, "customer_id": "a", "at": at(1)} for n in "12"], lines=lines)
    hand.bring(returns=[{"document": f"B{n}", "of_order": n, "product_id": p, "at": at(2), "quantity": 1}
                        for n, p in (("1", "p"), ("2", "q"))])
    assert hand.rows("SELECT amount, margin FROM lines ORDER BY order_id") == [
        (600_000, 200_000), (14_985_000_000, 4_995_000_000)]
    assert hand.rows("SELECT total, refunded FROM orders ORDER BY order_id") == [
        (1_200_000, 600_000), (15_000_000_000, 15_000_000)]
    assert hand.consistent()
