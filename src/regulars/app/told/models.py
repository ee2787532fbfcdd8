"""What the analyses said the last time, as the pages show it: worked out by a job, kept until the next."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Told(models.Model):
    """One section of a page in one language, as JSON of `regulars.insight.page.parts.Section`; true of ``as_of``
    (naive UTC, as ISO text)."""

    key = models.CharField(max_length=40)
    language = models.CharField(max_length=2)
    said = models.JSONField()
    as_of = models.CharField(max_length=40)
    facts_version = models.BigIntegerField()
    made_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["key", "language"], name="one_told")]
