from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.live.serving import Served, made_key


@pytest.fixture(scope="session")
def keyed_shop(little_shop_made: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The shop of five people with a key to send with, made once, to be copied; and the key."""
    folder = Path(shutil.copytree(little_shop_made, tmp_path_factory.mktemp("keyed") / "shop"))
    return folder, made_key(folder, "write")


@pytest.fixture
def served(keyed_shop: tuple[Path, str], tmp_path: Path) -> Iterator[Served]:
    """It, served; killed in the end where the test did not stop it."""
    folder, key = keyed_shop
    found = Served(Path(shutil.copytree(folder, tmp_path / "shop")), key)
    found.start()
    yield found
    if found.process is not None and found.process.poll() is None:
        found.kill()
