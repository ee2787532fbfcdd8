from collections.abc import Iterator

import pytest

from tests.rules.world import World, fresh_engine


@pytest.fixture
def world() -> Iterator[World]:
    engine = fresh_engine()
    yield World(engine)
    engine.close()
