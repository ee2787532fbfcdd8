"""Campaigns that go out by hand: files of them, and calls one after the other."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.app.automations import access, work
from regulars.app.base.requests import Request
from regulars.app.doors import audit, roles
from regulars.app.facts import the_shop
from regulars.app.jobs.models import Job
from regulars.app.jobs.running import ask_to_stop
from regulars.outreach.campaign import Campaign
from regulars.outreach.channels.phone import OUTCOMES
from regulars.shop import finished
from regulars.shop.lists import File, Lists

SHOWN = 10


def one(request: Request, name: str) -> HttpResponse:
    """What can be made of it, what was made, and, of calls, who is next."""
    lists, campaign = access.listed(request, name)
    taken = lists.taken(campaign.name)
    forms = [{"form": form, "taken": taken.get(form.file),
              "new": lists.size(campaign.name, taken[form.file].last) if form.file in taken else None}
             for form in lists.forms(campaign.name)]
    calls = lists.to_call(campaign.name, request.now, SHOWN) if campaign.channel == "phone" else None
    return render(request, "automations/list.html", {
        "campaign": campaign, "forms": forms, "size": lists.size(campaign.name), "calls": calls,
        "uncalled": lists.uncalled(campaign.name) if calls else 0,
        "outcomes": [*OUTCOMES.items()], "areas": campaign.channel == "local",
        "making": [_shown(campaign, job) for job in work.jobs(campaign)]})


@require_POST
def file(request: Request, file: str, name: str) -> HttpResponse:
    """A file of everybody on the list, or of the new: at once of few, else it is made while the page tells how far."""
    lists, campaign = access.listed(request, name)
    lists.form(campaign.name, file)
    taken = lists.taken(campaign.name).get(file)
    after = taken.last if taken and request.POST.get("new") else 0
    if lists.size(campaign.name, after) > work.FEW:
        work.ask(campaign, file, after, request.figures.locale, request.user)
        return redirect("automations:list", campaign.name)
    return _taken(request, lists, campaign, lists.compose(campaign.name, file, request.now, after=after,
                                                          language=request.figures.locale))


def _taken(request: Request, lists: Lists, campaign: Campaign, made: File) -> HttpResponse:
    lists.take(campaign.name, made, request.now)
    audit.note(request, "list.taken_out", f"{campaign.name}: {made.name}", rows=made.rows)
    return HttpResponse(made.data, content_type=made.mime, headers={
        "Content-Disposition": f'attachment; filename="{made.name}"', "Cache-Control": "no-store"})


def making(request: Request, pk: int, name: str) -> HttpResponse:
    """How far a file is, or that it waits."""
    _lists, campaign = access.listed(request, name)
    return render(request, "automations/making.html", _shown(campaign, access.making(campaign, pk)))


def _shown(campaign: Campaign, job: Job) -> dict[str, Any]:
    return {"campaign": campaign, "job": job, "made": work.waits(job)}


@require_POST
def made(request: Request, pk: int, name: str) -> HttpResponse:
    """The file that was made; made anew where it is kept no more, or somebody in it may not be reached any more."""
    lists, campaign = access.listed(request, name)
    job = access.making(campaign, pk)
    kept = work.waiting(job)
    if kept and lists.holds(campaign.name, kept, request.now):
        return _taken(request, lists, campaign, kept)
    finished.drop(the_shop().folder, job.pk)
    work.ask(campaign, job.asked["form"], job.asked["after"], job.asked["language"], request.user)
    messages.info(request, _("Somebody in it may not be reached any more, or it was made too long ago: it is made "
                             "anew."))
    return redirect("automations:list", campaign.name)


@require_POST
def stop(request: Request, pk: int, name: str) -> HttpResponse:
    """A file that is being made, and is not wanted any more."""
    _lists, campaign = access.listed(request, name)
    ask_to_stop(access.making(campaign, pk))
    return redirect("automations:list", campaign.name)


@require_POST
def outcome(request: Request, delivery: int, name: str) -> HttpResponse:
    """What came of a call; back to who is next."""
    lists, campaign = access.listed(request, name, roles.CHANGE)
    lists.outcome(campaign.name, delivery, request.POST.get("kind", ""), the_shop().moment(),
                  request.POST.get("note", "").strip()[:300])
    messages.success(request, _("It is written down."))
    return redirect("automations:list", campaign.name)
