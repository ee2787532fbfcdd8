"""What people do with a message: follow a link, see its pictures, leave, choose. Nobody signs in for it.

Mail programs and their guards ask for every address in a message: so asking for one changes nothing but a count, and
leaving takes a press of a button (or the one-click POST of RFC 8058, which a mail program sends for its person).
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from regulars.app.base.requests import Request
from regulars.app.facts import the_shop
from regulars.app.outreach.access import Held, held, store
from regulars.app.outreach.forms import ASKED, NO_MORE, Preferences
from regulars.outreach import links, machines
from regulars.outreach.channels import way
from regulars.outreach.links import CLICK, OPEN, PREFERENCES, UNSUBSCRIBE

PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
"""A picture of one transparent point."""
View = Callable[[Request, Held], HttpResponse]


@csrf_exempt
@login_not_required
def broken(request: Request, rest: str = "") -> HttpResponse:
    """A link that this shop did not sign, or that was cut in two: said plainly, for whoever got the message."""
    return render(request, "outreach/broken.html", status=404)


@require_safe
@login_not_required
def tested(request: Request) -> HttpResponse:
    """What the shop's own links lead to in a message that somebody sent to themself."""
    return render(request, "outreach/tested.html")


def by_link(kind: str) -> Callable[[View], Callable[..., HttpResponse]]:
    """Marks a view that is reached by a link of a message: in the language of the person it went to, without a login.

    The link itself is the proof of whose it is, so that no other (a cookie, a form's token) is asked.
    """
    def reached(view: View) -> Callable[..., HttpResponse]:
        @csrf_exempt
        @login_not_required
        @wraps(view)
        def found(request: Request, token: str) -> HttpResponse:
            try:
                of = held(kind, token)
                with translation.override(of.language):
                    response = view(request, of)
            except Http404:
                return broken(request)
            response.headers["Content-Language"] = of.language
            response.headers["X-Robots-Tag"] = "noindex, nofollow"
            response.headers["Referrer-Policy"] = "no-referrer"
            return response
        return found
    return reached


@require_safe
@by_link(CLICK)
def click(request: Request, of: Held) -> HttpResponse:
    """On to where the message's link led; only to what stood in it."""
    to = links.target(store(), of.delivery.campaign_id, of.said.number)
    if to is None:
        raise Http404
    note(request, of, "clicked", to)
    return HttpResponseRedirect(to)


@require_safe
@by_link(OPEN)
def opened(request: Request, of: Held) -> HttpResponse:
    """A point that nobody sees."""
    note(request, of, "opened")
    return HttpResponse(PIXEL, content_type="image/gif")


def note(request: Request, of: Held, kind: str, link: str = "") -> None:
    """Keep it, and whether a machine did it where that shows at the door."""
    machine = bool(machines.at_the_door(request.META, request.method or "GET"))
    the_shop().campaigns.respond(of.delivery.id, kind, request.now, link=link, machine=machine or None,
                                 agent=request.headers.get("User-Agent", ""))


@require_http_methods(["GET", "HEAD", "POST"])
@by_link(UNSUBSCRIBE)
def unsubscribe(request: Request, of: Held) -> HttpResponse:
    """A button; pressed, they get nothing more by this channel from this moment on."""
    done = request.method == "POST"
    if done:
        the_shop().campaigns.respond(of.delivery.id, "unsubscribed", request.now)
    name, ways = way(of.delivery.channel), the_shop().campaigns.ways(of.delivery.customer_id)
    off = done or (bool(ways) and not ways.get(name))
    words = {"name": the_shop().settings.name}
    return render(request, "outreach/unsubscribe.html", {
        "off": off, "said": _((NO_MORE if off else ASKED)[name]) % words if name in ASKED else "",
        "preferences": choice_link(of)})


def choice_link(of: Held) -> str:
    """Where they choose."""
    said = links.Said(PREFERENCES, of.delivery.id)
    return f"{links.PATH}/{PREFERENCES}/{links.token(store().seed, said)}"


@require_http_methods(["GET", "HEAD", "POST"])
@by_link(PREFERENCES)
def preferences(request: Request, of: Held) -> HttpResponse:
    """By which ways they want to hear from the shop, and whether it may note what they open."""
    campaigns = the_shop().campaigns
    form = Preferences(request.POST if request.method == "POST" else None, ways=campaigns.ways(of.delivery.customer_id))
    done = request.method == "POST" and form.is_valid()
    if done:
        campaigns.choose(of.delivery.id, form.ways(), request.now)
    return render(request, "outreach/preferences.html", {"form": form, "done": done, "person": of.person})
