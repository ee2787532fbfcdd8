"""Bytes on the wire: messages that every program reads as they were meant, signed, and what servers answer to them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from regulars.errors import Refused
from regulars.outreach import bounces, links
from regulars.outreach.channels.base import LineDown, Parcel
from regulars.outreach.channels.email.dkim import Signer
from regulars.outreach.channels.email.mime import message
from regulars.outreach.channels.email.smtp import Server, SmtpLine
from regulars.shop import Shop
from tests.outreach.conftest import NOW, Clock, campaign
from tests.outreach.postbox import Postbox, Running, parsed

TEXTS = [
    "Plain.\n", ".\n..\n.leading dots\n", "Grüße, naïve café\n" * 40, "Привет, как дела?\n" * 30,
    "آپ کے لیے نئی موسیقی\n", "x" * 5000 + "\n", "trailing space \nFrom here\n", "\n\n\n", "tab\t = =3D\n", "🎵 宮崎\n"]
SUBJECTS = ["Hello", "Новинки недели: " * 12, "Your order " * 20, "=?utf-8?q?not_encoded?=", "آپ کے لیے", "🎵" * 60, ""]
SHORT = [f"{len(s)}" for s in SUBJECTS]


def parcel(**said: object) -> Parcel:
    return Parcel(**{"delivery": 1, "customer_id": "C1", "to": "ada@mail.example", "name": "Ada", "subject": "Hello",
                     "text": "Good day.\n", "html": "<p>Good day.</p>", "message_id": "<1.ab@x.y>",
                     "headers": {"Date": "Thu, 26 Nov 2026 09:00:00 +0000", "List-Id": "<a.b>"}} | said)


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_a_text_comes_out_as_it_went_in(text: str) -> None:
    data = message(parcel(text=text, html=f"<p>{text}</p>"), sender="Shop <shop@shop.example>", reply_to="")
    assert b"\n" not in data.replace(b"\r\n", b"") and max(map(len, data.split(b"\r\n"))) <= 998
    plain, html = parsed(data).iter_parts()
    assert plain.get_content().replace("\r\n", "\n").rstrip("\n") == text.rstrip("\n")
    assert html.get_content().replace("\r\n", "\n").strip() == f"<p>{text}</p>".strip()


@pytest.mark.parametrize("subject", SUBJECTS, ids=SHORT)
@pytest.mark.parametrize("name", ["Ada", "Ünal, Çiğdem", '宮崎 "花"', "a\r\nBcc: x@evil.example", "=?x?="])
def test_a_header_is_one_header(subject: str, name: str) -> None:
    data = message(parcel(subject=subject, name=name), sender='"Müller & Söhne" <shop@shop.example>', reply_to="")
    found = parsed(data)
    assert str(found["Subject"]).split() == subject.split()
    assert found["To"].addresses[0].addr_spec == "ada@mail.example"
    assert " ".join(found["To"].addresses[0].display_name.split()) == " ".join(name.split())
    assert found["From"].addresses[0].display_name == "Müller & Söhne"
    assert found["Bcc"] is None and len(found["To"].addresses) == 1
    assert max(map(len, data.partition(b"\r\n\r\n")[0].split(b"\r\n"))) <= 78


def test_a_header_that_would_begin_another_is_refused() -> None:
    for value in ("a\r\nBcc: x@y.z", "a\nb", "a\x00b", "é"):
        with pytest.raises(Refused):
            message(parcel(headers={"List-Id": value}), sender="shop@shop.example", reply_to="")


@pytest.fixture(scope="module")
def signer() -> Signer:
    return Signer("shop.example", "s1", rsa.generate_private_key(65537, 2048))


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_a_signature_is_one_to_others(signer: Signer, text: str) -> None:
    """The judge is dkimpy."""
    made = signer.sign(message(parcel(text=text, subject=text[:200]), sender="Shop <shop@shop.example>", reply_to=""))
    def record(name: bytes, timeout: int = 5) -> bytes:
        assert name == b"s1._domainkey.shop.example."
        return signer.public().encode()
    assert dkim.verify(made, dnsfunc=record)
    assert not dkim.verify(made.replace(b"To: ", b"To: x"), dnsfunc=record)
    assert signer.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                    serialization.NoEncryption())


def send(running: Running, *parcels: Parcel) -> list[str]:
    with SmtpLine(Server("127.0.0.1", running.port, "plain", sender="shop@shop.example", timeout=5)) as line:
        return [line.deliver([p])[0].state for p in parcels]


@pytest.mark.parametrize(("said", "state"), [
    ("250 OK", "sent"), ("451 try later", "failed_temporary"), ("550 5.1.1 no such user", "bounced_hard"),
    ("554 5.7.1 refused by policy", "failed_permanent")])
def test_what_a_server_says_of_an_address(running: Running, box: Postbox, said: str, state: str) -> None:
    box.answer = lambda to: said
    assert send(running, parcel(), parcel()) == [state, state]
    assert box.connections == 1, "the connection is kept, after a refusal too"
    assert len(box.taken) == (2 if state == "sent" else 0)


def test_what_a_server_says_of_a_message(running: Running, box: Postbox) -> None:
    box.data = lambda to: "452 4.3.1 no room"
    assert send(running, parcel()) == ["failed_temporary"]
    box.data = lambda to: "554 5.6.0 not this"
    assert send(running, parcel()) == ["failed_permanent"]


@contextmanager
def server_that_leaves(after: bytes) -> Iterator[int]:
    """Speaks SMTP and hangs up when it has read ``after``, without a word."""
    listening = socket.create_server(("127.0.0.1", 0))

    def talk() -> None:
        while True:
            try:
                line, _ = listening.accept()
            except OSError:
                return
            with line:
                line.sendall(b"220 hello\r\n")
                heard = b""
                while after not in heard and (more := line.recv(65536)):
                    heard += more
                    if after not in heard:
                        line.sendall(b"354 go on\r\n" if more.upper().startswith(b"DATA") else b"250 OK\r\n")
    threading.Thread(target=talk, daemon=True).start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.close()


def test_a_break_before_the_last_byte_is_no_delivery_and_after_it_nobody_knows() -> None:
    server = Server("127.0.0.1", 0, "plain", sender="shop@shop.example", timeout=5)
    with server_that_leaves(b"\r\n.\r\n") as port, SmtpLine(Server(**{**vars(server), "port": port})) as line:
        assert line.deliver([parcel()])[0].state == "unknown"
    with server_that_leaves(b"rcpt") as port, SmtpLine(Server(**{**vars(server), "port": port})) as line, \
            pytest.raises(LineDown):
        line.deliver([parcel()])


REPORT = """From: MAILER-DAEMON@mail.example
To: bounces@shop.example
Content-Type: multipart/report; report-type={kind}; boundary=b

