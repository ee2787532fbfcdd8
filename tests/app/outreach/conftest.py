"""The thirty with their pages, and one message that was sent to each."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.cache import cache

from regulars.app.facts import close_facts, open_facts
from regulars.outreach.campaign import Variant
from regulars.outreach.channels.email import TRANSPORTS
from regulars.shop import Shop
from tests.outreach.conftest import by_mail, campaign, make_shop
from tests.outreach.test_gate import Wire


@pytest.fixture(scope="session")
def sent_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Closed; its clock is the real one."""
    now = datetime.now(UTC).replace(tzinfo=None) - timedelta(hours=1)
    folder = make_shop(tmp_path_factory.mktemp("sent"), 6, now)
    TRANSPORTS["wire"] = Wire()
    with Shop.open(folder) as shop:
        by_mail(shop, 25, through="wire")
        html = '<p>Good day. <a href="https://shop.example/new?a=1&amp;b=2">New</a></p>'
        said = {"subject": "Hello", "text": "Good day.", "html": html}
        shop.campaigns.add(campaign(variants=(Variant("one", content=said),)), now=now)
        shop.campaigns.send("Hello", now)
        shop.campaigns.drive(lambda: now)
    return folder


@pytest.fixture
def sent(sent_made: Path, tmp_path: Path, db: None) -> Iterator[Shop]:
    """The shop behind the pages."""
    cache.clear()
    TRANSPORTS["wire"] = Wire()
    facts = open_facts(Path(shutil.copytree(sent_made, tmp_path / "shop")))
    yield facts.shop()
    close_facts()
    del TRANSPORTS["wire"]
