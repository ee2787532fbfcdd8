"""An import is all or nothing, adds nothing the second time, and accounts for every row."""

from __future__ import annotations

import csv
import json
import os
import signal
import threading
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from regulars.intake.imports import Imports, RowsRefused
from regulars.intake.prepared import OwnField
from regulars.intake.receipt import Receipt
from regulars.model.types import Type
from tests.intake.hand import NOW, Hand, at
from tests.realdata import realdata

ORDER = {"order_id": "1", "customer_id": "a", "at": at(1)}


def line(product: str, quantity: int = 1, price: int = 5, order: str = "1", **more: Any) -> dict[str, Any]:
    return {"order_id": order, "product_id": product, "quantity": quantity, "unit_price": price, **more}


def held(hand: Hand, order: str = "1") -> list[tuple[Any, ...]]:
    return hand.rows("SELECT product_id, quantity FROM lines WHERE order_id = ? ORDER BY ALL", order)


EVERYTHING: dict[str, Any] = {
    "customers": [{"customer_id": "a", "email": "a@x.com", "city": "Bath"},
                  {"customer_id": "b", "phone": "+442079460958"}],
    "accounts": [{"account_id": "acme", "industry": "toys", "employees": 12}],
    "products": [{"product_id": "p", "category": "tea", "unit_cost": 2}],
    "orders": [{**ORDER, "total": 10}, {"order_id": "2", "customer_id": "b", "at": at(2)}],
    "lines": [line("p"), line("p"), line("q", 3, order="2")],
    "returns": [{"document": "C1", "customer_id": "a", "at": at(3), "product_id": "p", "quantity": 1, "amount": 5}],
    "messages": [{"customer_id": "a", "at": at(4), "type": "opened"},
                 {"customer_id": "a", "at": at(4), "type": "opened"}],
    "visits": [{"customer_id": "a", "at": at(4), "url": "/tea"}],
    "checkouts": [{"customer_id": "a", "at": at(4), "total": 9}],
    "events": [{"customer_id": "b", "at": at(5), "name": "Trial Started", "properties": '{"plan":"pro"}'}],
    "tickets": [{"ticket_id": "t1", "customer_id": "b", "opened": at(6), "effort": 7}],
    "answers": [{"survey": "s", "respondent": "r", "question": "q", "customer_id": "b", "at": at(7), "value": "yes"}],
    "costs": [{"at": at(8), "campaign": "spring", "amount": 100}],
}


@pytest.mark.parametrize("table", sorted(EVERYTHING))
def test_every_table_adds_nothing_the_second_time(hand: Hand, table: str) -> None:
    hand.bring(customers=EVERYTHING["customers"])
    hand.bring(**EVERYTHING)
    first = hand.state()
    again = hand.bring(**{table: EVERYTHING[table]})
    assert (again.added, again.changed) == (0, 0)
    assert again.tables[table].unchanged == len(EVERYTHING[table])
    assert hand.state() == first


def test_everything_at_once_is_consistent_and_accounted_for(hand: Hand) -> None:
    receipt = hand.bring(**EVERYTHING)
    assert receipt.rows.read == receipt.rows.taken == sum(map(len, EVERYTHING.values()))
    assert {t: c.added for t, c in receipt.tables.items()} == {t: len(rows) for t, rows in EVERYTHING.items()}
    assert receipt.documents == 3
    assert hand.consistent()


def test_a_price_of_zero_of_no_product_names_none(hand: Hand) -> None:
    receipt = hand.bring(orders=[ORDER], lines=[{"order_id": "1", "product_id": None, "quantity": 2, "unit_price": 0}])
    found, = (f for f in receipt.findings if f.code == "zero_price")
    assert found.rows == 1 and not found.example


def test_files_that_overlap_add_only_what_is_new(hand: Hand) -> None:
    opened = {"customer_id": "a", "at": at(4), "type": "opened"}
    hand.bring(messages=[opened, opened, {**opened, "at": at(5)}])
    receipt = hand.bring(messages=[{**opened, "at": at(5)}, opened, opened, opened])
    assert (receipt.tables["messages"].added, receipt.tables["messages"].unchanged) == (1, 3)


