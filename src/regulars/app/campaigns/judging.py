"""What a campaign is judged by: an order, or another goal, chosen or written as a rule."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.app.base.requests import Request
from regulars.app.campaigns import access
from regulars.app.doors import audit, roles
from regulars.app.doors.middleware import only_looks
from regulars.app.facts import the_shop
from regulars.app.segments import names
from regulars.app.segments.asking import Wrong, wrong
from regulars.errors import Refused, RuleError, said
from regulars.outreach.campaign import Campaign
from regulars.rules import parse, to_json

CHOSEN = "goal"


def goal(request: Request, name: str) -> HttpResponse:
    """Choose one, or write one, of a draft; of a step, for each step of its automation."""
    campaign = access.campaign(request, name, roles.CHANGE)
    rule = request.POST.get(CHOSEN, request.POST.get("rule", campaign.goal))
    found = _judged(request, campaign, rule)
    if request.method == "POST" and not found.get("wrong"):
        try:
            _save(request, campaign, rule)
            messages.success(request, _("Saved."))
            return redirect("campaigns:one", campaign.name)
        except Refused as error:
            messages.error(request, error.say(request.figures))
    shop = the_shop()
    choices = [{"rule": each.rule, "said": each.said, "kind": each.kind, "chosen": each.rule == campaign.goal}
               for each in shop.campaigns.goals()]
    return render(request, "campaigns/goal.html", {
        "campaign": campaign, "automation": access.automation_of(campaign), "rule": rule, **found,
        "kinds": [(kind, list(some)) for kind, some in groupby(choices, lambda each: each["kind"])],
        "drawn_from": names.drawn_from(shop.segments.evaluator.vocabulary(), request.figures.locale)})


@require_POST
@only_looks
def preview(request: Request, name: str) -> HttpResponse:
    """What a goal means as it is being written, and how many came to it lately; or what is wrong with it."""
    campaign = access.campaign(request, name)
    rule = request.POST.get("rule", "")
    return render(request, "campaigns/goal_preview.html", {"rule": rule, "campaign": campaign,
                                                           **_judged(request, campaign, rule)})


def _judged(request: Request, campaign: Campaign, rule: str) -> dict[str, Any]:
    """The goal in words with how many came to it lately of themselves, or what is wrong with it."""
    goals = the_shop().campaigns.goals
    try:
        lately, canonical = goals.lately(rule, campaign.window_days, request.now), goals.read(rule)
    except RuleError as error:
        return {"wrong": wrong(error, rule, request.figures)}
    except Refused as error:
        return {"wrong": Wrong(said(error.message, request.figures), said(error.hint, request.figures), -1, 0)}
    return {"lately": lately, "said": goals.said(canonical), "canonical": canonical,
            "tree": to_json(parse(canonical)) if canonical else None}


def _save(request: Request, campaign: Campaign, rule: str) -> None:
    """Raises `Refused` of what has begun."""
    shop, automation = the_shop(), access.automation_of(campaign)
    if automation:
        shop.automations.goal(automation.name, rule, now=request.now, by=str(request.user))
        audit.note(request, "automation.changed", automation.name)
        return
    saved = shop.campaigns.goal(campaign.name, rule, now=request.now, by=str(request.user))
    audit.note(request, "campaign.changed", saved.name, version=saved.version)
