"""Making, finding and withdrawing keys; a key is the only way into the API, never a browser's session."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone
from ninja.errors import HttpError
from ninja.security import HttpBearer

from regulars.app.api.models import Key
from regulars.app.api.scopes import SCOPES
from regulars.app.doors.models import Person
from regulars.app.doors.tokens import hashed
from regulars.app.refusals import why
from regulars.errors import Refused

PREFIX = "rk_"
NOTED_EVERY = timedelta(minutes=1)


def make(name: str, scopes: Iterable[str], by: Person | None = None) -> tuple[Key, str]:
    """A new key and what to send as it, shown this once; raises `Refused` for a scope there is not."""
    wanted = sorted(set(scopes))
    for scope in wanted:
        if scope not in SCOPES:
            raise Refused(why("There is no scope called '{scope}'.", scope=scope),
                          hint=why("There are: {known}.", known=[*SCOPES]))
    if not name.strip() or not wanted:
        raise Refused(why("A key needs a name and at least one scope."),
                      hint=why("There are: {known}.", known=[*SCOPES]))
    token = PREFIX + secrets.token_urlsafe(32)
    return Key.objects.create(name=name.strip()[:120], token=hashed(token), scopes=wanted, made_by=by), token


def withdraw(key: Key) -> None:
    """It opens nothing any more."""
    Key.objects.filter(pk=key.pk, withdrawn_at=None).update(withdrawn_at=timezone.now())


class Bearer(HttpBearer):
    """``Authorization: Bearer rk_…``"""

    def authenticate(self, request: HttpRequest, token: str) -> Key | None:
        key = Key.objects.filter(token=hashed(token), withdrawn_at=None).first()
        if key and (key.used_at is None or timezone.now() - key.used_at > NOTED_EVERY):
            Key.objects.filter(pk=key.pk).update(used_at=timezone.now())
        return key


def require(request: HttpRequest, scope: str) -> Key:
    """The key of the request; 403 where it has not got the scope."""
    key: Key = request.auth  # type: ignore[attr-defined]  # set by the API's machinery
    if scope not in key.scopes:
        raise HttpError(403, f"This key may not do this: it needs the scope {scope}.")
    return key
