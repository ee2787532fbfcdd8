"""Erasing a person removes them everywhere; what they bought stays in the sums."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from regulars.engines.duckdb import DuckDBEngine
from regulars.errors import DiskFull, NotFound
from regulars.intake.traces import TRACES
from regulars.shop import Shop
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


def bytes_of(folder: Path) -> bytes:
    return b"".join(p.read_bytes() for p in folder.rglob("*") if p.is_file() and p.name.startswith("facts.")).lower()


def a_crowd(folder: Path) -> Hand:
    """Anna among enough others that their rows share blocks with hers."""
    hand = Hand(folder)
    hand.bring(**PERSON)
    hand.bring(customers=[{"customer_id": f"x{i}", "email": f"x{i}@x.com", "name": f"X {i}"} for i in range(300)],
               events=[{"customer_id": f"x{i}", "at": at(3), "name": "Called"} for i in range(300)])
    hand.engine.execute("CHECKPOINT")
    return hand


WORDS = (b"anna@x.com", b"anna ek", b"442079460958")


def test_no_byte_of_a_person_is_left_in_the_file(tmp_path: Path) -> None:
    hand = a_crowd(tmp_path / "shop")
    before = bytes_of(hand.shop.folder)
    assert all(w in before for w in WORDS)
    assert not hand.by_hand.erase("a").traces
    assert not [w for w in WORDS if w in bytes_of(hand.shop.folder)]
    assert hand.consistent()
    hand.bring(customers=[{"customer_id": "late"}])
    hand.shop.close()
    with Shop.open(tmp_path / "shop") as again:
        assert again.engine.value("SELECT count(*) FROM customers") == 302
        assert not again.engine.rows("SELECT 1 FROM meta WHERE key = ?", [TRACES])


def test_while_others_read_the_bytes_wait_for_the_next_opening(tmp_path: Path) -> None:
    hand = a_crowd(tmp_path / "shop")
    reader = hand.engine.cursor()
    assert hand.by_hand.erase("a").traces
    assert reader.value("SELECT count(*) FROM customers") == 301
    reader.close()
    hand.shop.close()
    assert any(w in bytes_of(tmp_path / "shop") for w in WORDS)
    with Shop.open(tmp_path / "shop") as again:
        assert again.engine.value("SELECT count(*) FROM customers") == 301
        assert not [w for w in WORDS if w in bytes_of(again.folder)]


def test_on_a_full_disk_the_bytes_wait_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hand = a_crowd(tmp_path / "shop")
    def full(*_: object) -> None:
        raise DiskFull("The disk is full.")
    monkeypatch.setattr(DuckDBEngine, "copy_to", full)
    assert hand.by_hand.erase("a").traces
    assert hand.rows("SELECT 1 FROM customers WHERE customer_id = 'a'") == []
    hand.shop.close()
    with Shop.open(tmp_path / "shop") as again:
        assert again.engine.rows("SELECT 1 FROM meta WHERE key = ?", [TRACES])
    monkeypatch.undo()
    with Shop.open(tmp_path / "shop") as again:
        assert not [w for w in WORDS if w in bytes_of(again.folder)]


def test_who_was_merged_through_others_is_erased_with_them_and_nothing_of_who_was_taken_apart(hand: Hand) -> None:
    hand.bring(customers=[{"customer_id": "c", "email": "quist@x.com", "name": "Zelda Quist"},
                          {"customer_id": "b", "name": "Z. Q."}, {"customer_id": "a", "name": "Anna Ek"},
                          {"customer_id": "d", "name": "Dan"}, {"customer_id": "e", "name": "Eva"}])
    hand.bring(customers=[{"customer_id": "c", "name": "Zelda Ek"}])
    hand.by_hand.merge("a", "d", now=at(3))
    hand.by_hand.unmerge("d", now=at(3))
    hand.by_hand.same.apart("d", "e", at(3))
    hand.by_hand.merge("b", "c", now=at(4))
    hand.by_hand.merge("a", "b", now=at(5))
    hand.by_hand.erase("a")
    kept = everything_kept(hand)
    assert not [w for w in ("zelda", "quist") if w in kept]
    assert hand.rows("SELECT one, other FROM same_decided") == [("d", "e")]
    assert hand.consistent()
