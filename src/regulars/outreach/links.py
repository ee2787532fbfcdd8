"""Signed links: each names a delivery, what it is for, and nothing that could be made to lead elsewhere.

Where a link leads stands in the shop's own table by its number, so that no address travels in it. A token is good for
one person, one use and one link: whoever changes a letter of it has none.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import unescape

from regulars.outreach.store import Store

CLICK, OPEN, UNSUBSCRIBE, PREFERENCES = "c", "o", "u", "p"
KINDS = (CLICK, OPEN, UNSUBSCRIBE, PREFERENCES)
PATH = "/m"
DIGEST = 15
HREF = re.compile(r"""(<a\b[^>]*?\shref\s*=\s*)(["'])(https?://[^"'<>]*)\2""", re.IGNORECASE)
BODY_END = re.compile(r"</body\s*>", re.IGNORECASE)


@dataclass(frozen=True)
class Said:
    """What a token says: ``number`` is the link's, 0 where it is none."""

    kind: str
    delivery: int
    number: int = 0


def token(seed: str, said: Said) -> str:
    """Letters, digits, ``-`` and ``_`` only."""
    body = said.delivery.to_bytes(6, "big") + said.number.to_bytes(3, "big")
    return base64.urlsafe_b64encode(body + _digest(seed, said.kind, body)).decode()


def _digest(seed: str, kind: str, body: bytes) -> bytes:
    return hmac.digest(seed.encode(), b"link:" + kind.encode() + b":" + body, "sha256")[:DIGEST]


def read(seed: str, kind: str, text: str) -> Said | None:
    """None for whatever this shop did not sign for this use."""
    try:
        data = base64.b64decode(text.encode("ascii"), altchars=b"-_", validate=True)
    except (ValueError, UnicodeEncodeError):
        return None
    body, digest = data[:9], data[9:]
    if kind not in KINDS or len(data) != 9 + DIGEST or not hmac.compare_digest(digest, _digest(seed, kind, body)):
        return None
    return Said(kind, int.from_bytes(body[:6], "big"), int.from_bytes(body[6:], "big"))


def message_digest(seed: str, delivery: int) -> str:
    """What stands in a Message-ID behind the delivery's number, so that it can be told for this shop's own."""
    return hmac.digest(seed.encode(), b"message:%d" % delivery, "sha256").hex()[:24]


def url(address: str, seed: str, said: Said) -> str:
    """Of the pages at ``address``."""
    return f"{address.rstrip('/')}{PATH}/{said.kind}/{token(seed, said)}"


def of_test(address: str) -> str:
    """Where each of the shop's own links leads in a message to oneself; "" where the pages have no address."""
    return f"{address.rstrip('/')}{PATH}/test" if address else ""


class Links:
    """The links of one campaign by their numbers: each address is kept once, at its first use."""

    def __init__(self, store: Store, campaign_id: int) -> None:
        self._store = store
        self._campaign = campaign_id
        self._numbers: dict[str, int] = dict(store.rows(
            "SELECT url, number FROM links WHERE campaign_id = ?", [campaign_id]))

    def number(self, address: str) -> int:
        """Its number, kept on disk before anybody is told it."""
        if address not in self._numbers:
            with self._store.writing() as c:
                c.execute("INSERT OR IGNORE INTO links SELECT ?, coalesce(max(number), 0) + 1, ? FROM links "
                          "WHERE campaign_id = ?", [self._campaign, address, self._campaign])
            self._numbers[address] = self._store.value(
                "SELECT number FROM links WHERE campaign_id = ? AND url = ?", [self._campaign, address])
        return self._numbers[address]


def target(store: Store, campaign_id: int, number: int) -> str | None:
    """Where a link leads, as the message had it."""
    found: str | None = store.value("SELECT url FROM links WHERE campaign_id = ? AND number = ?",
                                    [campaign_id, number])
    return found


def rewritten(html: str, through: Callable[[str], str], own: Mapping[str, str] | None = None) -> str:
    """HTML whose links go ``through``; the shop's own pages (``own``) stay as they are."""
    kept = set((own or {}).values())

    def other(found: re.Match[str]) -> str:
        address = unescape(found[3])
        return found[0] if address in kept else f"{found[1]}{found[2]}{through(address)}{found[2]}"
    return HREF.sub(other, html)


def with_pixel(html: str, address: str) -> str:
    """HTML that tells of its opening, where pictures are shown."""
    pixel = f'<img src="{address}" width="1" height="1" alt="" style="display:block;border:0">'
    return before_end(html, pixel)


def before_end(html: str, more: str) -> str:
    """HTML with more of it, as the last thing of its body."""
    ends = list(BODY_END.finditer(html))
    return html[:ends[-1].start()] + more + html[ends[-1].start():] if ends else html + more
