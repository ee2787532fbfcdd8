from __future__ import annotations

import pytest

from regulars.shop import Shop
from tests.intake.live.live_shop import LiveShop


@pytest.fixture
def live(little_shop: Shop) -> LiveShop:
    """The shop of five people, ready for messages."""
    return LiveShop(little_shop)
