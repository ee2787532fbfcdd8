"""Connections by webhook: platforms that send to the shop, and addresses the shop sends to."""

from __future__ import annotations

import json
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

WAITING, SENT, DEAD = "waiting", "sent", "dead"
LOST = "changes.lost"
"""The type of the message that tells of a shop that was brought back; else it is of a change."""
STATES = [(WAITING, _("Waiting")), (SENT, _("Sent")), (DEAD, _("Given up"))]


class Incoming(models.Model):
    """A platform's webhooks come to an address of their own, ``slug``; ``secret`` is what it signs with."""

    platform = models.CharField(max_length=20)
    slug = models.CharField(max_length=40, unique=True)
    secret = models.CharField(max_length=200)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.platform} {self.pk}"


class Outgoing(models.Model):
    """An address that is told who entered and left; ``cursor`` is the last change written down. No segments: all."""

    url = models.CharField(max_length=500)
    secret = models.CharField(max_length=80)
    segments = models.JSONField(default=list)
    cursor = models.BigIntegerField(default=0)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"webhook {self.pk}"


class Delivery(models.Model):
    """One change for one address, until it was acknowledged or given up: ``seq`` is the change's number.

    That the shop was brought back from a backup is told likewise, of no customer.
    """

    outgoing = models.ForeignKey(Outgoing, on_delete=models.CASCADE, related_name="deliveries")
    seq = models.BigIntegerField()
    customer_id = models.CharField(max_length=400)
    body = models.TextField()
    state = models.CharField(max_length=10, choices=STATES, default=WAITING)
    tries = models.IntegerField(default=0)
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    said = models.CharField(max_length=300, blank=True)
    """What was answered last, or why nothing was."""
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["seq"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["outgoing", "seq"], name="a_change_once")]
        indexes: ClassVar = [models.Index(fields=["state", "due_at"], name="deliveries_due")]

    @property
    def segment(self) -> str:
        """The segment that somebody entered or left; "" of all."""
        return str(json.loads(self.body).get("segment", ""))

    @property
    def at(self) -> datetime:
        """When they did; naive UTC."""
        return datetime.fromisoformat(json.loads(self.body)["at"]).replace(tzinfo=None)
