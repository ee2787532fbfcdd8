"""Parts of a campaign's page that are worked out: who gets it, what keeps it back, how far it is."""

from __future__ import annotations

from datetime import datetime
from email.utils import parseaddr
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from regulars.app.automations.forms import ways
from regulars.app.base.requests import Request
from regulars.app.campaigns import access, listing, names, work
from regulars.app.doors import roles
from regulars.app.facts import the_shop
from regulars.app.jobs.models import Job
from regulars.app.jobs.running import ask_to_stop
from regulars.errors import NotFound, Refused, TooLittleData
from regulars.outreach import reasons
from regulars.outreach.audience import CONTROL, HELD_OUT, MESSAGE, Audience
from regulars.outreach.campaign import DRAFT, STOPPED, Campaign
from regulars.outreach.content import domains
from regulars.outreach.guard import saying as guarding
from regulars.outreach.results import saying
from regulars.outreach.results.enough import advice
from regulars.outreach.states import UNKNOWN
from regulars.shop.campaigns import Standing

OF_PEOPLE = ("email", "phone", "post", "sms", "whatsapp")
"""The ways by which a message comes to the person it is for."""
MOST_UNKNOWN = 200
"""Of those of whom it is not known whether they got it, so many are listed."""


def audience(request: Request, name: str) -> HttpResponse:
    """Everybody of its segments, each in an arm or left out with the reason; of many it is worked out as a job."""
    campaign = access.campaign(request, name)
    job = _awaited(request, campaign)
    if job:
        return render(request, "campaigns/audience.html", {"campaign": campaign, "job": job})
    try:
        found = the_shop().campaigns.audience(campaign.name, request.now)
    except (Refused, NotFound) as error:
        return render(request, "campaigns/audience.html", {"campaign": campaign, "error": error})
    arms = found.by_arm
    return render(request, "campaigns/audience.html", {
        "campaign": campaign, "audience": found, "everybody": len(found.rows), "going": arms.get(MESSAGE, 0),
        "control": arms.get(CONTROL, 0), "held_out": arms.get(HELD_OUT, 0),
        "variants": list(found.by_variant.items()),
        "reasons": [(reasons.said(code), people) for code, people in found.by_reason.items()],
        "left_out": sum(found.by_reason.values()), "unseen": _unseen(campaign),
        "better": _better_way(campaign, found, request.now),
        "advice": advice(sum(arms.values()), None, request.figures, arms.get(HELD_OUT, 0))})


def _better_way(campaign: Campaign, found: Audience, now: datetime) -> tuple[str, int] | None:
    """What another way is called by which at least twice as many of them may be reached, and how many; None where there
    is none, or they are too many to be asked while a page is made."""
    if campaign.state != DRAFT or not found.rows or not work.at_once(campaign):
        return None
    campaigns, people = the_shop().campaigns, [row.customer_id for row in found.rows]
    reached = {way: len(campaigns.may_reach(way, people, now)) for way in OF_PEOPLE
               if way != campaign.channel and _usable(way)}
    best = max(reached, key=lambda way: reached[way], default=None)
    if best is None or reached[best] < max(2 * sum(found.by_arm.values()), 1):
        return None
    return dict(ways())[best], reached[best]


def _usable(way: str) -> bool:
    try:
        the_shop().campaigns.usable(way)
    except Refused:
        return False
    return True


def _awaited(request: Request, campaign: Campaign) -> Job | None:
    """The job that draws its people, where they are not drawn yet and too many for a page."""
    drawing, waited_for = the_shop().campaigns.drawing, access.waited_for(request)
    if campaign.began_at or work.at_once(campaign) or drawing.drawn(campaign, request.now):
        return None
    if work.known(campaign, waited_for):
        return None
    return work.ask(campaign, waited_for)


def _unseen(campaign: Campaign) -> bool:
    """Whether one of its segments has not been looked at yet."""
    names = {*campaign.segments, *(v.segment for v in campaign.variants)}
    return any(s.refreshed_at is None for s in the_shop().segments.list() if s.name in names)


def checked(request: Request, name: str) -> HttpResponse:
    """What keeps it back and what to look at, over everybody who would get it; and the way to send it.

    Of many people it is looked over by a job; so is what was asked to be sent, and then it goes.
    """
    campaign = access.campaign(request, name)
    sending, waited_for = work.job_of(work.SEND, campaign), access.waited_for(request)
    if sending and (sending.is_open or campaign.state != DRAFT):
        return _sending(request, campaign, sending)
    looked = work.known(campaign, waited_for)
    people = looked.audience.by_arm.get(MESSAGE, 0) if looked and looked.audience else 0
    return render(request, "campaigns/checked.html", {
        "campaign": campaign, "looked": looked, "people": people, "refused": work.refused(campaign),
        "waits": looked is not None and work.waits(looked), "listed": listing.by_hand(campaign),
        "job": None if looked else work.ask(campaign, waited_for),
        "places": {v.name: n for n, v in enumerate(campaign.variants)}})


