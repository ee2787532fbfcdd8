"""Keys of the HTTP API, and answers kept so that a request sent twice is done once."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class Key(models.Model):
    """``token`` is kept as its hash: the key itself is shown once."""

    name = models.CharField(max_length=120)
    token = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"key {self.pk}"


class Answered(models.Model):
    """What was answered to a request that had an ``Idempotency-Key``; ``asked`` is the hash of its content."""

    key = models.ForeignKey(Key, on_delete=models.CASCADE, related_name="+")
    idempotency_key = models.CharField(max_length=200)
    asked = models.CharField(max_length=64)
    status = models.IntegerField()
    body = models.JSONField()
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["key", "idempotency_key"], name="once_a_key")]
