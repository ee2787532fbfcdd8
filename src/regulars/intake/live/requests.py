"""Requests as Segment's and RudderStack's libraries send them, taken apart into messages.

What is wrong with a request as a whole refuses it; what is wrong with one message of a batch sets that one aside, and
the rest come in.
"""

from __future__ import annotations

import hashlib
import json
import math
import uuid
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from regulars.errors import LiveRefused, MessageTooLarge
from regulars.intake.live.log import Message
from regulars.intake.reasons import as_json, read

TYPES = ("track", "identify", "page", "screen", "group", "alias")
MOST_MESSAGE = 32 * 1024
MOST_REQUEST = 500 * 1024
MOST_MESSAGES = 100
DEEPEST = 64
TOO_DEEP = '"too deep"'
"""Kept in the place of what is."""
LONGEST_ID = 300
NEEDED = {"track": "event", "group": "groupId", "alias": "previousId"}
IDS = ("userId", "anonymousId")
NAMING = (*IDS, "previousId", "groupId")
OBJECTS = ("properties", "traits", "context", "integrations")
Json = dict[str, Any]


@dataclass(frozen=True)
class Brought:
    """What a request holds: its messages, and of those that were set aside at once the place in the batch and why."""

    messages: tuple[Message, ...]
    aside: tuple[tuple[int, str], ...]


def unpacked(body: bytes, encoding: str) -> bytes:
    """The body as it was before it was packed; raises `MessageTooLarge`, and `LiveRefused` for what cannot be."""
    if encoding.strip().lower() in ("gzip", "x-gzip"):
        opening = zlib.decompressobj(31)
        try:
            body = opening.decompress(body, MOST_REQUEST + 1)
        except zlib.error as error:
            raise LiveRefused("The body is said to be gzip and is not.") from error
        if len(body) <= MOST_REQUEST and not opening.eof:
            raise LiveRefused("The gzip body ends early.")
    if len(body) > MOST_REQUEST:
        raise MessageTooLarge(f"The request is larger than {MOST_REQUEST // 1024} kB.", hint="Send smaller batches.")
    return body


def parsed(body: bytes) -> Json:
    """A request's JSON object; raises `LiveRefused`."""
    try:
        found = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise LiveRefused(f"The body is no JSON that can be read: {error}.") from error
    if not isinstance(found, dict):
        raise LiveRefused("The body is no JSON object.", hint='It begins with {"batch": [ … ]} or is one message.')
    return found


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no number in JSON")


def take_apart(said: Json, kind: str, origin: str, now: datetime) -> Brought:
    """The messages of a request to ``/v1/<kind>``; ``kind`` is ``batch`` or a message's type, ``now`` naive UTC.

    Raises `MessageTooLarge`, and `LiveRefused` where there is nothing in it, too much, or a lone message is unusable.
    """
    items = _items(said, kind)
    sent_at = _text(said.get("sentAt"))
    common = {k: said[k] for k in ("context", "integrations") if kind == "batch" and isinstance(said.get(k), dict)}
    messages, aside = [], []
    for nth, item in enumerate(items):
        message = _message(item, nth, common, origin, sent_at, now)
        if message.wrong:
            aside.append((nth, str(read(message.wrong))))
        messages.append(message)
    if kind != "batch" and aside:
        raise LiveRefused(f"This cannot be taken in: {aside[0][1]}.")
    return Brought(tuple(messages), tuple(aside))


def _items(said: Json, kind: str) -> list[Any]:
    if kind != "batch":
        return [{**{k: v for k, v in said.items() if k != "writeKey"}, "type": kind}]
    items = said.get("batch")
    if not isinstance(items, list) or not items:
        raise LiveRefused('There is no "batch" with messages in it.')
    if len(items) > MOST_MESSAGES:
        raise LiveRefused(
            f"A batch has at most {MOST_MESSAGES} messages, this one {len(items)}.",
            hint=f"Message {MOST_MESSAGES} (counted from 0) is the first too many.",
        )
    return items


def _message(item: Any, nth: int, common: Mapping[str, Any], origin: str, sent_at: str, now: datetime) -> Message:
    wrong = fault(item)
    if isinstance(item, dict) and not wrong:
        if common:
            item = {**common, **item, "context": {**common.get("context", {}), **(item.get("context") or {})}}
        item = _with_text_ids(item)
        sent_at = sent_at or _text(item.get("sentAt"))
    body = json.dumps(item, ensure_ascii=False, separators=(",", ":")) if flat_enough(item) else TOO_DEEP
    size = len(body.encode("utf-8", "replace"))
    if size > MOST_MESSAGE:
        raise MessageTooLarge(
            f"Message {nth} (counted from 0) is {size:,} bytes long, and may be {MOST_MESSAGE:,}.",
            hint="Send less in its properties or traits.",
        )
    return Message(origin, now, sent_at, _message_id(item, body), wrong, body)


def fault(item: Any) -> str:
    """Why a message cannot be used (see `reasons`), as far as its outline says; empty where it can."""
    if not isinstance(item, dict):
        return as_json("no-object")
    kind = item.get("type")
    if kind is None:
        return as_json("no-key", "type")
    if kind not in TYPES:
        return as_json("unknown-type", repr(kind)[:40], ", ".join(TYPES))
    if not any(_text(item.get(i)) for i in IDS):
        odd = next((i for i in IDS if item.get(i) is not None and not isinstance(item[i], str)), None)
        return as_json("odd-id", odd) if odd else as_json("nobody")
    if any(len(_text(item.get(i))) > LONGEST_ID for i in (*NAMING, "event", "messageId")):
        return as_json("too-long", LONGEST_ID)
    if kind in NEEDED and not _text(item.get(NEEDED[kind])):
        return as_json("lacks", kind, NEEDED[kind])
    bad = next((o for o in OBJECTS if item.get(o) is not None and not isinstance(item[o], dict)), None)
    if bad:
        return as_json("not-object", bad)
    return "" if flat_enough(item) else as_json("too-deep", DEEPEST)


def _with_text_ids(item: Json) -> Json:
    """Its ids as text; one that is neither text nor a number names nobody, and goes."""
    return {**item, **{i: _text(item[i]) or None for i in NAMING if not isinstance(item.get(i), str | None)}}


def flat_enough(item: Any, left: int = DEEPEST) -> bool:
    """Whether nothing in it is nested deeper than that."""
    if isinstance(item, dict):
        return left > 0 and all(flat_enough(v, left - 1) for v in item.values() if isinstance(v, dict | list))
    if isinstance(item, list):
        return left > 0 and all(flat_enough(v, left - 1) for v in item if isinstance(v, dict | list))
    return True


def _text(value: Any) -> str:
    """An id or name as text: libraries send numbers as well. Empty for all else, and what is too large a number."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool) or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    return str(value) if isinstance(value, int | float) else ""


def _message_id(item: Any, body: str) -> str:
    """Its own; else, of one that says when it happened, what it says: the same content twice is the same message."""
    if isinstance(item, dict):
        own = _text(item.get("messageId"))
        if own:
            return own
        if item.get("timestamp") is not None:
            return "content-" + hashlib.blake2b(body.encode("utf-8", "replace"), digest_size=16).hexdigest()
    return "made-" + uuid.uuid4().hex
