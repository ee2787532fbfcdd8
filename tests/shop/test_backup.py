"""A backup is the shop at one moment, whole or not there at all; so is what is made of it."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import sqlite3
import threading
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from regulars.errors import ChangesLost, NotAShop, NotFound, Refused, RegularsError, ShopDamaged, ShopTooNew
from regulars.model.books import SCHEMA_VERSION
from regulars.segments.changes import last, require_known, since
from regulars.shop import Shop
from tests.little_shop import NOW


def everybody(folder: Path) -> list[str]:
    with Shop.open(folder) as shop:
        found: list[str] = shop.members("everyone", now=NOW)["customer_id"].to_pylist()
        return found


@pytest.mark.parametrize("name", ["copy", "copy.zip"])
def test_a_restored_shop_has_facts_files_settings_and_the_other_database(little_shop: Shop, tmp_path: Path,
                                                                         name: str) -> None:
    (little_shop.folder / "rates.csv").write_text("currency,day,rate\n")
    with closing(sqlite3.connect(little_shop.folder / "app.sqlite3")) as app:
        app.execute("CREATE TABLE people (name TEXT)")
        app.execute("INSERT INTO people VALUES ('Ada')")
        app.commit()
        made = little_shop.backup(tmp_path / name, now=NOW)
    assert (made.tables["customers"], made.tables["orders"], made.made_at) == (5, 14, "2026-11-22T12:00:00Z")
    found = Shop.restore(tmp_path / name, tmp_path / "back")
    assert found.tables == made.tables
    with Shop.open(tmp_path / "back") as back, closing(sqlite3.connect(back.folder / "app.sqlite3")) as app:
        assert back.settings == little_shop.settings
        before, after = little_shop.check(), back.check()
        # Beside what the copy has, from which number on changes are told.
        assert dataclasses.replace(after, counts={**after.counts, "meta": after.counts["meta"] - 1}) == before
        assert app.execute("SELECT name FROM people").fetchall() == [("Ada",)]
        kept = {p.name: p.read_bytes() for p in (little_shop.folder / "files").iterdir()}
        assert {p.name: p.read_bytes() for p in (back.folder / "files").iterdir()} == kept
        assert len(kept) == 2
        assert (back.folder / "rates.csv").exists()


def test_whoever_reads_on_from_what_a_restored_shop_never_told_is_told_so(little_shop: Shop, tmp_path: Path) -> None:
    """Also once it has told as much again: no number is given twice, though one backup is restored twice."""
    little_shop.segments.add("All", "everyone", now=NOW)
    little_shop.segments.refresh(NOW)
    little_shop.segments.add("Old", "everyone", now=NOW)
    little_shop.segments.remove("All", now=NOW)
    told = last(little_shop.engine)
    little_shop.backup(tmp_path / "copy", now=NOW)
    given = {told}
    for name in ("one", "two"):
        Shop.restore(tmp_path / "copy", tmp_path / name)
        with Shop.open(tmp_path / name) as back:
            require_known(back.engine, told)
            back.segments.refresh(NOW)
            back.segments.remove("Old", now=NOW)
            found = since(back.engine, told, 10)
            assert [(c.segment, c.what) for c in found] == [("Old", "left")] * 5
            assert not given & {c.seq for c in found}
            for lost in given - {told} | {told + 1}:
                with pytest.raises(ChangesLost, match="brought back"):
                    require_known(back.engine, lost)
            given |= {c.seq for c in found}


def test_a_copied_folder_is_a_backup_too(little_shop_folder: Path, tmp_path: Path) -> None:
    Shop.restore(little_shop_folder, tmp_path / "back")
    assert len(everybody(tmp_path / "back")) == 5


def test_a_backup_taken_while_others_write_is_of_one_moment(little_shop: Shop, tmp_path: Path) -> None:
    """Each transaction adds a product and a cost: a copy that tore one apart would have more of the one."""
    over = threading.Event()

    def write() -> None:
        twin = little_shop.engine.cursor()
        number = 0
        while not over.is_set():
            with twin.transaction():
                twin.execute("INSERT INTO products (product_id) SELECT ? || i FROM range(500) t(i)", [f"p{number}-"])
                twin.execute("INSERT INTO costs (cost_id) SELECT ? || i FROM range(500) t(i)", [f"c{number}-"])
            number += 1
        twin.close()
    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = [little_shop.backup(tmp_path / f"copy{i}").tables for i in range(4)]
    finally:
        over.set()
        writer.join()
    assert all(m["products"] == m["costs"] for m in made)
    assert made[-1]["products"] > made[0]["products"]


def test_a_backup_is_never_written_over_anything_nor_into_the_shop(little_shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine")
    with pytest.raises(Refused, match="there already"):
        little_shop.backup(tmp_path / "taken")
    with pytest.raises(Refused, match="inside the shop"):
        little_shop.backup(little_shop.folder / "copy")
    assert (tmp_path / "taken").read_text() == "mine"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["shop", "taken"]


def damage_facts(copy: Path) -> None:
    data = bytearray((copy / "facts.duckdb").read_bytes())
    at = len(data) // 2
    data[at:at + 4096] = os.urandom(4096)
    (copy / "facts.duckdb").write_bytes(data)


def cut_off_facts(copy: Path) -> None:
    with (copy / "facts.duckdb").open("r+b") as file:
        file.truncate(20_000)


def lose_settings(copy: Path) -> None:
    (copy / "shop.toml").unlink()


def lose_a_file(copy: Path) -> None:
    next((copy / "files").iterdir()).unlink()


def garble_the_manifest(copy: Path) -> None:
    (copy / "backup.json").write_text("{")


def come_from_the_future(copy: Path) -> None:
    with Shop.open(copy) as shop:
        shop.engine.execute("UPDATE meta SET value = '999' WHERE key = 'schema_version'")
    (copy / "backup.json").unlink()


@pytest.mark.parametrize(("harm", "error"), [
    (damage_facts, ShopDamaged), (cut_off_facts, ShopDamaged), (lose_settings, NotAShop), (lose_a_file, ShopDamaged),
    (garble_the_manifest, ShopDamaged), (come_from_the_future, ShopTooNew),
], ids=lambda value: value.__name__)
def test_a_backup_that_is_not_whole_is_refused_and_the_shop_stays(little_shop: Shop, tmp_path: Path, harm: object,
                                                                  error: type[RegularsError]) -> None:
    little_shop.backup(tmp_path / "copy")
    little_shop.close()
    assert callable(harm)
    harm(tmp_path / "copy")
    with pytest.raises(error):
        Shop.restore(tmp_path / "copy", little_shop.folder, replace=True)
    with pytest.raises(error):
        Shop.restore(tmp_path / "copy", tmp_path / "new")
    assert len(everybody(little_shop.folder)) == 5
    assert sorted(p.name for p in tmp_path.iterdir()) == ["copy", "shop"]


def test_what_is_no_backup_at_all_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.zip").write_text("no zip")
    with zipfile.ZipFile(tmp_path / "sly.zip", "w") as archive:
        archive.writestr("../outside.txt", "out")
    (tmp_path / "empty").mkdir()
    for name, error in (("none", NotFound), ("text.zip", ShopDamaged), ("sly.zip", ShopDamaged), ("empty", NotAShop)):
        with pytest.raises(error):
            Shop.restore(tmp_path / name, tmp_path / "new")
    assert not (tmp_path / "new").exists()
    assert not (tmp_path.parent / "outside.txt").exists()


def test_a_shop_that_cannot_be_read_is_given_up_for_its_backup(little_shop: Shop, tmp_path: Path) -> None:
    little_shop.backup(tmp_path / "copy.zip")
    little_shop.close()
    damage_facts(little_shop.folder)
    cut_off_facts(little_shop.folder)
    with pytest.raises(ShopDamaged, match="regulars restore"):
        Shop.open(little_shop.folder)
    with pytest.raises(Refused, match="--replace"):
        Shop.restore(tmp_path / "copy.zip", little_shop.folder)
    Shop.restore(tmp_path / "copy.zip", little_shop.folder, replace=True)
    assert len(everybody(little_shop.folder)) == 5


def test_a_folder_that_is_no_shop_is_not_touched(little_shop: Shop, tmp_path: Path) -> None:
    little_shop.backup(tmp_path / "copy.zip")
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("Dear Ada")
    for replace in (False, True):
        with pytest.raises(Refused, match="not empty"):
            Shop.restore(tmp_path / "copy.zip", tmp_path / "letters", replace=replace)
    shutil.rmtree(tmp_path / "letters")
    (tmp_path / "letters").mkdir()
    Shop.restore(tmp_path / "copy.zip", tmp_path / "letters")
    assert len(everybody(tmp_path / "letters")) == 5


def test_the_manifest_says_what_is_in_it(little_shop: Shop, tmp_path: Path) -> None:
    made = little_shop.backup(tmp_path / "copy", now=NOW)
    said = json.loads((tmp_path / "copy" / "backup.json").read_text(encoding="utf-8"))
    assert (said["schema_version"], said["tables"]["orders"]) == (SCHEMA_VERSION, 14)
    assert set(said["files"]) == set(made.files) >= {"facts.duckdb", "shop.toml"}
