"""Webhooks from the terminal, also while the pages are served: they lie beside the facts."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command

from regulars.app.refusals import why
from regulars.errors import Message, NotFound
from regulars.model.settings import load
from regulars.shop import Shop

IN, OUT = "in", "out"


@dataclass(frozen=True)
class Listed:
    """A connection: ``way`` is in or out, ``other`` the platform or segments; the rest counts deliveries."""

    id: str
    way: str
    other: Message
    address: str
    made_at: datetime
    withdrawn: bool
    waiting: int = 0
    given_up: int = 0


def _live(folder: Path, module: str) -> Any:
    load(folder)
    os.environ["REGULARS_SHOP"] = str(folder.resolve())
    os.environ["DJANGO_SETTINGS_MODULE"] = "regulars.app.settings"
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    return import_module(f"regulars.app.live.{module}")


def receive(folder: Path, platform: str, secret: str) -> tuple[str, str]:
    """A new connection's id, and the path the platform is to send to; raises `NotFound`, `Refused`."""
    made = _live(folder, "connections").receive(platform, secret)
    return f"{IN}-{made.pk}", f"/hooks/{made.slug}"


def send(shop: Shop, url: str, segments: Sequence[str]) -> tuple[str, str]:
    """The id of a new connection that tells of changes, and its secret; raises `Refused`, `UnknownName`."""
    made = _live(shop.folder, "connections").send(url, segments, shop=shop)
    return f"{OUT}-{made.pk}", made.secret


def listed(folder: Path) -> list[Listed]:
    """Every connection, those that send to the shop first."""
    models = _live(folder, "models")
    found = [
        Listed(f"{IN}-{h.pk}", IN, h.platform, f"/hooks/{h.slug}", _naive(h.made_at), h.withdrawn_at is not None)
        for h in models.Incoming.objects.all()
    ]
    for hook in models.Outgoing.objects.all():
        counts = {state: hook.deliveries.filter(state=state).count() for state in (models.WAITING, models.DEAD)}
        found.append(
            Listed(
                f"{OUT}-{hook.pk}",
                OUT,
                ", ".join(hook.segments) or why("every segment"),
                hook.url,
                _naive(hook.made_at),
                hook.withdrawn_at is not None,
                counts[models.WAITING],
                counts[models.DEAD],
            )
        )
    return found


def withdraw(folder: Path, number: str) -> None:
    """Nothing comes or goes by it any more; raises `NotFound`."""
    models, (way, _, pk) = _live(folder, "models"), number.partition("-")
    model = {IN: models.Incoming, OUT: models.Outgoing}.get(way)
    found = model.objects.filter(pk=int(pk)).first() if model and pk.isdigit() else None
    if found is None:
        raise NotFound(
            why("There is no webhook {number}.", number=number[:40]),
            hint=why("See which there are."),
            command="regulars hooks list",
        )
    _live(folder, "connections").withdraw(found)


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
