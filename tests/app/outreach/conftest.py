"""The thirty with their pages, and one message that was sent to each."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache

from regulars.app.facts import close_facts, open_facts
from regulars.outreach.channels.email import TRANSPORTS
from regulars.shop import Shop
from tests.outreach.conftest import by_mail, campaign, make_shop
from tests.outreach.test_gate import Wire


@pytest.fixture(scope="session")
def sent_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Closed; its clock is the real one."""
    folder = make_shop(tmp_path_factory.mktemp("sent"), 6)
    TRANSPORTS["wire"] = Wire()
    with Shop.open(folder) as shop:
        by_mail(shop, 25, through="wire")
        now = shop.segments.list()[0].refreshed_at
        assert now is not None
        html = '<p>Good day. <a href="https://shop.example/new?a=1&amp;b=2">New</a></p>'
        shop.campaigns.add(campaign(variants=(campaign().variants[0].__class__("one", content={
            "subject": "Hello", "text": "Good day.", "html": html}),)), now=now)
        shop.campaigns.send("Hello", now)
        shop.campaigns.drive(lambda: now)
    del TRANSPORTS["wire"]
    return folder


@pytest.fixture
def sent(sent_made: Path, tmp_path: Path, db: None) -> Iterator[Shop]:
    """The shop behind the pages."""
    cache.clear()
    facts = open_facts(Path(shutil.copytree(sent_made, tmp_path / "shop")))
    yield facts.shop()
    close_facts()
