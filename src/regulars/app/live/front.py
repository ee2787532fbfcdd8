"""``/v1/…`` as Segment's and RudderStack's libraries speak it, and ``/hooks/…`` of platforms, before the pages.

200 means that what was sent is on disk.
"""

from __future__ import annotations

import base64
import binascii
import json
import logging
from collections.abc import Callable, Iterable
from typing import Any

from regulars.app.live import opened, write_keys
from regulars.errors import Busy, DiskFull, LiveRefused, MessageTooLarge, RegularsError
from regulars.intake.live import requests
from regulars.intake.live.committing import RETRY_AFTER
from regulars.intake.live.hooks import take
from regulars.intake.live.hooks.all import platform

log = logging.getLogger("regulars.app.live")
PREFIX, HOOKS = "/v1/", "/hooks/"
KINDS = {**{k: k for k in requests.TYPES}, "batch": "batch", "import": "batch"}
SHORT = {kind[0]: kind for kind in (*requests.TYPES, "batch")}
"""As Segment's library for browsers calls them: ``/v1/t`` is track."""
FROM_ANYWHERE = ("Access-Control-Allow-Origin", "*")
"""A shop's pages stand elsewhere, and their browsers send too: by the key that is in them, never by a cookie."""
PREFLIGHT = [
    FROM_ANYWHERE,
    ("Access-Control-Allow-Methods", "POST"),
    ("Access-Control-Allow-Headers", "Authorization, Content-Type, Content-Encoding, AnonymousId"),
    ("Access-Control-Max-Age", "86400"),
]
MOST_HOOK = 5 * 1024 * 1024
"""Bytes: platforms say some kilobytes of each line of an order, and give an address up that refuses."""
ASKED = b"webhook_id="
"""How what WooCommerce sends begins when it asks whether anybody is there."""
Environ = dict[str, Any]
Start = Callable[..., Any]
Answer = tuple[int, dict[str, Any], list[tuple[str, str]]]
Application = Callable[[Environ, Start], Iterable[bytes]]
STATUS = {
    200: "200 OK",
    204: "204 No Content",
    400: "400 Bad Request",
    401: "401 Unauthorized",
    404: "404 Not Found",
    405: "405 Method Not Allowed",
    411: "411 Length Required",
    413: "413 Content Too Large",
    429: "429 Too Many Requests",
    500: "500 Internal Server Error",
    503: "503 Service Unavailable",
    507: "507 Insufficient Storage",
}


class Front:
    """Takes what begins with ``/v1/`` or ``/hooks/``, and hands all else on to the pages."""

    def __init__(self, pages: Application) -> None:
        self._pages = pages

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        work: Callable[[Environ, str], Answer]
        if path.startswith(PREFIX) and environ["REQUEST_METHOD"] == "OPTIONS":
            start(STATUS[204], PREFLIGHT)
            return []
        if path.startswith(PREFIX):
            work, name = _messages, path.removeprefix(PREFIX)
        elif path.startswith(HOOKS):
            work, name = _hook, path.removeprefix(HOOKS)
        else:
            return self._pages(environ, start)
        status, said, headers = answered(environ, name.strip("/"), work)
        body = json.dumps(said).encode()
        start(
            STATUS[status],
            [
                ("Content-Type", "application/json"),
                ("Content-Length", str(len(body))),
                ("Cache-Control", "no-store"),
                *([FROM_ANYWHERE] if work is _messages else []),
                *headers,
            ],
        )
        return [body]


def answered(environ: Environ, name: str, work: Callable[[Environ, str], Answer]) -> Answer:
    """Status, what is said, and further headers."""
    if environ["REQUEST_METHOD"] != "POST":
        return *_problem(405, "method", "Messages are sent with POST.")[:2], [("Allow", "POST")]
    try:
        return work(environ, name)
    except Busy as error:
        return *_problem(429, error.code, str(error))[:2], [("Retry-After", str(RETRY_AFTER))]
    except MessageTooLarge as error:
        return _problem(413, error.code, str(error))
    except LiveRefused as error:
        return _problem(400, error.code, str(error))
    except DiskFull as error:
        return *_problem(507, error.code, str(error))[:2], [("Retry-After", "30")]
    except RegularsError as error:
        return _problem(503, error.code, str(error))
    except Exception:
        log.exception("taking messages in failed")  # `logs.Lines` leaves out what an error says: it may quote people
        return _problem(500, "live.failed", "This could not be taken in, and why is in the server's log.")


def _messages(environ: Environ, name: str) -> Answer:
    """What a library sends."""
    name = SHORT.get(name, name)
    if name not in KINDS:
        return _problem(404, "not_found", f"There is no /v1/{name[:40]}: there are {', '.join(KINDS)}.")
    kind = KINDS[name]
    body = requests.unpacked(_read(environ), environ.get("HTTP_CONTENT_ENCODING", ""))
    said = requests.parsed(body)
    key = write_keys.known(_sent_key(environ) or str(said.get("writeKey") or ""))
    if key is None:
        return _unknown_key()
    live = opened.live()
    brought = requests.take_apart(said, kind, f"key {key}", live.now())
    live.commit([m.line() for m in brought.messages])
    answer: dict[str, Any] = {"success": True}
    if brought.aside:
        answer["set_aside"] = [{"message": nth, "reason": why} for nth, why in brought.aside]
    return 200, answer, []


def _hook(environ: Environ, slug: str) -> Answer:
    """What a platform sends to the address it was given."""
    hook = write_keys.hook(slug)
    if hook is None:
        return _problem(404, "not_found", "Nothing is received at this address.")
    body, live = _read(environ, MOST_HOOK), opened.live()
    headers = {
        k.removeprefix("HTTP_").replace("_", "-").lower(): v for k, v in environ.items() if k.startswith("HTTP_")
    }
    if body.startswith(ASKED):
        return 200, {"success": True}, []  # WooCommerce first asks whether anybody is there
    found = platform(hook.platform)
    try:
        found.check(body, headers, hook.secret, live.now())
    except LiveRefused as error:
        return _problem(401, error.code, str(error))
    live.commit([take(found, body, headers, f"hook {hook.pk}", live.now()).line()])
    return 200, {"success": True}, []


def _read(environ: Environ, most: int = requests.MOST_REQUEST) -> bytes:
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    if length > most:
        raise MessageTooLarge(f"The request is larger than {most // 1024} kB.", hint="Send smaller batches.")
    body: bytes = environ["wsgi.input"].read(length) if length else b""
    return body


def _sent_key(environ: Environ) -> str:
    """The write key of ``Authorization``: the user's name of Basic, or a Bearer token."""
    scheme, _, said = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() == "bearer":
        return str(said).strip()
    if scheme.lower() != "basic":
        return ""
    try:
        user: str = base64.b64decode(said.strip(), validate=True).decode().partition(":")[0]
    except (binascii.Error, ValueError):
        return ""
    return user


def _unknown_key() -> Answer:
    status, said, _ = _problem(
        401,
        "live.key",
        "This write key is not known, or may not write. Make one with: regulars keys add NAME --scope write",
    )
    return status, said, [("WWW-Authenticate", 'Basic realm="write key"')]


def _problem(status: int, code: str, message: str) -> Answer:
    return status, {"success": False, "code": code, "message": message}, []
