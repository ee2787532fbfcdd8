"""What happens to people: joining, another role, being shut out. A shop never loses its last owner."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from regulars.app.doors import access, roles
from regulars.app.doors.models import Invitation, Person
from regulars.app.doors.tokens import hashed, new_token
from regulars.errors import Refused

INVITED_FOR = timedelta(days=7)


def invite(email: str, role: str, by: Person | None) -> tuple[Invitation, str]:
    """An invitation that opens the door once within a week, and its token; earlier ones of the address are void."""
    token = new_token()
    _forget_links(email)
    return Invitation.objects.create(email=email, role=role, token=hashed(token), made_by=by,
                                     ends_at=timezone.now() + INVITED_FOR), token


def _forget_links(email: str) -> None:
    Invitation.objects.filter(email=email, used_at=None).delete()


def accept(invitation: Invitation, name: str, password: str) -> Person:
    """The invited person, who can sign in now; the invitation is used up."""
    with transaction.atomic():
        person = Person.objects.filter(email=invitation.email).first() or Person(email=invitation.email)
        person.name, person.role, person.is_active = name, invitation.role, True
        person.set_password(password)
        person.save()
        invitation.used_at = timezone.now()
        invitation.save(update_fields=["used_at"])
    return person


def give_role(person: Person, role: str) -> None:
    """Links made before are void: they would bring the earlier role back. Raises `Refused` where the shop would have
    no owner left."""
    if role != roles.OWNER:
        _keep_an_owner(person)
    _forget_links(person.email)
    person.role = role
    person.save(update_fields=["role"])


def let_in(person: Person, active: bool) -> None:
    """Whether the person may sign in; who may not is signed out at once, and a link they were given opens nothing.

    Raises `Refused` for the last owner.
    """
    if not active:
        _keep_an_owner(person)
        _forget_links(person.email)
        access.end_sessions(person)
    person.is_active = active
    person.save(update_fields=["is_active"])


def _keep_an_owner(leaving: Person) -> None:
    if leaving.role == roles.OWNER and \
            not Person.objects.filter(role=roles.OWNER, is_active=True).exclude(pk=leaving.pk).exists():
        raise Refused(_("%(person)s is the only owner of this shop.") % {"person": leaving},
                      hint=_("Make somebody else an owner first."))
