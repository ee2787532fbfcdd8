"""Automations of a shop: what its pages and its command line do with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from regulars.engines.duckdb import fold
from regulars.errors import Refused, RegularsError, TooLittleData
from regulars.model.phrases import Said, as_text, whole
from regulars.outreach import reasons
from regulars.outreach.audience import segments_of
from regulars.outreach.automations import machine
from regulars.outreach.automations.automation import (
    DATE,
    DRAFT,
    INSIDE,
    LEFT,
    OFF,
    ON,
    PAUSED,
    RELEASE,
    Automation,
    Letter,
    Step,
    Trigger,
    checked,
    checked_letters,
)
from regulars.outreach.automations.kept import Kept
from regulars.outreach.automations.machine import Enrolment
from regulars.outreach.automations.sequences import Sequence as Ready
from regulars.outreach.automations.sequences import sequence, sequences
from regulars.outreach.campaign import ABOUT, RELEASES, SENDING, STEP, Campaign, Variant
from regulars.outreach.campaign import DRAFT as CAMPAIGN_DRAFT
from regulars.outreach.campaign import PAUSED as CAMPAIGN_PAUSED
from regulars.outreach.results import CampaignResult
from regulars.segments import changes, memberships
from regulars.shop.automating import Looked, Looking
from regulars.shop.foreseeing import foreseen, of_own_messages
from regulars.shop.refusals import why

if TYPE_CHECKING:
    from regulars.shop.shop import Shop

ENDED_BY_HAND = reasons.STOPPED
CONTROL = 0.1
Several = list[Automation]


@dataclass(frozen=True)
class Standing:
    """An automation with its steps' campaigns, and how many people are in it, by where they stand."""

    automation: Automation
    campaigns: tuple[Campaign, ...]
    people: Mapping[str, int]

    @property
    def goal(self) -> str:
        """What its first step is judged by."""
        return self.campaigns[0].goal


@dataclass(frozen=True)
class OfCustomer:
    """One time an automation began for a customer."""

    automation: Automation
    enrolment: Enrolment

    @property
    def why(self) -> Said:
        """Why it ended, in words."""
        return reasons.said(self.enrolment.why)


