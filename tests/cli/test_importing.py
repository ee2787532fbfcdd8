"""Bringing files in on the command line, and taking them back."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import Line
from tests.little_shop import write_files

COMMAND = [sys.executable, "-c", "from regulars.cli import main; main()"]


@pytest.fixture
def empty(line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Line:
    monkeypatch.chdir(tmp_path)
    line("init", "shop", "--timezone", "Europe/Amsterdam")
    return line


def test_a_table_named_like_the_shops_own_needs_no_option(empty: Line, tmp_path: Path) -> None:
    customers, orders = write_files(tmp_path / "in")
    said = empty("import", customers, orders)
    assert "customers.csv" in said.lines[0]
    receipts = empty("imports", "list", "--json").json
    assert [(r["file_name"], r["rows"]["read"]) for r in receipts] == [("orders.csv", 14), ("customers.csv", 5)]
    assert receipts[0]["money"][0]["in_file"] == receipts[0]["money"][0]["in_shop"] == 200 + 35.5 + 10 + 999 + 12.34
    again = empty("import", customers, orders, "--json").json
    assert [r["tables"][t]["added"] for r, t in zip(again, ("customers", "orders"), strict=True)] == [0, 0]


def test_lines_come_in_after_the_orders_they_are_of(empty: Line, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("order_id,product_name,quantity,unit_price\nN1,Mug,2,5.00\n")
    (tmp_path / "b.csv").write_text("order_id,date,customer_id,total\nN1,2026-11-20,C1,10.00\n")
    said = empty("import", "a.csv", "b.csv").out
    assert said.index("b.csv") < said.index("a.csv") and "no date" not in said


def test_a_receipt_accounts_for_rows_and_money(empty: Line, tmp_path: Path) -> None:
    orders = write_files(tmp_path / "in")[1]
    text = empty("import", orders).out
    assert "14 read = 14 taken" in text
    assert "€1,256.84" in text
    shown = empty("imports", "show", "i000001")
    assert "14 read = 14 taken" in shown.out
    assert empty("imports", "show", "i000001", "--json").json["import_id"] == "i000001"


def test_a_dry_run_keeps_nothing(empty: Line, tmp_path: Path) -> None:
    said = empty("import", write_files(tmp_path / "in")[0], "--dry-run")
    assert "not imported (dry run)" in said.lines[0]
    assert empty("imports", "list").out.startswith("Nothing came in yet.")
    assert empty("segment", "preview", "everyone", "--json").json["count"] == 0


def test_a_folder_is_not_taken_for_a_missing_file(empty: Line, tmp_path: Path) -> None:
    (tmp_path / "exports").mkdir()
    said = empty("import", "exports")
    assert said.code != 0
    assert "exports is a folder" in said.err
    assert "Name the files in it" in said.err


def test_a_column_is_what_the_person_says_it_is(empty: Line, tmp_path: Path) -> None:
    file = tmp_path / "till.csv"
    file.write_text("Bon,Klant,Op,Som\n1,K1,2026-11-01 10:00,12.50\n", encoding="utf-8")
    said = empty("import", file, "--as", "orders", "--map", "Bon=order_id", "Klant=customer_id", "Op=at",
                 "--map", "Som=total", "--json").json
    assert said[0]["tables"]["orders"]["added"] == 1
    assert empty("customers", "show", "K1", "--json").json["person"]["spent"] == 12.5


def test_rows_that_cannot_be_used_refuse_the_file_unless_the_others_are_asked_for(empty: Line, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("order_id,customer_id,at,total\n1,K1,2026-11-01 10:00,12.50\n2,K1,whenever,3.00\n")
    refused = empty("import", file, "--as", "orders")
    assert (refused.code, "--good-rows" in refused.err, len(refused.err.splitlines())) == (1, True, 2)
    assert empty("imports", "list", "--json").json == []
    taken = empty("import", file, "--as", "orders", "--good-rows", "--json").json
    assert (taken[0]["rows"]["taken"], taken[0]["rows"]["refused"]) == (1, 1)


def test_another_currency_is_converted_by_the_shops_own_rates(empty: Line, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("order_id,customer_id,at,total,currency\n1,K1,2026-11-01 10:00,100.00,USD\n")
    assert "USD" in empty("import", file, "--as", "orders").err
    (tmp_path / "shop" / "rates.csv").write_text("currency,day,rate\nUSD,2026-11-01,0.92\n")
    assert empty("import", file, "--as", "orders").code == 0
    assert empty("customers", "show", "K1", "--json").json["person"]["spent"] == 92


def test_an_import_is_taken_back(empty: Line, tmp_path: Path) -> None:
    customers, orders = write_files(tmp_path / "in")
    empty("import", customers, orders)
    done = empty("imports", "undo", "i000002", "--json").json
    assert done["removed"]["orders"] == 14
    assert empty("segment", "preview", "any(orders)", "--json").json["count"] == 0
    assert empty("imports", "list").lines[1].startswith("i000002 (taken back)")
    assert "is taken back" in empty("imports", "undo", "i000001").out
    assert empty("check").code == 0


def test_a_database_comes_in_by_a_query_and_only_new_rows_the_second_time(empty: Line, tmp_path: Path) -> None:
    file = tmp_path / "till.db"
    with closing(sqlite3.connect(file)) as till:
        till.execute("CREATE TABLE sales (order_id INTEGER, customer_id TEXT, at TEXT, total REAL)")
        till.execute("INSERT INTO sales VALUES (1, 'K1', '2026-11-01 10:00', 12.5)")
        till.commit()
        asked = ("import", f"sqlite:///{file}", "--query", "SELECT * FROM sales", "--as", "orders", "--watermark",
                 "order_id", "--json")
        assert empty(*asked).json[0]["rows"]["read"] == 1
        till.execute("INSERT INTO sales VALUES (2, 'K1', '2026-11-02 10:00', 7.5)")
        till.commit()
        assert empty(*asked).json[0]["tables"]["orders"]["added"] == 1
    assert empty("customers", "show", "K1", "--json").json["person"]["spent"] == 20


def test_ctrl_c_leaves_the_shop_as_it_was(empty: Line, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    with file.open("w", encoding="utf-8") as out:
        out.write("order_id,customer_id,at,total\n")
        out.writelines(f"{i},K{i % 5000},2026-01-01 10:00,1.00\n" for i in range(400_000))
    with subprocess.Popen([*COMMAND, "import", "orders.csv", "--as", "orders"], cwd=tmp_path, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        begun = time.monotonic()
        while process.poll() is None and time.monotonic() - begun < 30 and not _staging(process.pid):
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, "")
    assert err.splitlines()[0].endswith("nothing of orders.csv was imported, the shop is as it was.")
    assert empty("imports", "list", "--json").json == []
    assert empty("check").code == 0


def _staging(process: int) -> bool:
    """Whether the process has begun to read the file."""
    links = Path(f"/proc/{process}/fd")
    try:
        return any(os.readlink(link).endswith("orders.csv") for link in links.iterdir())
    except OSError:
        return False


def test_rows_of_another_width_stand_in_the_file_to_mend_cell_by_cell(empty: Line, tmp_path: Path) -> None:
    file = tmp_path / "ragged.csv"
    file.write_text("customer_id,name,city\n1,Ann,Paris\n2,Bob\n3,Cy,Rome,extra\n4,Dee,Oslo\n", encoding="utf-8")
    said = empty("import", file)
    assert (said.code, "line 3 has 2 cells where the header names 3" in said.err) == (1, True)
    (mend,) = Path("shop/files").glob("refused-*.csv")
    assert mend.read_text(encoding="utf-8").splitlines() == [
        "customer_id,name,city,Column 4,refused because,row",
        "2,Bob,,,line 3 has 2 cells where the header names 3,2",
        "3,Cy,Rome,extra,line 4 has 4 cells where the header names 3,3"]


def test_an_order_taken_back_to_its_first_customer_leaves_a_whole_shop(empty: Line, tmp_path: Path) -> None:
    for name, text in {"lines": "order_id,line,product_id,quantity,unit_price\n2,1,P1,1,5\n",
                       "first": "order_id,customer_id,at,total\n2,B,2024-02-16 10:00,5\n",
                       "then": "order_id,customer_id,at,total\n2,C,2024-02-16 10:00,5\n"}.items():
        file = tmp_path / f"{name}.csv"
        file.write_text(text, encoding="utf-8")
        assert empty("import", file).code == 0
    assert empty("imports", "undo", "i000003").code == 0
    assert empty("check").code == 0
    assert empty("segment", "preview", "everyone", "--ids").lines == ["B"]
