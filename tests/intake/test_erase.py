"""Erasing a person removes them everywhere; what they bought stays in the sums."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from regulars.errors import NotFound
from tests.intake.hand import NOW, Hand, at

PERSON: dict[str, Any] = {
    "customers": [{"customer_id": "a", "email": "Anna@x.com", "name": "Anna Ek", "phone": "020 7946 0958"},
                  {"customer_id": "b", "email": "bo@x.com", "referred_by": "a"}],
    "orders": [{"order_id": "1", "customer_id": "a", "at": at(1), "total": 10}],
    "lines": [{"order_id": "1", "product_id": "p", "quantity": 2, "unit_price": 5}],
    "returns": [{"document": "C1", "customer_id": "a", "at": at(2), "product_id": "p", "quantity": 1,
                 "amount": 5}],
    "messages": [{"customer_id": "a", "at": at(3), "type": "clicked", "link": "https://x/?who=anna@x.com"}],
    "events": [{"customer_id": "a", "at": at(3), "name": "Called", "properties": '{"by":"anna@x.com"}'}],
    "answers": [{"survey": "s", "respondent": "anna@x.com", "question": "q", "customer_id": "a",
                 "value": "I am Anna Ek"}],
}


def everything_kept(hand: Hand) -> str:
    tables = [t for (t,) in hand.rows("SELECT table_name FROM duckdb_tables() WHERE NOT temporary")]
    return "\n".join(str(hand.rows(f"SELECT * FROM {t}")) for t in tables).casefold()


def test_a_person_is_nowhere_and_the_sums_stay(hand: Hand) -> None:
    hand.bring(**PERSON, refused=[{"reason": "anna@x.com is no date", "who": "Anna Ek"}], good_rows=True)
    hand.bring(customers=[{"customer_id": "a", "city": "Bath"}])
    sums = hand.row("SELECT sum(total), sum(refunded), (SELECT sum(amount) FROM lines) FROM orders")
    erased = hand.by_hand.erase("a")
    assert erased.made_nobodys == {"orders": 1, "lines": 1, "returns": 1, "messages": 1}
    kept = everything_kept(hand)
    assert not [w for w in ("anna", "7946") if w in kept]
    assert hand.row("SELECT sum(total), sum(refunded), (SELECT sum(amount) FROM lines) FROM orders") == sums
    assert hand.rows("SELECT customer_id, referred_by FROM customers") == [("b", None)]
    assert hand.consistent()


def test_a_merged_person_is_erased_with_what_was_merged(hand: Hand) -> None:
    hand.bring(**PERSON)
    hand.bring(customers=[{"customer_id": "c", "email": "other@x.com", "name": "Anna Ek"}])
    hand.by_hand.merge("a", "c", now=at(4))
    hand.by_hand.erase("a")
    kept = everything_kept(hand)
    assert not [w for w in ("anna", "other@x.com") if w in kept]
    assert hand.consistent()


def test_an_old_file_does_not_bring_an_erased_person_back(hand: Hand) -> None:
    hand.bring(**PERSON)
    hand.by_hand.erase("a")
    receipt = hand.bring(**PERSON)
    assert receipt.customers.new == 0
    assert "anna" not in everything_kept(hand)
    assert hand.rows("SELECT customer_id FROM customers") == [("b",)]
    assert hand.consistent()


def test_kept_files_lose_the_lines_that_name_the_person(hand: Hand, tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text("customer_id,email,city\na,Anna@x.com,Bath\nb,bo@x.com,York\n", encoding="utf-8")
    hand.imports.run(file, now=NOW)
    erased = hand.by_hand.erase("a")
    assert len(erased.cleaned_files) == 1
    kept = hand.shop.folder / "files" / erased.cleaned_files[0]
    assert kept.read_text(encoding="utf-8") == "customer_id,email,city\nb,bo@x.com,York\n"


def test_somebody_who_is_not_there_cannot_be_erased(hand: Hand) -> None:
    with pytest.raises(NotFound, match="no customer x"):
        hand.by_hand.erase("x")
