"""How large what is sent to the pages may be: said by its address and by who sends it, before any of it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import BaseWSGIServer
from waitress.utilities import Error, RequestEntityTooLarge

from regulars.model.later import later

# Django's tables of people are not there yet when this is loaded.
callers = later("regulars.app.doors.callers")
MILLION = 1_000_000
MOST = 6 * MILLION
"""Bytes: above what a form, a program's request (5 MB) and live messages (500 KiB) may have, which say so in words."""
WITH_PICTURES, FILES = 100 * MILLION, 1 << 30
LARGER = {"/bring-in/hand-over/": FILES,
          **dict.fromkeys(("/campaigns/write/", "/campaigns/typed/", "/campaigns/test/"), WITH_PICTURES)}  # fmt: skip
"""Addresses at which somebody who is signed in may send more; nobody else has anything to say there."""


def most(path: str) -> int:
    """How many bytes somebody who is signed in may send to an address."""
    return next((limit for begin, limit in LARGER.items() if path.startswith(begin)), MOST)


class SignInFirst(Error):  # type: ignore[misc]
    code = 401
    reason = "Unauthorized"


class Parser(HTTPRequestParser):  # type: ignore[misc]
    """Refuses a body that is too large for its address with 413, at once where its length is said; with 401 where only
    who is signed in may send so much."""

    adj: Any
    error: Any
    _stranger = False

    def received(self, data: bytes) -> int:
        taken: int = super().received(data)
        if self._stranger and isinstance(self.error, RequestEntityTooLarge):
            self.error = SignInFirst("Sign in before you send this.")
        return taken

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        limited, allowed = copy(self.adj), most(self.path)
        self._stranger = allowed > MOST and not callers.is_signed_in(self.headers.get("COOKIE", ""))
        limited.max_request_body_size = MOST if self._stranger else allowed
        self.adj = limited


class Channel(HTTPChannel):  # type: ignore[misc]
    parser_class = Parser


def limit(listening: Mapping[int, Any]) -> None:
    """Hold the servers among what waitress listens with to these limits."""
    for each in listening.values():
        if isinstance(each, BaseWSGIServer):
            each.channel_class = Channel
