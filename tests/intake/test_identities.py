"""Who somebody is: one person known by several addresses, numbers and ids is one customer."""

from __future__ import annotations

from typing import Any

import pytest

from regulars.errors import NotFound, Refused
from regulars.intake.identities import e164
from tests.intake.hand import Hand, at


def order(number: str, day: int = 1, **hints: Any) -> dict[str, Any]:
    return {"order_id": number, "at": at(day), "total": 10, **hints}


def customers(hand: Hand) -> list[str]:
    return [c for (c,) in hand.rows("SELECT customer_id FROM customers ORDER BY 1")]


def test_case_and_spaces_of_an_address_make_no_second_customer(hand: Hand) -> None:
    receipt = hand.bring(orders=[order("1", id_email="anna@x.com"), order("2", id_email=" ANNA@X.com ")])
    assert receipt.customers.new == 1
    assert hand.row("SELECT count(DISTINCT customer_id), count(customer_id) FROM orders") == (1, 2)
    assert hand.consistent()


def test_the_same_address_always_makes_the_same_customer_id(hand: Hand) -> None:
    hand.bring(orders=[order("1", id_email="Anna@x.com")])
    assert customers(hand) == ["e-3700208a2f59"]  # printf 'anna@x.com' | b2sum


@pytest.mark.parametrize(("text", "country", "dialled"), [
    ("020 7946 0958", "GB", "+442079460958"), ("+44 20 7946 0958", "ID", "+442079460958"),
    ("0812-3456-7890", "ID", "+6281234567890"), ("n/a", "GB", None), ("12", "GB", None)])
def test_a_phone_number_is_read_by_the_shops_country(text: str, country: str, dialled: str | None) -> None:
    assert e164(text, country) == dialled


def test_two_ways_of_writing_a_number_are_one_customer(hand: Hand) -> None:
    hand.bring(orders=[order("1", id_phone="020 7946 0958"), order("2", id_phone="+442079460958")])
    assert len(customers(hand)) == 1


def test_the_shops_own_id_is_the_customer_id(hand: Hand) -> None:
    hand.bring(orders=[order("1", customer_id="17850"), order("2", customer_id="17850"),
                       order("3", customer_id="13047")])
    assert customers(hand) == ["13047", "17850"]


def test_a_platforms_number_makes_a_customer_of_that_platform(hand: Hand) -> None:
    hand.bring(orders=[order("1", id_platform="shopify:5798")])
    assert customers(hand) == ["shopify-5798"]


def test_an_order_by_address_finds_the_customer_known_by_id(hand: Hand) -> None:
    hand.bring(customers=[{"customer_id": "7", "email": "Anna@x.com", "name": "Anna"}])
    receipt = hand.bring(orders=[order("1", id_email="anna@X.com")])
    assert (receipt.customers.matched, receipt.customers.new) == (1, 0)
    assert hand.row("SELECT customer_id FROM orders") == ("7",)


def test_two_customers_that_prove_to_be_one_are_merged_and_keep_everything(hand: Hand) -> None:
    hand.bring(orders=[order("1", 1, id_email="anna@x.com")])
    hand.bring(orders=[order("2", 2, id_phone="+442079460958")])
    assert len(customers(hand)) == 2
    receipt = hand.bring(orders=[order("3", 3, id_email="anna@x.com", id_phone="020 7946 0958")])
    assert receipt.customers.merged == 1
    assert len(customers(hand)) == 1
    assert hand.row("SELECT count(DISTINCT customer_id), count(*) FROM orders") == (1, 3)
    assert hand.row("SELECT first_seen FROM customers") == (at(1),)
    assert hand.consistent()


def test_the_older_of_two_customers_stays(hand: Hand) -> None:
    hand.bring(orders=[order("1", 5, id_phone="+442079460958")])
    hand.bring(orders=[order("2", 2, id_email="anna@x.com")])
    older = hand.row("SELECT customer_id FROM orders WHERE order_id = '2'")[0]
    hand.bring(orders=[order("3", 9, id_email="anna@x.com", id_phone="+442079460958")])
    assert customers(hand) == [older]


