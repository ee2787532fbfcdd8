"""What comes back to the mailbox of bounces: delivery reports (RFC 3464) and complaints (ARF, RFC 5965).

Whose message it was is told by the Message-ID in what is sent back, which this shop signed: a made-up report stops
nobody's mail.
"""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from typing import Any

from regulars.errors import Refused
from regulars.outreach.links import message_digest
from regulars.outreach.refusals import why
from regulars.outreach.responses import respond
from regulars.outreach.store import Store

OURS = re.compile(r"<(\d{1,15})\.([0-9a-f]{24})@[^>\s]+>")
LARGEST = 1_000_000
"""Bytes of a report that are read: what is sent back of the message itself may be cut."""
HARD, SOFT, DELIVERED, COMPLAINT = "bounced", "bounced softly", "delivered", "complained"
OF_THE_ADDRESS = re.compile(r"^5\.(?:1\.(?:1|2|3|6|10)|2\.1)(?!\d)|"
                            r"^5\.0\.0 .*(?:unknown|no such|not exist|not found|no mailbox)", re.IGNORECASE)
"""Codes (RFC 3463) after which nothing to this address will ever arrive; a full mailbox (5.2.2) is none of them, nor
what is said of the sender (5.1.7, 5.1.8; 5.7.26 of RFC 7372): that is so of everybody, until it is mended."""


@dataclass(frozen=True)
class Report:
    """What a report says of one delivery."""

    delivery: int
    kind: str
    said: str = ""


def read(data: bytes, seed: str) -> Report | None:
    """None for what is no report, or of no message of this shop."""
    message = BytesParser(policy=compat32).parsebytes(data[:LARGEST])
    delivery = _whose(message, data, seed)
    kind = message.get_param("report-type") if message.get_content_type() == "multipart/report" else None
    if delivery is None or kind is None:
        return None
    if kind == "feedback-report":
        return Report(delivery, COMPLAINT, "feedback report")
    return _delivery_report(message, delivery) if kind == "delivery-status" else None


def _delivery_report(message: Message, delivery: int) -> Report | None:
    for part in message.walk():
        action = str(part.get("Action", "")).strip().lower()
        if not action:
            continue
        status = str(part.get("Status", "")).strip()
        said = " ".join(f"{status} {part.get('Diagnostic-Code', '')}".split())[:300]
        if action == "failed":
            return Report(delivery, HARD if OF_THE_ADDRESS.match(said) else SOFT, said)
        if action in ("delivered", "relayed", "expanded"):
            return Report(delivery, DELIVERED, said)
    return None


def _whose(message: Message, data: bytes, seed: str) -> int | None:
    """The delivery whose signed Message-ID stands in the part that is sent back, or anywhere in the report."""
    said = " ".join(str(part.get("Message-ID", "")) for part in message.walk())
    for number, digest in OURS.findall(said) or OURS.findall(data[:LARGEST].decode("ascii", "replace")):
        if digest == message_digest(seed, int(number)):
            return int(number)
    return None


def take(store: Store, reports: Iterable[bytes], now: datetime) -> int:
    """Keep what these say of this shop's deliveries; how many said something."""
    found = [report for data in reports if (report := read(data, store.seed)) is not None]
    return sum(respond(store, r.delivery, r.kind, now, said=r.said) for r in found)


def fetch(store: Store, settings: Mapping[str, Any], now: datetime, timeout: float = 30.0) -> int:
    """Read what is new in the mailbox over IMAP, and mark it as read; how many reports said something.

    ``settings`` are those of the channel. Raises `Refused` where the mailbox cannot be read.
    """
    host, _, port = str(settings["imap_host"]).partition(":")
    try:
        with imaplib.IMAP4_SSL(host, int(port or 993), ssl_context=ssl.create_default_context(),
                               timeout=timeout) as box:
            _sign_in(box, str(settings["imap_user"]), str(settings["imap_password"]))
            box.select("INBOX")
            numbers = box.search(None, "UNSEEN")[1][0].split()
            return sum(_take_one(box, store, number, now) for number in numbers)
    except (imaplib.IMAP4.error, OSError, ValueError) as error:
        raise Refused(why("The mailbox of what comes back cannot be read: {reason}.", reason=_reason(error))) from error


def _sign_in(box: imaplib.IMAP4, user: str, password: str) -> None:
    """By SASL where the server can: LOGIN knows no letters beyond ASCII."""
    if "AUTH=PLAIN" in box.capabilities:
        box.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())
    else:
        box.login(user, password)


def _reason(error: Exception) -> str:
    """What a server said comes as bytes."""
    said = error.args[0] if error.args else ""
    return said.decode(errors="replace").rstrip(". ") if isinstance(said, bytes) else str(error).rstrip(". ")


def _take_one(box: imaplib.IMAP4, store: Store, number: str, now: datetime) -> int:
    """One that is kept is marked as read after it is on disk: killed in between, it is read again, to no effect."""
    done = take(store, _bodies(box.fetch(number, f"(BODY.PEEK[]<0.{LARGEST}>)")[1]), now)
    box.store(number, "+FLAGS", "\\Seen")
    return done


def _bodies(answer: Iterable[Any]) -> Iterator[bytes]:
    yield from (part[1] for part in answer if isinstance(part, tuple))
