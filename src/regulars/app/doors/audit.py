"""Who did what, when: written where it is done, in the words of `WHAT`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from regulars.app.doors.models import Entry

if TYPE_CHECKING:
    from django.http import HttpRequest


def note(request: HttpRequest, what: str, about: str = "", **detail: Any) -> None:
    """One line: ``what`` such as "segment.saved", ``about`` the name of the thing."""
    person = request.user if request.user.is_authenticated else None
    Entry.objects.create(person=person, who=str(person or ""), what=what, about=about[:300], detail=detail)
