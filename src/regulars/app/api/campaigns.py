"""Campaigns: see them, check whom they reach, send, pause, and read what came of them, by the pages' own functions."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field, StringConstraints

from regulars.app.api import keys
from regulars.app.api.answers import CHANGE, LOOK, Limit, problems
from regulars.app.api.once import once
from regulars.app.api.paging import page
from regulars.app.api.shapes import Moment, plain
from regulars.app.doors import audit
from regulars.app.facts import the_shop
from regulars.app.outreach.outbox import outbox
from regulars.errors import said
from regulars.model.figures import Figures
from regulars.model.phrases import of_text
from regulars.outreach.campaign import Campaign
from regulars.outreach.reasons import PAUSED
from regulars.outreach.results import telling
from regulars.outreach.results.saying import to_json
from regulars.shop.preflight import looked_at

router = Router(tags=["campaigns"])


class CampaignOut(Schema):
    """Where a campaign stands."""

    name: str
    kind: str = Field(description="once, or step: of an automation")
    channel: str
    segments: list[str]
    exclude: list[str]
    variants: list[str]
    control_share: float
    product: str = Field(description="The id of the product its messages are about, empty for none")
    goal: str = Field(description="What it is judged by, as a rule; empty for an order")
    state: str = Field(description="draft, scheduled, sending, paused, stopped or sent")
    why: str = Field(description="What paused it, where it was no person: complaints, line, content, restored, or "
                     "words")
    scheduled_at: Moment | None
    began_at: Moment | None
    ended_at: Moment | None
    deliveries: dict[str, int] = Field(description="Messages by state")
    people: dict[str, int] = Field(description="People by what they did, machines left out")


class CampaignPage(Schema):
    items: list[CampaignOut]
    next: str | None


class Look(Schema):
    """Something to look at before it goes; nothing that keeps it back."""

    variant: str
    language: str
    block: int | None = Field(description="Which part of the message it is about, from 0; null for all of it")
    said: str


class Checked(Schema):
    """Whom it would reach now; who is left out, by reason."""

    as_of: Moment
    arms: dict[str, int]
    variants: dict[str, int]
    left_out: dict[str, int]
    look_at: list[Look]


class Result(Schema):
    """What it brought, as the pages and the command line say it."""

    result: Annotated[dict[str, Any], Field(description="Differences with their ranges, findings and caveats")]


class Range(Schema):
    mean: float
    low: float
    high: float


class LiftOut(Schema):
    """Orders (or people who reach a goal) by which part more than without a message: 0.2 is a fifth. Of no campaigns it
    is what is assumed."""

    value: float
    low: float
    high: float
    campaigns: int


class LearnedOut(Schema):
    """Of campaigns of one kind."""

    kind: str
    campaigns: int
    people: int
    goal: str = Field(description="What together is in: profit, paid, orders or reached (a goal), for each person")
    together: Range | None = Field(description="Of two campaigns and more")
    lift: LiftOut


class UnknownOut(Schema):
    delivery: int
    customer_id: str
    handed_over_at: Moment | None


class GoalOut(Schema):
    goal: str = Field(description="As a rule; empty for an order")
    said: str


class GoalIn(Schema):
    goal: Annotated[str, StringConstraints(max_length=2_000)]


class Settle(Schema):
    again: bool = Field(description="True: send them again; false: they arrived")


class Settled(Schema):
    settled: int


def _why(campaign: Campaign) -> str:
    """A code stays one; a sentence that was kept is said in the shop's language."""
    return campaign.why if campaign.why in PAUSED else said(of_text(campaign.why), Figures(the_shop().settings))


def _out(campaign: Campaign) -> CampaignOut:
    standing = the_shop().campaigns.progress(campaign.name)
    found = standing.campaign
    return CampaignOut(
        name=found.name, kind=found.kind, channel=found.channel, segments=list(found.segments),
        exclude=list(found.exclude), variants=[v.name for v in found.variants], control_share=found.control_share,
        product=found.product, goal=found.goal,
        state=found.state, why=_why(found), scheduled_at=found.scheduled_at, began_at=found.began_at,
        ended_at=found.ended_at, deliveries=dict(standing.deliveries), people=dict(standing.people))


@router.get("/campaigns", response={200: CampaignPage, **problems(LOOK)}, summary="All campaigns, by name")
def list_campaigns(request: HttpRequest, cursor: str | None = None, limit: Limit = 100) -> Any:
    keys.require(request, "campaigns:read")
    listed = sorted(the_shop().campaigns.list(), key=lambda c: c.name)
    found, following = page(listed, lambda c: c.name, cursor, limit)
    return CampaignPage(items=[_out(c) for c in found], next=following)


@router.get("/campaigns/{path:name}", response={200: CampaignOut, **problems(LOOK)}, summary="One campaign")
def get_campaign(request: HttpRequest, name: str) -> Any:
    keys.require(request, "campaigns:read")
    return _out(the_shop().campaigns.get(name))


@router.get("/check-campaign/{path:name}", response={200: Checked, **problems(LOOK)},
            summary="Whom it would reach now; a problem where it cannot be sent")
def check_campaign(request: HttpRequest, name: str) -> Any:
    keys.require(request, "campaigns:read")
    shop = the_shop()
    now = shop.moment()
    looked, figures = looked_at(shop, name, now), Figures(shop.settings)
    found = looked.audience if looked.audience and not looked.stops else shop.campaigns.check(name, now)
    looks = [Look(variant=each.variant, language=each.language, block=each.block, said=said(each.said, figures))
             for each in looked.looks]
    return Checked(as_of=found.as_of, arms=found.by_arm, variants=found.by_variant, left_out=found.by_reason,
                   look_at=looks)


