"""Addresses as they are written to, so that one that is spelt in two ways is one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import idna

from regulars.outreach.channels.numbers import e164

EMAIL, PHONE = "email", "phone"


def written(kind: str, text: str, person: Mapping[str, Any], home: str) -> str:
    """An e-mail address with its domain in ASCII (IDNA), a number as the world dials it; as it is where it can be
    neither. Without a country code a number is of the person's country, else of ``home``, the shop's."""
    text = text.strip()
    if kind == EMAIL and not text.isascii():
        name, _, domain = text.rpartition("@")
        return f"{name}@{_ascii(domain)}" if name else text
    return e164(text, person, home) or text if kind == PHONE and text else text


def _ascii(domain: str) -> str:
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError:
        return domain
