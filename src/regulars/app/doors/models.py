"""People who sign in, invitations, and the log of who did what."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from regulars.app.doors import roles

ROLES = [(roles.OWNER, _("Owner")), (roles.HELPER, _("Helper")), (roles.VIEWER, _("Viewer"))]


class People(BaseUserManager["Person"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Person:
        """Save a new person; without password they can only come in by an invitation or a reset."""
        person = self.model(email=self.normalize_email(email).lower(), **fields)
        person.set_password(password)
        person.save()
        return person

    def get_by_natural_key(self, username: str | None) -> Person:
        return self.get(email__iexact=username or "")


class Person(AbstractBaseUser):
    """Somebody who signs in. ``language`` is "" where they leave it to the browser."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    role = models.CharField(max_length=10, choices=ROLES, default=roles.VIEWER)
    language = models.CharField(max_length=2, blank=True)
    eastern_digits = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = People()

    def __str__(self) -> str:
        return self.name or self.email

    # Django's own machinery asks these; what a person may do is said by `roles` alone.
    is_staff = False
    is_superuser = False


class Invitation(models.Model):
    """A way in for one person; ``token`` is kept as its hash, the link is shown once.

    Somebody who is in already comes by one to a new password.
    """

    email = models.EmailField()
    role = models.CharField(max_length=10, choices=ROLES)
    token = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    ends_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-made_at"]


class Entry(models.Model):
    """One line of the audit log; never changed, and kept when the person is gone."""

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    person = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    who = models.CharField(max_length=254, blank=True)
    what = models.CharField(max_length=60, db_index=True)
    about = models.CharField(max_length=300, blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["-at", "-id"]