class Automations:
    """``now`` is naive UTC."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    @cached_property
    def _kept(self) -> Kept:
        return Kept(self._shop.campaigns.store)

    @cached_property
    def _looking(self) -> Looking:
        shop = self._shop
        return Looking(shop.engine, shop.settings, shop.segments, shop.campaigns, self._kept, shop.members_at,
                       self._releases)

    def list(self) -> Several:
        """All of them, by name."""
        return [*self._kept.list()]

    def get(self, name: str) -> Automation:
        """Raises `NotFound` with the nearest name."""
        return self._kept.get(name)

    def show(self, name: str) -> Standing:
        """With its steps and its people."""
        found = self.get(name)
        return Standing(found, tuple(self._shop.campaigns.by_id(s.campaign) for s in found.steps),
                        self._kept.counts(found))

    def results(self, name: str, now: datetime) -> Mapping[str, CampaignResult | None]:
        """What each step brought beside those who by chance get none, by the name of its campaign; None of one that was
        not handed to anybody yet."""
        campaigns = self._shop.campaigns
        return {each.name: campaigns.results(each.name, now) if campaigns.has_begun(each.name) else None
                for each in self.show(name).campaigns}

    def asking(self, segment: str) -> Sequence[str]:
        """Those switched on, or resting, by whose segment or those of whose steps it is decided who gets what."""
        campaigns = self._shop.campaigns
        asked = {each.name: [each.trigger.segment, *(name for step in each.steps for name in segments_of(
            campaigns.by_id(step.campaign)))] for each in self.list() if each.state in (ON, PAUSED)}
        return [name for name, found in asked.items() if fold(segment) in map(fold, found)]

    def of_customer(self, customer_id: str) -> Sequence[OfCustomer]:
        """Everything that was ever begun for one customer, the latest first."""
        if not self._shop.campaigns.any:
            return []
        return [OfCustomer(self._kept.by_id(e.automation), e) for e in self._kept.of_customer(customer_id)]

    def add(self, name: str, trigger: Trigger, letters: Sequence[Letter], *, now: datetime, by: str = "",
            again: bool = True, present: bool = False, goes_on: bool = False,
            control_share: float = CONTROL, goal: str = "") -> Automation:
        """A new one as a draft, with a campaign for each step: nothing goes out until it is switched on. Each step is
        judged by the ``goal``, "" for an order.

        Raises `Refused`, `RuleError`, and `NotFound` for a segment or channel that is none.
        """
        known = self._known(trigger, now)
        with self._kept.store.writing():
            made = self._kept.add(Automation(name, known, (), again, present, goes_on), now=now, by=by)
            steps = [self._add_step(made, number, letter, control_share, goal, now, by)
                     for number, letter in enumerate(checked_letters(tuple(letters)), 1)]
            return self._kept.change(replace(made, steps=tuple(steps)), now=now, by=by)

    def _add_step(self, automation: Automation, number: int, letter: Letter, share: float, goal: str,
                  now: datetime, by: str) -> Step:
        segments, exclude = _whom(automation)
        campaign = self._shop.campaigns.add(Campaign(
            f"{automation.name} · {number}", segments, exclude,
            (Variant("message", content=letter.content),), STEP, letter.channel,
            offer=letter.offer, control_share=share, goal=goal,
            extra={"automation": automation.id, "step": number, "draw": f"automation {automation.id}",
                   **_about(automation)}), now=now, by=by)
        return Step(campaign.id, letter.after_days)

    def go_on(self, name: str, goes_on: bool, *, now: datetime, by: str = "") -> Automation:
        """Have a draft go on for whoever leaves its segment, or end for them; raises `Refused` for what was on."""
        found = self._draft(name, why("'{name}' was on: whom it ends for stays as it is.", name=name))
        with self._kept.store.writing():
            return self._follow(self._kept.change(replace(found, goes_on=goes_on), now=now, by=by), now, by)

    def goal(self, name: str, rule: str, *, now: datetime, by: str = "") -> Automation:
        """Judge each step of a draft by a goal, "" for an order; raises `Refused` for what was on, and as a campaign
        does for a rule that is no goal."""
        found = self._draft(name, why("'{name}' was on: what it is judged by was decided before.", name=name))
        with self._kept.store.writing():
            return self._follow(found, now, by, goal=rule)

    def rewrite(self, name: str, *, now: datetime, by: str = "", letters: Sequence[Letter] | None = None,
                control_share: float | None = None, goal: str | None = None, **said: Any) -> Automation:
        """A draft with what is said of it anew, the rest as it is; with ``letters`` all its steps are made anew.

        ``said``: ``trigger``, ``again``, ``present``, ``goes_on``. Raises as `add`, and `Refused` for what was on:
        nothing of it was changed then.
        """
        with self._kept.store.writing():
            found = self._draft(name, why("'{name}' was on: only a draft is written anew.", name=name))
            first = self._shop.campaigns.by_id(found.steps[0].campaign)
            share = first.control_share if control_share is None else control_share
            aim = first.goal if goal is None else goal
            new = replace(found, **said)
            new = self._kept.change(replace(new, trigger=self._known(new.trigger, now)), now=now, by=by)
            if letters is None:
                told = {"control_share": control_share, "goal": goal}
                return self._follow(new, now, by, **{field: to for field, to in told.items() if to is not None})
            for step in found.steps:
                self._shop.campaigns.remove(self._shop.campaigns.by_id(step.campaign).name)
            steps = [self._add_step(new, number, letter, share, aim, now, by)
                     for number, letter in enumerate(checked_letters(tuple(letters)), 1)]
            return self._kept.change(replace(new, steps=tuple(steps)), now=now, by=by)

    def _draft(self, name: str, refusal: Said) -> Automation:
        """Raises `Refused` with these words for one that was on, `NotFound` where there is none."""
        found = self.get(name)
        if found.state != DRAFT:
            raise Refused(refusal, hint=why("Make another one."))
        return found

    def _follow(self, changed: Automation, now: datetime, by: str, **said: Any) -> Automation:
        """Have the campaigns of its steps ask for whom it is for, and keep what else is ``said`` of them."""
        segments, exclude = _whom(changed)
        for step in changed.steps:
            campaign = self._shop.campaigns.by_id(step.campaign)
            extra = {key: value for key, value in campaign.extra.items() if key != ABOUT} | _about(changed)
            self._shop.campaigns.change(campaign.name, now=now, by=by, segments=segments, exclude=exclude, extra=extra,
                                        **said)
        return changed

    def warned(self, name: str) -> Said | None:
        """What a draft's own messages may do to it, where they may; None of what was on."""
        found = self.get(name)
        return of_own_messages(self._shop, found) if found.state == DRAFT else None

    def _known(self, trigger: Trigger, now: datetime) -> Trigger:
        """As given, its segment called as it is; raises for a segment or a date that is none."""
        checked(trigger)
        segment = self._shop.segments.get(trigger.segment).name if trigger.segment else ""
        if trigger.kind == DATE:
            rule = f"anniversary({trigger.attribute}) today" if trigger.yearly else f"{trigger.attribute} today"
            self._shop.members_at(rule, now)
        return replace(trigger, segment=segment)

    def ready(self) -> tuple[Ready, ...]:
        """The ready-made ones."""
        return sequences()

    def adopt(self, key: str, *, now: datetime, language: str = "", by: str = "", name: str = "") -> Automation:
        """A draft of a ready-made one, written in all languages, first in that of the shop (or ``language``).

        Its segment is saved where there is none of its name yet. Raises `NotFound`, `Refused`, `RuleError`.
        """
        found, spoken = sequence(key), language or self._shop.settings.language
        segment = found.segment[spoken] if found.rule else ""
        if found.rule and fold(segment) not in {fold(s.name) for s in self._shop.segments.list()}:
            self._shop.segments.add(segment, found.rule, now=now, by=by)
        return self.add(name or found.name[spoken], replace(found.trigger, segment=segment), found.letters(spoken),
                        now=now, by=by, again=found.again)

    def extend(self, name: str, letter: Letter, *, now: datetime, before: int = 0, by: str = "") -> Automation:
        """One more step, at the end or ``before`` another (from 1). One that is on rests until it is switched on again.

        Who has not passed its place gets it, each once; who is past it, or done, does not. Raises `Refused` for one
        that is off for good, for a place that is none, and for one step too many.
        """
        found = self.get(name)
        place = before - 1 if before else len(found.steps)
        if not 0 <= place <= len(found.steps):
            raise Refused(why("'{name}' has no step {number}.", name=found.name, number=before))
        checked_letters((*(Letter({}, each.after_days) for each in found.steps), letter))
        with self._kept.store.writing():
            if found.state == OFF:
                raise Refused(why("'{name}' is off for good.", name=found.name))
            if found.state == ON:
                found = self.pause(found.name, now)
            first = self._shop.campaigns.by_id(found.steps[0].campaign)
            number = self._free_number(found)
            step = self._add_step(found, number, letter, first.control_share, first.goal, now, by)
            longer = replace(found, steps=(*found.steps[:place], step, *found.steps[place:]))
            self._kept.change(longer, now=now, by=by)
            self._kept.write(machine.inserted(each, place, found, longer) for each in self._kept.under_way(found))
        return self.get(found.name)

    def _free_number(self, automation: Automation) -> int:
        """One that no campaign of its steps is called by."""
        taken = {fold(each.name) for each in self._shop.campaigns.list()}
        number = len(automation.steps) + 1
        while fold(f"{automation.name} · {number}") in taken:
            number += 1
        return number

    def start(self, name: str, now: datetime) -> Automation:
        """Switch it on, or on again. Raises `Refused`, `SegmentStale`, `SegmentFailed`: nothing was begun then."""
        found, campaigns = self.get(name), self._shop.campaigns
        with self._kept.store.writing():
            for step in found.steps:
                campaign = campaigns.by_id(step.campaign)
                if campaign.state == CAMPAIGN_DRAFT:
                    campaigns.send(campaign.name, now)
                elif campaign.state == CAMPAIGN_PAUSED:
                    campaigns.resume(campaign.name, now)
            started = self._kept.move(found, ON, of=[DRAFT, PAUSED], now=now)
            if found.state == DRAFT:
                self._kept.looked(started, cursor=changes.last(self._shop.engine), now=None)
                self._looking.begin(started, self._present(started, now))
        return self.get(name)

    def at_once(self, name: str, now: datetime) -> int:
        """How many people begin when a draft is switched on, as of the last look at its segment."""
        found = self.get(name)
        return len(self._present(found, now)) if found.state == DRAFT else 0

    def foreseen(self, name: str, now: datetime) -> Sequence[Said]:
        """What a draft will do once it is on, said as of now; nothing of one that was on."""
        standing = self.show(name)
        return foreseen(self._shop, standing, now) if standing.automation.state == DRAFT else []

    def _present(self, automation: Automation, now: datetime) -> dict[str, datetime]:
        """Those who are in already: all where it says so; those whose days in it are still to come anyway."""
        trigger = automation.trigger
        if trigger.kind in (LEFT, DATE) or not trigger.segment:
            return {}
        inside = memberships.current(self._shop.engine, trigger.segment).to_pylist()
        since = {row["customer_id"]: row["since"] for row in inside}
        if trigger.kind == INSIDE:
            return {who: at for who, at in since.items() if automation.present or at + automation.after(0) > now}
        return dict.fromkeys(since, now) if automation.present else {}

    def pause(self, name: str, now: datetime) -> Automation:
        """Nothing more is begun, handed or sent until it is switched on again."""
        return self._halt(name, PAUSED, [ON], now)

    def stop(self, name: str, now: datetime) -> Automation:
        """For good: whoever is in it is ended, and what waits is not sent."""
        with self._kept.store.writing():
            found = self.get(name)
            self._looking.end(found, self._kept.under_way(found), ENDED_BY_HAND, now)
            return self._halt(name, OFF, [ON, PAUSED], now)

    def _halt(self, name: str, to: str, of: Sequence[str], now: datetime) -> Automation:
        campaigns = self._shop.campaigns
        act: Callable[[str, datetime], Campaign] = campaigns.pause if to == PAUSED else campaigns.stop
        with self._kept.store.writing():
            moved = self._kept.move(self.get(name), to, of=of, now=now)
            for step in moved.steps:
                campaign = campaigns.by_id(step.campaign)
                if campaign.state == SENDING or (to == OFF and campaign.state == CAMPAIGN_PAUSED):
                    act(campaign.name, now)
        return moved

    def remove(self, name: str) -> Automation:
        """Remove a draft with its steps; raises `Refused` for one that was ever on."""
        found = self.get(name)
        if found.state != DRAFT:
            raise Refused(why("'{name}' was on: it stays, so that what was sent can be told.", name=found.name),
                          hint=why("Switch it off instead."))
        with self._kept.store.writing():
            self._kept.remove(found)
            for step in found.steps:
                self._shop.campaigns.remove(self._shop.campaigns.by_id(step.campaign).name)
        return found

    def look(self, now: datetime) -> Looked:
        """Look at all that are on: begin, end and hand what is due. What keeps one from going on is told in it."""
        total = Looked()
        for each in self.list():
            if each.state == ON:
                try:
                    total += self._looking.look(each, now)
                except RegularsError as error:
                    self._kept.trouble(each, as_text(whole(error)))
        return total

    def _releases(self, now: datetime) -> Sequence[Mapping[str, Any]]:
        try:
            return list(self._shop.insight("interests", now).numbers["releases"])
        except TooLittleData:
            return []


def _whom(automation: Automation) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Segments and exclusions of the campaign of a step: they are asked once more as each message is sent."""
    about = (automation.held_to,) if automation.held_to else ()
    return ((), about) if automation.trigger.kind == LEFT else (about, ())


def _about(automation: Automation) -> dict[str, str]:
    """What the campaign of a step keeps of its occasions being products."""
    return {ABOUT: RELEASES} if automation.trigger.kind == RELEASE else {}
