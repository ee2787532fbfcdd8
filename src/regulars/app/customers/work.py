"""Looking for customers who may be one person, and joining many of them, as jobs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from regulars.app.facts import the_shop
from regulars.app.jobs.kinds import ALONE, Tell, work
from regulars.app.jobs.models import OPEN, WAITING, Job
from regulars.app.jobs.running import start
from regulars.app.segments.work import REFRESH
from regulars.intake.prepared import Progress

SAME, JOIN = "same people", "join same people"


@work(SAME, every=timedelta(days=1), lane=ALONE)
def look(job: Job, tell: Tell) -> dict[str, Any]:
    """Everybody is looked at anew; whom the owner's rules name are joined."""
    shop = the_shop()
    done = shop.customers.same.look(shop.moment(), tell)
    if done.joined:
        start(REFRESH, {})
    return {"pairs": done.pairs, "joined": done.joined}


@work(JOIN)
def join(job: Job, tell: Tell) -> dict[str, Any]:
    """All pairs of a kind that are almost certain as everybody is now: what the last look found may be a day old. Run
    again after a kill there are none left."""
    shop = the_shop()
    shop.customers.same.look(shop.moment(), tell, join=False)
    tell(Progress("joining"))
    done = shop.customers.same.join_all(job.asked["kind"], shop.moment())
    if done:
        start(REFRESH, {})
    return {"joined": len(done)}


def look_again() -> None:
    """Have a look begun, unless one waits already."""
    if not Job.objects.filter(kind=SAME, state=WAITING).exists():
        start(SAME, {})


def at_work() -> Job | None:
    """The look or joining that is open, if any."""
    return Job.objects.filter(kind__in=[SAME, JOIN], state__in=OPEN).order_by("id").first()
