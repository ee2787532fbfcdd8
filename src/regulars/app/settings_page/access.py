"""Keys and backups, for an owner."""

from __future__ import annotations

from pathlib import Path

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from regulars.app.api.models import Key
from regulars.app.base.requests import Request
from regulars.app.doors import roles
from regulars.app.settings_page.work import backup_folder


def keys(request: Request) -> QuerySet[Key]:
    """Every key, the newest first."""
    roles.require(request, roles.RUN)
    return Key.objects.select_related("made_by")


def key(request: Request, pk: int) -> Key:
    """One of them; 404 where there is none."""
    return get_object_or_404(keys(request), pk=pk)


def backups(request: Request) -> list[Path]:
    """The copies there are, the newest first."""
    roles.require(request, roles.RUN)
    return sorted(backup_folder().glob("*.zip"), reverse=True)


def backup(request: Request, name: str) -> Path:
    """One copy by its name; 404 where there is none."""
    found = next((path for path in backups(request) if path.name == name), None)
    if found is None:
        raise Http404
    return found
