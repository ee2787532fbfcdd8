"""An analysis as a job."""

from __future__ import annotations

from typing import Any

from regulars.app.insights.kept import INSIGHT, work_out
from regulars.app.jobs.kinds import Tell, work
from regulars.app.jobs.models import Job
from regulars.intake.prepared import Progress


@work(INSIGHT)
def insight(job: Job, tell: Tell) -> dict[str, Any]:
    """Work it out; what it found is kept by the process, and asked again after a restart."""
    tell(Progress(job.asked["analysis"]))
    found = work_out(job.asked["analysis"], job.asked["parameters"])
    return {"n": found.result.n if found.result else None, "error": found.error.code if found.error else None}