--b
Content-Type: text/plain

Sorry.
--b
Content-Type: message/{part}

{said}
--b
Content-Type: text/rfc822-headers

Message-ID: {id}
Subject: Hello
--b--
"""
FAILED = "Reporting-MTA: dns; mail.example\n\nFinal-Recipient: rfc822; a@b.c\nAction: {}\nStatus: {}\n"


@pytest.mark.parametrize(("action", "status", "kind"), [
    ("failed", "5.1.1", "bounced"), ("failed", "5.2.2", "bounced softly"), ("delivered", "2.0.0", "delivered"),
    ("failed", "5.7.26", "bounced softly"), ("failed", "5.1.8", "bounced softly"), ("failed", "5.1.10", "bounced"),
    ("delayed", "4.4.1", None)])
def test_a_delivery_report_is_read(action: str, status: str, kind: str | None) -> None:
    mine = f"<7.{links.message_digest('seed', 7)}@shop.example>"
    report = REPORT.format(kind="delivery-status", part="delivery-status", said=FAILED.format(action, status), id=mine)
    found = bounces.read(report.encode(), "seed")
    assert (found and (found.delivery, found.kind)) == (kind and (7, kind))
    forged = report.replace(mine, "<7.000000000000000000000000@shop.example>")
    assert bounces.read(forged.encode(), "seed") is None
    assert bounces.read(b"Subject: hello\n\nno report", "seed") is None


def test_complaints_brake_a_campaign_and_stop_the_person(mailing: Shop) -> None:
    mailing.campaigns.add(campaign(), now=NOW)
    mailing.campaigns.send("Hello", NOW)
    store = mailing.campaigns.store
    with store.writing() as c:
        c.execute("UPDATE deliveries SET due_at = '2026-11-27' WHERE id > 10")
    mailing.campaigns.drive(Clock())
    for number in (1, 2):
        mine = f"<{number}.{links.message_digest(store.seed, number)}@shop.example>"
        report = REPORT.format(kind="feedback-report", part="feedback-report", said="Feedback-Type: abuse\n", id=mine)
        assert mailing.campaigns.progress("Hello").campaign.state == "sending"
        assert bounces.take(store, [report.encode()], NOW) == 1
    standing = mailing.campaigns.progress("Hello")
    assert (standing.campaign.state, standing.campaign.why) == ("paused", "complaints")
    assert standing.deliveries == {"sent": 8, "complained": 2, "queued": 20}
    mailing.campaigns.add(campaign("Second"), now=NOW)
    assert mailing.campaigns.audience("Second", NOW).by_reason == {"complained": 2}
