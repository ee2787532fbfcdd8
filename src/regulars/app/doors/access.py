"""The people, invitations and log entries that somebody may see: every view of this folder finds them here."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone

from regulars.app.base.requests import Request
from regulars.app.doors import roles
from regulars.app.doors.models import Entry, Invitation, Person
from regulars.app.doors.tokens import hashed


def people(request: Request) -> QuerySet[Person]:
    """Everybody who may sign in, for an owner."""
    roles.require(request, roles.RUN)
    return Person.objects.order_by("-is_active", "email")


def person(request: Request, pk: int) -> Person:
    """One of them; 404 where there is none."""
    return get_object_or_404(people(request), pk=pk)


def invitations(request: Request) -> QuerySet[Invitation]:
    """Those that still open a door, for an owner."""
    roles.require(request, roles.RUN)
    return Invitation.objects.filter(used_at=None, ends_at__gt=timezone.now())


def invitation(token: str) -> Invitation:
    """The invitation of a link, for whoever has it; 404 where it is used, over or made up."""
    return get_object_or_404(Invitation, token=hashed(token), used_at=None, ends_at__gt=timezone.now())


def entries(request: Request) -> QuerySet[Entry]:
    """The audit log, for an owner."""
    roles.require(request, roles.RUN)
    return Entry.objects.all()


def sessions(of: Person) -> list[UserSession]:
    """Where a person is signed in, the latest first; sessions that are over are forgotten."""
    found: list[UserSession] = UserSession.objects.purge_and_list(of)
    return sorted(found, key=lambda s: s.last_seen_at, reverse=True)


def end_sessions(of: Person) -> int:
    """Sign a person out everywhere; how many sessions that ended."""
    held = UserSession.objects.filter(user=of)
    Session.objects.filter(session_key__in=held.values_list("session_key", flat=True)).delete()
    return int(held.delete()[0])


def second_factors(of: Person) -> set[str]:
    """Kinds of what a person has beside their password: totp, webauthn, recovery_codes."""
    return set(Authenticator.objects.filter(user=of).values_list("type", flat=True))
