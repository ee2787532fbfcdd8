"""Whether an old shop is judged as of the last day of its data, or as of today."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from regulars.app.base.requests import Request
from regulars.app.doors import audit, roles
from regulars.app.facts import the_shop
from regulars.app.jobs.running import start
from regulars.app.segments.work import REFRESH
from regulars.app.told.work import begin
from regulars.shop import standing


@require_POST
def stand(request: Request) -> HttpResponse:
    """As the owner has it from here on; segments are looked at and the analyses worked out anew."""
    roles.require(request, roles.CHANGE)
    by, shop = request.POST.get("by", ""), the_shop()
    if by == "clock":
        standing.go_on(shop)
    elif by == "data":
        standing.stand(shop, shop.moment())
    audit.note(request, "shop.stands", "", by=by)
    start(REFRESH, {"past": [s.name for s in shop.segments.list()]}, by=request.user)
    begin(request.user)
    back = request.POST.get("back", "/")
    return redirect(back if url_has_allowed_host_and_scheme(back, allowed_hosts=None) else "/")
