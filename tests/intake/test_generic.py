"""Plain tables are understood by what their columns are called and hold, in eight languages."""

from __future__ import annotations

import json
import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from regulars.errors import NotFound, NotRecognised, Refused, UnreadableFile
from regulars.intake.mappings import save
from regulars.intake.prepare import prepare, remember
from regulars.model.settings import Settings
from regulars.model.tables import TABLES
from regulars.model.types import Type
from regulars.shop import Shop
from tests.intake.front import bring, bring_text, memory
from tests.realdata import realdata

CELLS = {Type.TEXT: "EUR", Type.TEXTS: "a;b", Type.NUMBER: "1.5", Type.WHOLE: "3", Type.DECIMAL: "2",
         Type.MONEY: "9.50", Type.YESNO: "yes", Type.MOMENT: "2026-01-02 10:00:00", Type.DATE: "2026-01-02",
         Type.JSON: '"{""k"": 1}"'}
KINDS = ("customers", "orders", "lines", "products", "messages", "visits", "checkouts", "tickets", "events", "answers",
         "accounts", "costs")
SHORTER = {("orders", "total_stated"), ("orders", "refunded_stated"), ("orders", "discount_stated")}
"""Stated columns that a person states under a shorter name."""

OF_ORDERS = {"customer_id", "at"}
"""Columns of a line that go with its order."""


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_whose_columns_bear_the_names_of_the_model_needs_no_mapping(tmp_path: Path, kind: str) -> None:
    columns = [c for c in TABLES[kind].stated if (kind, c.name) not in SHORTER]
    text = f"{','.join(c.name for c in columns)}\n{','.join(CELLS[c.type] for c in columns)}\n"
    found = bring_text(tmp_path, text, name="data.csv")
    assert found.prepared.recognised_as == f"plain-{kind}"
    row = found.one(kind)
    assert {c.name for c in columns} <= set(row) | (OF_ORDERS if kind == "lines" else set())
    assert found.refused == [] and found.prepared.cautions == ()


@pytest.mark.parametrize("header", [
    "Order Number;Customer Email;Order Date;Order Total;Status",
    "No. Pesanan;Email Pelanggan;Tanggal Pesanan;Total Bayar;Status Pesanan",
    "آرڈر نمبر;ای میل;آرڈر کی تاریخ;کل رقم;حالت",
    "Номер заказа;Эл. почта;Дата заказа;Сумма заказа;Статус",
    "Bestelnr.;E-mailadres;Besteldatum;Totaal incl. BTW;Bestelstatus",
    "Bestellnummer;E-Mail-Adresse;Bestelldatum;Gesamtbetrag;Bestellstatus",
    "Numéro de commande;Courriel;Date de commande;Total TTC;Statut",
    "Número de pedido;Correo electrónico;Fecha de pedido;Importe total;Estado",
])
def test_orders_are_understood_in_eight_languages(tmp_path: Path, header: str) -> None:
    found = bring_text(tmp_path, f"{header}\nA-7;ana@example.com;02.10.2026;1.234,50;paid\n".encode())
    order = found.one("orders")
    assert (order["order_id"], order["id_email"], order["at"], order["total"], order["status"]) == (
        "A-7", "ana@example.com", datetime(2026, 10, 2), Decimal("1234.50"), "paid")


def test_a_total_beside_a_number_of_pieces_is_what_they_came_to_and_no_price(tmp_path: Path) -> None:
    found = bring_text(tmp_path, b"Bestelnr;Datum;Klant;Artikel;Aantal;Totaal incl. BTW\n"
                                 b"7;22-10-2026;Ada Bloem;Mok blauw;4;1.234,50\n")
    line = found.one("lines")
    assert (line["product_name"], line["quantity"], line["unit_price"] * line["quantity"]) == (
        "Mok blauw", 4, Decimal("1234.50"))


def test_a_customer_who_is_numbered_by_their_name_is_called_by_it(tmp_path: Path) -> None:
    text = "Order Number,Date,Customer,Total\n1,2026-10-22,{},10.50\n"
    assert bring_text(tmp_path, text.format("Ada Bloem").encode()).one("customers")["name"] == "Ada Bloem"
    assert "customers" not in bring_text(tmp_path, text.format("C 17").encode()).prepared.tables


