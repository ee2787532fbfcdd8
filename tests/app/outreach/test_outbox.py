"""What the pages' own sender does while a campaign goes out slowly."""

from __future__ import annotations

import time

import pytest
from django.test import Client

from regulars.app.doors import roles
from regulars.app.doors.models import Person
from regulars.app.facts import facts
from regulars.app.outreach import outbox
from regulars.errors import ShopError
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


def test_the_pages_say_why_nothing_goes_and_what_paused_by_itself(
        sent: Shop, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    def refuse(*_: object) -> None:
        raise ShopError("'Anna Secret' cannot be read.")

    sent.campaigns.add(campaign("Held"), now=sent.moment())
    with sent.campaigns.store.writing() as c:
        c.execute("UPDATE campaigns SET state = 'paused', why = 'line' WHERE name = 'Held'")
    monkeypatch.setattr(outbox.Outbox, "_look", refuse)
    outbox.open_outbox(facts())
    try:
        until, box = time.monotonic() + 20, outbox.outbox()
        while time.monotonic() < until and not (box and box.trouble):
            time.sleep(0.05)
        watched = client.get("/ready/")
        client.force_login(Person.objects.create_user("o@shop.example", "Not 1 secret", role=roles.OWNER),
                           "allauth.account.auth_backends.AuthenticationBackend")
        page = client.get("/campaigns/", headers={"accept-language": "en"}).content.decode()
        assert "Nothing can be sent since" in page and "Anna Secret" in page
        assert "the way out does not work" in page
        assert watched.json() == {"status": "trouble", "campaigns": {
            "trouble": ShopError.code, "paused_by_themselves": 1}}
    finally:
        outbox.close_outbox()


def told(shop: Shop) -> int:
    cursor = shop.engine.cursor()
    try:
        return int(cursor.value("SELECT count(*) FROM messages WHERE campaign = 'Slow'"))
    finally:
        cursor.close()
