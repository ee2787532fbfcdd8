"""Having the analyses worked out again, and how far that is."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from regulars.app.base.requests import Request
from regulars.app.doors import roles
from regulars.app.jobs.models import Job
from regulars.app.told.work import UNDERSTAND, begin

STEPS = {
    "rfm": gettext_noop("How recently and how often people buy"),
    "lifecycle": gettext_noop("Stages of life as a customer"),
    "value": gettext_noop("What customers will be worth"), "profit": gettext_noop("What customers earn"),
    "basket": gettext_noop("What sells together"), "buckets": gettext_noop("Kinds of customers"),
    "saying": gettext_noop("Putting it in words and pictures"),
}


@require_POST
def again(request: Request) -> HttpResponse:
    """All of it worked out anew, as a job; back to the page it was asked from."""
    roles.require(request, roles.CHANGE)
    begin(request.user)
    back = request.POST.get("back", "/")
    return redirect(back if url_has_allowed_host_and_scheme(back, allowed_hosts=None) else "/")


def job(request: Request, pk: int) -> HttpResponse:
    """How far it is."""
    roles.require(request, roles.LOOK)
    found = Job.objects.filter(pk=pk, kind=UNDERSTAND).first()
    if found is None:
        raise Http404
    return render(request, "told/job.html", {"job": found, "step": _(STEPS[found.step]) if found.step in STEPS
                                                 else found.get_state_display()})
