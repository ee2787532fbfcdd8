"""Sending, and holding it."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.app.base.refusing import refusal
from regulars.app.base.requests import Request
from regulars.app.campaigns import access, work
from regulars.app.campaigns.forms import TestForm
from regulars.app.campaigns.people import somebody
from regulars.app.doors import audit, roles
from regulars.app.facts import the_shop
from regulars.app.jobs.running import start
from regulars.errors import Refused, RegularsError
from regulars.outreach.campaign import Campaign
from regulars.shop.preflight import looked_at
from regulars.shop.to_oneself import to_oneself

SETTLES = ("arrived", "again")


@require_POST
def do(request: Request, what: str, name: str) -> HttpResponse:
    """Send, pause, resume, stop, copy, remove, or settle what is unknown; back to the campaign, saying why where
    it is refused."""
    campaign = access.campaign(request, name, roles.CHANGE)
    if what not in ("send", "pause", "resume", "stop", "copy", "remove", *SETTLES):
        raise Http404
    try:
        return _done(request, what, campaign.name)
    except RegularsError as error:
        messages.error(request, refusal(request, error))
        return redirect("campaigns:one", campaign.name)


def _done(request: Request, what: str, name: str) -> HttpResponse:
    found, now, by = the_shop().campaigns, the_shop().moment(), str(request.user)
    if what == "remove":
        gone = found.remove(name)
        audit.note(request, "campaign.removed", gone.name)
        messages.success(request, _("%(name)s is removed.") % {"name": gone.name})
        return redirect("campaigns:all")
    if what == "copy":
        copied = found.copy(name, now=now, by=by)
        audit.note(request, "campaign.made", copied.name)
        return redirect("campaigns:one", copied.name)
    if what in SETTLES:
        _settle(request, name, again=what == "again")
    elif what == "send":
        _send(request, name)
    else:
        {"pause": found.pause, "resume": found.resume, "stop": found.stop}[what](name, now)
        audit.note(request, f"campaign.{what}", name)
    return redirect("campaigns:one", name)


def _settle(request: Request, name: str, *, again: bool) -> None:
    """What became of the messages of which nobody knew."""
    count = the_shop().campaigns.settle_unknown(name, the_shop().moment(), again=again)
    audit.note(request, "campaign.settled", name, again=again, messages=count)


def _send(request: Request, name: str) -> None:
    """Begins where nothing keeps it back that the checks know of; of many people that are not drawn yet, by a job."""
    shop = the_shop()
    now, campaign = shop.moment(), shop.campaigns.get(name)
    if not (work.at_once(campaign) or shop.campaigns.drawing.looked(campaign, now, timedelta())):
        return _send_later(request, campaign)
    looked = looked_at(shop, name, now)
    if work.waits(looked) and len(looked.stops) == len(looked.awaited):
        return _send_later(request, campaign)
    if looked.stops:
        raise Refused(looked.stops[0].said)
    began = shop.campaigns.send(name, now, by=str(request.user))
    audit.note(request, "campaign.sent", began.name, version=began.version)


def _send_later(request: Request, campaign: Campaign) -> None:
    if not work.under_way(campaign):
        start(work.SEND, {"campaign": campaign.id, "version": campaign.version}, by=request.user)


@require_POST
def test(request: Request, place: int, name: str) -> HttpResponse:
    """One message to oneself, as a customer would get it; it counts nowhere."""
    campaign, variant = access.variant(request, name, place, roles.CHANGE)
    content = access.content(variant)
    language = request.POST.get("language", content.base.language)
    form = TestForm(request.POST)
    try:
        if not form.is_valid():
            raise Refused(_("That is no address."))
        to = form.cleaned_data["to"]
        to_oneself(the_shop(), campaign, content.said(language), to,
                   somebody(campaign, variant, language), request.now, own=request.user.email)
        audit.note(request, "campaign.tested", campaign.name, to=to)
        messages.success(request, _("A test is on its way to %(to)s, as the first of them would get it.") % {"to": to})
    except Refused as error:
        messages.error(request, refusal(request, error))
    return redirect(f"{reverse('campaigns:write', args=[place, campaign.name])}?language={language}")
