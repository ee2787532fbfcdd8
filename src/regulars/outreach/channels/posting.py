"""Posting to an address that somebody gave: whatever is there, and however slowly it answers, one try ends."""

from __future__ import annotations

import http.client
import io
import ipaddress
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
TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
"""IPv4 addresses as networks without them write them. https://www.rfc-editor.org/rfc/rfc6052"""


@dataclass(frozen=True)
class Answer:
    """``status`` is 0 where none was answered; ``said`` is what was said or went wrong, in printable characters.

    ``whole``: everything was handed over, so that the other side may have taken it whatever it answered.
    """

    status: int
    said: str
    whole: bool = True


def post(url: str, body: bytes, headers: Mapping[str, str], *, own_network: bool = False) -> tuple[int, str]:
    """Status and what was said: for whoever may send a thing twice. Nothing goes into the own network unless said."""
    answer = posted(url, body, headers, own_network=own_network)
    return answer.status, answer.said


def posted(url: str, body: bytes, headers: Mapping[str, str], *, own_network: bool = True) -> Answer:
    """One try, ended within `PATIENCE`.

    Without ``own_network`` nothing is sent to this machine and its neighbours, whatever name they go by: where a name
    leads is looked at once, and that address is spoken to.
    """
    status, said, whole = _posted(_anywhere if own_network else _outside, url, body, headers)
    return Answer(status, "".join(c if c.isprintable() else " " for c in said), whole)


def _posted(
    opener: urllib.request.OpenerDirector, url: str, body: bytes, headers: Mapping[str, str]
) -> tuple[int, str, bool]:
    try:
        request = urllib.request.Request(url, body, dict(headers), method="POST")
        with opener.open(request, timeout=PATIENCE) as answer:
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


def is_outside(address: str) -> bool:
    """Whether an IP address is one of the public internet, also where it stands inside another kind of address."""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        within = [found.ipv4_mapped, found.sixtofour, *(found.teredo or ())]
        if found in TRANSLATED:
            within.append(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF))
        if not all(_is_public(each) for each in within if each is not None):
            return False
    return _is_public(found) or getattr(found, "ipv4_mapped", None) is not None


def _is_public(found: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return found.is_global and not found.is_multicast


def _connect_outside(address: tuple[str, int], timeout: float, source_address: Any = None) -> socket.socket:
    """As `socket.create_connection`, to the first address of a name; raises `OSError` where one is not outside."""
    found = [str(where[0]) for *_, where in socket.getaddrinfo(*address, type=socket.SOCK_STREAM)]
    inside = next((each for each in found if not is_outside(each)), None)
    if inside is not None or not found:
        raise OSError(f"{inside or address[0]} is in the shop's own network, where nothing is sent")
    return socket.create_connection((found[0], address[1]), timeout, source_address)


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


class _PlainOutside(_Plain):
    def __init__(self, *rest: Any, **named: Any) -> None:
        super().__init__(*rest, **named)
        self._create_connection = _connect_outside


class _SecureOutside(_PlainOutside, _Secure):
    pass


class _Http(urllib.request.HTTPHandler):
    plain: type[http.client.HTTPConnection] = _Plain

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(self.plain, req)


class _Https(urllib.request.HTTPSHandler):
    secure: type[http.client.HTTPConnection] = _Secure

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(self.secure, req)


class _HttpOutside(_Http):
    plain = _PlainOutside


class _HttpsOutside(_Https):
    secure = _SecureOutside


_anywhere = urllib.request.build_opener(_NoDetour, _Http, _Https)
_outside = urllib.request.build_opener(_NoDetour, _HttpOutside, _HttpsOutside)