def test_only_what_is_said_changes(hand: Hand) -> None:
    hand.bring(customers=[{"customer_id": "a", "city": "Bath", "name": "Anna"}])
    receipt = hand.bring(customers=[{"customer_id": "a", "city": "York", "name": None}])
    assert receipt.tables["customers"].changed == 1
    assert hand.row("SELECT city, name FROM customers") == ("York", "Anna")


def test_an_order_changes_where_the_file_says_otherwise(hand: Hand) -> None:
    hand.bring(orders=[{**ORDER, "status": "pending", "total": 10}], lines=[line("p")])
    assert hand.row("SELECT counted FROM lines") == (False,)
    receipt = hand.bring(orders=[{**ORDER, "status": "paid", "total": 12}])
    assert receipt.tables["orders"].changed == 1
    assert hand.row("SELECT counted FROM lines") == (True,)
    assert hand.row("SELECT total, counted FROM orders") == (12, True)


@pytest.mark.parametrize(("first", "second", "then"), [
    (["p", "q"], ["q"], ["p", "q"]),
    (["p", "q"], ["q", "p"], ["p", "q"]),
    (["p"], ["p", "q"], ["p", "q"]),
    (["p"], ["p", "p"], ["p", "p"]),
    (["p", "q"], ["q", "r"], ["q", "r"]),
    (["p"], ["q"], ["p", "q"]),
])
def test_an_orders_lines_are_matched_as_a_set(hand: Hand, first: list[str], second: list[str], then: list[str]) -> None:
    hand.bring(orders=[ORDER], lines=[line(p) for p in first])
    hand.bring(orders=[ORDER], lines=[line(p) for p in second])
    assert [p for p, _ in held(hand)] == then
    assert hand.row("SELECT total FROM orders") == (5 * len(then),)
    assert hand.consistent()


def test_a_quantity_that_changed_replaces_the_line(hand: Hand) -> None:
    hand.bring(orders=[ORDER], lines=[line("p", 2)])
    receipt = hand.bring(orders=[ORDER], lines=[line("p", 3)])
    assert (receipt.tables["lines"].changed, receipt.tables["lines"].added) == (1, 0)
    assert held(hand) == [("p", 3)]


def test_stated_line_numbers_are_kept(hand: Hand) -> None:
    hand.bring(orders=[ORDER], lines=[line("p", line=10), line("q", line=20)])
    hand.bring(orders=[ORDER], lines=[line("p", line=10), line("q", line=20), line("r", line=30)])
    assert hand.rows("SELECT line, product_id FROM lines ORDER BY 1") == [(10, "p"), (20, "q"), (30, "r")]


def test_a_cost_that_comes_with_the_same_lines_is_taken(hand: Hand) -> None:
    hand.bring(orders=[ORDER], lines=[line("p"), line("q")])
    receipt = hand.bring(orders=[ORDER], lines=[line("p", unit_cost=2), line("q", unit_cost=1)])
    assert (receipt.tables["lines"].changed, receipt.tables["lines"].added) == (2, 0)
    assert hand.row("SELECT margin FROM orders") == (7,)


def test_two_equal_lines_of_one_order_are_two(hand: Hand) -> None:
    hand.bring(orders=[ORDER], lines=[line("p"), line("p")])
    assert hand.row("SELECT total, items FROM orders") == (10, 2)


def test_lines_without_an_order_number_are_one_order_a_moment(hand: Hand) -> None:
    rows = [{"customer_id": "a", "at": at(1), "product_id": "p", "quantity": 1, "unit_price": 5},
            {"customer_id": "a", "at": at(1), "product_id": "q", "quantity": 1, "unit_price": 5},
            {"customer_id": "a", "at": at(2), "product_id": "p", "quantity": 1, "unit_price": 5}]
    hand.bring(lines=rows)
    assert hand.rows("SELECT total FROM orders ORDER BY 1") == [(5,), (10,)]
    assert hand.bring(lines=rows).added == 0


