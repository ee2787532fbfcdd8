"""Automations: see them, make a ready one a draft, switch them on and off, and read what their steps brought."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from regulars.app import moments
from regulars.app.api import keys
from regulars.app.api.answers import CHANGE, LOOK, Limit, problems
from regulars.app.api.models import Key
from regulars.app.api.once import once
from regulars.app.api.paging import page
from regulars.app.api.shapes import Moment, Text, plain
from regulars.app.doors import audit
from regulars.app.facts import the_shop
from regulars.app.outreach.outbox import outbox
from regulars.errors import said
from regulars.model.figures import Figures
from regulars.model.phrases import of_text
from regulars.outreach.automations.automation import Automation
from regulars.outreach.results.saying import to_json

router = Router(tags=["automations"])


class TriggerOut(Schema):
    """What begins it."""

    kind: str = Field(description="entered, left, inside, date or release")
    segment: str = Field(description="Whom it is about; empty for everybody")
    days: int
    attribute: str = Field(description="Whose date begins it")
    yearly: bool


class StepOut(Schema):
    """A step, and the campaign that is its message."""

    campaign: str = Field(description="See campaigns of this name for its deliveries")
    after_days: int
    channel: str
    state: str


class AutomationOut(Schema):
    """What begins it, its steps, and how many people stand where."""

    name: str
    state: str = Field(description="draft, on, paused or off")
    trigger: TriggerOut
    again: bool = Field(description="Whether it may begin anew for somebody")
    present: bool = Field(description="Whether it begins too for who is in the segment already")
    goes_on: bool = Field(description="Whether it goes on for who leaves the segment, or comes back to it")
    control_share: float = Field(description="Who by chance get none of the steps")
    goal: str = Field(description="What its steps are judged by, as a rule; empty for an order")
    steps: list[StepOut]
    people: dict[str, int] = Field(description="How many are under way, done, or ended before their last step")
    why: str = Field(description="What keeps it from going on, empty where nothing does")
    started_at: Moment | None
    looked_at: Moment | None


class AutomationPage(Schema):
    items: list[AutomationOut]
    next: str | None


class ReadyOut(Schema):
    """A ready-made one."""

    key: str
    name: str
    what: str
    rule: str = Field(description="Whom it is about; empty for everybody")
    steps: int


class Adopt(Schema):
    key: Text = Field(description="Of a ready one")
    name: Text = Field("", description="What it is called; as it is called there, unless said")


class GoOn(Schema):
    goes_on: bool = Field(description="Whether all steps come for whoever leaves the segment, or comes back to it")


class StepResult(Schema):
    """What a step brought; null before anybody was chosen."""

    campaign: str
    result: Annotated[dict[str, Any] | None, Field(description="Differences with their ranges, findings and caveats")]


def shown(automation: Automation) -> AutomationOut:
    """As it stands."""
    standing = the_shop().automations.show(automation.name)
    found, figures = standing.automation, Figures(the_shop().settings)
    steps = [StepOut(campaign=campaign.name, after_days=step.after_days, channel=campaign.channel, state=campaign.state)
             for step, campaign in zip(found.steps, standing.campaigns, strict=True)]
    return AutomationOut(
        name=found.name, state=found.state, again=found.again, goes_on=found.goes_on, steps=steps,
        present=found.present, control_share=standing.campaigns[0].control_share, goal=standing.goal,
        people=dict(standing.people),
        trigger=TriggerOut.model_validate(found.trigger, from_attributes=True),
        why=said(of_text(found.why), figures) if found.why else "",
        started_at=found.started_at, looked_at=found.looked_at)


@router.get("/automations", response={200: AutomationPage, **problems(LOOK)}, summary="All automations, by name")
def list_automations(request: HttpRequest, cursor: str | None = None, limit: Limit = 100) -> Any:
    keys.require(request, "automations:read")
    listed = sorted(the_shop().automations.list(), key=lambda a: a.name)
    found, following = page(listed, lambda a: a.name, cursor, limit)
    return AutomationPage(items=[shown(a) for a in found], next=following)


@router.get("/automations/{path:name}", response={200: AutomationOut, **problems(LOOK)}, summary="One automation")
def get_automation(request: HttpRequest, name: str) -> Any:
    keys.require(request, "automations:read")
    return shown(the_shop().automations.get(name))


@router.get("/ready-automations", response={200: list[ReadyOut], **problems(LOOK)},
            summary="The ready ones, by the key that adopting takes")
def list_ready(request: HttpRequest) -> Any:
    keys.require(request, "automations:read")
    shop = the_shop()
    language = shop.settings.language
    return [ReadyOut(key=s.key, name=s.name[language], what=s.what[language], rule=s.rule, steps=len(s.steps))
            for s in shop.automations.ready()]


@router.post("/adopt-automation", response={201: AutomationOut, **problems(CHANGE)},
             summary="Make a ready one a draft, with a campaign for each step: nothing is sent")
def adopt_automation(request: HttpRequest, body: Adopt) -> Any:
    key = keys.require(request, "automations:run")

    def work() -> tuple[int, AutomationOut]:
        shop = the_shop()
        made = shop.automations.adopt(body.key, now=shop.moment(), name=body.name.strip(), by=f"key {key.name}")
        audit.note(request, "automation.made", made.name)
        return 201, shown(made)
    return once(request, key, body.model_dump_json(), work)


@router.post("/go-on-automation/{path:name}", response={200: AutomationOut, **problems(CHANGE)},
             summary="Have a draft go on for whoever leaves its segment, or end for them")
def go_on_automation(request: HttpRequest, name: str, body: GoOn) -> Any:
    key = keys.require(request, "automations:run")

    def work() -> tuple[int, AutomationOut]:
        shop = the_shop()
        made = shop.automations.go_on(name, body.goes_on, now=shop.moment(), by=f"key {key.name}")
        audit.note(request, "automation.changed", made.name)
        return 200, shown(made)
    return once(request, key, body.model_dump_json(), work)


@router.post("/start-automation/{path:name}", response={200: AutomationOut, **problems(CHANGE)},
             summary="Switch it on, or on again")
def start_automation(request: HttpRequest, name: str) -> Any:
    key = keys.require(request, "automations:run")
    the_shop().segments.advance(moments.settled())
    return _done(request, key, "start", name)


@router.post("/pause-automation/{path:name}", response={200: AutomationOut, **problems(CHANGE)},
             summary="Begin and send nothing more until it is switched on again")
def pause_automation(request: HttpRequest, name: str) -> Any:
    return _done(request, keys.require(request, "automations:run"), "pause", name)


@router.post("/stop-automation/{path:name}", response={200: AutomationOut, **problems(CHANGE)},
             summary="Switch it off for good: whoever is in it is ended")
def stop_automation(request: HttpRequest, name: str) -> Any:
    return _done(request, keys.require(request, "automations:run"), "stop", name)


def _done(request: HttpRequest, key: Key, what: str, name: str) -> Any:
    def work() -> tuple[int, AutomationOut]:
        shop = the_shop()
        found = shop.automations
        act = {"start": found.start, "pause": found.pause, "stop": found.stop}[what]
        moved = act(name, shop.moment())
        audit.note(request, f"automation.{what}", moved.name)
        if box := outbox():
            box.wake()
        return 200, shown(moved)
    return once(request, key, "", work)


@router.get("/automation-results/{path:name}", response={200: list[StepResult], **problems(LOOK)},
            summary="What each of its steps brought, beside those who by chance get none")
def automation_results(request: HttpRequest, name: str) -> Any:
    keys.require(request, "automations:read")
    shop = the_shop()
    figures = Figures(shop.settings)
    return [StepResult(campaign=step, result=plain(to_json(found, figures)) if found else None)
            for step, found in shop.automations.results(name, shop.moment()).items()]
