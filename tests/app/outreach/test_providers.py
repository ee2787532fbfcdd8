"""A provider beside SMTP: what it takes and refuses over HTTP, and what it tells later."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.test import Client
from pytest_django import Settings

from regulars.app.outreach import providers
from regulars.outreach import links
from regulars.outreach.channels.base import LineDown, Parcel
from regulars.shop import Shop


class Postmark(HTTPServer):
    """Answers as Postmark does: https://postmarkapp.com/developer/api/email-api"""

    def __init__(self) -> None:
        self.got: list[dict[str, object]] = []
        self.status, self.said = 200, {"ErrorCode": 0, "Message": "OK", "MessageID": "m-1", "To": "ada@mail.example"}
        super().__init__(("127.0.0.1", 0), Answer)


class Answer(BaseHTTPRequestHandler):
    server: Postmark

    def do_POST(self) -> None:
        self.server.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        body = json.dumps(self.server.said).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def postmark(settings: Settings) -> Iterator[Postmark]:
    server = Postmark()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.ANYMAIL = {"PROVIDER": "postmark", "POSTMARK_SERVER_TOKEN": "t", "WEBHOOK_SECRET": "name:secret",
                        "POSTMARK_API_URL": f"http://127.0.0.1:{server.server_port}/"}
    yield server
    server.shutdown()
    server.server_close()


def parcel(delivery: int = 1) -> Parcel:
    return Parcel(delivery, "P01", "ada@mail.example", subject="Hello", text="Good day.", html="<p>Good day.</p>",
                  headers={"List-Unsubscribe": "<https://shop.example/m/u/x>", "Date": "x"})


def deliver(one: Parcel) -> str:
    with providers.ProviderLine({"sender": "Shop <shop@shop.example>"}) as line:
        return line.deliver([one])[0].state


def test_a_provider_takes_a_message_or_says_why_not(sent: Shop, postmark: Postmark) -> None:
    assert deliver(parcel()) == "sent"
    got = postmark.got[0]
    assert (got["To"], got["Subject"], got["TextBody"]) == ("ada@mail.example", "Hello", "Good day.")
    assert {"Name": "List-Unsubscribe", "Value": "<https://shop.example/m/u/x>"} in got["Headers"]  # type: ignore[operator]
    postmark.status, postmark.said = 422, {"ErrorCode": 300, "Message": "Invalid email request"}
    assert deliver(parcel()) == "failed_permanent"
    postmark.status = 500
    with pytest.raises(LineDown):
        deliver(parcel())


def test_what_a_provider_tells_is_kept_where_it_is_of_this_shop(sent: Shop, postmark: Postmark) -> None:
    provider = Client(headers={"authorization": "Basic bmFtZTpzZWNyZXQ="})

    def tell(kind: str, mark: str, **more: object) -> int:
        body = {"RecordType": kind, "MessageID": "m-1", "Recipient": "p1@mail1.example", "Email": "p1@mail1.example",
                "Metadata": {"delivery": "1", "mark": mark}, "DeliveredAt": "2026-11-26T09:00:00Z",
                "BouncedAt": "2026-11-26T09:00:00Z", **more}
        return int(provider.post("/m/anymail/postmark/tracking/", body, content_type="application/json").status_code)
    good = links.message_digest(sent.campaigns.store.seed, 1)
    assert tell("Delivery", "made up") == 200
    assert sent.campaigns.progress("Hello").deliveries == {"sent": 6}
    assert tell("Delivery", good) == 200
    assert sent.campaigns.progress("Hello").deliveries == {"delivered": 1, "sent": 5}
    assert tell("SpamComplaint", good, Type="SpamComplaint") == 200
    assert sent.campaigns.progress("Hello").deliveries == {"complained": 1, "sent": 5}
    stranger = Client().post("/m/anymail/postmark/tracking/", {}, content_type="application/json")
    assert stranger.status_code == 400
