"""Customers on the command line, one by one."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Line

AT = ("--as-of", "2026-11-22T13:00")


@pytest.mark.parametrize(("text", "ids"), [
    ("ada", "C1\n"), ("ADA@EXAMPLE.COM", "C1\n"), ("çiğdem", "C3\n"), ("B1", "C2\n"), ("c4", "C4\n"),
    ("宮崎", "C4\n"), ("example.com", "C1\nC2\nC5\n"), ("nobody", ""),
])
def test_people_are_found_by_name_address_id_and_order(shop: Line, text: str, ids: str) -> None:
    assert shop("customers", "find", text, "--ids").out == ids


def test_find_shows_what_they_bought(shop: Line) -> None:
    assert [(p["customer_id"], p["orders"], p["spent"]) for p in shop("customers", "find", "bram", "--json").json] == [
        ("C2", 1, 35.5)]
    assert shop("customers", "find", "bram").lines[1].split()[:4] == ["C2", "Bram", "de", "Wit"]
    assert shop("customers", "find", "nobody").out.startswith("Nobody has 'nobody'")


def test_show_gives_values_segments_with_since_and_orders(shop: Line) -> None:
    shop("segment", "add", "Ladies", "gender = 'female'")
    shop("segment", "refresh", *AT)
    found = shop("customers", "show", "C3", *AT, "--json").json
    assert (found["person"]["orders"], found["person"]["spent"]) == (1, 10)
    assert found["values"]["name"] == "Çiğdem Ünal"
    assert found["identities"] == [["email", "cigdem@example.org"], ["id", "C3"]]
    assert [(m["segment"], m["since"], m["until"]) for m in found["segments"]] == [
        ("Ladies", "2026-11-22T12:00:00Z", None)]
    assert [(o["order_id"], o["total"], o["counted"]) for o in found["orders"]] == [
        ("D2", 999, False), ("D1", 10, True)]
    lines = shop("customers", "show", "C3", *AT).lines
    assert lines[:2] == ["C3  Çiğdem Ünal", "1 order, €10.00, the last 1 May 2026 09:00, as of 22 Nov 2026 13:00"]
    assert any("cancelled (not counted)" in line for line in lines)


def test_somebody_is_shown_by_an_address_that_is_theirs_alone(shop: Line) -> None:
    assert shop("customers", "show", "Hana@example.net").lines[0] == "C4  宮崎 花"


def test_show_judges_at_the_moment_asked_for(shop: Line) -> None:
    assert shop("customers", "show", "C1", "--as-of", "2026-03-31", "--json").json["person"]["orders"] == 3


def test_two_customers_are_merged_and_taken_apart_again(shop: Line) -> None:
    said = shop("customers", "merge", "C1", "C2")
    assert said.lines[0].startswith("C2 is part of C1 now.")
    found = shop("customers", "show", "C2", *AT, "--json").json
    assert (found["person"]["customer_id"], found["person"]["spent"]) == ("C1", 235.5)
    assert shop("segment", "preview", "everyone", *AT, "--json").json["count"] == 4
    merge_id = found["merges"][0]["merge_id"]
    assert shop("customers", "unmerge", merge_id).out == "C2 and C1 are two customers again.\n"
    assert shop("customers", "show", "C2", *AT, "--json").json["person"]["spent"] == 35.5
    assert shop("check").code == 0


def test_who_may_be_the_same_is_listed_decided_and_joined(shop: Line, tmp_path: Path) -> None:
    assert shop("customers", "same", "list").out == "No two customers look like one person.\n"
    file = tmp_path / "more.csv"
    file.write_text("customer_id,name,postcode,email\nX1,Kim Poe,3511 AB,\nX2,kim poe,3511ab,\n"
                    "X3,Jo Ree,,jo.ree@gmail.com\nX4,Jo Ree,,joree+shop@gmail.com\n", encoding="utf-8")
    shop("import", file)
    found = shop("customers", "same", "list", "--json").json
    assert [(p["one"], p["other"], p["kind"], p["grade"]) for p in found] == [
        ("X3", "X4", "mailbox", "sure"), ("X1", "X2", "address-and-name", "likely")]
    said = shop("customers", "same", "list", "--kind", "address-and-name").lines
    assert said[:3] == ["X1 (Kim Poe) · X2 (kim poe) · likely", "  The same address and name (address-and-name)",
                        "  The same name: speaks strongly for it"]
    assert "1 pair in all." in said
    assert "There is no customer 'X9'." in shop("customers", "same", "list", "--customer", "X9").err
    shop("customers", "same", "apart", "X2", "X1")
    assert [p["one"] for p in shop("customers", "same", "list", "--json").json] == ["X3"]
    assert shop("customers", "same", "rule", "mailbox").out.startswith("They are joined by themselves from now on; 1 ")
    assert shop("customers", "show", "X4", *AT, "--json").json["person"]["customer_id"] == "X3"
    assert shop("customers", "same", "list").out == "No two customers look like one person.\n"
    assert shop("customers", "same", "join-all", "mailbox", "--yes").out == "0 customers were joined to others.\n"
    assert shop("customers", "same", "rule", "address-and-name").code == 2


def test_a_person_is_erased_and_the_totals_stay(shop: Line, little_shop_folder: Path) -> None:
    asked = shop("customers", "erase", "C2")
    assert (asked.code, shop("customers", "find", "bram", "--ids").out) == (1, "C2\n")
    done = shop("customers", "erase", "C2", "--yes", "--json").json
    assert done["made_nobodys"]["orders"] == 1
    assert shop("customers", "find", "bram", "--ids").out == ""
    sums = shop("check", "--json").json
    assert (sums["consistent"], sums["sums"]["orders.total"]) == (True, 200 + 35.5 + 10 + 999 + 12.34)
    assert not any(b"bram@example.com" in f.read_bytes() for f in (little_shop_folder / "files").iterdir())


def alone(folder: Path, *arguments: str) -> None:
    """In a process of its own: Django is set up once in each."""
    subprocess.run([sys.executable, "-c", "from regulars.cli import main; main()", *arguments, "--shop", str(folder)],
                   capture_output=True, check=True, timeout=120)


def test_what_the_pages_keep_of_a_person_is_erased_with_them(little_shop_folder: Path) -> None:
    alone(little_shop_folder, "keys", "add", "till", "--scope", "segments:read")
    with sqlite3.connect(little_shop_folder / "app.sqlite3") as pages:
        pages.executemany("INSERT INTO customers_note (customer_id, text, made_at) VALUES (?, 'Likes cement', "
                          "'2026-11-22')", [("C1",), ("C2",)])
        pages.execute("INSERT INTO live_outgoing VALUES (1, 'https://x.example', 's', '[]', 0, '2026-11-22', NULL, "
                      "NULL)")
        pages.execute("INSERT INTO live_delivery (outgoing_id, seq, customer_id, body, state, tries, due_at, said) "
                      "VALUES (1, 1, 'C2', '{}', 'sent', 1, '2026-11-22', '')")
        pages.executemany("INSERT INTO jobs_job (kind, asked, state, step, done, tries, stop_asked, error, error_code, "
                          "made_at) VALUES ('insight', ?, 'done', '', 0, 1, 0, '', '', '2026-11-22')",
                          [(json.dumps({"analysis": "alike", "parameters": parameters}),)
                           for parameters in ({"customer": "C1"}, {"customer": "C2"}, {})])
    alone(little_shop_folder, "customers", "erase", "C2", "--yes")
    with sqlite3.connect(little_shop_folder / "app.sqlite3") as pages:
        assert pages.execute("SELECT customer_id FROM customers_note UNION ALL SELECT customer_id FROM live_delivery"
                             ).fetchall() == [("C1",)]
        asked = [json.loads(row[0])["parameters"] for row in pages.execute("SELECT asked FROM jobs_job ORDER BY id")]
    assert asked == [{"customer": "C1"}, {}]
