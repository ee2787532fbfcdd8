"""Text messages and webhooks, against a real server that answers as it is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from regulars.errors import Refused
from regulars.model.settings import FILE, dump
from regulars.outreach.channels import channel, posting, signing
from regulars.outreach.channels.base import LineDown, Receipt
from regulars.outreach.channels.provider import fill
from tests.outreach.channels.parcels import SETTINGS, parcel


class Server:
    """What was posted, and what is answered: statuses one after the other, 200 when they are used up.

    "hang up": all is read and nothing answered; "silence": not even that, until the patience is over.
    """

    def __init__(self) -> None:
        self.posted: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int | str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.posted.append(({k.lower(): v for k, v in self.headers.items()}, body))
                answer = outer.answers.pop(0) if outer.answers else 200
                if answer == "hang up":
                    self.connection.close()
                    return
                self.send_response(int(answer))
                self.send_header("Location", "http://127.0.0.1:9/")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/send"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server()
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / FILE).write_text(dump(SETTINGS), encoding="utf-8")
    return tmp_path


def deliver(folder: Path, name: str, parcels: list[Any], **settings: Any) -> list[Receipt]:
    with channel(name).open(settings, folder) as line:
        return line.deliver(parcels)


def test_a_text_message_is_posted_signed_to_a_number_the_world_dials(server: Server, folder: Path) -> None:
    text = 'Say "hi" \\ {{to}} \n سلام'
    assert deliver(folder, "sms", [parcel(7, "06 12345678", text=text)], url=server.url, secret="s3cret",
                   sender="Shop", authorization="Bearer t") == [Receipt(7, "sent", "200")]
    headers, body = server.posted[0]
    assert json.loads(body) == {"id": "o7", "to": "+31612345678", "from": "Shop", "text": text}
    assert headers["authorization"] == "Bearer t" and headers["webhook-id"] == headers["idempotency-key"] == "o7"
    moment = int(headers["webhook-timestamp"])
    assert signing.holds("s3cret", headers, body, moment + 200)
    assert not signing.holds("s3cret", headers, body + b" ", moment) and not signing.holds("no", headers, body, moment)
    assert not signing.holds("s3cret", headers, body, moment + 301) and not signing.holds("", headers, body, moment)


def test_a_provider_that_takes_forms_gets_one(server: Server, folder: Path) -> None:
    deliver(folder, "sms", [parcel(1, "+92 300 1234567", text="a&b=c")], url=server.url, format="form",
            body='{"To": "{{to}}", "Body": "{{text}}", "From": "{{from}}"}', sender="+1")
    assert parse_qs(server.posted[0][1].decode()) == {"To": ["+923001234567"], "Body": ["a&b=c"], "From": ["+1"]}


@pytest.mark.parametrize(("answer", "state"), [
    (202, "sent"), (400, "failed_permanent"), (422, "failed_permanent"),
    (429, "failed_temporary"), (503, "failed_temporary"), ("hang up", "unknown")])
def test_what_was_answered_says_what_became_of_it(server: Server, folder: Path, answer: int | str, state: str) -> None:
    server.answers = [answer]
    receipts = deliver(folder, "whatsapp", [parcel(1, "+31612345678"), parcel(2, "+31612345679")], url=server.url)
    assert [r.state for r in receipts] == [state, "sent"] and len(server.posted) == 2


def test_no_number_is_never_posted(server: Server, folder: Path) -> None:
    assert deliver(folder, "sms", [parcel(1, "call me")], url=server.url)[0].state == "bounced_hard"
    assert server.posted == []


def test_a_wrong_key_or_a_server_that_is_not_there_stops_the_line_and_nothing_counts_as_sent(
        server: Server, folder: Path) -> None:
    for answer in (401, 405, 301):
        server.answers = [answer]
        with pytest.raises(LineDown, match=str(answer)):
            deliver(folder, "sms", [parcel(1, "+31612345678")], url=server.url)
    with pytest.raises(LineDown):
        deliver(folder, "sms", [parcel(1, "+31612345678")], url="http://127.0.0.1:9/")
    server.answers = [200, 403]
    receipts = deliver(folder, "sms", [parcel(1, "+31612345678"), parcel(2, "+31612345679")], url=server.url)
    assert [r.state for r in receipts] == ["sent", "failed_temporary"]


def test_a_server_that_says_nothing_is_left_after_its_patience(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "PATIENCE", 0.2)
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as deaf:
        url = f"http://127.0.0.1:{deaf.server_port}/"
        assert deliver(folder, "webhook", [parcel(3)], url=url)[0].state == "unknown"


def test_settings_that_cannot_be_are_refused_before_anything_is_sent(folder: Path) -> None:
    for said in ({}, {"url": "ftp://x/"}, {"url": "https://x/", "format": "xml"},
                 {"url": "https://x/", "body": "{"}, {"url": "https://x/", "body": "[]", "format": "form"}):
        with pytest.raises(Refused):
            channel("sms").open(said, folder)


def test_what_is_filled_in_is_never_read_again() -> None:
    assert fill({"a": ["{{ text }}", 1, "{{x}} {{"]}, {"text": "{{to}}", "to": "no"}) == {
        "a": ["{{to}}", 1, "{{x}} {{"]}
