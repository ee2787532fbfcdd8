"""Databases connected in the browser: tried before they are kept, read, followed, forgotten; their passwords unseen."""

from __future__ import annotations

import json
import logging
import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from regulars.app.doors import roles
from regulars.app.doors.models import Entry
from regulars.app.jobs import running
from regulars.app.jobs.models import Job
from regulars.app.sources import secrets, work
from regulars.app.sources.models import Query, Source
from regulars.errors import Refused
from regulars.intake import databases
from regulars.intake.database_drivers import hidden, parted, public
from regulars.shop import Shop
from tests.app.conftest import SignedIn
from tests.app.test_segments import words

SQL = "SELECT id AS order_id, customer AS customer_id, sold_at AS at, 'paid' AS status, amount AS total FROM sales"
SECRET = "p@ss:w/rd%7"


@pytest.fixture
def till(tmp_path: Path) -> Path:
    """A till of two sales."""
    with sqlite3.connect(tmp_path / "till.db") as connection:
        connection.execute("CREATE TABLE sales (id TEXT, customer TEXT, sold_at TEXT, amount TEXT)")
        connection.executemany("INSERT INTO sales VALUES (?, ?, ?, ?)", [
            ("T1", "C5", "2026-11-01 10:00", "12.50"), ("T2", "C4", "2026-11-02 10:00", "7.50")])
    return tmp_path / "till.db"


@pytest.fixture
def source(shop: Shop, owner: Client, till: Path, settings: Settings) -> Source:
    settings.SQLITE_FOLDERS = [till.parent]
    answer = owner.post("/bring-in/databases/", {"name": "Till", "address": f"sqlite:///{till}", "minutes": "60"})
    assert answer.status_code == 302, words(answer)
    return Source.objects.get()


def test_a_query_is_tried_kept_read_and_read_again(source: Source, shop: Shop, owner: Client, till: Path) -> None:
    page = f"/bring-in/databases/{source.pk}/"
    tried = words(owner.post(page, {"sql": SQL, "rows_are": "orders", "watermark": "order_id", "try": "1"}))
    assert "Its first rows" in tried and "T1 C5 2026-11-01 10:00 paid 12.50" in tried
    assert not Query.objects.exists()
    assert shop.count("any(orders)") == 4
    owner.post(page, {"sql": SQL, "rows_are": "orders", "watermark": "order_id", "keep": "1"})
    running.drive()
    assert (shop.count("any(orders)"), shop.count("customer_id = 'C5' and sum(orders.total) = 12.50")) == (5, 1)
    query = Query.objects.get()
    assert len(query.receipts) == 1 and "i000003" in words(owner.get(page))
    with sqlite3.connect(till) as connection:
        connection.execute("INSERT INTO sales VALUES ('T3', 'C5', '2026-11-03 10:00', '1.00')")
    owner.post(f"/bring-in/queries/{query.pk}/read/")
    running.drive()
    query.refresh_from_db()
    newest = shop.imports.receipt(query.receipts[0])
    assert (newest.rows.read, newest.tables["orders"].added) == (2, 1)  # T2 again, and T3


def test_it_is_read_as_often_as_was_said(source: Source, shop: Shop, owner: Client) -> None:
    owner.post(f"/bring-in/databases/{source.pk}/", {"sql": SQL, "rows_are": "orders", "keep": "1"})
    running.drive()

    def begun() -> int:
        work.due(Job(), lambda progress: None)
        return Job.objects.filter(kind=work.READ).count()
    assert begun() == 1
    Query.objects.update(read_at=timezone.now() - timedelta(minutes=61))
    assert begun() == 2
    assert begun() == 2, "the one that waits is enough"
    owner.post(f"/bring-in/databases/{source.pk}/settle/", {"minutes": "0"})
    running.drive()
    Query.objects.update(read_at=timezone.now() - timedelta(days=9))
    assert begun() == 2


def test_a_file_is_read_only_where_the_machines_owner_said_so_and_never_the_shops_own(
        shop: Shop, owner: Client, till: Path, source: Source, settings: Settings) -> None:
    def told(path: Path) -> str:
        return words(owner.post("/bring-in/databases/", {"name": "x", "address": f"sqlite:///{path}", "minutes": "0"}))
    (till.parent / "link.db").symlink_to("/etc/passwd")
    own = shop.folder / "outreach.sqlite"
    shutil.copy(till, own)
    (till.parent / "hard.db").hardlink_to(own)
    assert "may not read" in told(till.parent / "link.db") and "may not read" in told(till.parent / ".." / "x.db")
    assert "there is no file" in told(till.parent / "lost.db")
    for path in (own, shop.folder / "files" / ".." / "outreach.sqlite", till.parent / "hard.db"):
        assert "is one of the shop's own files" in told(path)
    with pytest.raises(Refused, match="shop's own"):
        shop.import_query(databases.Query(f"sqlite:///{own}", SQL))
    settings.SQLITE_FOLDERS = []
    assert "may not read" in words(owner.post(f"/bring-in/databases/{source.pk}/", {"sql": SQL, "try": "1"}))
    assert Source.objects.count() == 1


@pytest.mark.parametrize("address, said", [
    ("sqlite:////nowhere/at/all.db", "may not read /nowhere/at/all.db"),
    ("http://shop.example/", "An address begins with"), ("", "required"),
    ("postgresql://u@127.0.0.1:1/x", "does not give the rows"), ("postgresql://[", "begins with")])
