"""Campaigns: see them, check whom they reach, send, pause, and read what came of them, by the pages' own functions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from regulars.app.api import keys
from regulars.app.api.answers import CHANGE, LOOK, Limit, problems
from regulars.app.api.once import once
from regulars.app.api.paging import page
from regulars.app.api.shapes import Moment
from regulars.app.facts import the_shop
from regulars.app.outreach.outbox import outbox
from regulars.model.figures import Figures
from regulars.outreach.campaign import Campaign
from regulars.outreach.results.saying import to_json

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
    state: str = Field(description="draft, scheduled, sending, paused, stopped or sent")
    why: str = Field(description="What paused it, where it was no person")
    scheduled_at: Moment | None
    began_at: Moment | None
    ended_at: Moment | None
    deliveries: dict[str, int] = Field(description="Messages by state")
    people: dict[str, int] = Field(description="People by what they did, machines left out")


class CampaignPage(Schema):
    items: list[CampaignOut]
    next: str | None


class Checked(Schema):
    """Whom it would reach now; who is left out, by reason."""

    as_of: Moment
    arms: dict[str, int]
    variants: dict[str, int]
    left_out: dict[str, int]


class Result(Schema):
    """What it brought, as the pages and the command line say it."""

    result: Annotated[dict[str, Any], Field(description="Differences with their ranges, findings and caveats")]


def _out(campaign: Campaign) -> CampaignOut:
    standing = the_shop().campaigns.progress(campaign.name)
    found = standing.campaign
    return CampaignOut(
        name=found.name, kind=found.kind, channel=found.channel, segments=list(found.segments),
        exclude=list(found.exclude), variants=[v.name for v in found.variants], control_share=found.control_share,
        state=found.state, why=found.why, scheduled_at=found.scheduled_at, began_at=found.began_at,
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
    found = shop.campaigns.check(name, shop.moment())
    return Checked(as_of=found.as_of, arms=found.by_arm, variants=found.by_variant, left_out=found.by_reason)


@router.get("/campaign-results/{path:name}", response={200: Result, **problems(LOOK)},
            summary="What it brought, beside those who got nothing")
def campaign_results(request: HttpRequest, name: str) -> Any:
    keys.require(request, "campaigns:read")
    shop = the_shop()
    return Result(result=_plain(to_json(shop.campaigns.results(name, shop.moment()), Figures(shop.settings))))


def _plain(found: Mapping[str, Any]) -> dict[str, Any]:
    """Moments and exact numbers as JSON has them."""
    return {name: _value(value) for name, value in found.items()}


def _value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _plain(value)
    if isinstance(value, datetime):
        return value.isoformat() + "Z"
    if isinstance(value, list | tuple):
        return [_value(each) for each in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


@router.post("/send-campaign/{path:name}", response={200: CampaignOut, **problems(CHANGE)},
             summary="Begin to send it, or schedule it where it has an hour ahead")
def send_campaign(request: HttpRequest, name: str) -> Any:
    key = keys.require(request, "campaigns:send")

    def work() -> tuple[int, CampaignOut]:
        shop = the_shop()
        done = shop.campaigns.send(name, shop.moment(), by=f"key {key.name}")
        if box := outbox():
            box.wake()
        return 200, _out(done)
    return once(request, key, "", work)


@router.post("/pause-campaign/{path:name}", response={200: CampaignOut, **problems(CHANGE)},
             summary="Send nothing more of it for now")
def pause_campaign(request: HttpRequest, name: str) -> Any:
    keys.require(request, "campaigns:send")
    shop = the_shop()
    return _out(shop.campaigns.pause(name, shop.moment()))


@router.post("/resume-campaign/{path:name}", response={200: CampaignOut, **problems(CHANGE)},
             summary="Go on with one that is paused")
def resume_campaign(request: HttpRequest, name: str) -> Any:
    keys.require(request, "campaigns:send")
    shop = the_shop()
    return _out(shop.campaigns.resume(name, shop.moment()))


@router.post("/stop-campaign/{path:name}", response={200: CampaignOut, **problems(CHANGE)},
             summary="Stop it for good: what still waits is never sent")
def stop_campaign(request: HttpRequest, name: str) -> Any:
    keys.require(request, "campaigns:send")
    shop = the_shop()
    return _out(shop.campaigns.stop(name, shop.moment()))
