"""Making and withdrawing connections by webhook."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable
from contextlib import suppress
from urllib.parse import urlsplit

from django.db.models import QuerySet
from django.utils import timezone

from regulars.app.doors.models import Person
from regulars.app.facts import the_shop
from regulars.app.live.models import DEAD, WAITING, Delivery, Incoming, Outgoing
from regulars.app.refusals import why
from regulars.errors import Refused
from regulars.intake.live.hooks.all import platform
from regulars.outreach.channels.posting import is_outside
from regulars.segments import changes
from regulars.shop import Shop

SECRET = "whsec_"
HOOKS = "/hooks/"


def receive(name: str, secret: str, by: Person | None = None) -> Incoming:
    """An address for a platform's webhooks; raises `NotFound` for one that is not understood, `Refused`."""
    found = platform(name)
    if not secret.strip():
        raise Refused(
            why("{platform} signs what it sends with a secret, and it is needed here.", platform=found.name.title())
        )
    return Incoming.objects.create(
        platform=found.name, slug=secrets.token_urlsafe(12), secret=secret.strip()[:200], made_by=by
    )


def address(hook: Incoming, base: str) -> str:
    """Where the platform is to send."""
    return f"{base.rstrip('/')}{HOOKS}{hook.slug}"


def checked(url: str, segments: Iterable[str], shop: Shop | None = None) -> list[str]:
    """The names of the segments; raises `Refused` for what is no address, `UnknownName` for a segment there is not."""
    shop = shop or the_shop()
    url = url.strip()
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in ("https", "http") or not parts.hostname or port == 0 or not _is_one_word(url):
        raise Refused(why("'{url}' is no address to send to.", url=url[:80]), hint=why("It begins with https://."))
    if _is_inside(parts.hostname) and not shop.settings.webhooks_to_own_network:
        raise Refused(
            why("{host} is in the shop's own network, where nothing is sent.", host=parts.hostname[:80]),
            hint=why("An owner can allow it in Settings."),
        )
    return [shop.segments.get(name).name for name in segments]


def _is_inside(host: str) -> bool:
    """Whether a host is this machine or beside it by what it is called; where other names lead is seen when sending."""
    with suppress(ValueError):
        return not is_outside(host.strip("[]"))
    return host.lower().rstrip(".") == "localhost"


def _is_one_word(url: str) -> bool:
    """Without spaces and control characters, which no request can be made of."""
    return url.isprintable() and not any(c.isspace() for c in url)


def send(url: str, segments: Iterable[str] = (), by: Person | None = None, shop: Shop | None = None) -> Outgoing:
    """An address to be told of changes from now on; raises as `checked`. ``shop`` is the process's own unless said."""
    shop = shop or the_shop()
    names = checked(url, segments, shop)
    made = SECRET + base64.b64encode(secrets.token_bytes(24)).decode()
    return Outgoing.objects.create(
        url=url.strip()[:500], secret=made, segments=names, made_by=by, cursor=changes.last(shop.engine)
    )


def withdraw(hook: Incoming | Outgoing) -> None:
    """Nothing comes or goes by it any more; what still waited to go is given up."""
    type(hook).objects.filter(pk=hook.pk, withdrawn_at=None).update(withdrawn_at=timezone.now())
    if isinstance(hook, Outgoing):
        Delivery.objects.filter(outgoing=hook, state=WAITING).update(state=DEAD, ended_at=timezone.now())


def again(delivery: Delivery) -> None:
    """Send one that was given up once more."""
    again_all(Delivery.objects.filter(pk=delivery.pk))


def again_all(deliveries: QuerySet[Delivery]) -> None:
    """Send those of them that were given up once more."""
    given_up = Delivery.objects.filter(pk__in=deliveries.order_by().values("pk"), state=DEAD)
    given_up.filter(outgoing__in=Outgoing.objects.filter(withdrawn_at=None)).update(
        state=WAITING, tries=0, due_at=timezone.now(), leased_until=None, ended_at=None
    )
