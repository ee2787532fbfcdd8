"""Write keys and addresses of webhooks, looked up once in a while: messages come all the time, keys hardly change."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

from django.db import close_old_connections
from django.utils import timezone

from regulars.app.api.models import Key
from regulars.app.doors.tokens import hashed
from regulars.app.live.models import Incoming

SCOPE = "write"
GOOD_FOR = 5.0
"""Seconds after which a withdrawn key opens nothing any more, at the latest."""
NOTED_EVERY = timedelta(minutes=1)
MOST_KNOWN = 1000
_found: dict[str, tuple[float, int | None]] = {}
_hooks: dict[str, tuple[float, Incoming | None]] = {}
_lock = threading.Lock()


def known(token: str) -> int | None:
    """The number of the key, where there is such a one that may write; keys are ASCII."""
    if not token or not token.isascii():
        return None
    mark = hashed(token)
    found = _found.get(mark)
    if found is None or time.monotonic() - found[0] > GOOD_FOR:
        found = (time.monotonic(), _look_up(mark))
        with _lock:
            if len(_found) >= MOST_KNOWN:
                _found.clear()
            _found[mark] = found
    return found[1]


def hook(slug: str) -> Incoming | None:
    """The connection whose webhooks come to this address."""
    found = _hooks.get(slug)
    if found is None or time.monotonic() - found[0] > GOOD_FOR:
        close_old_connections()
        found = (time.monotonic(), Incoming.objects.filter(slug=slug, withdrawn_at=None).first())
        if found[1] is not None:
            Incoming.objects.filter(pk=found[1].pk).update(used_at=timezone.now())
        with _lock:
            if len(_hooks) >= MOST_KNOWN:
                _hooks.clear()
            _hooks[slug] = found
    return found[1]


def forget() -> None:
    """Look every one up again."""
    with _lock:
        _found.clear()
        _hooks.clear()


def _look_up(mark: str) -> int | None:
    close_old_connections()
    key = Key.objects.filter(token=mark, withdrawn_at=None).first()
    if key is None or SCOPE not in key.scopes:
        return None
    if key.used_at is None or timezone.now() - key.used_at > NOTED_EVERY:
        Key.objects.filter(pk=key.pk).update(used_at=timezone.now())
    return int(key.pk)
