"""The first way in: a link for the owner of a shop that has none, or the demo shop's made-up owner."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from regulars.app.doors import changes, roles
from regulars.app.doors.models import Person
from regulars.app.doors.tokens import hashed, new_token
from regulars.app.refusals import why
from regulars.errors import NotFound

DEMO_OWNER = "owner@demo.example"
_first: list[str] = []
"""The hash of this process's one set-up link."""


def told(address: str, *, demo: bool, let_in: str = "") -> Iterator[str]:
    """Lines for the terminal: the demo's login, a link for ``let_in``, the set-up link while there is no owner.

    Raises `NotFound` where nobody has the address ``let_in``.
    """
    if let_in:
        yield f"{let_in} chooses a new password, once and within a week, at this link:"
        yield f"  {address}/invited/{_new_link(let_in)}/"
    if demo:
        yield f"Sign in as {DEMO_OWNER} with the password {demo_owner()}"
    elif nobody_yet():
        yield "Nobody can sign in yet. Make the owner's account, once, at this link:"
        yield f"  {address}/welcome/{set_up_token()}/"


def _new_link(email: str) -> str:
    person = Person.objects.filter(email=email.lower()).first()
    if person is None:
        raise NotFound(why("Nobody signs in as {email}.", email=email))
    return changes.invite(person.email, person.role, None)[1]


def nobody_yet() -> bool:
    """Whether the shop has no owner who can sign in."""
    return not Person.objects.filter(role=roles.OWNER, is_active=True).exists()


def set_up_token() -> str:
    """A new token for the set-up page; those before it are worth nothing any more."""
    token = new_token()
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
