"""What a person may do: an owner everything, a helper the daily work, a viewer look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

if TYPE_CHECKING:
    from regulars.app.base.requests import Request
    from regulars.app.doors.models import Person

OWNER, HELPER, VIEWER = "owner", "helper", "viewer"
LOOK, CHANGE, EXPORT, RUN = "look", "change", "export", "run"
"""To read pages; to bring in, save and send; to take people out as a file; to settle shop, people, keys."""

MAY: Mapping[str, frozenset[str]] = {
    OWNER: frozenset({LOOK, CHANGE, EXPORT, RUN}), HELPER: frozenset({LOOK, CHANGE, EXPORT}), VIEWER: frozenset({LOOK})}
REFUSALS: Mapping[str, str] = {
    CHANGE: gettext_noop("You may look at this shop, but not change it."),
    EXPORT: gettext_noop("You may look at this shop's people, but not take them out as a file."),
    RUN: gettext_noop("Only an owner of this shop may do this."),
    LOOK: gettext_noop("Sign in to look at this shop."),
}


def may(person: Person, what: str) -> bool:
    """Whether the person may do this; nobody may who is not signed in."""
    return person.is_authenticated and what in MAY.get(person.role, frozenset())


def require(request: Request, what: str) -> None:
    """Raise `PermissionDenied`, saying why, where the person may not. Every access function begins with this."""
    if not may(request.user, what):
        raise PermissionDenied(_(REFUSALS[what]))
