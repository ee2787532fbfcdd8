"""Sets of groups that put every customer in exactly one: each can be adopted as a segment."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.app.base.requests import Request
from regulars.app.buckets import picking
from regulars.app.buckets.work import ADOPT
from regulars.app.doors import audit, roles
from regulars.app.jobs.models import OPEN, Job
from regulars.app.jobs.running import start
from regulars.app.told.pages import told


def buckets(request: Request) -> HttpResponse:
    """The RFM grid and its groups, stages of life, kinds found in the data, worth, and who carries whom."""
    return told(request, _("Buckets"), _("Every customer is in exactly one of each set. Adopt one as a segment to keep "
                                         "it up to date."),
                {"recency": "", "groups": _("Groups by how recently, how often and for how much"),
                 "stages": _("Stages of life as a customer"), "kinds": "", "worth": "", "carriers": ""},
                template="buckets/all.html", more={
                    "grid": picking.asked(request), "certified": True,
                    "adopting": Job.objects.filter(kind=ADOPT, state__in=OPEN).first()})


def picked(request: Request) -> HttpResponse:
    """Whom the picked fields of the grid hold: a part of the page."""
    return render(request, "buckets/picked.html", {"picked": picking.asked(request).picked})


def region(request: Request) -> HttpResponse:
    """The picked fields taken on into the editor; back to the grid where none is picked."""
    found = picking.asked(request).picked
    return redirect(f"{reverse('segments:new')}?{urlencode({'rule': found.rule})}" if found.rule else "buckets:all")


@require_POST
def adopt(request: Request) -> HttpResponse:
    """All kinds that were found made segments, as a job."""
    roles.require(request, roles.CHANGE)
    if not Job.objects.filter(kind=ADOPT, state__in=OPEN).exists():
        start(ADOPT, {}, by=request.user)
        audit.note(request, "buckets.adopted")
    return redirect("buckets:all")


def adopting(request: Request, pk: int) -> HttpResponse:
    """How far it is."""
    roles.require(request, roles.LOOK)
    job = Job.objects.filter(pk=pk, kind=ADOPT).first()
    if job is None:
        raise Http404
    return render(request, "buckets/adopting.html", {"job": job})
