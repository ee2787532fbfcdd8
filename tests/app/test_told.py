"""Today, Buckets, Personas, Products: what the analyses said, kept by a job, in every language."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from regulars.app.doors import roles
from regulars.app.doors.models import Person
from regulars.app.facts import close_facts, open_facts
from regulars.app.jobs import running
from regulars.app.jobs.models import DONE, Job
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
    folder = tmp_path_factory.mktemp("told") / "shop"
    make_demo_shop(folder, now=NOW.replace(tzinfo=None), customers=300, seed=2).close()
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
    assert "Five moves for this week" in words(today) and "Make it a segment" in words(today)
    assert "The shop in ten numbers" in words(today)
    for page in (today, buckets, reader.get("/products/"), reader.get("/personas/")):
        assert " style=" not in page.content.decode()
    rule = re.search(r'name="rule" value="(rfm\.group = [^"]+)"', buckets.content.decode())
    assert rule is not None
    count = demo.count(html.unescape(rule[1]))
    name = html.unescape(rule[1]).split("'")[1]
    grouped = {row["group"]: row["customers"] for row in demo.insight("rfm").rows.to_pylist()}
    assert count == grouped[name] > 0
    russian = Client(headers={"accept-language": "ru"})
    russian.force_login(Person.objects.get(), "allauth.account.auth_backends.AuthenticationBackend")
    assert re.search("[а-я]{5}", words(russian.get("/today/")))
    assert "Five moves" not in words(russian.get("/today/"))


def test_the_first_page_is_today_and_says_how_to_begin(shop: Shop, owner: Client) -> None:
    assert owner.get("/").headers["location"] == "/today/"
    for table in ("customers", "orders", "identities", "lines"):
        shop.engine.execute(f"DELETE FROM {table}")
    assert "Begin with the files you have" in words(owner.get("/today/"))


def test_back_leads_nowhere_else(shop: Shop, owner: Client) -> None:
    assert owner.post("/told/again/", {"back": "https://evil.example/"}).headers["location"] == "/"