def test_a_merge_can_be_taken_back_and_no_file_makes_it_again(hand: Hand) -> None:
    hand.bring(customers=[{"customer_id": "a", "email": "anna@x.com", "city": "Bath"}])
    hand.bring(customers=[{"customer_id": "b", "phone": "+442079460958", "city": "York", "name": "Anna"}])
    hand.bring(orders=[order("1", customer_id="a"), order("2", customer_id="b")])
    before = hand.state(frozenset({"orders"}))
    both = [order("3", id_email="anna@x.com", id_phone="+442079460958")]
    hand.bring(orders=both)
    assert customers(hand) == ["a"]
    assert hand.row("SELECT city, name, phone FROM customers") == ("Bath", "Anna", "+442079460958")
    hand.by_hand.unmerge("b", now=at(20))
    assert hand.consistent()
    assert customers(hand) == ["a", "b"]
    assert hand.row("SELECT customer_id FROM orders WHERE order_id = '2'") == ("b",)
    after = hand.state(frozenset({"orders"}))
    assert after["identities"] == before["identities"]
    assert after["customers"] == before["customers"]
    assert hand.bring(orders=[order("4", id_email="anna@x.com", id_phone="+442079460958")]).customers.merged == 0
    assert customers(hand) == ["a", "b"]
    with pytest.raises(NotFound):
        hand.by_hand.unmerge("b", now=at(20))


def test_what_was_said_since_to_be_a_third_persons_stays_theirs(hand: Hand) -> None:
    hand.bring(orders=[order("1", customer_id="a"), order("2", customer_id="b"), order("3", customer_id="c")])
    hand.by_hand.merge("a", "b", now=at(10))
    hand.bring(orders=[order("2", customer_id="c")])
    hand.by_hand.unmerge("b", now=at(20))
    assert hand.engine.rows("SELECT customer_id FROM orders ORDER BY order_id") == [("a",), ("c",), ("c",)]
    assert hand.consistent()


def test_the_answer_does_not_hang_on_the_order_of_rows(hand: Hand, tmp_path: Any) -> None:
    rows = [order("1", id_email="a@x.com"), order("2", id_email="b@x.com"), order("3", id_phone="+442079460958"),
            order("4", id_email="a@x.com", id_phone="+442079460958"),
            order("5", id_email="b@x.com", id_platform="square:9"),
            order("6", id_platform="square:9", id_phone="+442079460958")]
    hand.bring(orders=rows)
    other = Hand(tmp_path / "other")
    other.bring(orders=list(reversed(rows)))
    one = hand.rows("SELECT order_id, customer_id FROM orders ORDER BY 1")
    assert one == other.rows("SELECT order_id, customer_id FROM orders ORDER BY 1")
    assert len({c for _, c in one}) == 1
    other.shop.close()


def test_another_number_of_the_shops_own_is_a_merge_that_can_be_taken_back(hand: Hand) -> None:
    """Two of one household, each with a number of their own, came in as one of whom nothing told that they were two."""
    hand.bring(customers=[{"customer_id": "a", "name": "Anna Ek", "phone": "020 7946 0958"}])
    receipt = hand.bring(customers=[{"customer_id": "b", "name": "Tom Ek", "phone": "+44 20 7946 0958"}])
    assert receipt.customers.merged == 1
    assert hand.row("SELECT customer_id, name FROM customers") == ("a", "Anna Ek")
    hand.by_hand.unmerge("b", now=at(20))
    assert hand.rows("SELECT customer_id, name FROM customers ORDER BY 1") == [("a", "Anna Ek"), ("b", "Tom Ek")]
    assert hand.bring(customers=[{"customer_id": "b", "phone": "02079460958", "city": "Bath"}]).customers.merged == 0
    assert hand.consistent()