def test_two_who_are_called_alike_are_told_apart_by_their_addresses(tmp_path: Path) -> None:
    found = bring_text(tmp_path, b"Order Number,Date,Customer,Email,Total\n1,2026-10-22,Ada Bloem,a@x.example,10\n"
                                 b"2,2026-10-23,Ada Bloem,b@x.example,11\n3,2026-10-24,Bram Wit,,12\n")
    assert found.column("orders", "customer_id") == [None, None, "Bram Wit"]
    assert found.column("customers", "name") == ["Ada Bloem", "Ada Bloem", "Bram Wit"]


@pytest.mark.parametrize("header", [
    "Customer ID,Full Name,Phone Number,Date of Birth,City,Gender",
    "ID Pelanggan,Nama Lengkap,No. HP,Tanggal Lahir,Kota,Jenis Kelamin",
    "کسٹمر آئی ڈی,پورا نام,موبائل نمبر,تاریخ پیدائش,شہر,جنس",
    "ID клиента,ФИО,Телефон,Дата рождения,Город,Пол",
])
def test_customers_are_understood_in_four_languages(tmp_path: Path, header: str) -> None:
    customer = bring_text(tmp_path, f"{header}\n7,Ana,+62812345678,1990-05-17,Bandung,female\n").one("customers")
    assert [customer[k] for k in ("customer_id", "name", "phone", "birth_date", "city", "gender")] == [
        "7", "Ana", "+62812345678", date(1990, 5, 17), "Bandung", "female"]


def test_columns_whose_names_say_nothing_are_known_by_what_they_hold(tmp_path: Path) -> None:
    order = bring_text(tmp_path, "kontak,wann,wieviel\nana@example.com,2026-10-02,12.50\n").one("orders")
    assert (order["id_email"], order["at"]) == ("ana@example.com", datetime(2026, 10, 2))
    assert order["total"] == Decimal("12.5")


@pytest.mark.parametrize(("word", "status"), [
    ("Completed", "paid"), ("dibatalkan", "cancelled"), ("Возврат", "refunded"), ("wc-on-hold", "pending"),
    ("ناکام", "failed"), ("partially_refunded", "paid"),
])
def test_words_for_the_state_of_an_order_become_the_shops(tmp_path: Path, word: str, status: str) -> None:
    found = bring_text(tmp_path, f"order_id,customer_id,at,total,status\n1,c,2026-01-02,5.50,{word}\n")
    assert found.one("orders")["status"] == status


def test_an_unknown_state_counts_as_paid_and_is_told(tmp_path: Path) -> None:
    found = bring_text(tmp_path, "order_id,customer_id,at,total,status\n1,c,2026-01-02,5.50,Quux\n"
                                 "2,c,2026-01-02,1,paid\n")
    assert found.column("orders", "status") == ["paid", "paid"]
    assert [(f.code, f.example, f.rows) for f in found.prepared.findings] == [("unknown-status", "Quux", 1)]


def test_columns_of_the_shops_own_become_typed_fields_of_the_customer(tmp_path: Path) -> None:
    found = bring_text(tmp_path, "customer_id,email,Shoe size,Is VIP,Любимый цвет\n1,a@b.example,42,yes,красный\n")
    customer = found.one("customers")
    assert (customer["shoe_size"], customer["is_vip"], customer["любимый_цвет"]) == (42, True, "красный")
    assert [(f.name, f.type, f.label) for f in found.prepared.own_fields] == [
        ("shoe_size", Type.WHOLE, "Shoe size"), ("is_vip", Type.YESNO, "Is VIP"),
        ("любимый_цвет", Type.TEXT, "Любимый цвет")]


def test_unknown_columns_of_an_event_become_its_properties(tmp_path: Path) -> None:
    found = bring_text(tmp_path, "event_id,customer_id,at,name,plan,seats\n1,c,2026-01-02,Trial Started,pro,3\n"
                                 "2,c,2026-01-03,Trial Ended,,\n")
    properties = [json.loads(p) for p in found.column("events", "properties")]
    assert properties == [{"plan": "pro", "seats": 3}, {}]
    assert [(f.table, f.name, f.type) for f in found.prepared.own_fields] == [
        ("events", "plan", Type.TEXT), ("events", "seats", Type.WHOLE)]


def test_columns_nothing_was_taken_from_are_named(tmp_path: Path) -> None:
    found = bring_text(tmp_path, "order_id,customer_id,at,total,warehouse bin\n1,c,2026-01-02,5.50,B7\n")
    assert [str(c) for c in found.prepared.cautions] == ["Nothing was taken from: warehouse bin."]
    assert found.prepared.mapping["warehouse bin"] == ""


