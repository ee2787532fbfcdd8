"""People, jobs and the log of who did what in PostgreSQL rather than in the shop's folder."""

from __future__ import annotations

import http.cookiejar
import json
import re
import signal
import subprocess
import time
import urllib.parse
import urllib.request
from pathlib import Path

import psycopg
import pytest
from django.test import Client

from regulars.app.jobs import running
from regulars.app.sources.models import Source
from regulars.intake.database_drivers import parted
from regulars.shop import Shop
from tests.app.conftest import REGULARS, Started

pytestmark = pytest.mark.postgres


@pytest.fixture
def database(postgres: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty database, which `DATABASE_URL` names."""
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS pages WITH (FORCE)")
        connection.execute("CREATE DATABASE pages")
    address = postgres.rpartition("/")[0] + "/pages"
    monkeypatch.setenv("DATABASE_URL", address)
    return address


class Browser:
    """Somebody with a browser that keeps cookies."""

    def __init__(self, address: str) -> None:
        self.address, self.cookies = address, http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def get(self, path: str) -> str:
        with self.opener.open(self.address + path) as page:
            return str(page.read().decode())

    def post(self, path: str, **fields: str) -> str:
        token = next(c.value for c in self.cookies if c.name.startswith("regulars_csrf_"))
        sent = urllib.parse.urlencode({**fields, "csrfmiddlewaretoken": token or ""}).encode()
        asked = urllib.request.Request(self.address + path, sent, {"Origin": self.address})
        with self.opener.open(asked) as page:
            return str(page.read().decode())


def test_signing_in_a_segment_its_job_and_a_key(start: Started, database: str, little_shop_folder: Path) -> None:
    process, first = start(little_shop_folder, "--demo")
    assert process.stdout is not None
    found = re.search(r"Sign in as (\S+) with the password (\S+)", process.stdout.readline())
    assert found
    browser = Browser(first.split()[-1])
    browser.get("/account/login/")
    assert "Today" in browser.post("/account/login/", login=found[1], password=found[2])
    browser.get("/segments/new/")
    browser.post("/segments/new/", name="VIP", rule="count(orders) >= 10", note="")
    assert "Ada Bloem" in _with_members(browser)
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT state FROM jobs_job WHERE kind = 'refresh' ORDER BY id").fetchall()[0] == (
            "done",)
        assert connection.execute("SELECT count(*) FROM doors_entry WHERE what = 'segment.saved'").fetchone() == (1,)
    assert _segments_by_key(browser.address, little_shop_folder) == ["VIP"]
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    assert not (little_shop_folder / "app.sqlite3").exists()
    with Shop.open(little_shop_folder) as shop:
        assert [s.name for s in shop.segments.list()] == ["VIP"]


def _with_members(browser: Browser) -> str:
    """The segment's page as soon as it was looked at."""
    until = time.monotonic() + 60
    while "Ada Bloem" not in (page := browser.get("/segments/show/VIP/")) and time.monotonic() < until:
        time.sleep(0.2)
    return page


def _segments_by_key(address: str, folder: Path) -> list[str]:
    key = subprocess.run([*REGULARS, "keys", "add", "till", "--scope", "segments:read", "--shop", str(folder)],
                         check=True, capture_output=True, text=True).stdout.split()[-1]
    asked = urllib.request.Request(f"{address}/api/v1/segments", headers={"Authorization": f"Bearer {key}"})
    with urllib.request.urlopen(asked) as answer:
        return [segment["name"] for segment in json.load(answer)["items"]]


def test_a_database_server_is_connected_tried_and_read(shop: Shop, owner: Client, postgres: str) -> None:
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS till; CREATE TABLE till (id text, who text, at timestamptz, paid "
                           "numeric); INSERT INTO till VALUES ('P1', 'C5', '2026-11-01 10:00+01', 12.50)")
    address, secret = parted(postgres)
    owner.post("/bring-in/databases/", {"name": "Till", "address": address, "password": secret, "minutes": "0"})
    page = owner.get("/bring-in/databases/").text
    assert "Till" in page and secret and f":{secret}@" not in page
    pk = Source.objects.get().pk
    asked = {"sql": "SELECT id AS order_id, who AS customer_id, at, 'paid' AS status, paid AS total FROM till",
             "rows_are": "orders", "watermark": "at"}
    assert "12.50" in owner.post(f"/bring-in/databases/{pk}/", {**asked, "try": "1"}).text
    owner.post(f"/bring-in/databases/{pk}/", {**asked, "keep": "1"})
    running.drive()
    assert shop.count("customer_id = 'C5' and sum(orders.total) = 12.50") == 1
    wrong = owner.post(f"/bring-in/databases/{pk}/", {**asked, "sql": "SELECT nothing FROM till", "try": "1"}).text
    assert "nothing" in wrong and f":{secret}@" not in wrong
