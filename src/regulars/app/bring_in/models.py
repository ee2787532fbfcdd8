"""A file that somebody handed over, until it is taken in or given up: what came of it is the shop's to know."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from regulars.app.facts import facts
from regulars.app.jobs.models import FAILED, Job
from regulars.intake.looking import Table
from regulars.model.phrases import Said, of_text

WORKING, READY, ASKING, UNREADABLE, REFUSED, TAKEN = "working", "ready", "asking", "unreadable", "refused", "taken"
FOLDER = "uploads"


class Upload(models.Model):
    """``looked`` is what `Imports.look` found, as JSON; ``receipts`` the imports it became, ``refused`` the receipt of
    one that rows kept from being taken; ``wrong`` why the file cannot be read or taken, as `as_text` wrote it."""

    name = models.CharField(max_length=200)
    size = models.BigIntegerField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    looked = models.JSONField(default=list)
    wrong = models.TextField(blank=True)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    receipts = models.JSONField(default=list)
    refused = models.JSONField(null=True)

    class Meta:
        ordering: ClassVar = ["-id"]

    @property
    def path(self) -> Path:
        """Where the file is while it waits."""
        return facts().folder / FOLDER / str(self.pk) / self.name

    @property
    def tables(self) -> list[Table]:
        return [Table.from_json(said) for said in self.looked]

    @property
    def state(self) -> str:
        """Worked out, so that it never differs from the job's row."""
        if self.job and self.job.is_open:
            return WORKING
        if self.receipts:
            return TAKEN
        if self.refused:
            return REFUSED
        if self.wrong or not self.looked:
            return UNREADABLE
        return READY if any(t.ready for t in self.tables) and not any(t.question for t in self.tables) else ASKING

    @property
    def trouble(self) -> Said:
        """Why it was not taken in; "" where nothing went wrong."""
        failed = self.job is not None and self.job.state == FAILED
        return of_text(self.wrong) or (self.job.trouble if failed and self.job else "")

    def found(self, tables: list[Table]) -> None:
        """Note what was found in it, unsaved."""
        said: list[dict[str, Any]] = [t.to_json() for t in tables]
        self.looked, self.wrong = said, ""