def test_a_number_that_everybody_has_joins_nobody(hand: Hand) -> None:
    till = "+442079460958"
    receipt = hand.bring(orders=[order(str(i), customer_id=f"c{i}", id_phone=till) for i in range(8)])
    assert len(customers(hand)) == 8
    assert [f.code for f in receipt.findings if f.code == "shared_contact"] == ["shared_contact"]


def test_name_and_postcode_are_only_a_suggestion(hand: Hand) -> None:
    hand.bring(customers=[{"customer_id": "a", "name": "Anna Ek", "postcode": "BA1 1AA"},
                          {"customer_id": "b", "name": "anna ek", "postcode": "ba11aa"},
                          {"customer_id": "c", "name": "Anna Ek", "postcode": "YO1 7HH"}])
    assert len(customers(hand)) == 3
    hand.by_hand.same.look(at(2))
    assert [(p.one, p.other) for p in hand.by_hand.same.list(at(2))] == [("a", "b")]


def test_a_source_of_names_only_finds_the_one_customer_of_that_name(hand: Hand) -> None:
    hand.bring(customers=[{"customer_id": "a", "name": "Anna Ek"}, {"customer_id": "b", "name": "Bo Ek"},
                          {"customer_id": "c", "name": "Bo Ek"}])
    hand.bring(platform="woocommerce", orders=[order("1", id_name="ANNA EK"), order("2", id_name="Bo Ek"),
                                               order("3", id_name="Bo Ek")])
    found = dict(hand.rows("SELECT order_id, customer_id FROM orders"))
    assert found["1"] == "a"
    assert found["2"] == found["3"]
    assert found["2"].startswith("n-")
    assert hand.rows("SELECT name FROM customers WHERE customer_id = ?", found["2"]) == [("Bo Ek",)]


def test_a_name_beside_an_address_joins_nobody(hand: Hand) -> None:
    hand.bring(customers=[{"customer_id": "a", "name": "Anna Ek"}])
    hand.bring(orders=[order("1", id_email="other@x.com", id_name="Anna Ek")])
    assert len(customers(hand)) == 2


def test_rows_that_name_nobody_are_kept_and_are_nobodys(hand: Hand) -> None:
    receipt = hand.bring(orders=[order("1", customer_id=None), order("2", customer_id="a")])
    assert receipt.rows.without_customer == 1
    assert customers(hand) == ["a"]
    assert hand.row("SELECT customer_id FROM orders WHERE order_id = '1'") == (None,)


def test_two_ids_of_one_address_in_one_file_are_merged_and_stay_so_when_imported_again(hand: Hand) -> None:
    people = [{"customer_id": "a", "email": "anna@x.com", "city": "Bath"},
              {"customer_id": "b", "email": "ANNA@x.com", "city": "York"}]
    assert hand.bring(customers=people).customers.merged == 1
    first = hand.state()
    again = hand.bring(customers=people)
    assert (again.added, again.changed) == (0, 0)
    assert hand.state() == first
    assert hand.row("SELECT customer_id, city FROM customers") == ("a", "Bath")


def test_merging_by_hand_refuses_what_makes_no_sense(hand: Hand) -> None:
    hand.bring(customers=[{"customer_id": "a"}])
    with pytest.raises(NotFound, match="no customer b"):
        hand.by_hand.merge("a", "b", now=at(2))
    with pytest.raises(Refused):
        hand.by_hand.merge("a", "a", now=at(2))


def test_somebody_with_an_order_is_a_customer_whatever_a_list_calls_them(hand: Hand) -> None:
    hand.bring(customers=[{"id_email": "a@x.com", "kind": "subscriber"}, {"id_email": "b@x.com", "kind": "subscriber"}])
    hand.bring(orders=[order("1", id_email="a@x.com")])
    hand.bring(customers=[{"id_email": "a@x.com", "kind": "subscriber"}])
    assert [k for (k,) in hand.rows("SELECT kind FROM customers ORDER BY 1")] == ["customer", "subscriber"]
