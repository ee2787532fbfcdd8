"""Who did what, when: written where it is done, in the words of `WHAT`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from regulars.app.doors.models import Entry, Person

if TYPE_CHECKING:
    from django.http import HttpRequest


def note(request: HttpRequest, what: str, about: str = "", **detail: Any) -> None:
    """One line: ``what`` such as "segment.saved", ``about`` the name of the thing; a program has its key's name."""
    person = request.user if request.user.is_authenticated else None
    key = getattr(request, "auth", None)
    who = f"key {key.name}" if key else str(person or "")
    Entry.objects.create(person=person, who=who, what=what, about=about[:300], detail=detail)


def written(person: Person | None, what: str, about: str = "", **detail: Any) -> None:
    """The same of somebody who went on: what they asked for is done later."""
    Entry.objects.create(person=person, who=str(person or ""), what=what, about=about[:300], detail=detail)
