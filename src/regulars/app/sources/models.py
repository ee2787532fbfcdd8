"""Databases that rows are read from: an address, and a query for each table that is wanted. Passwords are not here."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from regulars.app.jobs.models import FAILED, Job
from regulars.model.phrases import Said


class Source(models.Model):
    """``address`` bears no password; it is read every ``minutes``, by hand alone where that is 0."""

    name = models.CharField(max_length=120)
    address = models.CharField(max_length=500)
    minutes = models.IntegerField(default=0)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return self.name


class Query(models.Model):
    """``rows_are`` is a table of the shop, "" where the columns say it; ``receipts`` are the last imports of it."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="queries")
    rows_are = models.CharField(max_length=40, blank=True)
    sql = models.TextField(max_length=10_000)
    watermark = models.CharField(max_length=120, blank=True)
    good_rows = models.BooleanField(default=False)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    receipts = models.JSONField(default=list)
    read_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["id"]

    @property
    def trouble(self) -> Said:
        """Why the last reading failed; "" where it did not."""
        return self.job.trouble if self.job and self.job.state == FAILED else ""
