"""A request that changes something, sent twice with the same ``Idempotency-Key``, is done once."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from typing import Any
from weakref import WeakValueDictionary

from django.http import HttpRequest
from ninja import Schema, Status
from ninja.errors import HttpError

from regulars.app.api.models import Answered, Key


class _Turn:
    """Whoever is at a request with this key; there is one process, so that this is enough."""

    def __init__(self) -> None:
        self.lock = threading.Lock()


_turns: WeakValueDictionary[tuple[int, str], _Turn] = WeakValueDictionary()
_lock = threading.Lock()


def once(request: HttpRequest, key: Key, asked: str, work: Callable[[], tuple[int, Schema]]) -> Any:
    """What ``work`` answers, or what it answered to the same request before. 422 for the key of another request.

    The same request sent while the first is being done waits for that one's answer.
    """
    sent = request.headers.get("Idempotency-Key", "")[:200]
    if not sent:
        return Status(*work())
    with _lock:
        turn = _turns.setdefault((key.pk, sent), _Turn())
    with turn.lock:
        return _once(key, sent, hashlib.sha256(f"{request.method} {request.path} {asked}".encode()).hexdigest(), work)


def _once(key: Key, sent: str, mark: str, work: Callable[[], tuple[int, Schema]]) -> Any:
    before = Answered.objects.filter(key=key, idempotency_key=sent).first()
    if before is None:
        status, answer = work()
        Answered.objects.create(key=key, idempotency_key=sent, asked=mark, status=status,
                                body=answer.model_dump(mode="json"))
        return Status(status, answer)
    if before.asked != mark:
        raise HttpError(422, "This Idempotency-Key was sent with another request.")
    return Status(before.status, before.body)