def test_a_table_that_says_nothing_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(NotRecognised, match=r"foo, bar.*--as orders"):
        bring_text(tmp_path, "foo,bar\nx,y\n")


def test_what_is_missing_of_a_wanted_kind_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotRecognised, match=r"as tickets: no column gives"):
        bring_text(tmp_path, "customer_id,email\n1,a@b.example\n", as_="tickets")


def test_an_unknown_kind_is_answered_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="'orders'"):
        bring_text(tmp_path, "a,b\n1,2\n", as_="order")


def test_a_person_says_which_column_is_what(tmp_path: Path) -> None:
    text = "kode,wer,x,note\n7,c1,12.50,hello\n"
    found = bring_text(tmp_path, text, mapping={"kode": "orders.order_id", "wer": "customer_id", "x": "orders.total",
                                                "note": ""})
    assert (found.one("orders")["order_id"], found.one("orders")["total"]) == ("7", Decimal("12.50"))
    assert found.prepared.cautions == ()


def test_a_mapping_of_what_is_not_there_is_answered_with_the_nearest(tmp_path: Path) -> None:
    text = "order_id,total,at,email\n1,2.50,2026-01-02,a@b.example\n"
    with pytest.raises(NotFound, match="'total'"):
        bring_text(tmp_path, text, mapping={"totl": "orders.total"})
    with pytest.raises(Refused, match=r"orders\.total"):
        bring_text(tmp_path, text, as_="orders", mapping={"total": "orders.totall"})


def test_the_choice_is_remembered_for_the_same_headers_in_any_order(tmp_path: Path) -> None:
    with Shop.create(tmp_path / "shop") as shop:
        (tmp_path / "a.csv").write_text("kode,wer,x,wann\n7,c1,12.50,03/04/2026\n")
        (tmp_path / "b.csv").write_text("X,Wann,kode,wer\n5.25,05/06/2026,8,c2\n")
        said = {"kode": "order_id", "wer": "customer_id", "x": "total", "wann": "at:day-first"}
        for found in prepare(shop.engine, tmp_path / "a.csv", shop.settings, as_="orders", mapping=said):
            remember(shop.engine, found, "2026-11-22T12:00:00")
        again = bring(tmp_path / "b.csv", engine=shop.engine)[0].one("orders")
        assert (again["order_id"], again["at"], again["total"]) == ("8", datetime(2026, 6, 5), Decimal("5.25"))


def test_online_retail_is_accounted_for_to_the_last_row() -> None:
    with memory() as engine:
        for found in prepare(engine, realdata("online_retail/online_retail.parquet"), Settings(currency="GBP")):
            counts = {t: engine.value(f"SELECT count(*) FROM in_{t}") for t in found.tables}
            assert found.rows_read == 541_909 == counts["lines"] + counts["returns"]
            assert counts["customers"] == 4_372 and counts["returns"] == 10_624
            assert engine.value("SELECT count(*) FROM in_refused") == 0 and found.duplicate_rows == 5_268
            invoices = engine.value("SELECT count(*) FROM (SELECT order_id FROM in_orders UNION SELECT document FROM "
                                    "in_returns)")
            assert invoices == 25_900
            nobody = engine.value("SELECT (SELECT count(*) FROM in_lines JOIN in_orders o USING (order_id) WHERE o."
                                  "customer_id IS NULL) + (SELECT count(*) FROM in_returns WHERE customer_id IS NULL)")
            assert nobody == 135_080
            sold = engine.rows("SELECT count(*), sum(quantity * unit_price), count(DISTINCT o.customer_id), "
                               "count(DISTINCT order_id) FROM in_lines JOIN in_orders o USING (order_id) "
                               "WHERE o.customer_id IS NOT NULL AND unit_price > 0")[0]
            assert sold == (397_884, Decimal("8911407.904"), 4_338, 18_532)
            assert {f.code: f.rows for f in found.findings} == {"duplicate-rows": 5_268, "stock-movements": 1_336}


def test_the_cdnow_master_gives_an_order_a_row() -> None:
    found = bring(realdata("cdnow/CDNOW_master.txt.gz"))[0]
    orders = found.tables["orders"]
    assert found.prepared.rows_read == len(orders) == len({o["order_id"] for o in orders}) == 69_659
    assert len({o["customer_id"] for o in orders}) == 23_570
    assert sum(o["total"] for o in orders) == Decimal("2500315.63")
    assert sum(found.column("lines", "quantity")) == 167_881


