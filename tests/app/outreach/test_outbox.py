"""What the pages' own sender does while a campaign goes out slowly."""

from __future__ import annotations

import time

import pytest

from regulars.app.facts import facts
from regulars.app.outreach import outbox
from regulars.shop import Shop
from tests.outreach.conftest import campaign


def test_what_was_sent_is_a_fact_while_the_rest_still_goes(sent: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "SETTLED_EVERY", 0.1)
    sent.campaigns.set("email", {"per_second": 4, "connections": 1})
    sent.segments.advance(sent.moment())
    sent.campaigns.add(campaign("Slow"), now=sent.moment())
    sent.campaigns.send("Slow", sent.moment())
    box = outbox.Outbox(facts(), 0.05)
    try:
        until = time.monotonic() + 20
        while time.monotonic() < until and not told(sent):
            time.sleep(0.05)
        assert 0 < told(sent) < 6 and sent.campaigns.get("Slow").state == "sending"
    finally:
        box.close()


def told(shop: Shop) -> int:
    cursor = shop.engine.cursor()
    try:
        return int(cursor.value("SELECT count(*) FROM messages WHERE campaign = 'Slow'"))
    finally:
        cursor.close()
