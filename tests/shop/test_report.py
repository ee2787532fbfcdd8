"""From files to a page: the shop that is made for it, and what the command says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from regulars.cli.entry import run
from regulars.errors import Refused
from regulars.shop.report import brought
from tests.little_shop import NOW, write_files

POUNDS = """order_id,customer_id,at,status,total,currency
A1,C1,2026-01-10 10:00,paid,20.00,GBP
A2,C1,2026-02-10 10:00,paid,30.00,GBP
"""


def test_the_files_of_a_shop_become_a_shop_for_as_long_as_it_takes(tmp_path: Path) -> None:
    with brought(write_files(tmp_path / "in"), {"currency": "EUR"}, now=NOW.replace(tzinfo=None)) as found:
        folder = found.shop.folder
        assert found.shop.count("any(orders)", NOW) == 4
        assert found.shop.settings.name == "Customers"
        assert found.shop.settings.country == "NL"
        assert found.refused == 0
    assert not folder.exists()


def test_the_currency_is_that_of_the_files_where_they_name_one(tmp_path: Path) -> None:
    path = tmp_path / "my_orders.csv"
    path.write_text(POUNDS)
    with brought([path], {}, now=NOW.replace(tzinfo=None)) as found:
        assert (found.shop.settings.currency, found.shop.settings.name) == ("GBP", "My orders")
        assert found.shop.count("sum(orders.total) = 50", NOW) == 1


def test_nothing_to_report_on_is_refused() -> None:
    with pytest.raises(Refused, match="nothing to report on"), brought([], {}):
        pass


def test_one_command_goes_from_files_to_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files, out = write_files(tmp_path / "in"), tmp_path / "page.html"
    assert run(["report", *map(str, files), "-o", str(out), "--currency", "eur", "--name", "Toko kecil", "--lang", "id",
                "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    text = out.read_text(encoding="utf-8")
    assert said == {"report": str(out), "bytes": len(text.encode()), "rows_refused": 0}
    assert '<html lang="id" dir="ltr">' in text and "Toko kecil" in text and "€" in text


def test_it_is_of_a_shop_too(little_shop_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "page.html"
    assert run(["report", str(little_shop_folder), "-o", str(out), "--as-of", "2026-11-22"]) == 0
    assert f"The report is in {out}" in capsys.readouterr().out
    assert "Little shop" in out.read_text(encoding="utf-8")


def test_a_shop_has_its_own_settings(little_shop_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["report", str(little_shop_folder), "--currency", "USD"]) == 2
    assert "has its own name and settings" in capsys.readouterr().err


def test_a_place_that_is_not_there_is_said_before_any_work(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["report", "-o", "/nowhere/at/all/page.html"]) == 1
    assert "There is no folder /nowhere/at/all" in capsys.readouterr().err


def test_a_file_that_is_not_recognised_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("hello,world\n1,2\n")
    assert run(["report", str(path), "-o", str(tmp_path / "page.html")]) == 1
    said = capsys.readouterr().err
    assert "cannot be told from its columns" in said and "Make a shop, bring the file in" in said
    assert not (tmp_path / "page.html").exists()
