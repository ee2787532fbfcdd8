"""A campaign in the browser, drafted to the little shop's own people, and a mail server that the shop sends by."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from django.http import HttpResponse
from django.test import Client

from regulars.outreach.campaign import Campaign
from regulars.shop import Shop
from tests.outreach.postbox import Postbox, Running

NAME = "Über 10% / \"gut\" & <b>"


def moment() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


@pytest.fixture
def saved(shop: Shop) -> Shop:
    """Utrecht is Ada, who agreed to e-mail, and Bram, who did not; everybody is all five. Looked at just now."""
    shop.segments.add("Utrecht", "city = 'Utrecht'", now=moment())
    shop.segments.add("Everybody", "everyone", now=moment())
    shop.segments.refresh(moment())
    return shop


@pytest.fixture
def drafted(saved: Shop, owner: Client) -> Campaign:
    """To Utrecht, as the pages draft it."""
    answer = owner.post("/campaigns/new/", {"segment": "Utrecht", "name": NAME})
    assert answer.status_code == 302, answer.content.decode()
    return saved.campaigns.get(NAME)


@pytest.fixture
def box(saved: Shop) -> Iterator[Postbox]:
    """A mail server that the shop sends by, held out and control groups aside."""
    with Running() as running:
        saved.campaigns.set("email", {"host": "127.0.0.1", "port": running.port, "security": "plain",
                                      "sender": "Little shop <shop@little.example>"})
        saved.campaigns.set("gate", {"public_address": "https://little.example", "held_out_share": 0, "quiet_from": 0,
                                     "quiet_until": 0})
        yield running.box


def words(answer: HttpResponse) -> str:
    """What a person reads, tags and runs of blanks aside."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def place(what: str, part: str = "") -> str:
    return f"/campaigns/{what}/{part}{quote(NAME, safe='')}/"


def typed(**more: str) -> dict[str, str]:
    """A message of a text and a button, as the editor's form sends it."""
    return {"language": "en", "subject": "Hello {{ customer.name }}", "preheader": "", "plain": "",
            "b.0.kind": "text", "b.0.text": "You live in {{ customer.city | default: 'a town' }}.",
            "b.1.kind": "button", "b.1.text": "Look", "b.1.link": "https://little.example/new", **more}


def content(shop: Shop) -> dict[str, Any]:
    found = shop.campaigns.get(NAME).variants[0].content
    assert isinstance(found, dict)
    return found
