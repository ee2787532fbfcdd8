"""An automation: what begins it for a person, and the steps that follow. Plain data that is kept as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from regulars.errors import Refused
from regulars.model.phrases import Own, Sentence, phrases
from regulars.outreach.campaign import Offer
from regulars.outreach.refusals import why

text, counted = phrases("regulars.outreach", "automations")

ENTERED, LEFT, INSIDE, DATE, RELEASE = "entered", "left", "inside", "date", "release"
KINDS = (ENTERED, LEFT, INSIDE, DATE, RELEASE)
DRAFT, ON, PAUSED, OFF = "draft", "on", "paused", "off"
STATES: Mapping[str, Sentence] = {
    DRAFT: text("a draft"), ON: text("on"), PAUSED: text("paused"), OFF: text("off")}
MOST_STEPS, MOST_DAYS = 20, 730


@dataclass(frozen=True)
class Trigger:
    """What begins it. ``segment``: whom it is about; it ends for who leaves it (of ``left``: for who comes back).

    ``days``: of ``inside``, after so many days in the segment; of ``date``, so many days after it, before it where they
    are negative. ``attribute``: whose date, ``yearly`` where it comes again each year.
    """

    kind: str = ENTERED
    segment: str = ""
    days: int = 0
    attribute: str = ""
    yearly: bool = False


@dataclass(frozen=True)
class Step:
    """``campaign``, by id, is handed to a person so many days after the step before it, or after what began it."""

    campaign: int
    after_days: int = 0


@dataclass(frozen=True)
class Letter:
    """A step to be made: ``content`` as a variant's."""

    content: Mapping[str, Any] = field(default_factory=dict)
    after_days: int = 0
    channel: str = "email"
    offer: Offer | None = None


@dataclass(frozen=True)
class Automation:
    """``again``: whether it may begin anew for somebody it has begun for before. ``present``: whether those who are in
    the segment already, when it is switched on, begin too. ``goes_on``: whether it goes on for who leaves the segment
    (of ``left``: for who comes back). ``why``: what keeps it from going on, "" where nothing does.
    """

    name: str
    trigger: Trigger
    steps: tuple[Step, ...] = ()
    again: bool = True
    present: bool = False
    goes_on: bool = False
    id: int = 0
    state: str = DRAFT
    why: str = ""
    changed_at: datetime | None = None
    changed_by: str = ""
    started_at: datetime | None = None
    looked_at: datetime | None = None
    cursor: int = 0

    @property
    def held_to(self) -> str:
        """The segment that it ends by; "" where it goes on whoever leaves it, or is of none."""
        return "" if self.goes_on else self.trigger.segment

    def after(self, step: int) -> timedelta:
        """How long before a step: since the one before it, or since what began it."""
        first = self.trigger.days if self.trigger.kind == INSIDE and step == 0 else 0
        return timedelta(days=self.steps[step].after_days + first)

    def to_json(self) -> str:
        """What a person said of it."""
        return json.dumps({"trigger": asdict(self.trigger), "steps": [asdict(s) for s in self.steps],
                           "again": self.again, "present": self.present, "goes_on": self.goes_on})

    @classmethod
    def from_json(cls, said: str, **columns: Any) -> Automation:
        doc = json.loads(said)
        return cls(trigger=Trigger(**doc["trigger"]), steps=tuple(Step(**s) for s in doc["steps"]),
                   again=doc["again"], present=doc["present"], goes_on=doc.get("goes_on", False), **columns)


def checked(trigger: Trigger) -> Trigger:
    """The trigger as given; raises `Refused` for what cannot be."""
    if trigger.kind not in KINDS:
        raise Refused(why("'{kind}' begins no automation.", kind=trigger.kind),
                      hint=why("There are: {known}.", known=[*KINDS]))
    if trigger.kind in (ENTERED, LEFT, INSIDE) and not trigger.segment:
        raise Refused(why("An automation of a segment needs one."), hint=why("Choose a segment."))
    if trigger.kind == DATE and not trigger.attribute:
        raise Refused(why("An automation of a date needs to know which."),
                      hint=why("Say whose date begins it: birth_date, say."))
    if abs(trigger.days) > MOST_DAYS or (trigger.kind == INSIDE and trigger.days < 0):
        raise Refused(why("A step waits for 0 to {most} days.", most=MOST_DAYS))
    return trigger


def checked_letters(letters: tuple[Letter, ...]) -> tuple[Letter, ...]:
    """The steps as given; raises `Refused` for what cannot be."""
    if not 1 <= len(letters) <= MOST_STEPS:
        raise Refused(why("An automation has 1 to {most} steps.", most=MOST_STEPS))
    if any(not 0 <= each.after_days <= MOST_DAYS for each in letters):
        raise Refused(why("A step waits for 0 to {most} days.", most=MOST_DAYS))
    return letters


def said(trigger: Trigger) -> Sentence:
    """What begins it, as a sentence."""
    segment, days = Own(trigger.segment), abs(trigger.days)
    if trigger.kind == ENTERED:
        return text("When somebody enters {segment}", segment=segment)
    if trigger.kind == LEFT:
        return text("When somebody leaves {segment}", segment=segment)
    if trigger.kind == INSIDE:
        return counted("After {n} day in {segment}", "After {n} days in {segment}", days, segment=segment)
    if trigger.kind == RELEASE:
        return text("When something new of a favourite brand or maker comes out")
    return _of_date(trigger, days)


def comes(step: Step, first: bool) -> Sentence:
    """When a step comes, as a sentence."""
    if not step.after_days:
        return text("at once")
    if first:
        return counted("{n} day after it begins", "{n} days after it begins", step.after_days)
    return counted("{n} day after the step before", "{n} days after the step before", step.after_days)


def _of_date(trigger: Trigger, days: int) -> Sentence:
    named = DATES.get(trigger.attribute) or Own(trigger.attribute)
    if trigger.days < 0:
        return counted("{n} day before {date}", "{n} days before {date}", days, date=named)
    if trigger.days > 0:
        return counted("{n} day after {date}", "{n} days after {date}", days, date=named)
    return text("On {date}", date=named)


DATES: Mapping[str, Sentence] = {
    "birth_date": text("their birthday"), "replenish.due": text("the day they run out of what they buy again"),
    "next_order.due": text("the day of their next expected order"), "signed_up_at": text("the day they signed up"),
    "last_order_at": text("the day of their last order"),
}
"""Dates that people ask for by name; any other is called as rules call it."""
