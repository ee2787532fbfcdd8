"""What people of the shop write down about a customer."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class Note(models.Model):
    """A note about the customer of this id; erased with them."""

    customer_id = models.CharField(max_length=300, db_index=True)
    text = models.TextField(max_length=4000)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-id"]
