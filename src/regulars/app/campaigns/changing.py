"""Deciding: who, which messages in which order, what is offered, how it is proved and when it goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.app.base.requests import Request
from regulars.app.campaigns import access, together
from regulars.app.campaigns.drafting import content, drafted
from regulars.app.campaigns.forms import GuardForm, MessageForm, OfferForm, PlanForm, WhoForm
from regulars.app.campaigns.together import Met
from regulars.app.campaigns.views import page
from regulars.app.doors import audit, roles
from regulars.app.facts import the_shop
from regulars.errors import Refused
from regulars.outreach.campaign import Campaign, Variant


def who_form(said: QueryDict) -> WhoForm:
    """With the segments there are."""
    return WhoForm([s.name for s in the_shop().segments.list()], said)


FORMS: Mapping[str, Mapping[str, Any]] = {"who": {"who": who_form}, "plan": {"offer": OfferForm, "plan": PlanForm},
                                          "guard": {"guard": GuardForm}}
"""What is saved together, by the names the campaign's page has for it."""


@require_POST
def change(request: Request, what: str, name: str) -> HttpResponse:
    """One part of what is decided, as it was typed; what cannot be is said there, and stays as it was typed."""
    campaign = access.campaign(request, name, roles.CHANGE)
    if what not in FORMS:
        raise Http404
    typed = {part: made(request.POST) for part, made in FORMS[what].items()}
    if [form for form in typed.values() if not form.is_valid()]:
        return page(request, campaign, typed)
    met = _met(together.seen(request, campaign), campaign, typed)
    if met:
        return page(request, campaign, typed, met)
    changes = {field: value for form in typed.values() for field, value in form.changes(campaign).items()}
    try:
        saved = _save(request, campaign, _in_utc(changes))
    except Refused as error:
        messages.error(request, error.say(request.figures))
        return page(request, campaign, typed)
    if saved.guard.leave_out and not (saved.offer or any(v.offer for v in saved.variants)):
        messages.warning(request, _("Nothing is offered, so nobody is left out for buying without it."))
    return redirect("campaigns:one", saved.name)


def _met(before: Campaign, campaign: Campaign, typed: Mapping[str, Any]) -> Met | None:
    """Who saved the same fields meanwhile, with what stands beside what was typed; None where nothing differs."""
    found = together.met(before, campaign, lambda each: [form.of(each) for form in typed.values()])
    rows = [row for form in typed.values() for row in together.beside(form, form.of(campaign))] if found else []
    return replace(found, rows=rows) if found and rows else None


def _in_utc(changes: dict[str, Any]) -> dict[str, Any]:
    """A moment as it was typed, by the shop's clock, as naive UTC."""
    at = changes.get("scheduled_at")
    if isinstance(at, datetime):
        wall = at.replace(tzinfo=None)
        changes["scheduled_at"] = wall.replace(tzinfo=the_shop().settings.zone).astimezone(UTC).replace(tzinfo=None)
    return changes


def _changed(request: Request, campaign: Campaign, changes: Mapping[str, Any]) -> HttpResponse:
    try:
        _save(request, campaign, changes)
    except Refused as error:
        messages.error(request, error.say(request.figures))
    return redirect("campaigns:one", campaign.name)


def _save(request: Request, campaign: Campaign, changes: Mapping[str, Any]) -> Campaign:
    saved = the_shop().campaigns.change(campaign.name, now=request.now, by=str(request.user), seen=campaign.version,
                                        **changes)
    audit.note(request, "campaign.changed", saved.name, version=saved.version)
    messages.success(request, _("Saved."))
    return saved


Move = Callable[[list[Variant], int], list[Variant]]


def _up(variants: list[Variant], place: int) -> list[Variant]:
    if place > 0:
        variants[place - 1], variants[place] = variants[place], variants[place - 1]
    return variants


def _down(variants: list[Variant], place: int) -> list[Variant]:
    return _up(variants, place + 1) if place + 1 < len(variants) else variants


def _remove(variants: list[Variant], place: int) -> list[Variant]:
    return [v for at, v in enumerate(variants) if at != place]


def _compare(variants: list[Variant], place: int) -> list[Variant]:
    """A copy to be compared with: half of the people get each."""
    both = [replace(variants[place], name=f"{variants[place].name} {letter}", test=letter) for letter in "AB"]
    return [*variants[:place], *both, *variants[place + 1:]]


MOVES: Mapping[str, Move] = {"up": _up, "down": _down, "remove": _remove, "compare": _compare}


@require_POST
def variant(request: Request, what: str, place: int, name: str) -> HttpResponse:
    """One more message, one less, another order: each person gets the first whose segment they are in."""
    campaign = access.campaign(request, name, roles.CHANGE)
    variants, met = list(campaign.variants), together.met(together.seen(request, campaign), campaign, together.order)
    if met:
        messages.warning(request, _("%(who)s changed these messages meanwhile: look at them, then press again.") % {
            "who": met.by})
        return redirect("campaigns:one", campaign.name)
    if what == "add":
        return _added(request, campaign)
    if what not in MOVES or place >= len(variants):
        raise Http404
    return _changed(request, campaign, {"variants": tuple(MOVES[what](variants, place))})


def _added(request: Request, campaign: Campaign) -> HttpResponse:
    form = MessageForm([s.name for s in the_shop().segments.list()], request.POST)
    if not form.is_valid():
        raise Refused(_("Choose a segment."))
    segment = form.cleaned_data["segment"]
    found = drafted(request, segment) if segment else None
    made = Variant(segment or _("everybody else"), segment, content=content(
        segment, found, offer=campaign.offer is not None, way=campaign.channel))
    segments = campaign.segments if not segment or segment in campaign.segments else (*campaign.segments, segment)
    last = [v for v in campaign.variants if not v.segment]
    variants = [*(v for v in campaign.variants if v.segment), *([made] if segment else []), *last,
                *([] if segment else [made])]
    return _changed(request, campaign, {"variants": tuple(variants), "segments": segments})
