"""Acting on a move: its people become a segment, and later it is told what they ordered since."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, count
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.app.base.requests import Request
from regulars.app.campaigns.drafting import DEFAULT, begin
from regulars.app.doors import audit, roles
from regulars.app.facts import the_shop
from regulars.app.jobs.running import start
from regulars.app.segments.work import REFRESH
from regulars.app.today.models import Acted
from regulars.app.told import access
from regulars.errors import NotFound, Refused, RegularsError, RuleError
from regulars.insight.moves.since import Since, since
from regulars.model.phrases import Sentence
from regulars.outreach.campaign import DRAFT, Campaign
from regulars.outreach.results.saying import findings
from regulars.rules import fold
from regulars.segments.saved import Segment

TOLD_FOR = timedelta(days=60)
MOST_TOLD = 6
NUMBER = re.compile(r"\b\d+\b(?=[^']*(?:'[^']*'[^']*)*$)")
"""Outside what is quoted: a week later a move is for the same people by slightly other numbers."""

OF_PRODUCTS = ("complement", "due again")
"""Moves of which there is one for each product: only the rule tells them apart."""


@dataclass(frozen=True)
class Told:
    """What came of one move; ``found`` is None where its rule cannot be asked any more.

    ``campaign`` is the one that was sent for it: with its control group it tells what the move did; or that which is
    still a draft. ``goal`` and ``reached``: what it was for where that was no order, and what can be said of that.
    """

    acted: Acted
    found: Since | None
    campaign: Campaign | None = None
    goal: Sentence | str = ""
    reached: Sentence | RegularsError | None = None

    @property
    def share(self) -> float:
        return self.found.ordered / self.found.people if self.found and self.found.people else 0.0


@require_POST
def act(request: Request) -> HttpResponse:
    """Save the move's people as a segment, where they are not one yet, and go there."""
    roles.require(request, roles.CHANGE)
    card = _card(request, request.POST.get("rule", ""))
    segment = _segment(request, card)
    facts = card["facts"]
    Acted.objects.create(move=facts["move"], title=card["title"][:300], segment=segment.name, rule=segment.rule,
                         usual=facts["usual"], days=facts["days"], made_by=request.user)
    audit.note(request, "move.acted", segment.name, move=facts["move"], rule=segment.rule)
    campaign = _campaign(request, segment, facts["move"], facts.get("way") or DEFAULT)
    messages.success(request, _("These are the people, and a message to begin with; what they order from now on is "
                                "told on the first page."))
    return redirect("campaigns:one", campaign.name)


def _campaign(request: Request, segment: Segment, move: str, way: str) -> Campaign:
    """The draft of this move to these people, where there is one, else a new one by the way that the move was counted
    by: its result teaches the next move."""
    there = next((each for each in the_shop().campaigns.list() if each.state == DRAFT and each.extra.get("move") == move
                  and each.segments == (segment.name,)), None)
    return there or begin(request, segment.name, extra={"move": move}, way=way)


def running(cards: Sequence[Mapping[str, Any]], now: datetime) -> list[dict[str, Any]]:
    """The moves, those whose people are written to already with their ``campaign`` until its time is over.

    Others that were acted on before have the latest campaign ``before``, which may be a draft still.
    """
    shop = the_shop()
    made = [each for each in shop.campaigns.list() if each.extra.get("move")] if shop.campaigns.any else []
    made.sort(key=lambda each: (each.began_at or datetime.max, each.id), reverse=True)
    rules = {segment.name: NUMBER.sub("", segment.rule) for segment in shop.segments.list()} if made else {}

    def of(card: Mapping[str, Any]) -> dict[str, Any]:
        move = (card.get("facts") or {}).get("move")
        mine = [each for each in made if each.extra["move"] == move]
        rule = NUMBER.sub("", shop.format(card["rule"])) if mine else ""
        same = [each for each in mine if rule in map(rules.get, each.segments)]
        goes = next((each for each in same if each.began_at and each.began_at + timedelta(days=each.window_days) > now),
                    None)
        return {"campaign": goes, "before": next(iter(same if move in OF_PRODUCTS else mine), None)}
    return [{**card, **of(card)} for card in cards]


def _card(request: Request, rule: str) -> Mapping[str, Any]:
    """The move with this rule, as it stands on the first page; raises `NotFound` where it was worked out anew."""
    moves = access.insights(request, "moves").sections.get("moves", {})
    for card in moves.get("cards", ()):
        if card["rule"] == rule and card.get("facts"):
            found: Mapping[str, Any] = card
            return found
    raise NotFound(_("This move is no longer among those of the week."), hint=_("Go back and choose another."))


def _segment(request: Request, card: Mapping[str, Any]) -> Segment:
    segments = the_shop().segments
    there = segments.list()
    same = next((s for s in there if s.rule == the_shop().format(card["rule"])), None)
    if same:
        return same
    taken = {fold(s.name) for s in there}
    names = chain([card["title"]], (f"{card['title']} {n}" for n in count(2)))
    name = next(n for n in names if fold(n) not in taken)
    made = segments.add(name, card["rule"], now=the_shop().moment(), note=(card["lines"][1:] or [""])[0],
                        by=str(request.user))
    start(REFRESH, {"past": [made.name]}, by=request.user)
    return made


def brought(request: Request) -> HttpResponse:
    """What the people of the last moves ordered since: a part of the page that comes when it is ready."""
    roles.require(request, roles.LOOK)
    recent = Acted.objects.filter(made_at__gte=timezone.now() - TOLD_FOR)[:MOST_TOLD]
    return render(request, "today/brought.html" if request.htmx else "today/brought_page.html", {
        "told": [_told(request, each) for each in recent]})


def _told(request: Request, acted: Acted) -> Told:
    found, campaign = _since(request, acted), _campaign_of(acted)
    if campaign is None or campaign.began_at is None or not campaign.goal:
        return Told(acted, found, campaign)
    campaigns = the_shop().campaigns
    try:
        reached: Sentence | RegularsError = findings(campaigns.results(campaign.name, request.now))[0]
    except Refused as error:
        reached = error
    return Told(acted, found, campaign, campaigns.goals.said(campaign.goal), reached)


def _campaign_of(acted: Acted) -> Campaign | None:
    mine = [each for each in the_shop().campaigns.list()
            if each.extra.get("move") == acted.move and each.segments == (acted.segment,)]
    sent = [each for each in mine if each.began_at]
    told = [each for each in sent if each.control_share] if sent else [each for each in mine if each.state == DRAFT]
    return told[0] if told else None


def _since(request: Request, acted: Acted) -> Since | None:
    try:
        return since(the_shop(), acted.rule, min(acted.at, request.now), request.now, acted.days)
    except RuleError:
        return None