def test_made_order_numbers_depend_on_the_rows_alone(tmp_path: Path) -> None:
    text = "customer_id,date,total\nc1,2026-01-02,5.50\nc1,2026-01-02,5.50\nc2,2026-01-02,7.25\n"
    first = bring_text(tmp_path, text).column("orders", "order_id")
    rows = text.splitlines()
    other = bring_text(tmp_path, "\n".join([rows[0], rows[3], rows[1]]) + "\n").column("orders", "order_id")
    assert len(set(first)) == 3 and set(other) == {first[2], first[0]}


def test_an_order_total_that_stands_on_every_line_is_counted_once(tmp_path: Path) -> None:
    found = bring_text(tmp_path, "order id,email,date,sku,qty,price,order total\n"
                                 "1,a@b.example,2026-01-02,BRICK,2,5.00,13.50\n"
                                 "1,a@b.example,2026-01-02,SAND,1,3.50,13.50\n")
    assert found.one("orders")["total"] == Decimal("13.50")
    assert found.column("lines", "quantity") == [2, 1]


def test_a_total_beside_the_lines_is_the_lines_or_the_orders_as_the_numbers_say(tmp_path: Path) -> None:
    rows = "1,a@b.example,2026-01-02,BRICK,2,5.00,{}\n1,a@b.example,2026-01-02,SAND,1,3.50,{}\n"
    header = "order id,email,date,sku,qty,price,total\n"
    of_line = bring_text(tmp_path, header + rows.format("10.00", "3.50"))
    assert "total" not in of_line.one("orders") and "discount" in of_line.tables["lines"][0]
    assert of_line.column("lines", "discount") == [None, None]
    of_order = bring_text(tmp_path, header + rows.format("15.00", "15.00"))
    assert of_order.one("orders")["total"] == 15


def test_order_cells_given_on_the_first_row_only_hold_for_the_order(tmp_path: Path) -> None:
    found = bring_text(tmp_path, "order id,email,date,sku,qty,price\n1,a@b.example,2026-01-02,BRICK,2,5.00\n"
                                 "1,,,SAND,1,3.50\n")
    assert (found.one("orders")["id_email"], found.one("orders")["at"]) == ("a@b.example", datetime(2026, 1, 2))
    assert len(found.tables["lines"]) == 2


def test_an_order_with_a_negative_total_is_a_return(tmp_path: Path) -> None:
    found = bring_text(tmp_path, "order_id,customer_id,at,total\n1,c,2026-01-02,20.50\n2,c,2026-01-05,-20.50\n")
    assert found.one("orders")["order_id"] == "1"
    assert (found.one("returns")["document"], found.one("returns")["amount"]) == ("2", Decimal("20.50"))


def test_exact_copies_are_counted_and_left_out_only_when_asked(tmp_path: Path) -> None:
    text = "order_id,email,date,sku,qty,price\n" + "1,a@b.example,2026-01-02,BRICK,2,5.00\n" * 3
    kept = bring_text(tmp_path, text)
    assert (kept.prepared.duplicate_rows, kept.prepared.dropped_rows, len(kept.tables["lines"])) == (2, 0, 3)
    left = bring_text(tmp_path, text, drop_duplicates=True)
    assert (left.prepared.duplicate_rows, left.prepared.dropped_rows, len(left.tables["lines"])) == (2, 2, 1)


FOREIGN = """order_id,customer_id,at,total,currency
1,c,2026-01-02,10.00,EUR
2,c,2026-02-10,10.00,usd
3,c,2026-01-05,10.00,$
"""


def test_another_currency_is_converted_by_the_rate_of_its_day(tmp_path: Path) -> None:
    rates = tmp_path / "rates.csv"
    rates.write_text("currency,day,rate\nUSD,2026-01-01,0.90\nUSD,2026-02-01,0.80\n")
    found = bring_text(tmp_path, FOREIGN, rates=rates)
    assert found.column("orders", "total") == [10, 8, 9]
    assert found.column("orders", "currency") == ["EUR", "USD", "USD"]
    assert [(f.code, f.rows) for f in found.prepared.findings] == [("converted-currency", 2)]


def test_rates_under_other_heads_are_refused_in_words(tmp_path: Path) -> None:
    rates = tmp_path / "rates.csv"
    rates.write_text("date,code,rate\n2026-01-01,USD,0.90\n")
    with pytest.raises(UnreadableFile, match=r"rates\.csv does not begin with a line currency,day,rate"):
        bring_text(tmp_path, FOREIGN, rates=rates)


