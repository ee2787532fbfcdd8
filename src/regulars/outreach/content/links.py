"""Where a message may lead: to pages and to a mailbox, and nowhere else."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from regulars.errors import ContentRefused
from regulars.model.phrases import Own, phrases

text, counted = phrases("regulars.outreach", "content")

SCHEMES = ("http", "https", "mailto")
LONGEST = 2000
UNSEEN = re.compile("[\x00-\x20\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ue000-\uf8ff\\\\\"'<>`{}]")
"""Signs that no address has as they are: spaces, quotes, what steers or hides the text around it."""


def checked_link(address: str) -> str:
    """The address without spaces around it; raises `ContentRefused` for one that is neither a page nor a mailbox."""
    link = address.strip()
    if not is_link(link):
        raise ContentRefused(text("'{link}' cannot be a link.", link=Own(link[:80])),
                             hint=text("Write a whole address that begins with https:// or mailto:."))
    return link


def is_link(link: str) -> bool:
    """Whether this is a whole address of a page (http, https) or of a mailbox (mailto)."""
    if not link or len(link) > LONGEST or UNSEEN.search(link):
        return False
    try:
        parts = urlsplit(link)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if parts.scheme.lower() == "mailto":
        return "@" in parts.path and not parts.netloc and "%0" not in link.lower()
    return parts.scheme.lower() in SCHEMES and bool(host) and "@" not in parts.netloc


def is_picture(link: str) -> bool:
    """Whether this is a whole address of a picture (http, https)."""
    return is_link(link) and not link.lower().startswith("mailto:")
