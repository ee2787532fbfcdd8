"""A request that changes something, sent twice with the same ``Idempotency-Key``, is done once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from ninja import Schema, Status
from ninja.errors import HttpError

from regulars.app.api.models import Answered, Key


def once(request: HttpRequest, key: Key, asked: str, work: Callable[[], tuple[int, Schema]]) -> Any:
    """What ``work`` answers, or what it answered to the same request before. 422 for the key of another request."""
    sent = request.headers.get("Idempotency-Key", "")[:200]
    if not sent:
        return Status(*work())
    mark = hashlib.sha256(f"{request.method} {request.path} {asked}".encode()).hexdigest()
    before = Answered.objects.filter(key=key, idempotency_key=sent).first()
    if before is None:
        status, answer = work()
        try:
            with transaction.atomic():
                Answered.objects.create(key=key, idempotency_key=sent, asked=mark, status=status,
                                        body=answer.model_dump(mode="json"))
        except IntegrityError as error:
            raise HttpError(409, "The same request is being done at this moment.") from error
        return Status(status, answer)
    if before.asked != mark:
        raise HttpError(422, "This Idempotency-Key was sent with another request.")
    return Status(before.status, before.body)
