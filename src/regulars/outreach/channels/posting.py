"""Posting to an address that somebody gave: whatever is there, and however slowly it answers, one try ends."""

from __future__ import annotations

import http.client
import io
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

PATIENCE = 10.0
"""Seconds from the beginning of a try to the end of the answer's headers; nothing else of an answer is read."""


@dataclass(frozen=True)
class Answer:
    """``status`` is 0 where none was answered; ``said`` is what was said or went wrong, in printable characters.

    ``whole``: everything was handed over, so that the other side may have taken it whatever it answered.
    """

    status: int
    said: str
    whole: bool = True


def post(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
    """Status and what was said: for whoever may send a thing twice."""
    answer = posted(url, body, headers)
    return answer.status, answer.said


def posted(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """One try, ended within `PATIENCE`."""
    status, said, whole = _posted(url, body, headers)
    return Answer(status, "".join(c if c.isprintable() else " " for c in said), whole)


def _posted(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, str, bool]:
    try:
        request = urllib.request.Request(url, body, dict(headers), method="POST")
        with _opener.open(request, timeout=PATIENCE) as answer:
            return int(answer.status), f"{answer.status}", True
    except urllib.error.HTTPError as error:
        with error:
            return error.code, f"{error.code} {error.reason}", True
    except (urllib.error.URLError, ValueError) as error:
        # urllib wraps what goes wrong up to the last byte of a request, and raises what comes after it as it is.
        return 0, _why(error), False
    except (OSError, http.client.HTTPException) as error:
        return 0, _why(error), True


def _why(error: Exception) -> str:
    return str(getattr(error, "reason", error)) or type(error).__name__


class _NoDetour(urllib.request.HTTPRedirectHandler):
    """A receiver that sends elsewhere has not acknowledged anything."""

    def redirect_request(self, *_: object) -> None:
        return None


def _left(until: float) -> float:
    """Seconds until then, of the monotonic clock; raises `TimeoutError` where none are left."""
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    return left


class _Until(io.RawIOBase):
    """What a socket receives until a moment: its own timeout begins anew with every byte."""

    def __init__(self, sock: socket.socket, until: float) -> None:
        self._sock, self._until = sock, until
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(_left(self._until))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Answer(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *rest: Any, until: float, **named: Any) -> None:
        super().__init__(sock, *rest, **named)
        self.fp.close()
        self.fp = io.BufferedReader(_Until(sock, until))


class _Plain(http.client.HTTPConnection):
    def __init__(self, *rest: Any, **named: Any) -> None:
        super().__init__(*rest, **named)
        self._until = time.monotonic() + PATIENCE
        self.response_class = partial(_Answer, until=self._until)  # type: ignore[assignment]

    def connect(self) -> None:
        super().connect()
        self.sock.settimeout(_left(self._until))


class _Secure(_Plain, http.client.HTTPSConnection):
    pass


class _Http(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_Plain, req)


class _Https(urllib.request.HTTPSHandler):
    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_Secure, req)


_opener = urllib.request.build_opener(_NoDetour, _Http, _Https)
