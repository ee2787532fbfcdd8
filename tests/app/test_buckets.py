"""The grid of the Buckets page: fields picked, counted and taken on as a rule."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from regulars.app.doors import roles
from regulars.app.doors.models import Person
from regulars.app.jobs import running
from regulars.shop import Shop
from tests.app.test_told import demo, demo_folder, reader, words
from tests.insight.conftest import NOW

__all__ = ["demo", "demo_folder", "reader"]


@pytest.fixture
def scored(demo: Shop) -> Shop:
    demo.keep(demo.insight("rfm", NOW))
    return demo


def test_without_scores_there_is_no_grid(shop: Shop, owner: Client) -> None:
    assert "Pick customers" not in words(owner.get("/buckets/"))
    assert "Nothing is picked yet" in words(owner.get("/buckets/picked/?cell=5.5"))


def test_what_is_picked_is_counted_and_said(scored: Shop, reader: Client) -> None:
    rule = "rfm.recency >= 4 and rfm.frequency = 5"
    people = scored.count(rule)
    said = words(reader.get("/buckets/picked/?cell=5.5&cell=4.5&cell=9.9&cell=x"))
    assert people > 0
    assert re.search(rf"{people} customers? ?, [\d.]+% of those who have bought; they have spent €", said)
    assert scored.sentence(rule) in said
    page = reader.get("/buckets/?cell=5.5&cell=4.5").content.decode()
    assert len(re.findall(r'value="[45]\.5"[^>]* checked', page)) == 2 and page.count(" checked>") == 2


def test_what_is_picked_becomes_a_segment_to_be_written(scored: Shop, reader: Client) -> None:
    answer = reader.get("/buckets/region/?cell=5.5&cell=4.5")
    address = urlsplit(answer.headers["location"])
    assert (address.path, parse_qs(address.query)) == (
        "/segments/new/",
        {"rule": ["rfm.recency >= 4 and rfm.frequency = 5"]},
    )
    assert reader.get("/buckets/region/").headers["location"] == "/buckets/"


def test_whoever_looks_only_may_pick_but_is_offered_no_segment(scored: Shop, reader: Client) -> None:
    assert "Make it a segment" in words(reader.get("/buckets/"))
    Person.objects.update(role=roles.VIEWER)
    assert "Make it a segment" not in words(reader.get("/buckets/?cell=5.5"))


def test_a_segment_begins_with_a_customer(demo: Shop, reader: Client) -> None:
    """Of the demo shop's 300: whoever is most like one of them, as a rule that is true of them."""
    reader.get("/customers/alike/C000007/")
    running.drive()
    page = reader.get("/customers/alike/C000007/").content.decode()
    rule = html.unescape(re.search(r'name="rule" value="([^"]+)"', page)[1])  # type: ignore[index]
    assert "C000007" in demo.members(rule)["customer_id"].to_pylist()
    assert demo.sentence(rule) in words(reader.get("/customers/alike/C000007/"))
    assert demo.sentence(rule) in words(reader.get("/segments/new/", {"rule": rule}))
    preview = words(reader.post("/segments/preview/", {"rule": rule}))
    assert f"People {demo.count(rule)} " in preview


def test_a_segment_is_seen_beside_everybody_else_and_step_by_step(demo: Shop, reader: Client) -> None:
    """The shares of the profile are those of the persona, the steps of the waterfall those of the statement."""
    segment = "count(orders) >= 4"
    for analysis in ("personas", "profit"):
        reader.get(f"/insights/{analysis}/", {"segment": segment})
    running.drive()
    told = demo.insight("personas", segment=segment).rows.to_pylist()
    most = max((r for r in told if r["kind"] in ("word", "yes") and r["differs"] and r["others"] is not None),
               key=lambda r: abs(r["value"] - r["others"]))
    page = reader.get("/insights/personas/", {"segment": segment}).content.decode()
    assert "Where they differ most from everybody else" in page
    assert f"{most['value']:.0%}</td>" in page and f"{most['others']:.0%}</td>" in page
    page = reader.get("/insights/profit/", {"segment": segment}).content.decode()
    assert "<svg" in page and " style=" not in page and "Of every 100 charged," in page
    assert "<svg" not in reader.get("/insights/profit/", {"segment": "no(orders)"}).content.decode()
