"""Looking at every segment again, and working out how large each was in the past year."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from regulars.app import moments
from regulars.app.facts import the_shop
from regulars.app.jobs.kinds import ALONE, Tell, work
from regulars.app.jobs.models import OPEN, Job
from regulars.app.jobs.running import start
from regulars.intake.prepared import Progress
from regulars.segments.sizes import kept_sizes, lacking, work_out_past

REFRESH, REBUILD, PAST = "refresh", "rebuild", "past sizes"


@work(REFRESH, every=timedelta(hours=1))
def refresh(job: Job, tell: Tell) -> dict[str, Any]:
    """Memberships as of now; the past of segments that have none, or of those named in ``past``, is another job."""
    tell(Progress("refresh"))
    shop, now = the_shop(), moments.settled()
    moved = shop.segments.refresh(now)
    known = {segment.name for segment in shop.segments.list()}
    begun = {n for each in Job.objects.filter(kind=PAST, state__in=OPEN) for n in each.asked["segments"]}
    wanted = dict.fromkeys([n for n in job.asked.get("past", []) if n in known])
    wanted |= dict.fromkeys([n for n in lacking(shop.segments, now, kept_sizes(shop.segments)) if n not in begun])
    if wanted:
        start(PAST, {"segments": list(wanted)})
    return {"segments": len(moved), "entered": sum(m.entered for m in moved), "left": sum(m.left for m in moved)}


@work(REBUILD, every=timedelta(days=1), lane=ALONE)
def rebuild(job: Job, tell: Tell) -> dict[str, Any]:
    """Everybody is looked at again: what differs from what was kept is counted and put right."""
    tell(Progress("rebuild"))
    done = the_shop().segments.rebuild(moments.settled())
    return {"differences": done.differences, "by_segment": dict(done.by_segment)}


@work(PAST, lane=ALONE)
def past_sizes(job: Job, tell: Tell) -> dict[str, Any]:
    """How large segments were in the past year. Those known when it was stopped are not worked out again."""
    segments, to_do = the_shop().segments, list(job.asked["segments"])
    for done, name in enumerate(job.asked["segments"]):
        tell(Progress("past sizes", done, len(job.asked["segments"])))
        if name in {segment.name for segment in segments.list()}:
            work_out_past(segments, name, moments.current())
        to_do.remove(name)
        Job.objects.filter(pk=job.pk).update(asked={"segments": to_do})
    return {"segments": len(job.asked["segments"])}
