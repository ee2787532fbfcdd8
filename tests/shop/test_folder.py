"""What the folder outlives: a kill, a full disk, damage, a second process."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from regulars.errors import DiskFull, NotAShop, Refused, ShopDamaged, ShopError
from regulars.shop import Shop
from tests.little_shop import NOW

WRITER = """
import sys
from regulars.shop import Shop
shop = Shop.open(sys.argv[1])
for i in range(1000000):
    shop.segments.add(f"S{i}", "everyone", now=shop.moment())
    print(i, flush=True)
"""
FILLER = """
import sys
from regulars.errors import RegularsError
from regulars.shop import Shop
with Shop.open(sys.argv[1]) as shop:
    try:
        if sys.argv[2] == "import":
            shop.import_file(sys.argv[3], as_="orders")
        else:
            shop.backup(sys.argv[3])
    except RegularsError as error:
        print(error.code)
        print(error)
"""
SMALL = 24 << 20
"""Bytes of the small disk: a shop's room and some more."""


def test_a_killed_process_loses_nothing_that_was_acknowledged(little_shop_folder: Path) -> None:
    for _ in range(3):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(little_shop_folder)], stdout=subprocess.PIPE,
                              text=True) as process:
            assert process.stdout is not None
            said = [process.stdout.readline() for _ in range(20)]
            process.send_signal(signal.SIGKILL)
            said += process.stdout.readlines()
        acknowledged = {f"S{int(line)}" for line in said if line.endswith("\n")}
        with Shop.open(little_shop_folder) as shop:
            assert len(acknowledged) >= 20
            assert acknowledged <= {s.name for s in shop.segments.list()}
            assert shop.check().consistent
            for each in shop.segments.list():
                shop.segments.remove(each.name, now=shop.moment())


@pytest.fixture
def small_disk(tmp_path: Path) -> Path:
    """A disk that fills soon."""
    folder = tmp_path / "small"
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "none", folder], capture_output=True)
    if made.returncode:
        pytest.skip("no small disk: mounting one takes root")
    return folder


@pytest.fixture
def much(tmp_path: Path) -> Path:
    """More than the small disk holds."""
    file = tmp_path / "orders.csv"
    with file.open("w", encoding="utf-8") as out:
        out.write("order_id,customer_id,at,total,promo_code\n")
        out.writelines(f"{i},K{i},2026-01-01 10:00,1.00,{os.urandom(16).hex()}\n" for i in range(250_000))
    return file


def ran(*arguments: object, **options: object) -> list[str]:
    done = subprocess.run([sys.executable, "-c", FILLER, *map(str, arguments)], capture_output=True, text=True,
                          check=False, **options)  # type: ignore[call-overload]
    assert done.returncode == 0, done.stderr
    return list(done.stdout.splitlines())


def test_a_full_disk_is_told_and_the_last_good_state_stays(little_shop_folder: Path, small_disk: Path,
                                                           much: Path) -> None:
    folder = Path(shutil.copytree(little_shop_folder, small_disk / "shop"))
    try:
        said = ran(folder, "import", much)
        assert said[0] == DiskFull.code
        assert "disk is full" in said[1]
        with Shop.open(folder) as shop:
            assert shop.count("everyone", now=NOW) == 5
            assert shop.check().consistent
            assert len(shop.imports.receipts()) == 2
    finally:
        subprocess.run(["umount", small_disk], check=True)


def test_a_backup_to_a_full_disk_leaves_nothing_behind(little_shop_folder: Path, small_disk: Path) -> None:
    try:
        (small_disk / "ballast").write_bytes(os.urandom(SMALL - (256 << 10)))
        for name in ("copy", "copy.zip"):
            assert ran(little_shop_folder, "backup", small_disk / name)[0] == DiskFull.code
        assert [p.name for p in small_disk.iterdir()] == ["ballast"]
    finally:
        subprocess.run(["umount", small_disk], check=True)


def test_a_file_that_may_not_grow_is_told_as_a_full_disk(little_shop_folder: Path, much: Path) -> None:
    most = (little_shop_folder / "facts.duckdb").stat().st_size + (1 << 20)

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    said = ran(little_shop_folder, "import", much, preexec_fn=limit)
    assert said[0] == DiskFull.code
    with Shop.open(little_shop_folder) as shop:
        assert shop.count("everyone", now=NOW) == 5
        assert shop.check().consistent


def test_a_damaged_file_is_told_and_not_touched(little_shop_folder: Path) -> None:
    facts = little_shop_folder / "facts.duckdb"
    facts.write_bytes(b"\x00" * 5000)
    with pytest.raises(ShopDamaged, match="regulars restore"):
        Shop.open(little_shop_folder)
    assert facts.read_bytes() == b"\x00" * 5000


def test_a_duckdb_file_that_is_no_shop_is_refused(little_shop_folder: Path) -> None:
    with Shop.open(little_shop_folder) as shop:
        shop.engine.execute("DROP TABLE meta")
    with pytest.raises(ShopDamaged, match="no shop's file"):
        Shop.open(little_shop_folder)


def test_a_folder_without_facts_or_settings_is_no_shop(little_shop_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(NotAShop, match="regulars init"):
        Shop.open(tmp_path / "none")
    (little_shop_folder / "facts.duckdb").unlink()
    with pytest.raises(NotAShop, match="regulars restore"):
        Shop.open(little_shop_folder)
    (little_shop_folder / "shop.toml").write_text("name = [")
    with pytest.raises(NotAShop, match=r"shop\.toml"):
        Shop.open(little_shop_folder)


def test_a_shop_is_made_whole_or_not_at_all(tmp_path: Path) -> None:
    with Shop.create(tmp_path / "shop") as shop:
        assert sorted(p.name for p in shop.folder.iterdir() if not p.name.endswith(".wal")) == [
            "facts.duckdb", "files", "shop.toml"]
    with pytest.raises(Refused, match="already"):
        Shop.create(tmp_path / "shop")


@pytest.mark.parametrize("text", ["soon", "2026-13-01", "0000-00-00", "99999-01-01"])
def test_a_moment_that_is_none_is_refused(little_shop: Shop, text: str) -> None:
    with pytest.raises(Refused, match="is not a moment"):
        little_shop.count("everyone", now=text)


def test_moments_are_read_in_the_shops_time_zone(little_shop: Shop) -> None:
    assert little_shop.moment("2026-11-22T13:00") == little_shop.moment("2026-11-22T12:00Z") == NOW.replace(tzinfo=None)
    assert little_shop.moment("2026-07-01") == little_shop.moment("2026-06-30T22:00+00:00")
    assert little_shop.moment("today") > little_shop.moment("yesterday")


def test_too_little_memory_is_told(little_shop_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGULARS_MEMORY", "nonsense")
    with pytest.raises(ShopError):
        Shop.open(little_shop_folder)
