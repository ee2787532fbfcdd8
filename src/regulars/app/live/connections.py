"""Making and withdrawing connections by webhook."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.utils import timezone

from regulars.app.doors.models import Person
from regulars.app.facts import the_shop
from regulars.app.live.models import DEAD, WAITING, Delivery, Incoming, Outgoing
from regulars.errors import Refused
from regulars.intake.live.hooks.all import platform
from regulars.segments import changes

SECRET = "whsec_"
HOOKS = "/hooks/"


def receive(name: str, secret: str, by: Person | None = None) -> Incoming:
    """An address for a platform's webhooks; raises `NotFound` for one that is not understood, `Refused`."""
    found = platform(name)
    if not secret.strip():
        raise Refused(f"{found.name.title()} signs what it sends with a secret, and it is needed here.")
    return Incoming.objects.create(
        platform=found.name, slug=secrets.token_urlsafe(12), secret=secret.strip()[:200], made_by=by
    )


def address(hook: Incoming, base: str) -> str:
    """Where the platform is to send."""
    return f"{base.rstrip('/')}{HOOKS}{hook.slug}"


def checked(url: str, segments: Iterable[str]) -> list[str]:
    """The names of the segments; raises `Refused` for what is no address, `UnknownName` for a segment there is not."""
    url = url.strip()
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in ("https", "http") or not parts.hostname or port == 0 or not _is_one_word(url):
        raise Refused(f"{url[:80]!r} is no address to send to.", hint="It begins with https://.")
    return [the_shop().segments.get(name).name for name in segments]


def _is_one_word(url: str) -> bool:
    """Without spaces and control characters, which no request can be made of."""
    return url.isprintable() and not any(c.isspace() for c in url)


def send(url: str, segments: Iterable[str] = (), by: Person | None = None) -> Outgoing:
    """An address to be told of changes from now on; raises as `checked`."""
    names = checked(url, segments)
    made = SECRET + base64.b64encode(secrets.token_bytes(24)).decode()
    return Outgoing.objects.create(
        url=url.strip()[:500], secret=made, segments=names, made_by=by, cursor=changes.last(the_shop().engine)
    )


def withdraw(hook: Incoming | Outgoing) -> None:
    """Nothing comes or goes by it any more; what still waited to go is given up."""
    type(hook).objects.filter(pk=hook.pk, withdrawn_at=None).update(withdrawn_at=timezone.now())
    if isinstance(hook, Outgoing):
        Delivery.objects.filter(outgoing=hook, state=WAITING).update(state=DEAD, ended_at=timezone.now())


def again(delivery: Delivery) -> None:
    """Send one that was given up once more."""
    Delivery.objects.filter(pk=delivery.pk, state=DEAD, outgoing__withdrawn_at=None).update(
        state=WAITING, tries=0, due_at=timezone.now(), leased_until=None, ended_at=None
    )