def test_another_currency_without_a_rate_is_refused_with_that_reason(tmp_path: Path) -> None:
    found = bring_text(tmp_path, FOREIGN)
    assert found.column("orders", "order_id") == ["1"]
    assert found.refused == [(2, "the amount is in USD and rates.csv has no rate for its day"),
                             (3, "the amount is in USD and rates.csv has no rate for its day")]


def test_the_lines_of_an_order_in_another_currency_follow_it(tmp_path: Path) -> None:
    rates = tmp_path / "rates.csv"
    rates.write_text("currency,day,rate\nUSD,2026-01-01,0.50\n")
    text = "order id,email,date,sku,qty,price,currency\n1,a@b.example,2026-01-02,BRICK,2,5.00,USD\n1,,,SAND,1,3.00,\n"
    assert bring_text(tmp_path, text, rates=rates).column("lines", "unit_price") == [Decimal("2.5"), Decimal("1.5")]
    assert bring_text(tmp_path, text).tables["lines"] == []


def test_a_sign_in_the_cell_or_the_header_says_the_currency(tmp_path: Path) -> None:
    text = "order_id,customer_id,at,total{}\n1,c,2026-01-02,{}10.00\n"
    assert bring_text(tmp_path, text.format("", "£")).tables["orders"] == []
    assert bring_text(tmp_path, text.format(" (GBP)", "")).tables["orders"] == []
    assert len(bring_text(tmp_path, text.format("", "£"), currency="GBP").tables["orders"]) == 1
    assert len(bring_text(tmp_path, text.format("", "$"), mapping={"total": "shop-currency"}).tables["orders"]) == 1


def test_an_unreadable_cell_that_is_only_good_to_have_stays_unknown_and_is_counted(tmp_path: Path) -> None:
    found = bring_text(tmp_path, "customer_id,email,birth_date\n1,a@b.example,1990-05-17\n2,c@d.example,last spring\n")
    assert found.column("customers", "birth_date") == [date(1990, 5, 17), None]
    assert [(f.code, f.example, f.rows) for f in found.prepared.findings] == [("unreadable-cells", "last spring", 1)]


def test_a_remembered_choice_of_other_headers_is_not_used(tmp_path: Path) -> None:
    with Shop.create(tmp_path / "shop") as shop:
        save(shop.engine, "0" * 32, "orders", {"a": "total"}, "2026-11-22T12:00:00")
        (tmp_path / "c.csv").write_text("customer_id,city\n1,X\n")
        found = bring(tmp_path / "c.csv", engine=shop.engine)[0]
        assert found.prepared.recognised_as == "plain-customers"


def test_a_table_of_notes_among_others_is_passed_over_and_told(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.writestr("a notes.csv", "foo,bar\nx,y\n")
        archive.writestr("b customers.csv", "customer_id,city\n1,X\n")
    found = bring(tmp_path / "export.zip")
    assert [(s.prepared.file_name, s.prepared.recognised_as) for s in found] == [
        ("b customers.csv", "plain-customers"), ("a notes.csv", "not-recognised")]
    assert "Nothing was taken" in str(found[1].prepared.cautions[0])


def test_of_columns_with_the_same_name_the_first_is_taken_and_the_others_are_told(tmp_path: Path) -> None:
    found = bring_text(tmp_path, "email,City,CITY\na@b.example,X,Y\n")
    assert found.one("customers")["city"] == "X" and found.prepared.own_fields == ()
    assert [str(c) for c in found.prepared.cautions] == ["Nothing was taken from: CITY."]


def test_a_recognised_export_is_read_as_a_person_wants_it(tmp_path: Path) -> None:
    text = "Name,Email,Financial Status,Created at,Total,Gift total,Lineitem name,Lineitem quantity,Lineitem price\n" \
           "#1,a@b.example,paid,03/04/2026,12.00,9.00,Brick,1,12.00\n"
    found = bring_text(tmp_path, text, mapping={"Created at": "month-first", "Gift total": "orders.total", "Total": ""})
    order = found.one("orders")
    assert found.prepared.recognised_as == "shopify-orders"
    assert (order["at"], order["total"]) == (datetime(2026, 3, 4), 9)
    assert found.prepared.mapping["Created at"].endswith(":month-first")


def test_names_of_fields_alone_are_enough_to_say_which_column_is_what(tmp_path: Path) -> None:
    found = bring_text(tmp_path, "a,b,c\nc1,2026-01-02,12.50\n", mapping={"a": "customer_id", "b": "at", "c": "total"})
    assert found.one("orders")["total"] == Decimal("12.50")
