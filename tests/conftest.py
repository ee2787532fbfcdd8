"""The fixed cast of several rooms' tests, and ``--long``."""

from __future__ import annotations

import gc
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from regulars.shop import Shop
from tests.little_shop import make_shop

LONG = "REGULARS_LONG"
pytest_plugins = ("tests.postgres",)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", default=bool(os.environ.get(LONG)),
                     help=f"also what takes minutes: thousands of random cases (or set {LONG}=1)")


def pytest_configure(config: pytest.Config) -> None:
    # A shell lets what it starts in the background ignore Ctrl-C, and whatever that starts inherits it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    common = {"deadline": None, "suppress_health_check": list(HealthCheck), "print_blob": True}
    settings.register_profile("default", max_examples=200, derandomize=True, database=None, **common)
    settings.register_profile("long", max_examples=4000, **common)
    settings.load_profile("long" if config.getoption("--long") else "default")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--long"):
        for item in items:
            if item.get_closest_marker("long"):
                item.add_marker(pytest.mark.skip(reason="only with --long"))


def pytest_collection_finish() -> None:
    # What was imported stays to the end: to look through it for garbage again and again takes a fifteenth of the time.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session")
def little_shop_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once; take `little_shop_folder` or `little_shop`, which are copies of it."""
    return make_shop(tmp_path_factory.mktemp("little"))


@pytest.fixture
def little_shop_folder(little_shop_made: Path, tmp_path: Path) -> Path:
    """A shop of five people (see `tests.little_shop`), closed."""
    return Path(shutil.copytree(little_shop_made, tmp_path / "shop"))


@pytest.fixture
def little_shop(little_shop_folder: Path) -> Iterator[Shop]:
    """The same, open."""
    with Shop.open(little_shop_folder) as shop:
        yield shop
