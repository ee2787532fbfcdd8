"""All campaigns, a new one, and one with all that is decided about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from regulars.app.automations.forms import ways
from regulars.app.base.requests import Request
from regulars.app.campaigns import access, listing
from regulars.app.campaigns.drafting import begin
from regulars.app.campaigns.forms import MessageForm, NewForm, OfferForm, PlanForm, WhoForm
from regulars.app.campaigns.together import Met
from regulars.app.doors import roles
from regulars.app.facts import the_shop
from regulars.app.outreach.outbox import outbox
from regulars.errors import NotFound, Refused
from regulars.outreach.campaign import CHANGEABLE, DRAFT, STEP, Campaign
from regulars.outreach.channels import channel
from regulars.outreach.content.giving import gives
from regulars.outreach.content.template import carried
from regulars.outreach.says import MAIL


def all_campaigns(request: Request) -> HttpResponse:
    """Every campaign with where it stands, and how many got it; steps are with their automation."""
    found = access.campaigns(request)
    box = outbox()
    return render(request, "campaigns/all.html", {"rows": [listing.row(found, each) for each in found.list()
                                                           if each.kind != STEP],
                                                  "trouble": box.trouble if box else None})


def new(request: Request) -> HttpResponse:
    """A campaign to one segment, with a message drafted for it; more segments are added on its page."""
    access.campaigns(request, roles.CHANGE)
    names = [s.name for s in the_shop().segments.list()]
    form = NewForm(names, request.POST or None, initial={"segment": request.GET.get("segment", "")})
    if request.method == "POST" and form.is_valid():
        try:
            made = begin(request, form.cleaned_data["segment"], form.cleaned_data["name"])
            messages.success(request, _(
                "A draft is written. Read it aloud, and fill in what stands in square brackets."))
            return redirect("campaigns:one", made.name)
        except (Refused, NotFound) as error:
            form.add_error("name", error.say(request.figures))
    return render(request, "campaigns/new.html", {"form": form, "segments": names})


def one(request: Request, name: str) -> HttpResponse:
    """What is decided, what is still to be looked at, and, once it began, how it goes and what came of it."""
    return page(request, access.campaign(request, name))


def _untouched(campaign: Campaign) -> bool:
    """Whether nobody has made anything of its list yet, nor written down what came of it."""
    shop = the_shop()
    began = listing.by_hand(campaign) and campaign.began_at is not None
    return began and not shop.lists.taken(campaign.name) and not (
        set(shop.campaigns.progress(campaign.name).people) - {*listing.WAYS})


def page(request: Request, campaign: Campaign, typed: Mapping[str, forms.Form] | None = None,
         met: Met | None = None) -> HttpResponse:
    """The same, with forms as they were ``typed`` and refused, or ``met`` what somebody else saved meanwhile."""
    return render(request, "campaigns/one.html", {
        "campaign": campaign, "mail": channel(campaign.channel).says == MAIL,
        "way": dict(ways()).get(campaign.channel, campaign.channel),
        "listed": listing.by_hand(campaign), "untouched": _untouched(campaign),
        "state": listing.state(campaign), "changeable": campaign.state in CHANGEABLE,
        "moving": campaign.state != DRAFT or campaign.began_at, "why": listing.why(campaign),
        "removable": campaign.state == DRAFT and campaign.began_at is None,
        "judged_by": the_shop().campaigns.goals.said(campaign.goal),
        "automation": access.automation_of(campaign),
        **_forms(campaign), **(typed or {}), "typed": typed or {}, "met": met,
        "variants": _variants(campaign), "quiet": listing.quiet(campaign),
        "offered": gives(campaign.offer) if campaign.offer else None})


def _forms(campaign: Campaign) -> dict[str, Any]:
    """What can be changed of it, filled in as it is."""
    names = [s.name for s in the_shop().segments.list()]
    return {"who": WhoForm(names, initial=WhoForm.of(campaign)),
            "offer": OfferForm(initial=OfferForm.of(campaign)), "plan": PlanForm(initial=PlanForm.of(campaign)),
            "message": MessageForm([n for n in names if all(v.segment != n for v in campaign.variants)])}


def _variants(campaign: Campaign) -> list[dict[str, Any]]:
    """Each with its subject and the languages it is written in."""
    found, says = [], channel(campaign.channel).says
    for place, variant in enumerate(campaign.variants):
        said = access.content(variant)
        found.append({"place": place, "variant": variant, "subject": carried(said.base, says).subject,
                      "languages": [message.language for message in said.messages]})
    return found
