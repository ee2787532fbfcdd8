"""Today, Buckets, Personas, Products: what the analyses said, kept by a job, in every language."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.compute as pc
import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from regulars.app import moments
from regulars.app.doors import roles
from regulars.app.doors.models import Person
from regulars.app.facts import close_facts, open_facts
from regulars.app.jobs import running
from regulars.app.jobs.kinds import ASKED
from regulars.app.jobs.models import DONE, Job
from regulars.app.today import acting
from regulars.app.today.models import Acted
from regulars.app.told.models import Told
from regulars.app.told.work import begin
from regulars.shop import Shop
from regulars.shop.demo import make_demo_shop
from tests.app.conftest import PASSWORD, SignedIn
from tests.insight.conftest import NOW

PAGES = ("/today/", "/buckets/", "/personas/", "/products/")


def words(answer: HttpResponse) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


@pytest.fixture(scope="module")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """300 customers and three segments: the past of each takes seconds."""
    folder = tmp_path_factory.mktemp("told") / "shop"
    with make_demo_shop(folder, now=NOW.replace(tzinfo=None), customers=300, seed=2) as shop:
        for segment in shop.segments.list()[3:]:
            shop.segments.remove(segment.name, now=shop.moment())
    return folder


@pytest.fixture
def demo(demo_folder: Path, db: None) -> Iterator[Shop]:
    cache.clear()
    yield open_facts(demo_folder).shop()
    close_facts()


@pytest.fixture
def reader(demo: Shop) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(Person.objects.create_user("o@shop.example", PASSWORD, role=roles.OWNER),
                       "allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.mark.parametrize("address", PAGES)
def test_before_the_first_time_it_is_offered(shop: Shop, owner: Client, as_: SignedIn, address: str) -> None:
    assert "Work it out" in words(owner.get(address))
    assert "Work it out" not in words(as_(roles.VIEWER).get(address))
    assert as_(roles.VIEWER).post("/told/again/").status_code == 403


def test_a_shop_of_five_says_that_it_is_too_little(shop: Shop, owner: Client) -> None:
    begin()
    running.drive()
    assert not Job.objects.exclude(state=DONE).exists()
    for address in PAGES:
        assert owner.get(address).status_code == 200
    assert "There are too few orders" in words(owner.get("/today/"))


def test_it_is_said_in_every_language_and_can_be_adopted(demo: Shop, reader: Client) -> None:
    answer = reader.post("/told/again/", {"back": "/buckets/"})
    assert answer.headers["location"] == "/buckets/"
    running.drive()
    assert not Job.objects.exclude(state=DONE).exists()
    assert {t.language for t in Told.objects.filter(key="recency")} == {"en", "id", "ur", "ru"}
    today, buckets = reader.get("/today/"), reader.get("/buckets/")
    assert "Five moves for this week" in words(today) and "Do it" in words(today)
    assert "Make it a segment" in words(buckets) and "Make all of these segments" in words(buckets)
    assert "The shop in ten numbers" in words(today)
    for page in (today, buckets, reader.get("/products/"), reader.get("/personas/")):
        assert " style=" not in page.content.decode() and "vega" not in page.content.decode()
    leads = [html.unescape(a) for a in re.findall(r'<a href="(/segments/new/[^"]+)" aria-label="[^"]+"><path',
                                                  buckets.content.decode()) if "rfm.group" in a]
    assert len(leads) == len(demo.insight("rfm").rows.filter(pc.field("customers") > 0))
    assert "rfm.group = 'champions'" in words(reader.get(leads[0])) and "Champions" in reader.get(
        leads[0]).content.decode()
    assert "What each product brings" in words(reader.get("/products/"))
    new = Told.objects.get(key="releases", language="en").said["cards"]
    assert new and all(card["lines"][0].startswith(f"{card['title']} is new: it concerns {demo.count(card['rule'])} p")
                       for card in new) and "What is new, and who would like it" in words(reader.get("/products/"))
    curve = Told.objects.get(key="carriers", language="en").said["pictures"][0]
    best = demo.insight("profit").numbers["concentration"]
    assert [demo.count(rule) for rule in curve["rules"][1:]] == [t["people"] for t in best["tenths"]]
    assert curve["names"][1] == "The best 10% of those who bought" and curve["svg"].count("<a href=") == 10
    rule = re.search(r'name="rule" value="(rfm\.group = [^"]+)"', buckets.content.decode())
    assert rule is not None
    count = demo.count(html.unescape(rule[1]))
    name = html.unescape(rule[1]).split("'")[1]
    grouped = {row["group"]: row["customers"] for row in demo.insight("rfm").rows.to_pylist()}
    assert count == grouped[name] > 0
    viewer = Client(headers={"accept-language": "en"})
    viewer.force_login(Person.objects.create_user("v@shop.example", PASSWORD, role=roles.VIEWER),
                       "allauth.account.auth_backends.AuthenticationBackend")
    assert "/segments/new/" not in viewer.get("/buckets/").content.decode()
    russian = Client(headers={"accept-language": "ru"})
    russian.force_login(Person.objects.get(role=roles.OWNER), "allauth.account.auth_backends.AuthenticationBackend")
    assert re.search("[а-я]{5}", words(russian.get("/today/")))
    assert "Five moves" not in words(russian.get("/today/"))


def test_the_first_page_is_today_and_says_how_to_begin(shop: Shop, owner: Client) -> None:
    assert owner.get("/").headers["location"] == "/today/"
    for table in ("customers", "orders", "identities", "lines"):
        shop.engine.execute(f"DELETE FROM {table}")
    assert "Begin with the files you have" in words(owner.get("/today/"))


def test_back_leads_nowhere_else(shop: Shop, owner: Client) -> None:
    assert owner.post("/told/again/", {"back": "https://evil.example/"}).headers["location"] == "/"


MOVE = "any(orders)"


@pytest.fixture
def proposed(shop: Shop) -> None:
    """One move of the week, as a job would have left it."""
    card = {"title": "Win the second order", "lines": ["They ordered once.", "Ask how it was."], "rule": MOVE,
            "facts": {"move": "second order", "usual": 0.26, "days": 30}}
    for language in ("en", "ru"):
        Told.objects.create(key="moves", language=language, as_of="2026-11-22T12:00:00", facts_version=1,
                            said={"key": "moves", "title": "Five moves", "numbered": True, "cards": [card]})


def test_a_move_that_is_done_is_a_segment_and_is_followed(proposed: None, shop: Shop, owner: Client,
                                                          monkeypatch: pytest.MonkeyPatch) -> None:
    answer = owner.post("/today/do/", {"rule": MOVE})
    assert answer.headers["location"] == "/campaigns/show/Win%20the%20second%20order/"
    campaign = shop.campaigns.get("Win the second order")
    assert (campaign.segments, campaign.extra["move"]) == (("Win the second order",), "second order")
    segment = shop.segments.get("Win the second order")
    assert (segment.rule, segment.note, segment.changed_by) == (MOVE, "Ask how it was.", "Owner")
    acted = Acted.objects.get()
    assert (acted.move, acted.segment, acted.usual, acted.days) == ("second order", segment.name, 0.26, 30)
    Acted.objects.update(made_at=datetime(2026, 10, 1, tzinfo=UTC))
    monkeypatch.setattr(acting, "TOLD_FOR", timedelta(days=36_500))
    said = words(owner.get("/today/brought/"))
    assert "Of 3 people 1 (33%) ordered until 31 Oct 2026" in said and "for €20.00" in said  # Ada, on 10 October
    assert "By themselves 26% of such people order within 30 days." in said
    assert "You began this, and it is still a draft: Win the second order" in said and "control group" not in said


def test_a_move_done_twice_is_one_segment(proposed: None, shop: Shop, owner: Client) -> None:
    shop.segments.add("Win the second order", "no(orders)", now=NOW.replace(tzinfo=None))
    owner.post("/today/do/", {"rule": MOVE})
    owner.post("/today/do/", {"rule": MOVE})
    assert [s.name for s in shop.segments.list()] == ["Win the second order", "Win the second order 2"]
    assert [c.name for c in shop.campaigns.list()] == ["Win the second order 2"]


def test_a_move_under_way_leads_to_its_campaign_until_its_time_is_over(
        proposed: None, shop: Shop, owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    owner.post("/today/do/", {"rule": MOVE})
    said = words(owner.get("/today/"))
    assert "Do it" in said and "You began this, and it is still a draft: Win the second order" in said
    began = moments.current() - timedelta(days=1)
    shop.campaigns.goal("Win the second order", "any(visits)", now=began)
    with shop.campaigns.store.writing() as c:
        c.execute("UPDATE campaigns SET state = 'sending', began_at = ?", [began.isoformat(timespec="microseconds")])
        c.execute("INSERT INTO audience (campaign_id, customer_id, arm, variant, decided_at) SELECT id, 'C1', "
                  "'message', 'one', began_at FROM campaigns")
    assert "for something else than orders: a visit to the pages. Nobody was left without it" in words(
        owner.get("/today/brought/"))
    said = words(owner.get("/today/"))
    assert "Do it" not in said and "written to on" in said and "Look at the campaign" in said and "You did" not in said
    monkeypatch.setattr(moments, "current", lambda: began + timedelta(days=15))
    said = words(owner.get("/today/"))
    assert "Do it" in said and re.search(r"You did this on [^?]{9,40}: Win the second order", said), said


def test_a_move_that_is_gone_or_not_allowed_is_not_done(proposed: None, shop: Shop, owner: Client,
                                                        as_: SignedIn) -> None:
    assert owner.post("/today/do/", {"rule": "no(orders)"}).status_code == 404
    assert as_(roles.VIEWER).post("/today/do/", {"rule": MOVE}).status_code == 403
    assert shop.segments.list() == []
    assert "No move was acted on yet" in words(as_(roles.VIEWER).get("/today/brought/"))


def test_all_kinds_found_become_segments(demo: Shop, reader: Client) -> None:
    """As the analysis names them, by its own rules; nobody is in two of them."""
    reader.post("/buckets/adopt/")
    running.drive(ASKED)
    kinds = [row["name"] for row in demo.insight("buckets").rows.to_pylist()]
    assert {s.name for s in demo.segments.list()} >= set(kinds)
    job = Job.objects.get(kind="adopt")
    done = words(reader.get(f"/buckets/adopting/{job.pk}/"))
    assert ("See the segments" in done) if kinds else ("There are no buckets here" in done)
