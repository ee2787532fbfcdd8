"""Signatures of what is posted, as https://www.standardwebhooks.com has them: most languages have a library."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping

PREFIX = "whsec_"
MOMENT = re.compile("[0-9]{1,12}")
NEWEST = 300
"""Seconds a signature is good for: older ones, or ones ahead of the clock, are somebody else's copies."""


def headers(secret: str, number: str, moment: int, body: bytes) -> dict[str, str]:
    """Id, moment and signature; ``moment`` in seconds since 1970. Nothing without a secret but the id."""
    said = {"webhook-id": number, "webhook-timestamp": str(moment)}
    return said | {"webhook-signature": f"v1,{_made(secret, number, str(moment), body)}"} if secret else said


def holds(secret: str, said: Mapping[str, str], body: bytes, moment: int) -> bool:
    """Whether one of the signatures is of this body, made with the secret within `NEWEST` of ``moment``."""
    number, at, signatures = (said.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if not secret or not number or not MOMENT.fullmatch(at) or abs(int(at) - moment) > NEWEST:
        return False
    wanted = f"v1,{_made(secret, number, at, body)}"
    return any(hmac.compare_digest(each.encode(), wanted.encode()) for each in signatures.split())


def _made(secret: str, number: str, moment: str, body: bytes) -> str:
    made = hmac.new(_key(secret), f"{number}.{moment}.".encode() + body, hashlib.sha256).digest()
    return base64.b64encode(made).decode()


def _key(secret: str) -> bytes:
    """The bytes that ``whsec_`` stands before in base64; any other secret is taken as it is."""
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True) if secret.startswith(PREFIX) else \
            secret.encode()
    except binascii.Error:
        return secret.encode()