@router.get("/campaign-results/{path:name}", response={200: Result, **problems(LOOK)},
            summary="What it brought, beside those who got nothing")
def campaign_results(request: HttpRequest, name: str) -> Any:
    keys.require(request, "campaigns:read")
    shop = the_shop()
    return Result(result=plain(to_json(shop.campaigns.results(name, shop.moment()), Figures(shop.settings))))


@router.get("/campaign-results", response={200: Result, **problems(LOOK)},
            summary="What all of them brought together, beside those held out from everything")
def all_results(request: HttpRequest) -> Any:
    keys.require(request, "campaigns:read")
    shop = the_shop()
    return Result(result=plain(to_json(shop.campaigns.brought_by_all(shop.moment()), Figures(shop.settings))))


@router.get("/segment-results/{path:name}", response={200: Result, **problems(LOOK)},
            summary="What campaigns brought the people of a segment, one after the other and together")
def segment_results(request: HttpRequest, name: str) -> Any:
    keys.require(request, "campaigns:read")
    shop = the_shop()
    found = shop.campaigns.of_segment(name, shop.moment())
    return Result(result=plain(telling.to_json(found, Figures(shop.settings))))


@router.get("/campaigns-learned", response={200: dict[str, list[LearnedOut]], **problems(LOOK)},
            summary="What campaigns of a move, an offer, a channel or a goal brought together, and what to expect next")
def learned(request: HttpRequest) -> Any:
    keys.require(request, "campaigns:read")
    shop = the_shop()
    return {what: [LearnedOut.model_validate(each, from_attributes=True) for each in found]
            for what, found in shop.campaigns.learned(shop.moment()).items()}


@router.get("/goals", response={200: list[GoalOut], **problems(LOOK)},
            summary="Goals that this shop's facts can tell of; any other is written as a rule")
def list_goals(request: HttpRequest) -> Any:
    keys.require(request, "campaigns:read")
    shop = the_shop()
    figures = Figures(shop.settings)
    return [GoalOut(goal=each.rule, said=each.said.say(figures)) for each in shop.campaigns.goals()]


@router.post("/goal-campaign/{path:name}", response={200: CampaignOut, **problems(CHANGE)},
             summary="Judge a draft by another goal; empty for an order")
def goal_campaign(request: HttpRequest, name: str, body: GoalIn) -> Any:
    key = keys.require(request, "campaigns:send")

    def work() -> tuple[int, CampaignOut]:
        shop = the_shop()
        saved = shop.campaigns.goal(name, body.goal, now=shop.moment(), by=f"key {key.name}")
        audit.note(request, "campaign.changed", saved.name, version=saved.version)
        return 200, _out(saved)
    return once(request, key, body.model_dump_json(), work)


@router.get("/unknown-deliveries/{path:name}", response={200: list[UnknownOut], **problems(LOOK)},
            summary="Messages under way when the process or the line broke: nobody knows whether they arrived")
def list_unknown(request: HttpRequest, name: str) -> Any:
    keys.require(request, "campaigns:read")
    return [UnknownOut(delivery=d.id, customer_id=d.customer_id, handed_over_at=d.sent_at)
            for d in the_shop().campaigns.unknown(name)]


@router.post("/settle-unknown/{path:name}", response={200: Settled, **problems(CHANGE)},
             summary="You found out: they arrived, or they are to be sent again")
def settle_unknown(request: HttpRequest, name: str, body: Settle) -> Any:
    key = keys.require(request, "campaigns:send")

    def work() -> tuple[int, Settled]:
        shop = the_shop()
        count = shop.campaigns.settle_unknown(name, shop.moment(), again=body.again)
        audit.note(request, "campaign.settled", name, again=body.again, messages=count)
        return 200, Settled(settled=count)
    return once(request, key, body.model_dump_json(), work)


@router.post("/send-campaign/{path:name}", response={200: CampaignOut, **problems(CHANGE)},
             summary="Begin to send it, or schedule it where it has an hour ahead")
def send_campaign(request: HttpRequest, name: str) -> Any:
    key = keys.require(request, "campaigns:send")

    def work() -> tuple[int, CampaignOut]:
        shop = the_shop()
        done = shop.campaigns.send(name, shop.moment(), by=f"key {key.name}")
        audit.note(request, "campaign.sent", done.name, version=done.version)
        if box := outbox():
            box.wake()
        return 200, _out(done)
    return once(request, key, "", work)


@router.post("/pause-campaign/{path:name}", response={200: CampaignOut, **problems(CHANGE)},
             summary="Send nothing more of it for now")
def pause_campaign(request: HttpRequest, name: str) -> Any:
    return _moved(request, "pause", name)


@router.post("/resume-campaign/{path:name}", response={200: CampaignOut, **problems(CHANGE)},
             summary="Go on with one that is paused")
def resume_campaign(request: HttpRequest, name: str) -> Any:
    return _moved(request, "resume", name)


@router.post("/stop-campaign/{path:name}", response={200: CampaignOut, **problems(CHANGE)},
             summary="Stop it for good: what still waits is never sent")
def stop_campaign(request: HttpRequest, name: str) -> Any:
    return _moved(request, "stop", name)


def _moved(request: HttpRequest, what: str, name: str) -> Any:
    key = keys.require(request, "campaigns:send")

    def work() -> tuple[int, CampaignOut]:
        shop = the_shop()
        found = shop.campaigns
        moved = {"pause": found.pause, "resume": found.resume, "stop": found.stop}[what](name, shop.moment())
        audit.note(request, f"campaign.{what}", moved.name)
        if box := outbox():
            box.wake()
        return 200, _out(moved)
    return once(request, key, "", work)
