"""Looking at every segment again, and working out how large each was in the past year."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from regulars.app import moments
from regulars.app.facts import the_shop
from regulars.app.jobs.kinds import ALONE, Tell, work
from regulars.app.jobs.models import OPEN, Job
from regulars.app.jobs.running import start
from regulars.errors import RuleError
from regulars.intake.in_order import put_in_order
from regulars.intake.prepared import Progress
from regulars.segments.sizes import kept_sizes, lacking, work_out_past
from regulars.shop import Shop

REFRESH, REBUILD, PAST = "refresh", "rebuild", "past sizes"


@work(REFRESH, every=timedelta(hours=1))
def refresh(job: Job, tell: Tell) -> dict[str, Any]:
    """Memberships as of now; the past of segments that have none, or of those named in ``past``, is another job.

    Raises `RuleError` of a rule that fits the shop no more, once the other segments had their look.
    """
    tell(Progress("refresh"))
    shop, now, refused = the_shop(), moments.settled(), None
    try:
        moved = shop.segments.refresh(now)
    except RuleError as error:
        moved, refused = shop.segments.advance(now), error
    _begin_past(shop, job, now)
    if refused is not None:
        raise refused
    return {"segments": len(moved), "entered": sum(m.entered for m in moved), "left": sum(m.left for m in moved)}


def _begin_past(shop: Shop, job: Job, now: datetime) -> None:
    known = {segment.name for segment in shop.segments.list() if not segment.failed}
    begun = {n for each in Job.objects.filter(kind=PAST, state__in=OPEN) for n in each.asked["segments"]}
    wanted = dict.fromkeys([n for n in job.asked.get("past", []) if n in known])
    wanted |= dict.fromkeys([n for n in lacking(shop.segments, now, kept_sizes(shop.segments))
                             if n in known - begun])
    if wanted:
        start(PAST, {"segments": list(wanted)})


@work(REBUILD, every=timedelta(days=1), lane=ALONE)
def rebuild(job: Job, tell: Tell) -> dict[str, Any]:
    """Everybody is looked at again: what differs from what was kept is counted and put right. Then rows are put in
    order, for the looks to come."""
    tell(Progress("rebuild"))
    done = the_shop().segments.rebuild(moments.settled())
    put_in_order(the_shop().engine)
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
