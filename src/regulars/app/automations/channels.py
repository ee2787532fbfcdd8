"""The ways out, and the settings of each: whatever channel lies in its folder is here."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from regulars.app.automations import access
from regulars.app.automations.forms import ChannelForm, title
from regulars.app.base.requests import Request
from regulars.app.doors import audit
from regulars.app.facts import the_shop
from regulars.errors import Refused
from regulars.outreach.channels import channel
from regulars.outreach.channels.lists import ListChannel


def everything(request: Request) -> HttpResponse:
    """Each with whether it can be used as it is."""
    rows = []
    for name in access.channels(request):
        found = channel(name)
        rows.append({"name": name, "title": title(found, request.figures), "by_hand": isinstance(found, ListChannel),
                     "settings": bool(found.settings), "trouble": _trouble(request, name)})
    return render(request, "automations/channels.html", {"rows": rows})


def _trouble(request: Request, name: str) -> str:
    """What keeps it from being used, "" where nothing does."""
    try:
        the_shop().campaigns.usable(name)
    except Refused as error:
        return error.say(request.figures)
    return ""


def one(request: Request, name: str) -> HttpResponse:
    """Its settings."""
    found, campaigns = access.channel(request, name), the_shop().campaigns
    form = ChannelForm(found, campaigns.settings(name), request.figures, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            campaigns.set(name, form.changes())
            audit.note(request, "channel.settled", name)
            messages.success(request, _("It is kept."))
            return redirect("automations:channels")
        except Refused as error:
            form.add_error(None, error.say(request.figures))
    return render(request, "automations/channel.html", {"form": form, "title": title(found, request.figures)})
