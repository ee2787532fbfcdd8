"""What comes in live and goes out, what was set aside, and what was given up."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.app.base.requests import Request
from regulars.app.doors import audit
from regulars.app.live import access, connections, opened, write_keys
from regulars.app.live.forms import TITLES, IncomingForm, OutgoingForm
from regulars.app.live.models import DEAD, WAITING

SHOWN = 50


def everything(request: Request) -> HttpResponse:
    """All of it on one page."""
    hooks, told, held = access.incoming(request), access.outgoing(request), access.aside(request)
    told = told.annotate(
        waiting=Count("deliveries", filter=Q(deliveries__state=WAITING)),
        given_up=Count("deliveries", filter=Q(deliveries__state=DEAD)),
    )
    base = request.build_absolute_uri("/")
    return render(
        request,
        "live/all.html",
        {
            "live": opened.live() if opened.is_open() else None,
            "set_aside": held.count(),
            "aside": held.list(SHOWN),
            "hooks": [(h, TITLES[h.platform], connections.address(h, base)) for h in hooks],
            "told": told,
            "dead": access.dead(request)[:SHOWN],
            "receive": IncomingForm(),
            "send": OutgoingForm(),
            "base": base,
        },
    )


@require_POST
def receive(request: Request) -> HttpResponse:
    """A platform's webhooks from now on."""
    access.incoming(request)
    form = IncomingForm(request.POST)
    if not form.is_valid():
        return render(request, "live/form.html", {"form": form, "title": _("Take webhooks in")}, status=422)
    made = form.make(request.user)
    audit.note(request, "hook.in", TITLES[made.platform])
    messages.success(request, _("Have it send to the address beside its name."))
    return redirect("live:all")


@require_POST
def send(request: Request) -> HttpResponse:
    """Another program is told from now on."""
    access.outgoing(request)
    form = OutgoingForm(request.POST)
    if not form.is_valid():
        return render(request, "live/form.html", {"form": form, "title": _("Tell another program")}, status=422)
    made = form.make(request.user)
    audit.note(request, "hook.out", made.url)
    messages.success(request, _("It is told from now on. What is sent is signed with the secret beside its address."))
    return redirect("live:all")


@require_POST
def withdraw_in(request: Request, pk: int) -> HttpResponse:
    """Nothing comes by it any more."""
    found = access.one_incoming(request, pk)
    connections.withdraw(found)
    write_keys.forget()
    audit.note(request, "hook.withdrawn", TITLES[found.platform])
    return redirect("live:all")


@require_POST
def withdraw_out(request: Request, pk: int) -> HttpResponse:
    """It is told nothing any more."""
    found = access.one_outgoing(request, pk)
    connections.withdraw(found)
    audit.note(request, "hook.withdrawn", found.url)
    return redirect("live:all")


@require_POST
def again(request: Request, number: int) -> HttpResponse:
    """Settle a message once more, or throw it away."""
    held = access.aside(request)
    if "discard" in request.POST:
        held.discard(number)
        audit.note(request, "message.discarded", str(number))
    else:
        held.again(number)
        messages.success(request, _("It is tried again: if it cannot be used still, it comes back with the reason."))
    return redirect("live:all")


@require_POST
def again_all(request: Request) -> HttpResponse:
    """Settle all that is set aside once more, or throw it all away."""
    held = access.aside(request)
    if "discard" in request.POST:
        audit.note(request, "message.discarded", str(held.discard_all()))
    else:
        held.again_all()
        messages.success(request, _("They are tried again: what cannot be used still comes back with the reason."))
    return redirect("live:all")


@require_POST
def send_all_again(request: Request) -> HttpResponse:
    """Send once more all that was given up."""
    connections.again_all(access.dead(request))
    return redirect("live:all")


@require_POST
def send_again(request: Request, pk: int) -> HttpResponse:
    """Send once more what was given up."""
    connections.again(access.one_dead(request, pk))
    return redirect("live:all")
