"""Files as owners really have them: what each was once taken wrongly for."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from regulars.intake.identities import e164
from regulars.intake.reading_text import one_byte_encoding
from tests.intake.front import bring_text
from tests.intake.hand import NOW, Hand


def write(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_one_order_that_disagrees_with_itself_does_not_add_up_the_others(tmp_path: Path) -> None:
    found = bring_text(tmp_path, "order_id,customer_id,date,total\n1,a,2025-01-01,10\n1,a,2025-01-01,20\n"
                                 "3,d,2025-01-03,7\n3,d,2025-01-03,7\n", name="orders.csv")
    assert dict(zip(found.column("orders", "order_id"), found.column("orders", "total"), strict=True)) == {
        "1": Decimal(30), "3": Decimal(7)}


@pytest.mark.parametrize("amount", ["\xa310.00", "10,00 \x80"])
def test_a_currency_sign_alone_does_not_make_a_file_cyrillic(amount: str) -> None:
    assert one_byte_encoding(f"1;1;2025-01-02;{amount}".encode("latin-1")) == "cp1252"


def test_russian_and_arabic_beside_a_currency_sign_stay_what_they_are() -> None:
    assert one_byte_encoding("Заказ;Сумма\nОльга;10 €".encode("cp1251")) == "cp1251"
    assert one_byte_encoding("نام;رقم\nاحمد;10 €".encode("cp1256")) == "cp1256"


@pytest.mark.parametrize("header", ["SKU,Product", "Product,SKU", "Product code,Product"])
def test_a_number_beside_a_product_leaves_the_product_its_name(tmp_path: Path, header: str) -> None:
    cells = "B1,Brick" if not header.startswith("Product,") else "Brick,B1"
    found = bring_text(tmp_path, f"Order ID,Customer,Date,{header},Qty,Price\n1,a,2025-01-02,{cells},2,5\n")
    assert (found.one("lines")["product_id"], found.one("products")["name"]) == ("B1", "Brick")
    prices = bring_text(tmp_path, f"{header},Category,Price,Cost\n{cells},Stone,5,3\n", name="products.csv")
    assert (prices.one("products")["product_id"], prices.one("products")["name"]) == ("B1", "Brick")


def test_all_that_happened_to_a_message_is_kept_though_it_bears_one_id(hand: Hand, tmp_path: Path) -> None:
    file = write(tmp_path, "messages.csv", "message_id,customer_id,at,type\nm1,1,2025-01-01 10:00,sent\n"
                 "m1,1,2025-01-01 11:00,opened\nm1,1,2025-01-01 11:05,clicked\nm2,1,2025-01-02 10:00,sent\n")
    assert hand.imports.run(file, now=NOW)[0].tables["messages"].added == 4
    assert hand.rows('SELECT type FROM messages ORDER BY "at"') == [("sent",), ("opened",), ("clicked",), ("sent",)]
    assert hand.imports.run(file, now=NOW)[0].added == 0


@pytest.mark.parametrize("number", ["0000000000", "1234567890", "99999999999", "030 000000", "0151 111"])
def test_a_number_that_is_nobodys_joins_nobody(number: str) -> None:
    assert e164(number, "DE") is None


def test_a_merge_says_what_joined_those_two(hand: Hand, tmp_path: Path) -> None:
    hand.imports.run(write(tmp_path, "customers.csv", "customer_id,name,email,phone\n"
                           "1,Ann,ann@x.org,+49 1512 3456789\n2,Ann,ANN@x.org,\n3,Cid,,+49 1512 3456789\n"), now=NOW)
    assert hand.rows("SELECT absorbed, reason FROM merges ORDER BY absorbed") == [
        ("2", "email ann@x.org"), ("3", "phone +4915123456789")]


def test_a_rate_is_that_of_the_day_in_the_shop(tmp_path: Path) -> None:
    rates = write(tmp_path, "rates.csv", "currency,day,rate\nUSD,2025-01-01,0.5\nUSD,2025-01-02,0.9\n")
    found = bring_text(tmp_path, "order_id,customer_id,date,total,currency\n2,a,2025-01-02,10,USD\n",
                       timezone="Asia/Jakarta", rates=rates)
    assert found.one("orders")["total"] == Decimal(9)


def test_erasing_cleans_files_that_said_nothing_new_and_files_taken_back(hand: Hand, tmp_path: Path) -> None:
    head = "customer_id,name,email\n1,Ann A,ann@x.org\n"
    hand.imports.run(write(tmp_path, "one.csv", head), now=NOW)
    hand.imports.run(write(tmp_path, "two.csv", head + "2,Bob,bob@x.org\n"), now=NOW)
    hand.imports.run(write(tmp_path, "three.csv", head + "3,Cid,cid@x.org\n"), now=NOW)
    hand.imports.undo("i000003", now=NOW)
    hand.by_hand.erase("1")
    kept = "".join(p.read_text() for p in (hand.shop.folder / "files").iterdir())
    assert "ann@x.org" not in kept
    assert "bob@x.org" in kept


def test_lines_that_give_way_to_others_are_counted_as_removed(hand: Hand, tmp_path: Path) -> None:
    def lines(*products: str) -> str:
        return "order_id,customer_id,date,sku,quantity,price\n" + "".join(
            f"1,a,2025-01-02,{p},1,10\n" for p in products)
    hand.imports.run(write(tmp_path, "lines.csv", lines("S", "T")), now=NOW)
    count = hand.imports.run(write(tmp_path, "lines2.csv", lines("T", "U")), now=NOW)[0].tables["lines"]
    assert (count.rows, count.added, count.changed, count.unchanged, count.removed) == (2, 1, 0, 1, 1)


def test_discounts_all_below_one_are_shares_of_dear_lines_and_money_on_cheap_ones(tmp_path: Path) -> None:
    def discounts(price: str) -> list[Decimal]:
        found = bring_text(tmp_path, "order_id,customer_id,date,sku,quantity,price,discount\n"
                           f"1,a,2025-01-02,B1,2,{price},0.25\n1,a,2025-01-02,B2,1,{price},0\n")
        assert ("discount-shares" in {f.code for f in found.prepared.findings}) == (price == "400")
        return [Decimal(d) for d in found.column("lines", "discount")]
    assert discounts("400") == [200, 0]
    assert discounts("2") == [Decimal("0.25"), 0]
