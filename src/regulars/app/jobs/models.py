"""Work that takes longer than a page: a row each, which is the truth about it whatever happens to the process."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from regulars.model.phrases import Said, of_text

WAITING, RUNNING, DONE, FAILED, STOPPED = "waiting", "running", "done", "failed", "stopped"
STATES = [(WAITING, _("Waiting")), (RUNNING, _("Running")), (DONE, _("Done")), (FAILED, _("Failed")),
          (STOPPED, _("Stopped"))]
OPEN = (WAITING, RUNNING)


class Job(models.Model):
    """``done`` of ``total`` (unknown: None) in the present ``step``; whoever runs it holds the lease until then."""

    kind = models.CharField(max_length=40)
    asked = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=STATES, default=WAITING, db_index=True)
    step = models.CharField(max_length=120, blank=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    leased_until = models.DateTimeField(null=True)
    tries = models.IntegerField(default=0)
    stop_asked = models.BooleanField(default=False)
    result = models.JSONField(null=True)
    error = models.TextField(blank=True)
    """As `phrases.as_text` wrote it."""
    error_code = models.CharField(max_length=60, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-id"]

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def trouble(self) -> Said:
        """What went wrong, to be said in the reader's language."""
        return of_text(self.error)

    @property
    def part(self) -> float | None:
        """How much is done, 0 to 1; None where unknown."""
        return min(self.done / self.total, 1.0) if self.total else None
