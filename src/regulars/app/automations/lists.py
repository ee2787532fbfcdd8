"""Campaigns that go out by hand: files of them, and calls one after the other."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.app.automations import access
from regulars.app.base.requests import Request
from regulars.app.doors import audit, roles
from regulars.app.facts import the_shop
from regulars.outreach.channels.phone import OUTCOMES

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
        "outcomes": [*OUTCOMES.items()], "areas": campaign.channel == "local"})


@require_POST
def file(request: Request, file: str, name: str) -> HttpResponse:
    """A file of everybody on the list, or of the new."""
    lists, campaign = access.listed(request, name)
    taken = lists.taken(campaign.name).get(file)
    made = lists.make(campaign.name, file, request.now, language=request.figures.locale,
                      after=taken.last if taken and request.POST.get("new") else 0)
    audit.note(request, "list.taken_out", f"{campaign.name}: {made.name}", rows=made.rows)
    return HttpResponse(made.data, content_type=made.mime, headers={
        "Content-Disposition": f'attachment; filename="{made.name}"', "Cache-Control": "no-store"})


@require_POST
def outcome(request: Request, delivery: int, name: str) -> HttpResponse:
    """What came of a call; back to who is next."""
    lists, campaign = access.listed(request, name, roles.CHANGE)
    lists.outcome(campaign.name, delivery, request.POST.get("kind", ""), the_shop().moment(),
                  request.POST.get("note", "").strip()[:300])
    messages.success(request, _("It is written down."))
    return redirect("automations:list", campaign.name)
