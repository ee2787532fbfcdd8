"""Webhooks of shop platforms: each module says how a request is known to be the platform's, and what it means.

A payload becomes one message of the type ``rows``: rows of canonical tables, keyed as the platform's exports are read,
so that a file and a webhook of the same order are the same order.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from regulars.errors import LiveRefused
from regulars.intake.live.log import Message
from regulars.intake.live.requests import DEEPEST, TOO_DEEP, flat_enough
from regulars.intake.reasons import as_json

Json = dict[str, Any]
Headers = Mapping[str, str]
"""Names in lower case."""
ORDER_DELETED = "order-deleted"
"""The kind of a payload that says an order is gone, and nothing of when."""
ORDER_RESTORED = "order.restored"
"""WooCommerce's topic of an order that has come back: so it had been deleted, whether or not that was heard."""
REFUND = "refund"
"""The kind of a payload that says what came back of an order it names by the platform's number."""
BY_BODY = "body-"
"""How the names of messages begin that are known by their body."""
UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, OSError)
"""What reading a payload raises that is not as the platform writes it: of amounts and moments as well."""


@dataclass(frozen=True)
class Told:
    """What a payload says: ``rows`` by table, and of which ``state`` of which of the platform's objects it speaks.

    ``own_key`` is the shop's key of that object (an order's), for payloads that name it by the platform's number.
    ``of`` is the number of an object whose key the rows need: written in them as ``{of}``.
    """

    rows: Mapping[str, list[Json]] = field(default_factory=dict)
    kind: str = ""
    number: str = ""
    state: str | None = None
    own_key: str | None = None
    of: str | None = None


@dataclass(frozen=True)
class Platform:
    """``check`` raises `LiveRefused` unless the body is signed with the secret; ``read`` takes the topic and payload.

    ``topic`` and ``delivery`` are asked of headers and payload. No header is signed: ``read`` gives no rows for a body
    that is not one of its topic, nor for what does not concern a shop, and raises one of `UNREADABLE` for what it
    cannot make sense of. ``delivery`` is the signed name of what is told; "" where the body alone says what it is.
    """

    name: str
    check: Callable[[bytes, Headers, str, datetime], None]
    topic: Callable[[Headers, Json], str]
    delivery: Callable[[Headers, Json], str]
    read: Callable[[str, Json], Told]


def refuse(why: str) -> LiveRefused:
    """A request that is not the platform's."""
    error = LiveRefused(why, hint="Compare the secret with the one the platform shows.")
    error.code = "live.signature"
    return error


def check_base64(header: str) -> Callable[[bytes, Headers, str, datetime], None]:
    """The body's HMAC-SHA256 in base64, in a header."""

    def check(body: bytes, headers: Headers, secret: str, now: datetime) -> None:
        made = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest())
        if not hmac.compare_digest(made, headers.get(header, "").encode("utf-8", "replace")):
            raise refuse("The signature is not the one that this secret gives.")

    return check


def take(platform: Platform, body: bytes, headers: Headers, origin: str, now: datetime) -> Message:
    """The message of a request whose signature was checked; what cannot be read is set aside when it is settled."""
    try:
        payload = json.loads(body)
        if not isinstance(payload, dict):
            raise TypeError("it is no JSON object")
        topic, delivery = platform.topic(headers, payload), platform.delivery(headers, payload)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise LiveRefused(f"The body cannot be read: {error}.") from error
    if not flat_enough(payload):
        return Message(origin, now, "", delivery or _named_by(body, ""), as_json("too-deep", DEEPEST), TOO_DEEP)
    said: Json = {"type": "rows", "platform": platform.name, "topic": topic}
    wrong = kind = ""
    try:
        told = platform.read(topic, payload)
        kind = told.kind
        said |= {"rows": told.rows, "kind": told.kind, "number": told.number, "state": told.state,
                 "own_key": told.own_key, "of": told.of}  # fmt: skip
    except UNREADABLE as error:
        wrong, said = as_json("topic", topic, repr(error)[:200]), payload
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return Message(origin, now, "", delivery or _named_by(body, kind), wrong, text)


def _named_by(body: bytes, kind: str) -> str:
    """A name for what a body tells: played again, with whatever headers, it is the same message."""
    return f"{BY_BODY}{kind}-{hashlib.blake2b(body, digest_size=16).hexdigest()}"
