"""What a cell means is what its column says as a whole."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from regulars.errors import Ambiguous
from tests.intake.front import Seen, bring_text


def orders(folder: Path, rows: list[tuple[str, str]], **said: Any) -> Seen:
    """Orders with a date and a total each, separated so that no cell needs quoting."""
    lines = [f"{i}|c{i}|{at}|{total}" for i, (at, total) in enumerate(rows, 1)]
    return bring_text(folder, "\n".join(["order_id|customer_id|at|total", *lines]) + "\n", **said)


def totals(folder: Path, *cells: str, **said: Any) -> list[Decimal]:
    return orders(folder, [("2026-01-02", c) for c in cells], **said).column("orders", "total")


def moments(folder: Path, *cells: str, **said: Any) -> list[datetime]:
    return orders(folder, [(c, "1.50") for c in cells], **said).column("orders", "at")


@pytest.mark.parametrize(("cells", "amounts"), [
    (["12.50", "3"], ["12.50", "3"]),
    (["1.234.567,89", "12,5"], ["1234567.89", "12.5"]),
    (["1,234,567.89", "12.5"], ["1234567.89", "12.5"]),
    (["12,34,567.89", "1,23,456"], ["1234567.89", "123456"]),
    (["1 234,50", "5"], ["1234.50", "5"]),
    (["1\u00a0234,50", "5\u00a0€"], ["1234.50", "5"]),
    (["1'234.50", "5"], ["1234.50", "5"]),
    (["(5.00)", "7.25-", "-3.10", "−2.05"], ["-5", "-7.25", "-3.10", "-2.05"]),
    (["€ 5,00", "EUR 6,10", "7,25 €", "-€8,00"], ["5", "6.10", "7.25", "-8"]),
    (["١٢٣٫٥٠", "۴۵٫۲۵"], ["123.50", "45.25"]),
    (["1.5e2", "2.25"], ["150", "2.25"]),
    (["0.125", "1.250"], ["0.125", "1.250"]),
    (["1,234", "12,50"], ["1.234", "12.50"]),
])
def test_an_amount_is_read_as_its_column_writes_amounts(tmp_path: Path, cells: list[str], amounts: list[str]) -> None:
    found = orders(tmp_path, [("2026-01-02", c) for c in cells])
    given_back = [-r["amount"] for r in found.tables.get("returns", [])]
    assert sorted(given_back + found.column("orders", "total")) == sorted(Decimal(a) for a in amounts)


def test_a_point_before_three_digits_parts_thousands_where_money_has_no_cents(tmp_path: Path) -> None:
    assert totals(tmp_path, "Rp 150.000", "Rp75.000", currency="IDR") == [150000, 75000]


def test_a_point_before_three_digits_is_asked_about_where_nothing_decides(tmp_path: Path) -> None:
    with pytest.raises(Ambiguous, match=r"total.*75\.000.*decimal-point"):
        totals(tmp_path, "150.000", "75.000")


def test_the_answer_to_the_question_is_taken(tmp_path: Path) -> None:
    assert totals(tmp_path, "150.000", mapping={"total": "orders.total:decimal-comma"}) == [150000]
    assert totals(tmp_path, "150.000", mapping={"total": "decimal-point"}) == [150]


def test_another_column_of_the_file_decides_which_sign_parts_decimals(tmp_path: Path) -> None:
    found = bring_text(tmp_path, "order_id;customer_id;at;total;tax\n1;a;2026-01-02;1.500;12,50\n")
    assert found.one("orders")["total"] == 1500


def test_a_column_that_writes_numbers_in_two_ways_is_asked_about(tmp_path: Path) -> None:
    with pytest.raises(Ambiguous, match="two ways"):
        totals(tmp_path, "1,234.50", "1.234,50")


@pytest.mark.parametrize(("cells", "expected"), [
    (["2026-01-02", "2026-01-02 10:30:00"], ["2026-01-02 00:00", "2026-01-02 10:30"]),
    (["2026-01-02 10:00:00 -0300", "2026-01-02T10:00:00Z", "2026-01-02T10:00:00+05:30"],
     ["2026-01-02 13:00", "2026-01-02 10:00", "2026-01-02 04:30"]),
    (["10/05/2026", "25/12/2026"], ["2026-05-10 00:00", "2026-12-25 00:00"]),
    (["10/05/2026", "12/25/2026"], ["2026-10-05 00:00", "2026-12-25 00:00"]),
    (["05.10.2026", "5.1.26 10:30"], ["2026-10-05 00:00", "2026-01-05 10:30"]),
    (["2 Oct 2026", "October 3, 2026", "3rd May 2026"], ["2026-10-02 00:00", "2026-10-03 00:00", "2026-05-03 00:00"]),
    (["20260102", "20261231"], ["2026-01-02 00:00", "2026-12-31 00:00"]),
    (["45000", "45000.604166666"], ["2023-03-15 00:00", "2023-03-15 14:30"]),
    (["2026-01-02 3:04 PM", "2026-01-02 12:05 am"], ["2026-01-02 15:04", "2026-01-02 00:05"]),
    (["2 Agustus 2026", "1 Mei 2026"], ["2026-08-02 00:00", "2026-05-01 00:00"]),
    (["2 октября 2026 г.", "3 янв. 2026"], ["2026-10-02 00:00", "2026-01-03 00:00"]),
    (["۲ اکتوبر ۲۰۲۶", "۱ مئی ۲۰۲۶"], ["2026-10-02 00:00", "2026-05-01 00:00"]),
    (["Fri, 02 Oct 2026 10:00:00 GMT"], ["2026-10-02 10:00"]),
    (["1767348000", "1767348060"], ["2026-01-02 10:00", "2026-01-02 10:01"]),
    (["2026/1/2", "2026.12.31"], ["2026-01-02 00:00", "2026-12-31 00:00"]),
    (["02-Oct-26", "3-Nov-26"], ["2026-10-02 00:00", "2026-11-03 00:00"]),
])
def test_a_date_is_read_as_its_column_writes_dates(tmp_path: Path, cells: list[str], expected: list[str]) -> None:
    assert [m.strftime("%Y-%m-%d %H:%M") for m in moments(tmp_path, *cells)] == expected


def test_a_date_that_may_be_read_two_ways_is_asked_about(tmp_path: Path) -> None:
    with pytest.raises(Ambiguous, match=r"10/05/2026.*day-first"):
        moments(tmp_path, "10/05/2026", "11/06/2026")


@pytest.mark.parametrize(("answer", "month"), [("orders.at:day-first", 5), ("month-first", 10)])
def test_the_answer_decides_the_order_of_day_and_month(tmp_path: Path, answer: str, month: int) -> None:
    assert moments(tmp_path, "10/05/2026", mapping={"at": answer})[0].month == month


def test_another_date_column_of_the_file_decides_the_order_of_day_and_month(tmp_path: Path) -> None:
    found = bring_text(tmp_path, "order_id,customer_id,at,total,shipped\n1,a,10/05/2026,1.50,25/05/2026\n")
    assert found.one("orders")["at"] == datetime(2026, 5, 10)


def test_a_time_without_a_zone_is_read_in_the_shops(tmp_path: Path) -> None:
    assert moments(tmp_path, "2026-07-01 12:00", "2026-01-01", timezone="Europe/Berlin") == [
        datetime(2026, 7, 1, 10), datetime(2025, 12, 31, 23)]


def test_a_day_that_does_not_exist_refuses_its_row_with_the_reason(tmp_path: Path) -> None:
    found = orders(tmp_path, [("31/02/2026", "1.50"), ("30/03/2026", "2.50")])
    assert found.refused == [(1, "at: 31/02/2026 is no date")]
    assert found.column("orders", "total") == [Decimal("2.50")]


def test_a_cell_that_is_no_amount_refuses_its_row_and_says_all_that_is_wrong_with_it(tmp_path: Path) -> None:
    found = orders(tmp_path, [("yesterday", "12 apples"), ("2026-01-02", "3.10")])
    assert found.refused == [(1, "total: 12 apples is no amount, at: yesterday is no date")] or \
        found.refused == [(1, "at: yesterday is no date, total: 12 apples is no amount")]


def test_what_programs_write_for_nothing_is_nothing(tmp_path: Path) -> None:
    found = bring_text(tmp_path, "customer_id,email,city,gender\n1,a@b.example,NULL,N/A\n2,nan,Bandung,female\n")
    assert found.column("customers", "city") == [None, "Bandung"]
    assert found.column("customers", "email") == ["a@b.example", None]


def test_a_guarding_apostrophe_is_no_part_of_an_id_and_one_of_a_name_is(tmp_path: Path) -> None:
    found = bring_text(tmp_path, "customer_id,name,phone\n'0012,'t Hooft,'+62 812 3456 789\n"
                                 "'0013,O'Brien,'+62 21 1234567\n")
    assert found.column("customers", "customer_id") == ["0012", "0013"]
    assert found.column("customers", "name") == ["'t Hooft", "O'Brien"]
    assert found.column("customers", "phone")[0] == "+62 812 3456 789"


def test_ids_that_a_spreadsheet_made_decimal_are_mended(tmp_path: Path) -> None:
    found = bring_text(tmp_path, "customer_id,city\n17850.0,A\n13047.0,B\n")
    assert found.column("customers", "customer_id") == ["17850", "13047"]


def test_yes_and_no_are_understood_in_four_languages(tmp_path: Path) -> None:
    cells = ["yes", "tidak", "ہاں", "нет", "TRUE", "0"]
    rows = "\n".join(f"{i},{c}" for i, c in enumerate(cells))
    found = bring_text(tmp_path, f"customer_id,email_consent\n{rows}\n", name="customers.csv")
    assert found.column("customers", "email_consent") == [True, False, True, False, True, False]


def test_text_is_stripped_and_composed(tmp_path: Path) -> None:
    found = bring_text(tmp_path, "customer_id,city\n1,\u00a0Cafe\u0301 \n2,\" Bonn\"\n")
    assert found.column("customers", "city") == ["Café", "Bonn"]


def test_a_list_in_a_cell_is_taken_apart(tmp_path: Path) -> None:
    found = bring_text(tmp_path, 'customer_id,tags\n1,"a, b;c"\n2,"""VIP"",""Blog, x"""\n3,"[""x"",""y""]"\n')
    assert found.column("customers", "tags") == [["a", "b", "c"], ["VIP", "Blog, x"], ["x", "y"]]
