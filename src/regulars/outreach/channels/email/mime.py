"""A parcel as the bytes of a message (RFC 5322, 2045-2047): text and HTML as alternatives, lines end in CRLF."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator, Mapping
from email.utils import parseaddr

from regulars.errors import Refused
from regulars.outreach.channels.base import Parcel
from regulars.outreach.refusals import why

CRLF = b"\r\n"
LINE = 76
ASCII = bytes(range(128))
WORD_BYTES = 39
"""Of UTF-8 in one encoded word: 52 letters of base64, so that the name of a header fits the line too."""
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x85\u2028\u2029]")
DENSE = 6
"""Where more than one byte in so many is not ASCII, base64 is shorter than quoted-printable."""


def message(parcel: Parcel, *, sender: str, reply_to: str) -> bytes:
    """The whole message; ``sender`` is ``Name <address>``. Raises `Refused` for a broken header."""
    boundary = f"=_{parcel.message_id.strip('<>').partition('@')[0]}_="
    head: dict[str, str] = {
        "From": mailbox(sender), "To": mailbox(f"<{parcel.to}>", parcel.name),
        "Subject": encoded(flat(parcel.subject), "Subject"),
        "Message-ID": parcel.message_id}
    if reply_to:
        head["Reply-To"] = mailbox(reply_to)
    head |= parcel.headers
    head |= {"MIME-Version": "1.0", "Content-Type": f'multipart/alternative;\r\n boundary="{boundary}"'}
    parts = [_part("plain", parcel.text), *([_part("html", parcel.html)] if parcel.html else [])]
    mark = f"--{boundary}".encode()
    body = b"".join(mark + CRLF + part + CRLF for part in parts)
    return b"".join(_lines(head)) + CRLF + body + mark + b"--" + CRLF


def _lines(head: Mapping[str, str]) -> Iterator[bytes]:
    for name, value in head.items():
        if not value.replace("\r\n ", " ").isprintable() or not value.isascii():
            raise Refused(why("The header {name} has signs in it that cannot be.", name=name))
        yield f"{name}: {value}".encode("ascii") + CRLF


def _part(kind: str, text: str) -> bytes:
    data = "\n".join(CONTROL.sub(" ", text).splitlines()).encode("utf-8", "replace") + b"\n"
    dense = len(data.translate(None, ASCII)) * DENSE > len(data)
    how = "base64" if dense else "quoted-printable"
    head = f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: {how}\r\n\r\n"
    return head.encode() + (_base64(data) if dense else _quoted(data))


def _quoted(data: bytes) -> bytes:
    return binascii.b2a_qp(data, istext=True).replace(b"\n", CRLF)


def _base64(data: bytes) -> bytes:
    text = binascii.b2a_base64(data.replace(b"\n", CRLF), newline=False)
    return CRLF.join(text[i:i + LINE] for i in range(0, len(text), LINE)) + CRLF


def flat(text: str) -> str:
    """One line: whatever breaks or hides one is a space."""
    return " ".join(CONTROL.sub(" ", text).split())


def mailbox(said: str, name: str = "") -> str:
    """``Name <address>`` for a header; the name may be in any script. Raises `Refused` where there is no address."""
    known, address = parseaddr(said)
    if not address or not address.isascii() or not address.isprintable():
        raise Refused(why("'{address}' is no address to send from or to.", address=said))
    shown = flat(name or known)
    if not shown:
        return address
    if shown.isascii() and "=?" not in shown and len(shown) < LINE // 2:
        quoted = shown.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}" <{address}>'
    return f"{_words(shown, len('From: '))}\r\n <{address}>"


def encoded(text: str, name: str) -> str:
    """A header's text: as it is where it is plain and fits a line, else folded, or in encoded words."""
    if text.isascii() and "=?" not in text:
        fits = len(text) + len(name) + 2 <= LINE
        if fits or max(map(len, text.split(" "))) < LINE - len(name):
            return text if fits else _folded(text, name)
    return _words(text, len(name) + 2)


def _words(text: str, before: int) -> str:
    words = (binascii.b2a_base64(piece, newline=False).decode() for piece in _pieces(text, before))
    return "\r\n ".join(f"=?utf-8?b?{word}?=" for word in words)


def _folded(text: str, name: str) -> str:
    lines, line = [], f"{name}:"
    for word in text.split(" "):
        if len(line) + 1 + len(word) > LINE and line.strip() and line != f"{name}:":
            lines.append(line)
            line = ""
        line += f" {word}"
    return "\r\n".join([*lines, line]).removeprefix(f"{name}: ")


def _pieces(text: str, before: int) -> Iterator[bytes]:
    """UTF-8 in pieces that never cut a sign in two; the first stands after ``before`` other signs of its line."""
    piece, most = b"", WORD_BYTES - before // 4 * 3 - 3
    for sign in text:
        more = sign.encode("utf-8", "replace")
        if len(piece) + len(more) > most:
            yield piece
            piece, most = b"", WORD_BYTES
        piece += more
    yield piece
