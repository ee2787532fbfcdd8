"""A killed import: the shop is consistent, and importing again ends in the same state as an undisturbed import."""

from __future__ import annotations

import multiprocessing
import random
import shutil
import time
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from regulars.intake.imports import Imports
from regulars.model.settings import Settings
from regulars.shop import Shop
from regulars.shop.check import check
from tests.intake.hand import NOW, Hand

MOMENTS, MANY = 6, 20


def bring(folder: Path, file: Path, opened: Event) -> None:
    """The import that gets killed: run in a process of its own."""
    with Shop.open(folder) as shop:
        opened.set()
        Imports(shop.engine, shop.settings, folder / "files").run(file, now=NOW)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """An earlier file, and one that adds to it, changes it, merges two of its customers and takes goods back."""
    folder = tmp_path_factory.mktemp("files")
    earlier, later = folder / "earlier.csv", folder / "later.csv"
    hand = Hand(folder / "maker")
    made = ("SELECT 'o' || i // 3 AS order_id, 'c' || (i // 3) % 200 AS customer_id, TIMESTAMP '2026-01-01' + "
            "INTERVAL (i // 3) "
            "MINUTE AS order_date, 'p' || (i * 7) % 50 AS product_id, {quantity} AS quantity, 1 + i % 9 AS "
            "price FROM range({n}) "
            "r(i)")
    hand.engine.execute(f"COPY ({made.format(quantity='1 + i % 3', n=3000)}) TO '{earlier}' (HEADER)")
    later_rows = made.format(quantity="CASE WHEN i > 3000 AND i % 40 = 0 THEN -1 WHEN i % 100 = 0 THEN 5 ELSE 1 "
                                      "+ i % 3 END",
                             n=9000)
    hand.engine.execute(f"COPY ({later_rows}) TO '{later}' (HEADER)")
    hand.shop.close()
    return earlier, later


def shop_with(folder: Path, file: Path) -> None:
    with Shop.create(folder, Settings(currency="GBP", country="GB")) as shop:
        Imports(shop.engine, shop.settings, folder / "files").run(file, now=NOW)


def state(folder: Path) -> list[object]:
    hand = Hand.__new__(Hand)
    with Shop.open(folder) as shop:
        hand.engine = shop.engine
        assert check(shop.engine).problems == ()
        return [hand.state(), shop.engine.rows("SELECT * FROM replaced ORDER BY ALL"),
                shop.engine.rows("SELECT import_id, receipt FROM imports WHERE import_id <= 'i000002' ORDER BY 1")]


def run(folder: Path, file: Path, kill_after: float | None) -> float:
    """Import in another process; how long it took from the moment the shop was open."""
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["regulars.intake.imports", "regulars.shop", "tests.intake.hand"])
    opened = processes.Event()
    process = processes.Process(target=bring, args=(folder, file, opened))
    process.start()
    assert opened.wait(60)
    began = time.monotonic()
    process.join(kill_after)
    process.kill()
    process.join()
    return time.monotonic() - began


def test_a_kill_at_any_moment_loses_nothing_and_importing_again_ends_in_the_same_state(
        files: tuple[Path, Path], tmp_path: Path, request: pytest.FixtureRequest) -> None:
    earlier, later = files
    shop_with(tmp_path / "before", earlier)
    shutil.copytree(tmp_path / "before", tmp_path / "whole")
    took = run(tmp_path / "whole", later, None)
    undisturbed = state(tmp_path / "whole")
    moments, landed = random.Random(20), set()
    for i in range(MANY if request.config.getoption("--long") else MOMENTS):
        folder = tmp_path / f"shop{i}"
        shutil.copytree(tmp_path / "before", folder)
        run(folder, later, moments.uniform(0, took * 1.05))
        with Shop.open(folder) as shop:
            assert check(shop.engine).problems == ()
            landed.add(shop.engine.value("SELECT count(*) FROM imports"))
            Imports(shop.engine, shop.settings, folder / "files").run(later, now=NOW)
        assert state(folder) == undisturbed
        assert landed <= {1, 2}
        assert not [f for f in (folder / "files").iterdir() if f.name.endswith(".part")]
