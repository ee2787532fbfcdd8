"""The shop as a whole on the command line."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from regulars.model.books import SCHEMA_VERSION
from tests.cli.conftest import Line

COMMAND = [sys.executable, "-c", "from regulars.cli import main; main()"]


def test_a_shop_is_made_with_what_was_said_of_it(line: Line, tmp_path: Path) -> None:
    made = line("init", tmp_path / "toko", "--name", "Toko", "--currency", "idr", "--timezone", "Asia/Jakarta",
                "--country", "id", "--language", "id", "--json").json
    assert (made["currency"], made["country"], made["timezone"]) == ("IDR", "ID", "Asia/Jakarta")
    assert line("segment", "list", "--shop", tmp_path / "toko").out.startswith("There are no segments yet.")
    assert line("init", tmp_path / "plain").lines[0].endswith("My shop, in EUR, UTC, NL.")


def test_a_shop_in_no_country_is_not_made(line: Line, tmp_path: Path) -> None:
    refused = line("init", tmp_path / "nowhere", "--country", "ZZ")
    assert (refused.code, refused.out) == (1, "")
    assert "'ZZ' is not a country's code" in refused.err and "ZA (South Africa)" in refused.err
    assert not (tmp_path / "nowhere").exists()


def test_a_backup_becomes_the_same_shop_again(shop: Line, tmp_path: Path) -> None:
    for name in ("copy", "copy.zip"):
        said = shop("backup", tmp_path / name)
        assert "5 customers, 14 orders" in said.out
        assert shop("backup", tmp_path / name).code == 1
        back = tmp_path / f"back of {name}"
        assert "5 customers, 14 orders" in shop("restore", tmp_path / name, back).out
        assert shop("segment", "preview", "everyone", "--ids", "--shop", back).out == "C1\nC2\nC3\nC4\nC5\n"
        assert shop("imports", "list", "--json", "--shop", back).json == shop("imports", "list", "--json").json


def test_a_shop_is_only_replaced_where_it_is_said(shop: Line, tmp_path: Path, little_shop_folder: Path) -> None:
    shop("backup", tmp_path / "copy.zip")
    shop("customers", "erase", "C1", "--yes")
    assert shop("restore", tmp_path / "copy.zip", little_shop_folder).code == 1
    assert shop("segment", "preview", "everyone", "--json").json["count"] == 4
    assert shop("restore", tmp_path / "copy.zip", little_shop_folder, "--replace", "--json").json["folder"]
    assert shop("segment", "preview", "everyone", "--json").json["count"] == 5


def test_check_finds_a_whole_shop_whole(shop: Line) -> None:
    said = shop("check")
    assert said.lines[-1] == "✓ The facts are whole: keys, references, settled columns and sums hold."
    assert any(line.split() == ["customers", "5"] for line in said.lines)


def test_a_shop_of_this_version_needs_no_upgrade(shop: Line) -> None:
    assert "is up to date" in shop("upgrade").out
    assert shop("upgrade", "--json").json == {"from_version": SCHEMA_VERSION, "to_version": SCHEMA_VERSION,
                                              "backup": None}


def test_a_second_process_is_told_who_has_the_shop(shop: Line, little_shop_folder: Path) -> None:
    holding = "import sys, regulars; s = regulars.Shop.open(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", holding, str(little_shop_folder)], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        refused = shop("segment", "list")
        assert (refused.code, refused.out) == (1, "")
        assert f"in use by process {holder.pid}" in refused.err
        assert len(refused.err.splitlines()) <= 2
        holder.communicate("")
    assert shop("segment", "list").code == 0


def test_help_comes_before_the_engine_is_loaded() -> None:
    asked = "import sys; from regulars.cli.entry import run; run(['--help']); print([m for m in ('duckdb', 'ibis') " \
            "if m in sys.modules], file=sys.stderr)"
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert said.stderr == "[]\n"
    assert "Bring files or database tables in." in said.stdout


def test_a_reader_that_goes_away_is_no_news(little_shop_folder: Path) -> None:
    with subprocess.Popen([*COMMAND, "segment", "tree", " or ".join(["count(orders) > 1"] * 450)], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.close()
        time.sleep(0.1)
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_a_demo_shop_has_segments_to_look_at(line: Line, tmp_path: Path) -> None:
    made = line("demo-shop", tmp_path / "demo", "--customers", "200", "--json").json
    assert made["customers"] == 200
    assert len(made["segments"]) >= 10
    assert all(s["members"] is not None for s in made["segments"])
    assert line("segment", "preview", "everyone", "--shop", tmp_path / "demo", "--json").json["count"] == 200
    again = line("demo-shop", tmp_path / "demo")
    assert (again.code, "is not empty" in again.err) == (1, True)
