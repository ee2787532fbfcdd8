"""The files and imports that somebody may see, bring in, take out and take back."""

from __future__ import annotations

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from regulars.app.base.requests import Request
from regulars.app.bring_in.models import Upload
from regulars.app.doors import roles
from regulars.app.facts import the_shop
from regulars.intake.imports import Imports
from regulars.intake.receipt import Receipt


def uploads(request: Request, what: str = roles.LOOK) -> QuerySet[Upload]:
    """Files that were handed over and are not taken in yet, or were just now."""
    roles.require(request, what)
    return Upload.objects.select_related("job")


def upload(request: Request, pk: int, what: str = roles.LOOK) -> Upload:
    """One of them; 404 where there is none."""
    return get_object_or_404(uploads(request, what), pk=pk)


def imports(request: Request, what: str = roles.LOOK) -> Imports:
    """What came in, for whoever may do ``what``."""
    roles.require(request, what)
    return the_shop().imports


def receipt(request: Request, import_id: str, what: str = roles.LOOK) -> Receipt:
    """One import's receipt; raises `NotFound`."""
    return imports(request, what).receipt(import_id)
