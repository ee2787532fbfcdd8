"""Automations written by programs: the whole definition of a draft, as its pages and the command line make it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Schema, Status
from ninja.errors import HttpError
from pydantic import ConfigDict, Field, StringConstraints

from regulars.app.api import keys
from regulars.app.api.answers import CHANGE, LOOK, problems
from regulars.app.api.automations import AutomationOut, router, shown
from regulars.app.api.once import once
from regulars.app.api.shapes import Text
from regulars.app.doors import audit
from regulars.app.facts import the_shop
from regulars.errors import RegularsError
from regulars.outreach.automations.automation import (
    DATE,
    INSIDE,
    MOST_DAYS,
    MOST_STEPS,
    Letter,
    Trigger,
    checked,
)
from regulars.outreach.campaign import Offer
from regulars.outreach.campaigns import MOST_CONTROL, check_offer
from regulars.outreach.channels import channel
from regulars.outreach.content.blocks import read, to_json
from regulars.outreach.goals import LONGEST

Words = Annotated[str, StringConstraints(max_length=200_000)]
PLAIN = ("subject", "text", "html")


class Exactly(Schema):
    """A field that is none of these is refused: it would be forgotten without a word."""

    model_config = ConfigDict(extra="forbid")


class TriggerIn(Exactly):
    """What begins it."""

    kind: Literal["entered", "left", "inside", "date", "release"] = "entered"
    segment: Text = Field("", description="Whom it is about; it ends for who leaves it, unless goes_on")
    days: int = Field(0, ge=-MOST_DAYS, le=MOST_DAYS, description="Of inside: days in the segment. Of date: days after "
                                                                 "it, before it below 0")
    attribute: Text = Field("", description="Of date: whose date, birth_date say")
    yearly: bool = Field(False, description="Of date: it comes again each year")


class OfferIn(Exactly):
    """What a step gives."""

    kind: Literal["percent", "amount", "free_shipping", "gift"]
    value: Decimal = Field(Decimal(0), ge=0, le=10_000_000, description="Percent, or an amount")
    code: Text = ""
    single: bool = Field(False, description="Each person gets a code of their own, good once")
    valid_days: int = Field(0, ge=0, le=365, description="0 for ever")


class MessageIn(Exactly):
    """A message: of blocks, as the editor has them, in one language and ``other`` ones; or plainly a text and HTML."""

    language: Text = ""
    subject: Text = ""
    preheader: Text = ""
    plain: Words = ""
    blocks: list[dict[str, Any]] | None = Field(None, description="Each with its kind: heading, text, picture, button, "
                                                                  "products, code or columns")
    other: dict[str, dict[str, Any]] = Field({}, description="The same in other languages: id, ur, ru …")
    text: Words = Field("", description="Plainly, where there are no blocks")
    html: Words = Field("", description="Plainly, where there are no blocks")


class StepIn(Exactly):
    """One message, so many days after the one before it, or after what began it."""

    after_days: int = Field(0, ge=0, le=MOST_DAYS)
    channel: Text = "email"
    content: MessageIn = Field(default_factory=lambda: MessageIn.model_validate({}))
    offer: OfferIn | None = None


Steps = Annotated[list[StepIn], Field(min_length=1, max_length=MOST_STEPS)]
Share = Annotated[float, Field(ge=0, le=MOST_CONTROL, description="Who by chance get none of the steps: 0.1 is a "
                                                                 "tenth")]
Goal = Annotated[str, StringConstraints(max_length=LONGEST)]


class Definition(Exactly):
    """All that is decided about one."""

    trigger: TriggerIn
    steps: Steps
    again: bool = Field(True, description="Whether it may begin anew for somebody")
    present: bool = Field(False, description="Whether it begins too for who is in the segment already")
    goes_on: bool = Field(False, description="Whether it goes on for whoever leaves the segment, or comes back to it")
    control_share: Share = 0.1
    goal: Goal = Field("", description="What each step is judged by, as a rule; empty for an order")


class AutomationIn(Definition):
    name: Text


class AutomationChange(Exactly):
    """What is not said stays as it is; with steps all of them are made anew."""

    trigger: TriggerIn | None = None
    steps: Steps | None = None
    again: bool | None = None
    present: bool | None = None
    goes_on: bool | None = None
    control_share: Share | None = None
    goal: Goal | None = None


@contextmanager
def _of(field: str) -> Iterator[None]:
    """What is refused within says which field it is about."""
    try:
        yield
    except RegularsError as error:
        error.message = f"{field}: {error.message}"
        raise


def _trigger(said: TriggerIn) -> Trigger:
    if said.days and said.kind not in (INSIDE, DATE):
        raise HttpError(422, f"trigger.days: {said.kind} counts none; a step waits for its after_days.")
    if (said.attribute or said.yearly) and said.kind != DATE:
        raise HttpError(422, f"trigger.attribute: {said.kind} asks for none; date does.")
    trigger = Trigger(**said.model_dump())
    with _of("trigger"):
        checked(trigger)
    if trigger.segment:
        with _of("trigger.segment"):
            the_shop().segments.get(trigger.segment)
    return trigger


def _letter(place: int, said: StepIn) -> Letter:
    with _of(f"steps.{place}.channel"):
        channel(said.channel)
    offer = Offer(**{**said.offer.model_dump(), "value": str(said.offer.value)}) if said.offer else None
    if offer:
        with _of(f"steps.{place}.offer"):
            check_offer(offer)
    for idle in _idle(said.content):
        raise HttpError(422, f"steps.{place}.content.{idle}: would be forgotten; a message is of blocks, or plainly a "
                             "subject, text and html.")
    with _of(f"steps.{place}.content"):
        return Letter(_content(said.content), said.after_days, said.channel, offer)


def _idle(said: MessageIn) -> Iterator[str]:
    """What is said of a message of the other sort."""
    of_blocks = ("language", "preheader", "plain", "other")
    yield from (name for name in (of_blocks if said.blocks is None else ("text", "html")) if getattr(said, name))


def _content(said: MessageIn) -> Mapping[str, Any]:
    """As the editor keeps it; raises `ContentRefused` for what is no message."""
    whole = said.model_dump()
    kept = to_json(read(whole, the_shop().settings.language))
    return kept if said.blocks is not None else {name: whole[name] for name in PLAIN} | {"subject": kept["subject"]}


def _said(body: Definition | AutomationChange) -> dict[str, Any]:
    """What is said of it, checked field by field, as `rewrite` takes it."""
    with _of("goal"):
        the_shop().campaigns.goals.read(body.goal or "")
    whole: dict[str, Any] = {name: getattr(body, name) for name in ("again", "present", "goes_on", "control_share",
                                                                    "goal")}
    if body.trigger is not None:
        whole["trigger"] = _trigger(body.trigger)
    if body.steps is not None:
        whole["letters"] = [_letter(place, step) for place, step in enumerate(body.steps)]
    return {name: value for name, value in whole.items() if value is not None}


@router.post("/automations", response={201: AutomationOut, **problems(CHANGE)},
             summary="Write a new one, as a draft with a campaign for each step: nothing is sent")
def add_automation(request: HttpRequest, body: AutomationIn) -> Any:
    key = keys.require(request, "automations:write")

    def work() -> tuple[int, AutomationOut]:
        shop, said = the_shop(), _said(body)
        with _of("trigger" if body.trigger.kind == "date" else "name"):
            made = shop.automations.add(body.name, said.pop("trigger"), said.pop("letters"), now=shop.moment(),
                                        by=f"key {key.name}", **said)
        audit.note(request, "automation.made", made.name)
        return 201, shown(made)
    return once(request, key, body.model_dump_json(), work)


@router.put("/automations/{path:name}", response={200: AutomationOut, **problems(CHANGE)},
            summary="Write a draft anew, all of it; 409 for one that was on")
def rewrite_automation(request: HttpRequest, name: str, body: Definition) -> Any:
    return _rewritten(request, name, body)


@router.patch("/automations/{path:name}", response={200: AutomationOut, **problems(CHANGE)},
              summary="Change what is said of a draft; 409 for one that was on")
def change_automation(request: HttpRequest, name: str, body: AutomationChange) -> Any:
    return _rewritten(request, name, body)


def _rewritten(request: HttpRequest, name: str, body: Definition | AutomationChange) -> Any:
    key = keys.require(request, "automations:write")
    shop = the_shop()
    standing = shop.automations.show(name)
    several = next((n for n, each in enumerate(standing.campaigns) if len(each.variants) > 1), None)
    if body.steps is not None and several is not None:
        raise HttpError(409, f"steps.{several}: it has several messages, of which all but one would be forgotten; "
                             "leave the steps out, or remove the others in the pages first.")
    made = shop.automations.rewrite(standing.automation.name, now=shop.moment(), by=f"key {key.name}", **_said(body))
    audit.note(request, "automation.changed", made.name)
    return shown(made)


@router.delete("/automations/{path:name}", response={204: None, **problems(CHANGE)},
               summary="Remove a draft with its steps; 409 for one that was on")
def remove_automation(request: HttpRequest, name: str) -> Any:
    keys.require(request, "automations:write")
    audit.note(request, "automation.removed", the_shop().automations.remove(name).name)
    return Status(204, None)


@router.get("/automation-definition/{path:name}", response={200: Definition, **problems(LOOK)},
            summary="All that is decided about one, as PUT takes it; of a step with several messages, which PUT would "
                    "forget and refuses, the first")
def get_definition(request: HttpRequest, name: str) -> Any:
    keys.require(request, "automations:read")
    standing = the_shop().automations.show(name)
    found, first = standing.automation, standing.campaigns[0]
    steps = [{"after_days": step.after_days, "channel": each.channel, "content": _written(each.variants[0].content),
              "offer": each.offer and {**vars(each.offer)}}
             for step, each in zip(found.steps, standing.campaigns, strict=True)]
    return {"trigger": vars(found.trigger), "steps": steps, "again": found.again, "present": found.present,
            "goes_on": found.goes_on, "control_share": first.control_share, "goal": first.goal}


def _written(content: Mapping[str, Any]) -> dict[str, Any]:
    return {name: content[name] for name in MessageIn.model_fields if name in content}


__all__ = ["router"]
