"""The first way in: a link for the owner of a shop that has none, or the demo shop's made-up owner."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator

from regulars.app.doors import roles
from regulars.app.doors.models import Person

DEMO_OWNER = "owner@demo.example"
_first: list[str] = []
"""The hash of this process's one set-up link."""


def told(address: str, *, demo: bool) -> Iterator[str]:
    """Lines for the terminal: the demo's login, or the set-up link while the shop has no owner."""
    if demo:
        yield f"Sign in as {DEMO_OWNER} with the password {demo_owner()}"
    elif nobody_yet():
        yield "Nobody can sign in yet. Make the owner's account, once, at this link:"
        yield f"  {address}/welcome/{set_up_token()}/"


def nobody_yet() -> bool:
    """Whether the shop has no owner who can sign in."""
    return not Person.objects.filter(role=roles.OWNER, is_active=True).exists()


def set_up_token() -> str:
    """A new token for the set-up page; those before it are worth nothing any more."""
    token = secrets.token_urlsafe(24)
    _first[:] = [hashed(token)]
    return token


def is_set_up_token(token: str) -> bool:
    return nobody_yet() and any(secrets.compare_digest(hashed(token), each) for each in _first)


def demo_owner() -> str:
    """The password, made up at each start, of the demo shop's owner."""
    password = "-".join(secrets.token_hex(2) for _ in range(3))
    person = Person.objects.filter(email=DEMO_OWNER).first() or Person(email=DEMO_OWNER, name="Demo owner")
    person.role, person.is_active = roles.OWNER, True
    person.set_password(password)
    person.save()
    return password


def hashed(token: str) -> str:
    """How a token is kept."""
    return hashlib.sha256(token.encode()).hexdigest()