def test_rows_of_one_order_number_are_one_order(hand: Hand) -> None:
    receipt = hand.bring(orders=[{**ORDER, "total": 10}, {**ORDER, "total": 10}])
    assert (receipt.tables["orders"].added, receipt.tables["orders"].repeated) == (1, 1)
    assert hand.row("SELECT sum(total) FROM orders") == (10,)


@pytest.mark.parametrize(("first", "second", "then"), [
    ((True, at(1)), (False, at(5)), (False, at(5))),
    ((False, at(5)), (True, at(1)), (False, at(5))),
    ((False, at(5)), (True, None), (False, at(5))),
    ((True, at(1)), (False, None), (False, NOW)),
    ((True, None), (False, None), (False, None)),
    ((None, None), (True, at(1)), (True, at(1))),
    ((True, at(1)), (None, None), (True, at(1))),
])
def test_the_newest_word_on_consent_wins(hand: Hand, first: Any, second: Any, then: Any) -> None:
    for consent, moment in (first, second):
        hand.bring(customers=[{"customer_id": "a", "email_consent": consent, "email_consent_at": moment}])
    assert hand.row("SELECT email_consent, email_consent_at FROM customers") == then


def test_a_dry_run_gives_the_receipt_and_keeps_nothing(hand: Hand) -> None:
    before = hand.state()
    receipt = hand.bring(**EVERYTHING, dry_run=True)
    assert receipt.dry_run
    assert receipt.tables["lines"].added == 3
    assert hand.state() == before
    assert hand.rows("SELECT * FROM imports") == []
    assert hand.row("SELECT value FROM meta WHERE key = 'facts_version'") == ("0",)


def test_a_refused_row_refuses_the_file_and_says_which(hand: Hand) -> None:
    before = hand.state()
    with pytest.raises(RowsRefused, match="row 2: total: x is no amount") as refused:
        hand.bring(orders=[ORDER], refused=[{"reason": "total: x is no amount", "Total": "x", "Order": "2"}])
    assert hand.state() == before
    mend = hand.shop.folder / "files" / str(refused.value.receipt.refused_file)
    assert list(csv.reader(mend.open())) == [["reason", "Total", "Order", "refused because", "row"],
                                             ["total: x is no amount", "x", "2", "total: x is no amount", "2"]]


def test_the_good_rows_come_in_when_asked_and_the_others_are_kept_to_mend(hand: Hand) -> None:
    receipt = hand.bring(orders=[ORDER], refused=[{"reason": "no date", "Total": "x"}], good_rows=True)
    assert (receipt.rows.read, receipt.rows.taken, receipt.rows.refused) == (2, 1, 1)
    assert hand.row("SELECT row, reason FROM rejected") == (2, "no date")
    assert [(r.row, r.reason) for r in receipt.refused] == [(2, "no date")]


def test_a_message_without_a_moment_is_refused(hand: Hand) -> None:
    with pytest.raises(RowsRefused, match="no date"):
        hand.bring(messages=[{"customer_id": "a", "type": "opened", "at": None}])


def test_money_stands_beside_the_files_own(hand: Hand) -> None:
    receipt = hand.bring(orders=[{**ORDER, "total": 12}], lines=[line("p", 2)])
    assert {m.what: (m.in_file, m.in_shop) for m in receipt.money} == {"orders": (12, 12), "lines": (10, 10)}


def test_a_receipt_is_kept_as_it_was_given(hand: Hand) -> None:
    given = hand.bring(**EVERYTHING)
    assert hand.imports.receipts() == [given]
    assert Receipt.from_json(given.to_json()) == given
    assert json.loads(given.to_json())["rows"]["read"] == given.rows.read


def test_every_change_moves_the_state_of_the_facts_on_and_only_changes_do(hand: Hand) -> None:
    def version() -> int:
        return int(hand.row("SELECT value FROM meta WHERE key = 'facts_version'")[0])
    hand.bring(orders=[ORDER])
    assert version() == 1
    hand.bring(orders=[ORDER])
    assert version() == 1
    hand.by_hand.erase("a")
    assert version() == 2


