"""The fixed cast of several rooms' tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from regulars.shop import Shop
from tests.little_shop import make_shop


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
