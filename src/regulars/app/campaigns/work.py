"""Looking a campaign over, and sending it once it is looked over: what takes longer than a page may for many people."""

from __future__ import annotations

import time
from datetime import UTC
from typing import Any

from regulars.app import moments
from regulars.app.doors import audit
from regulars.app.facts import the_shop
from regulars.app.jobs.kinds import Tell, work
from regulars.app.jobs.models import DONE, OPEN, Job
from regulars.app.jobs.running import start
from regulars.app.refusals import why
from regulars.app.segments.following import following
from regulars.errors import Refused
from regulars.intake.prepared import Progress
from regulars.outreach.audience import count_members
from regulars.outreach.campaign import DRAFT, Campaign
from regulars.outreach.guard import GuardBox
from regulars.shop.drawing import GOOD_FOR, SHOWN_FOR
from regulars.shop.preflight import Looked, looked_at

LOOK_OVER, SEND, GUARD = "look campaign over", "send campaign", "guard campaign"
SEGMENTS = "segments"
"""The step of a campaign that waits for the next look at its segments."""
WAITS, PAUSE = 300.0, 1.0
"""So many seconds it waits for that, asking after each pause."""
FEW = 1000
"""So many people are looked over while a page is made."""


@work(LOOK_OVER)
def look_over(job: Job, tell: Tell) -> dict[str, Any]:
    """What it found is kept by the process, and asked again after a restart."""
    looked = _looked_once_known(the_shop().campaigns.by_id(job.asked["campaign"]).name, tell)
    return {"stops": len(looked.stops), "looks": len(looked.looks)}


@work(SEND)
def send(job: Job, tell: Tell) -> dict[str, Any]:
    """Looked over, and begun where nothing keeps it back. Run again after a kill it begins nothing twice."""
    shop = the_shop()
    campaign = shop.campaigns.by_id(job.asked["campaign"])
    if campaign.state != DRAFT:
        return {"state": campaign.state}
    if campaign.version != job.asked["version"]:
        raise Refused(why("'{name}' was changed after somebody asked to send it: nothing was sent.",
                          name=campaign.name), hint=why("Read it again, then send it."))
    looked = _looked_once_known(campaign.name, tell)
    if looked.stops:
        raise Refused(looked.stops[0].said)
    began = shop.campaigns.send(campaign.name, shop.moment(), by=str(job.made_by or ""))
    audit.written(job.made_by, "campaign.sent", began.name, version=began.version)
    return {"state": began.state}


@work(GUARD)
def guard(job: Job, tell: Tell) -> dict[str, Any]:
    """Who would buy anyway, kept by the process, and asked again after a restart."""
    shop = the_shop()
    box = shop.campaigns.guard(shop.campaigns.by_id(job.asked["campaign"]).name, moments.current(), tell)
    return {"people": box.people, "leave_out": box.leave_out}


def _looked_once_known(name: str, tell: Tell) -> Looked:
    """Looked over, once it is known who is in its segments: while these are looked at, as after a start, it waits."""
    until = time.monotonic() + WAITS
    while True:
        looked = looked_at(the_shop(), name, the_shop().moment(), tell)
        if not waits(looked) or len(looked.stops) > len(looked.awaited) or time.monotonic() > until:
            return looked
        following.wake()
        tell(Progress(SEGMENTS))
        time.sleep(PAUSE)


def waits(looked: Looked) -> bool:
    """Whether it is not known yet who is in its segments, and they are being looked at."""
    return bool(looked.awaited) and following.trouble is None


def at_once(campaign: Campaign) -> bool:
    """Whether its people are few enough to be looked over while a page is made; a guard looks at everybody."""
    offers = campaign.guard.leave_out and (campaign.offer or any(v.offer for v in campaign.variants))
    return (the_shop().customers.count() if offers else count_members(the_shop().engine, campaign.segments)) <= FEW


def known(campaign: Campaign, job: Job | None = None) -> Looked | None:
    """What is found when it is looked over, where that is known or told at once; None where a job is to do it.

    What a ``job`` found, for which somebody waited, is shown though facts came in meanwhile.
    """
    if at_once(campaign):
        return looked_at(the_shop(), campaign.name, moments.current())
    within = GOOD_FOR if job and job.state == DONE else SHOWN_FOR
    looked = the_shop().campaigns.drawing.looked(campaign, moments.current(), within)
    return None if looked and waits(looked) else looked


def guard_known(campaign: Campaign, job: Job | None = None) -> GuardBox | None:
    """Who would buy anyway, as `known` has what is found: it looks at everybody there is."""
    campaigns = the_shop().campaigns
    within = GOOD_FOR if job and job.state == DONE else SHOWN_FOR
    box = campaigns.drawing.boxed(campaign, moments.current(), within)
    if box:
        return box.of(campaign.guard)
    few = the_shop().customers.count() <= FEW
    return campaigns.guard(campaign.name, moments.current()) if few else None


def job_of(kind: str, campaign: Campaign) -> Job | None:
    """The last job of a kind that was begun for a campaign."""
    return Job.objects.filter(kind=kind, asked__campaign=campaign.id).first()


def refused(campaign: Campaign) -> Job | None:
    """The job that was to send it and could not, where nobody has changed it since."""
    last, changed = job_of(SEND, campaign), campaign.changed_at
    tells = last and last.error and last.ended_at and changed and last.ended_at >= changed.replace(tzinfo=UTC)
    return last if tells else None


def ask(campaign: Campaign, waited_for: Job | None, kind: str = LOOK_OVER) -> Job:
    """The job that looks it over: the one that does, or the one that was waited for and failed; else it is begun."""
    last = job_of(kind, campaign)
    if last and last.state in OPEN:
        return last
    if waited_for and waited_for.state != DONE:
        return waited_for
    return start(kind, {"campaign": campaign.id})


def under_way(campaign: Campaign) -> bool:
    """Whether it is about to be sent."""
    last = job_of(SEND, campaign)
    return last is not None and last.state in OPEN
