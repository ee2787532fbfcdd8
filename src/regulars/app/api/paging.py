"""Pages of a list by cursor: the cursor is the last item's own key, so that a page never shifts under the reader."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import TypeVar

from ninja.errors import HttpError

T = TypeVar("T")
MOST = 500


def opened(cursor: str) -> str:
    """What a cursor says; 400 for one that was not given out here."""
    try:
        return base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise HttpError(400, "This cursor was not given out here.") from error


def closed(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode("ascii")


def page(items: Sequence[T], key: Callable[[T], str], cursor: str | None, limit: int) -> tuple[list[T], str | None]:
    """The items after the cursor, at most ``limit``, and the cursor to go on with; ``items`` are sorted by ``key``."""
    after = opened(cursor) if cursor else None
    rest = [item for item in items if after is None or key(item) > after]
    return rest[:limit], closed(key(rest[limit - 1])) if len(rest) > limit else None
