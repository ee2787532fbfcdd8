"""Signing what is sent straight (RFC 6376): RSA-SHA256, relaxed headers and body.

The usual library works the signature out in Python, which takes longer than all the rest of sending a message.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from regulars.errors import Refused
from regulars.outreach.refusals import why

SIGNED = ("from", "to", "subject", "date", "message-id", "reply-to", "mime-version", "content-type", "list-id",
          "list-unsubscribe", "list-unsubscribe-post", "feedback-id")
"""Those of RFC 6376, 5.4.1, and what RFC 8058 wants signed; From twice, so that none can be added."""
SMALLEST_KEY = 1024


@dataclass(frozen=True)
class Signer:
    """The key of ``domain``, found by receivers at ``selector._domainkey.domain``."""

    domain: str
    selector: str
    key: rsa.RSAPrivateKey

    def sign(self, message: bytes) -> bytes:
        """The message with a DKIM-Signature before it."""
        head, _, body = message.partition(b"\r\n\r\n")
        digest = base64.b64encode(hashlib.sha256(relaxed_body(body)).digest()).decode()
        fields = _fields(head)
        names = [n for n in SIGNED if n in fields]
        tags = (f"v=1; a=rsa-sha256; c=relaxed/relaxed; d={self.domain}; s={self.selector};\r\n"
                f" h={':'.join(['from', *names])};\r\n bh={digest};\r\n b=")
        signed = [relaxed_header(n, fields[n]) + b"\r\n" for n in names]
        own = relaxed_header("dkim-signature", tags.encode())
        made = self.key.sign(b"".join(signed) + own, padding.PKCS1v15(), hashes.SHA256())
        letters = base64.b64encode(made).decode()
        folded = "\r\n ".join(letters[i:i + 72] for i in range(0, len(letters), 72))
        return f"DKIM-Signature: {tags}{folded}\r\n".encode() + message

    def public(self) -> str:
        """The TXT record to publish."""
        key = self.key.public_key().public_bytes(serialization.Encoding.DER,
                                                 serialization.PublicFormat.SubjectPublicKeyInfo)
        return f"v=DKIM1; k=rsa; p={base64.b64encode(key).decode()}"


def signer(domain: str, selector: str, key: str) -> Signer | None:
    """None where nothing is said of any; raises `Refused` for a key that is none."""
    if not (domain and selector and key):
        return None
    try:
        found = serialization.load_pem_private_key(key.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Refused(why("The DKIM key cannot be read."), hint=why("Give the text of a PEM file.")) from error
    if not isinstance(found, rsa.RSAPrivateKey) or found.key_size < SMALLEST_KEY:
        raise Refused(why("The DKIM key cannot be read."), hint=why("Give the text of a PEM file."))
    return Signer(domain, selector, found)


def _fields(head: bytes) -> dict[str, bytes]:
    unfolded = re.split(rb"\r\n(?![ \t])", head)
    return {name.decode().lower(): value for name, _, value in (line.partition(b":") for line in unfolded)}


def relaxed_header(name: str, value: bytes) -> bytes:
    """RFC 6376, 3.4.2."""
    return name.encode() + b":" + re.sub(rb"[ \t]+", b" ", value.replace(b"\r\n", b"")).strip()


def relaxed_body(body: bytes) -> bytes:
    """RFC 6376, 3.4.4."""
    lines = re.sub(rb"[ \t]+", b" ", body).replace(b" \r\n", b"\r\n").rstrip(b" ")
    kept = lines.rstrip(b"\r\n")
    return kept + b"\r\n" if kept else b""