def test_what_does_not_answer_is_not_kept(shop: Shop, owner: Client, address: str, said: str) -> None:
    answer = owner.post("/bring-in/databases/", {"name": "x", "address": address, "password": SECRET, "minutes": "0"})
    assert answer.status_code == 200 and said in words(answer)
    assert SECRET not in answer.content.decode() and not Source.objects.exists()


@pytest.mark.parametrize("sql, said", [("SELECT 1 FROM not_there", "no such table"), ("DELETE FROM sales", "readonly"),
                                       ("SELEC", "syntax error")])
def test_a_query_that_cannot_be_asked_is_said_beside_it(source: Source, owner: Client, sql: str, said: str) -> None:
    answer = words(owner.post(f"/bring-in/databases/{source.pk}/", {"sql": sql, "keep": "1"}))
    assert said in answer and not Query.objects.exists()


def test_a_watermark_that_is_no_column_names_those_there_are(source: Source, owner: Client) -> None:
    answer = words(owner.post(f"/bring-in/databases/{source.pk}/", {"sql": SQL, "watermark": "changed", "keep": "1"}))
    assert "The query has no column 'changed' to go by." in answer and "order_id" in answer


def test_the_password_is_in_one_file_and_nowhere_else(shop: Shop, owner: Client, caplog: pytest.LogCaptureFixture,
                                                      monkeypatch: pytest.MonkeyPatch) -> None:
    """Not in the database, the log of who did what, the pages, the process's log, or a backup."""
    monkeypatch.setattr("regulars.intake.databases.sample", lambda query, most: None)
    with caplog.at_level(logging.DEBUG):
        owner.post("/bring-in/databases/", {"name": "Web", "address": "postgresql://web:inside@127.0.0.1:1/shop",
                                            "password": SECRET, "minutes": "0"})
        source = Source.objects.get()
        assert source.address == "postgresql://web@127.0.0.1:1/shop"
        assert secrets.whole(source) == "postgresql://web:p%40ss%3Aw%2Frd%257@127.0.0.1:1/shop"
        query = Query.objects.create(source=source, sql="SELECT 1")
        owner.post(f"/bring-in/queries/{query.pk}/read/")
        running.drive()
    query.refresh_from_db()
    assert "does not give the rows" in str(query.trouble)
    pages = "".join(owner.get(p).content.decode() for p in ("/bring-in/databases/", f"/bring-in/databases/{source.pk}/",
                                                             "/log/"))
    held = json.dumps([*Entry.objects.values("about", "detail"), *Job.objects.values("asked", "error"),
                       *Source.objects.values("address")], default=str)
    for secret in (SECRET, "p%40ss", "inside"):
        assert secret not in pages + held + caplog.text
    file = shop.folder / secrets.FILE
    assert file.stat().st_mode & 0o777 == 0o600 and SECRET in file.read_text()
    backup = shop.backup(shop.folder.parent / "copy")
    assert secrets.FILE not in backup.files and not (shop.folder.parent / "copy" / secrets.FILE).exists()
    owner.post(f"/bring-in/databases/{source.pk}/disconnect/")
    assert SECRET not in file.read_text() and not Source.objects.exists()


def test_only_an_owner_connects(source: Source, as_: SignedIn) -> None:
    for role in (roles.HELPER, roles.VIEWER):
        assert as_(role).get("/bring-in/databases/").status_code == 403
        assert as_(role).post(f"/bring-in/databases/{source.pk}/disconnect/").status_code == 403
    assert Source.objects.exists()


def test_a_key_for_live_messages_is_made_on_the_way(shop: Shop, owner: Client) -> None:
    page = owner.get("/settings/keys/?scope=write").content.decode()
    assert 'value="write" id="id_scopes_5" checked' in page or 'checked' in page[page.index('value="write"'):][:60]
    assert "/v1/" in words(owner.post("/settings/keys/", {"name": "Web", "scopes": ["write"]}))


@pytest.mark.parametrize("said, shown", [
    ("postgresql://me:s3cret@host/db?sslmode=require", "postgresql://me@host/db?sslmode=require"),
    ("postgresql://host/db?user=me&password=s3cret", "postgresql://host/db?user=me"),
    ("mysql://me@host/db?unix_socket=/s&passwd=s3cret", "mysql://me@host/db?unix_socket=%2Fs"),
    ("sqlite:////a/file.db", "sqlite:////a/file.db")])
def test_an_address_is_shown_without_its_password_wherever_that_stands(said: str, shown: str) -> None:
    address, secret = parted(said)
    assert address == public(said) == shown and secret == ("s3cret" if "s3cret" in said else "")
    if said.startswith("postgresql"):
        assert parted(secrets.with_password(address, secret)) == (address, secret)


@pytest.mark.parametrize("sql", [
    "SELECT * FROM dblink('host=h password=s3cret user=u', 'SELECT 1') AS t(a int)",
    "SELECT * FROM dblink('postgresql://u:s3cret@h/db', 'SELECT 1') AS t(a int)",
    "SELECT * FROM f(password => 's3cret', x => 1)", "CREATE USER u IDENTIFIED BY 's3cret'"])
def test_a_password_in_a_query_is_neither_shown_nor_written_down(source: Source, owner: Client, sql: str,
                                                                 caplog: pytest.LogCaptureFixture) -> None:
    assert "…" in hidden(sql) and "s3cret" not in hidden(sql)
    Query.objects.create(source=source, sql=sql)
    owner.post(f"/bring-in/queries/{Query.objects.get().pk}/read/")
    running.drive()
    page = owner.get(f"/bring-in/databases/{source.pk}/").text
    assert "s3cret" not in page + caplog.text + str(list(Entry.objects.values())) + str(list(Job.objects.values()))
    assert hidden(SQL) == SQL
