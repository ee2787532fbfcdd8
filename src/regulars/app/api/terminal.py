"""Keys from the terminal, also while the pages are served: they lie beside the facts, which one process has open."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command

from regulars.app.refusals import why
from regulars.errors import NotFound
from regulars.model.settings import load


@dataclass(frozen=True)
class Listed:
    """A key as it is listed; ``made_at`` is naive UTC. What to send as it is known to nobody."""

    id: int
    name: str
    scopes: tuple[str, ...]
    made_at: datetime
    withdrawn: bool


def _keys(folder: Path) -> Any:
    load(folder)
    os.environ["REGULARS_SHOP"] = str(folder.resolve())
    os.environ["DJANGO_SETTINGS_MODULE"] = "regulars.app.settings"
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    return import_module("regulars.app.api.keys")


def add(folder: Path, name: str, scopes: Iterable[str]) -> tuple[int, str]:
    """A new key's number and what to send as it, shown this once; raises `Refused` for a scope there is not."""
    key, token = _keys(folder).make(name, scopes)
    return key.pk, token


def listed(folder: Path) -> list[Listed]:
    """Every key, the newest first."""
    return [Listed(k.pk, k.name, tuple(k.scopes), k.made_at.astimezone(UTC).replace(tzinfo=None),
                   k.withdrawn_at is not None) for k in _keys(folder).Key.objects.all()]


def withdraw(folder: Path, number: int) -> None:
    """The key opens nothing any more; raises `NotFound`."""
    keys = _keys(folder)
    found = keys.Key.objects.filter(pk=number).first()
    if found is None:
        raise NotFound(why("There is no key {number}.", number=number), hint=why("See which there are."),
                       command="regulars keys list")
    keys.withdraw(found)
