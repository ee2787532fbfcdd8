"""Looking at every segment again, and working out how large each was in the past year."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from regulars.app.facts import the_shop
from regulars.app.jobs.kinds import Tell, work
from regulars.app.jobs.models import Job
from regulars.intake.prepared import Progress
from regulars.segments.sizes import kept_sizes, lacking, work_out_past

REFRESH = "refresh"
REBUILD = "rebuild"


@work(REFRESH, every=timedelta(hours=1))
def refresh(job: Job, tell: Tell) -> dict[str, Any]:
    """Memberships as of now; then the past of segments that have none, or of those named in ``past``."""
    shop = the_shop()
    tell(Progress("refresh"))
    now = shop.moment()
    moved = shop.segments.refresh(now)
    known = {segment.name for segment in shop.segments.list()}
    wanted = dict.fromkeys([n for n in job.asked.get("past", []) if n in known])
    wanted |= dict.fromkeys(lacking(shop.segments, now, kept_sizes(shop.segments)))
    for done, name in enumerate(wanted):
        tell(Progress("past sizes", done, len(wanted)))
        work_out_past(shop.segments, name, now)
    return {"segments": len(moved), "entered": sum(m.entered for m in moved), "left": sum(m.left for m in moved)}


@work(REBUILD, every=timedelta(days=1))
def rebuild(job: Job, tell: Tell) -> dict[str, Any]:
    """Everybody is looked at again: what differs from what was kept is counted and put right."""
    tell(Progress("rebuild"))
    done = the_shop().segments.rebuild(the_shop().moment())
    return {"differences": done.differences, "by_segment": dict(done.by_segment)}
