from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.live.serving import Served


@pytest.fixture
def served(little_shop_folder: Path) -> Iterator[Served]:
    """The shop of five people, served; killed in the end where the test did not stop it."""
    found = Served(little_shop_folder)
    found.start()
    yield found
    if found.process is not None and found.process.poll() is None:
        found.kill()
