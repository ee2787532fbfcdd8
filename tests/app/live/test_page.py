"""The page of what comes and goes live: connections, what was set aside, what was given up."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from regulars.app.facts import facts
from regulars.app.live import connections, opened
from regulars.app.live.models import DEAD, WAITING, Delivery, Incoming, Outgoing
from regulars.errors import SegmentStale, ShopError
from regulars.intake.live.requests import take_apart
from regulars.shop import Shop

PAGE = "/bring-in/live/"
AT = datetime(2026, 11, 22, 12)


@pytest.fixture
def live(shop: Shop) -> Iterator[opened.Live]:
    """Messages come in, as in the process that serves."""
    found = opened.open_live(facts())
    yield found
    opened.close_live()


def send(live: opened.Live, *messages: object) -> None:
    brought = take_apart({"batch": list(messages)}, "batch", "key 1", AT)
    live.commit([m.line() for m in brought.messages])
    assert live.wait(20)


def test_it_is_an_owners(as_: Callable[[str], Client], live: opened.Live) -> None:
    assert as_("owner").get(PAGE).status_code == 200
    for role in ("helper", "viewer"):
        assert as_(role).get(PAGE).status_code == 403
        assert as_(role).post(f"{PAGE}receive/", {"in-platform": "shopify", "in-secret": "x"}).status_code == 403


def test_a_platform_is_connected_and_disconnected(owner: Client, live: opened.Live) -> None:
    owner.post(f"{PAGE}receive/", {"in-platform": "shopify", "in-secret": "very secret"})
    hook = Incoming.objects.get()
    page = owner.get(PAGE).content.decode()
    assert f"http://testserver/hooks/{hook.slug}" in page and "very secret" not in page
    owner.post(f"{PAGE}in/{hook.pk}/withdraw/")
    assert hook.slug not in owner.get(PAGE).content.decode()


def test_another_program_is_told_or_the_form_says_why_not(owner: Client, live: opened.Live, shop: Shop) -> None:
    shop.segments.add("Regulars", "count(orders) >= 2", now=AT)
    refused = owner.post(f"{PAGE}send/", {"out-url": "shop.example"})
    assert refused.status_code == 422 and "is no address" in refused.content.decode()
    owner.post(f"{PAGE}send/", {"out-url": "https://x.example/told", "out-segments": ["Regulars"]})
    hook = Outgoing.objects.get()
    assert hook.segments == ["Regulars"] and hook.secret in owner.get(PAGE).content.decode()


def test_what_was_set_aside_is_shown_with_its_reason_and_tried_again(
    owner: Client, live: opened.Live, shop: Shop
) -> None:
    send(live, {"type": "track", "event": "Order Completed", "userId": "U1", "messageId": "a",
                "properties": {"order_id": "J", "total": 10, "currency": "JPY"}},
         {"type": "track", "event": "<b>no</b>", "messageId": "b"})  # fmt: skip
    page = owner.get(PAGE).content.decode()
    assert "the amount is in JPY" in page and "neither userId nor anonymousId" in page and "<b>no</b>" not in page
    assert '<a href="#aside">2 are set aside.</a>' in page and 'id="aside"' in page
    (shop.folder / "rates.csv").write_text("currency,day,rate\nJPY,2026-01-01,0.01\n")
    (number,) = shop.engine.rows("SELECT number FROM set_aside WHERE reason LIKE '%JPY%'")[0]
    owner.post(f"{PAGE}aside/{number}/")
    assert live.wait(20)
    assert shop.engine.rows("SELECT total FROM orders WHERE order_id = 'J'")[0][0] * 10 == 1
    (other,) = shop.engine.rows("SELECT number FROM set_aside")[0]
    owner.post(f"{PAGE}aside/{other}/")
    assert live.wait(20)
    (back,) = shop.engine.rows("SELECT number FROM set_aside")[0]
    owner.post(f"{PAGE}aside/{back}/", {"discard": "1"})
    assert not shop.engine.rows("FROM set_aside") and owner.post(f"{PAGE}aside/{back}/").status_code == 404
    assert owner.post(f"{PAGE}aside/{1 << 70}/").status_code == 404


def test_all_that_is_set_aside_is_tried_again_or_thrown_away_at_once(
    owner: Client, live: opened.Live, shop: Shop
) -> None:
    yen = {"total": 10, "currency": "JPY"}
    send(live, *({"type": "track", "event": "Order Completed", "userId": "U1", "messageId": f"m{nth}",
                  "properties": {"order_id": f"J{nth}", **yen}} for nth in range(3)),
         {"type": "track", "event": "A", "messageId": "nobody"})  # fmt: skip
    (shop.folder / "rates.csv").write_text("currency,day,rate\nJPY,2026-01-01,0.01\n")
    owner.post(f"{PAGE}aside/")
    assert live.wait(20)
    assert shop.engine.rows("SELECT count(*) FROM orders WHERE order_id[1] = 'J'") == [(3,)]
    assert shop.engine.rows("SELECT count(*) FROM set_aside") == [(1,)]
    owner.post(f"{PAGE}aside/", {"discard": "1"})
    assert shop.engine.rows("SELECT count(*) FROM set_aside") == [(0,)]


def test_what_was_given_up_is_shown_and_sent_again(owner: Client, live: opened.Live) -> None:
    hook = connections.send("https://x.example/told")
    dead = Delivery.objects.create(outgoing=hook, seq=7, customer_id="C1", state=DEAD, tries=9, due_at=timezone.now(),
                                   body=json.dumps({"segment": "Regulars", "at": "2026-11-21T09:30:00Z"}),
                                   said="503 Busy")  # fmt: skip
    page = owner.get(PAGE).content.decode()
    assert "503 Busy" in page and ">Regulars</td>" in page and 'datetime="2026-11-21T09:30:00Z"' in page
    assert 'href="#given-up"' in page and 'id="given-up"' in page
    owner.post(f"{PAGE}given-up/{dead.pk}/")
    dead.refresh_from_db()
    assert (dead.state, dead.tries) == (WAITING, 0)
    Delivery.objects.update(state=DEAD)
    owner.post(f"{PAGE}given-up/")
    assert Delivery.objects.get().state == WAITING


def test_what_the_last_process_left_is_settled_at_once(shop: Shop) -> None:
    said = {"batch": [{"type": "track", "event": "A", "userId": "U1"}]}
    shop.live.take([m.line() for m in take_apart(said, "batch", "key 1", AT).messages])
    live = opened.open_live(facts())
    try:
        assert live.wait(20) and shop.engine.rows("SELECT name FROM events") == [("A",)]
    finally:
        opened.close_live()


def in_trouble(live: opened.Live, monkeypatch: pytest.MonkeyPatch, why: str) -> None:
    """Nothing can be settled from now on, and it was noticed."""

    def refuse() -> None:
        raise ShopError(why)

    monkeypatch.setattr(live, "_settle_all", refuse)
    live._some.set()
    until = time.monotonic() + 20
    while not live.trouble and time.monotonic() < until:
        time.sleep(0.01)


def test_the_process_says_why_nothing_is_settled(
        owner: Client, live: opened.Live, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    in_trouble(live, monkeypatch, "The disk is full.")
    assert "The disk is full." in owner.get(PAGE).content.decode()


def test_whoever_watches_is_told_of_trouble_and_not_what_came_in(
        live: opened.Live, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    assert client.get("/ready/").json()["status"] == "ready"
    in_trouble(live, monkeypatch, "'Anna Secret' cannot be read.")
    said = client.get("/ready/")
    assert (said.status_code, said.json()["status"], said.json()["live"]["trouble"]) == (200, "trouble", ShopError.code)
    assert "Secret" not in said.content.decode() and "Secret" in live.trouble


def test_while_a_file_comes_in_segments_say_that_messages_wait_and_nothing_is_sent_from_them(
    owner: Client, live: opened.Live, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("regulars.segments.freshness.SETTLED_WITHIN", timedelta())
    shop.segments.add("Regulars", "count(orders) >= 2", now=shop.moment())
    send(live, {"type": "track", "event": "A", "userId": "U1", "messageId": "1"})
    shop.segments.advance(shop.moment())
    assert shop.segments.sendable("Regulars", shop.moment())
    with shop.engine.changing_facts():
        brought = take_apart({"type": "track", "event": "A", "userId": "U2"}, "track", "key 1", AT)
        live.commit([m.line() for m in brought.messages])
        with pytest.raises(SegmentStale, match="What came in live waits"):
            shop.segments.sendable("Regulars", shop.moment())
        assert "what came in live waits" in owner.get("/segments/show/Regulars/").content.decode()
    assert live.wait(20)
    shop.segments.advance(shop.moment())
    assert shop.segments.sendable("Regulars", shop.moment())