def test_who_was_touched_can_be_asked_afterwards(hand: Hand) -> None:
    hand.bring(orders=[ORDER, {"order_id": "2", "customer_id": "b", "at": at(1)}])
    hand.bring(orders=[{**ORDER, "status": "pending"}, {"order_id": "2", "customer_id": "b", "at": at(1)}],
               messages=[{"customer_id": "c", "at": at(2), "type": "opened"}])
    assert hand.rows("SELECT customer_id FROM touched ORDER BY 1") == [("a",), ("c",)]


def test_columns_of_the_shops_own_are_kept_with_their_type(hand: Hand) -> None:
    own = (OwnField("customers", "shoe_size", Type.NUMBER, "Shoe size"), OwnField("events", "plan", Type.TEXT))
    rows = [{"customer_id": "a", "shoe_size": 42.5}]
    hand.bring(customers=rows, own=own)
    assert hand.row("SELECT shoe_size FROM customers") == (42.5,)
    assert hand.rows("SELECT table_name, name, type, label FROM fields ORDER BY 1") == [
        ("customers", "shoe_size", "number", "Shoe size"), ("events", "plan", "text", "plan")]
    assert hand.bring(customers=rows, own=own).changed == 0


@pytest.mark.parametrize(("code", "tables"), [
    ("future_date", {"orders": [{**ORDER, "at": at(1, year=2027)}]}),
    ("zero_price", {"orders": [ORDER], "lines": [line("p", price=0)]}),
    ("one_customer", {"orders": [{**ORDER, "order_id": str(i), "customer_id": "a" if i % 2 else f"c{i}"}
                                 for i in range(30)]}),
    ("test_order", {"orders": [{**ORDER, "customer_id": None, "id_email": "test@shop.example"}]}),
    ("test_order", {"customers": [{"customer_id": "a", "name": "Test Order"}]}),
    ("email_typo", {"customers": [{"customer_id": "a", "email": "anna@gmial.com"}]}),
    ("not_a_product", {"orders": [ORDER], "lines": [line("POST")]}),
    ("cost_unknown", {"orders": [ORDER], "lines": [line("p")]}),
])
def test_an_owner_is_told_what_matters(hand: Hand, code: str, tables: dict[str, Any]) -> None:
    found = {f.code: f for f in hand.bring(**tables).findings}
    assert code in found
    assert all((found[code].what, found[code].why, found[code].mend))


def test_a_clean_file_gives_an_owner_nothing_to_worry_about(hand: Hand) -> None:
    receipt = hand.bring(customers=[{"customer_id": "a", "email": "anna@gmail.com", "name": "Tess Torder"}],
                         orders=[ORDER], lines=[line("p", unit_cost=1)])
    assert receipt.findings == ()


