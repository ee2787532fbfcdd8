"""A message as a customer would get it, in a frame of its own that runs nothing."""

from __future__ import annotations

import json
import secrets

from django.core.cache import cache
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from regulars.app.base.requests import Request
from regulars.app.campaigns import access, shaping
from regulars.app.doors.middleware import only_looks
from regulars.app.facts import the_shop
from regulars.outreach.channels import channel
from regulars.outreach.content.blocks import Message, read, to_json
from regulars.outreach.content.template import Made
from regulars.shop.preflight import about, as_customer

KEPT_FOR = 600
POLICY = ("default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data: https: http:; base-uri 'none'; "
          "form-action 'none'; frame-ancestors 'self'; sandbox allow-popups")


@require_POST
@only_looks
def typed(request: Request, place: int, name: str) -> JsonResponse:
    """Keeps what is being typed for some minutes, so that a frame can show it before it is saved."""
    _campaign, variant = access.variant(request, name, place)
    content = shaping.typed(access.content(variant), request.POST)
    key = secrets.token_hex(16)
    cache.set(f"typed:{key}", json.dumps(to_json(content)), KEPT_FOR)
    return JsonResponse({"typed": key})


def preview(request: Request, place: int, name: str) -> HttpResponse:
    """The HTML, or with ``as=text`` the text part, as ``customer`` gets it; ``typed``: as it is being typed."""
    campaign, variant = access.variant(request, name, place)
    content = access.content(variant)
    if request.GET.get("typed"):
        kept = cache.get(f"typed:{request.GET['typed']}")
        if kept is None:
            raise Http404
        content = read(json.loads(kept))
    message = content.said(request.GET.get("language", content.base.language))
    made = as_customer(the_shop(), message, _customer(request), request.now,
                       offer=campaign.offer_of(variant) or False, says=channel(campaign.channel).says,
                       product=about(the_shop().engine, campaign, request.now))
    return _text(request, made, message) if request.GET.get("as") == "text" else _html(made)


def _customer(request: Request) -> str:
    wanted = request.GET.get("customer", "")
    return the_shop().customers.id_of(wanted, now=request.now) if wanted else ""


def _html(made: Made) -> HttpResponse:
    return _framed(HttpResponse(made.html))


def _text(request: Request, made: Made, message: Message) -> HttpResponse:
    return _framed(render(request, "campaigns/text.html", {"made": made, "message": message}))


def _framed(answer: HttpResponse) -> HttpResponse:
    """May be shown within our own pages, and do nothing there."""
    answer.headers["Content-Security-Policy"], answer.headers["X-Frame-Options"] = POLICY, "SAMEORIGIN"
    return answer
