"""Moves that were acted on, so that later it can be said what came of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar

from django.conf import settings
from django.db import models


class Acted(models.Model):
    """``move`` is its code, ``segment`` the name of the segment it was saved as; ``usual`` the share of such people who
    order within ``days`` by themselves (None where that is not what the move is about); amounts as it was proposed."""

    move = models.CharField(max_length=60)
    title = models.CharField(max_length=300)
    segment = models.CharField(max_length=300)
    rule = models.TextField()
    usual = models.FloatField(null=True)
    days = models.IntegerField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-id"]

    @property
    def at(self) -> datetime:
        """The moment it was acted on, in naive UTC."""
        return self.made_at.astimezone(UTC).replace(tzinfo=None)
