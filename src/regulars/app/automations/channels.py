"""The ways out, and the settings of each: whatever channel lies in its folder is here."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from regulars.app.automations import access
from regulars.app.automations.forms import title
from regulars.app.automations.settling import DeclaredForm, SendingForm
from regulars.app.base.requests import Request
from regulars.app.doors import audit
from regulars.app.facts import facts, the_shop
from regulars.errors import Refused
from regulars.outreach.channels import channel
from regulars.outreach.channels.lists import ListChannel
from regulars.outreach.settings import GATE
from regulars.shop.folder import settle


def everything(request: Request) -> HttpResponse:
    """What holds for all that is sent, and each way out with whether it can be used as it is."""
    names, campaigns, shop = access.channels(request), the_shop().campaigns, the_shop()
    form = SendingForm(campaigns.settings(GATE), shop.settings, settings.ADDRESS, request.figures, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            campaigns.set(GATE, form.gate())
            settle(shop.folder, form.shop())
            facts().reload()
            audit.note(request, "channel.settled", GATE)
            messages.success(request, _("Saved."))
            return redirect("automations:channels")
        except Refused as error:
            form.add_error(None, error.say(request.figures))
    return render(request, "automations/channels.html", {"form": form, "rows": [_row(request, n) for n in names]})


def _row(request: Request, name: str) -> dict[str, Any]:
    found = channel(name)
    return {"name": name, "title": title(found, request.figures), "by_hand": isinstance(found, ListChannel),
            "settings": bool(found.settings), "trouble": _trouble(request, name)}


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
    form = DeclaredForm(found.settings, campaigns.settings(name), request.figures, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            campaigns.set(name, form.changes())
            audit.note(request, "channel.settled", name)
            messages.success(request, _("It is kept."))
            return _tried(request, name) if "try" in request.POST else redirect("automations:channels")
        except Refused as error:
            form.add_error(None, error.say(request.figures))
    return render(request, "automations/channel.html", {
        "form": form, "title": title(found, request.figures), "can_be_tried": hasattr(found, "attempt")})


def _tried(request: Request, name: str) -> HttpResponse:
    """Back to the settings, saying whether it answers."""
    try:
        the_shop().campaigns.attempt(name)
        messages.success(request, _("It answers, and can be used as it is. Nothing was sent."))
    except Refused as error:
        messages.error(request, error.say(request.figures))
    return redirect("automations:channel", name)
