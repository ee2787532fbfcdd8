"""How large what is sent to the pages may be: said by its address, before any of it is kept."""

from __future__ import annotations

from copy import copy
from typing import Any

from waitress.parser import HTTPRequestParser

MILLION = 1_000_000
MOST = 6 * MILLION
"""Bytes: above what a form, a program's request (5 MB) and live messages (500 KiB) may have, which say so in words."""
WITH_PICTURES, FILES = 100 * MILLION, 1 << 30
LARGER = {"/bring-in/hand-over/": FILES,
          **dict.fromkeys(("/campaigns/write/", "/campaigns/typed/", "/campaigns/test/"), WITH_PICTURES)}  # fmt: skip


def most(path: str) -> int:
    """How many bytes may be sent to an address."""
    return next((limit for begin, limit in LARGER.items() if path.startswith(begin)), MOST)


class Parser(HTTPRequestParser):  # type: ignore[misc]
    """Refuses a body that is too large for its address with 413, at once where its length is said."""

    adj: Any

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        limited = copy(self.adj)
        limited.max_request_body_size = most(self.path)
        self.adj = limited