def _sending(request: Request, campaign: Campaign, job: Job) -> HttpResponse:
    """How far it is before it goes; once it goes, the page is another."""
    answer = render(request, "campaigns/checked.html", {"campaign": campaign, "job": job, "sending": True})
    if not job.is_open:
        answer.headers["HX-Refresh"] = "true"
    return answer


@require_POST
def stop(request: Request, pk: int, name: str) -> HttpResponse:
    """Whatever looks a campaign over, or was to send it, stopped: nothing went out by it."""
    campaign = access.campaign(request, name, roles.CHANGE)
    job = Job.objects.filter(pk=pk, kind__in=(work.LOOK_OVER, work.SEND, work.GUARD),
                             asked__campaign=campaign.id).first()
    if job:
        ask_to_stop(job)
    return redirect("campaigns:one", campaign.name)


def guard(request: Request, name: str) -> HttpResponse:
    """Of those the offer would go to, who would buy anyway, and what leaving them out saves and risks; of many people
    it is worked out as a job."""
    campaign, waited_for = access.campaign(request, name), access.waited_for(request)
    try:
        box = work.guard_known(campaign, waited_for)
    except (Refused, NotFound, TooLittleData) as error:
        return render(request, "campaigns/guard.html", {"campaign": campaign, "error": error})
    if box is None:
        return render(request, "campaigns/guard.html", {
            "campaign": campaign, "job": work.ask(campaign, waited_for, work.GUARD)})
    return render(request, "campaigns/guard.html", {
        "campaign": campaign, "box": box, "findings": list(guarding.findings(box)),
        "caveats": list(guarding.caveats(box)), "table": guarding.table(box, request.figures)})


def results(request: Request, name: str) -> HttpResponse:
    """What it brought beside those who by chance got nothing: people first, then money a person, with its range."""
    campaign = access.campaign(request, name)
    step = access.number_of_step(campaign)
    try:
        found = the_shop().campaigns.results(campaign.name, request.now)
    except Refused as error:
        return render(request, "campaigns/results.html", {"campaign": campaign, "step": step, "error": error})
    return render(request, "campaigns/results.html", {
        "campaign": campaign, "step": step, "found": found, "findings": saying.findings(found),
        "caveats": list(saying.caveats(found)), "tables": saying.tables(found, request.figures)})


def sender(request: Request, name: str) -> HttpResponse:
    """What mailboxes ask of the sender's domain; looked up when somebody asks for it, and only then."""
    campaign = access.campaign(request, name)
    said = the_shop().campaigns.settings(campaign.channel)
    domain = parseaddr(str(said.get("sender") or ""))[1].rpartition("@")[2]
    found = domains.look_up(domain, str(said.get("dkim_selector") or ""), names.texts) if domain else []
    return render(request, "campaigns/sender.html", {"campaign": campaign, "domain": domain, "findings": found})


def progress(request: Request, name: str) -> HttpResponse:
    """How many have it, how many wait, and what people did."""
    campaign = access.campaign(request, name)
    standing = the_shop().campaigns.progress(campaign.name)
    return render(request, "campaigns/progress.html", {
        "campaign": campaign, "state": listing.state(campaign), "why": listing.why(campaign), "standing": standing,
        "resting": listing.resting(campaign),
        "states": listing.deliveries(standing.deliveries, listing.by_hand(campaign)),
        "listed": listing.by_hand(campaign), **listing.waiting(campaign, standing, the_shop().moment()),
        "people": listing.responses(standing.people), "total": standing.total, **_unknown(campaign, standing),
        "done": standing.total - sum(standing.deliveries.get(each, 0) for each in listing.WAITING)})


def _unknown(campaign: Campaign, standing: Standing) -> dict[str, Any]:
    """Those of whom nobody knows whether it arrived, the first of them by name."""
    count = standing.deliveries.get(UNKNOWN, 0)
    if not count:
        return {}
    return {"unknown": the_shop().campaigns.deliveries(campaign.name, state=UNKNOWN, most=MOST_UNKNOWN),
            "unknown_count": count, "beyond": max(count - MOST_UNKNOWN, 0), "may_go_again": campaign.state != STOPPED}