def test_the_file_is_kept_as_it_came_and_once(hand: Hand, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("order_id,customer_id,at,total\n1,a,2026-01-01,10\n", encoding="utf-8")
    for _ in range(2):
        receipt = hand.imports.run(file, now=NOW)[0]
        assert (hand.shop.folder / "files" / str(receipt.stored_file)).read_bytes() == file.read_bytes()
    assert len(list((hand.shop.folder / "files").iterdir())) == 1
    assert hand.row("SELECT order_id, customer_id, total FROM orders") == ("1", "a", 10)


def test_ctrl_c_leaves_the_shop_as_it_was(hand: Hand) -> None:
    hand.bring(orders=[ORDER])
    before = hand.state()
    steps: list[str] = []

    def stop(progress: Any) -> None:
        steps.append(progress.step)
        if progress.step == "settling":
            os.kill(os.getpid(), signal.SIGINT)
    rows = ",".join(f"('{i}', 'c{i}', TIMESTAMP '2026-01-01', {i})" for i in range(1000))
    hand.engine.execute(f"CREATE TABLE other AS SELECT * FROM (VALUES {rows}) t(order_id, customer_id, moment, total)")
    path = hand.shop.folder / "many.csv"
    hand.engine.execute(f"COPY other TO '{path}' (HEADER)")
    with pytest.raises(KeyboardInterrupt):
        hand.imports.run(path, now=NOW, progress=stop)
    assert "settling" in steps
    assert hand.state() == before
    assert len(hand.imports.run(path, now=NOW)) == 1


def test_ctrl_c_in_the_middle_of_a_statement_leaves_the_shop_as_it_was(hand: Hand, tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    hand.engine.execute("COPY (SELECT i AS order_id, 'c' || i % 50000 AS customer_id, DATE '2026-01-01' AS order_date, "
                        f"1 AS total FROM range(400000) r(i)) TO '{path}' (HEADER)")
    before = hand.state()
    main = threading.main_thread().ident
    assert main is not None
    stop = threading.Timer(0.3, signal.pthread_kill, (main, signal.SIGINT))
    stop.start()
    with pytest.raises(KeyboardInterrupt):
        hand.imports.run(path, now=NOW)
        stop.join()
    assert hand.state() == before
    assert hand.consistent()


def test_online_retail_comes_in_to_the_last_row_and_once(hand: Hand) -> None:
    path = realdata("online_retail/online_retail.parquet")
    receipt = hand.imports.run(path, now=NOW)[0]
    rows = receipt.rows
    assert (rows.read, rows.taken, rows.refused, rows.left_out) == (541_909, 541_909, 0, 0)
    assert (rows.without_customer, rows.copies) == (135_080, 5_268)
    assert (receipt.documents, receipt.customers.new) == (25_900, 4_372)
    assert receipt.tables["lines"].added + receipt.tables["returns"].added == 541_909
    assert all(m.in_file == m.in_shop for m in receipt.money)
    giants = hand.rows("SELECT order_id, total, total - refunded FROM orders WHERE order_id IN ('541431', "
                       "'581483') ORDER BY 1")
    assert giants == [("541431", Decimal("77183.6"), 0), ("581483", Decimal("168469.6"), 0)]
    assert (receipt.returns.matched, receipt.returns.unmatched) == (7_471, 3_153)
    assert hand.row("SELECT sum(refunded) FROM orders") == (receipt.returns.matched_amount,)
    sold = hand.row("SELECT count(*), count(DISTINCT customer_id), count(DISTINCT order_id), sum(quantity * "
                    "unit_price) "
                    "FROM lines WHERE customer_id IS NOT NULL AND quantity > 0 AND unit_price > 0")
    assert sold == (397_884, 4_338, 18_532, Decimal("8911407.904"))
    again = hand.imports.run(path, now=NOW)[0]
    assert (again.added, again.changed) == (0, 0)
    assert hand.consistent()


def test_another_imports_door_sees_the_same_receipts(hand: Hand) -> None:
    given = hand.bring(orders=[ORDER])
    assert Imports(hand.engine.cursor(), hand.shop.settings, hand.shop.folder / "files").receipt("i000001") == given


def test_several_lines_in_one_record_of_a_file_are_several_lines(hand: Hand) -> None:
    rows = [line("p", _row=1), line("q", _row=1), line("r", _row=1, order="2")]
    for _ in range(2):
        hand.bring(orders=[ORDER, {**ORDER, "order_id": "2"}], lines=rows)
        assert hand.rows("SELECT order_id, line, product_id FROM lines ORDER BY ALL") == [
            ("1", 1, "p"), ("1", 2, "q"), ("2", 1, "r")]
    assert hand.consistent()


def test_order_lines_in_a_file_called_orders_are_lines(hand: Hand, tmp_path: Path) -> None:
    file = tmp_path / "my_orders.csv"
    file.write_text("order_id,customer_id,order_date,product_id,quantity,unit_price\n"
                    "1,a,2026-01-05,p,2,3.50\n1,a,2026-01-05,q,1,4\n2,b,2026-01-06,p,1,3.50\n", encoding="utf-8")
    receipt = hand.imports.run(file, now=NOW)[0]
    assert receipt.tables["lines"].added == 3
    assert hand.rows("SELECT order_id, total FROM orders ORDER BY 1") == [("1", 11), ("2", Decimal("3.5"))]
    assert hand.row("SELECT count(*) FROM lines WHERE product_id IN ('p', 'q')") == (3,)
