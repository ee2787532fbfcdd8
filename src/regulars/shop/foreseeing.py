"""What a draft of an automation will do, said before it is switched on: for how many, when, and who gets nothing."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from regulars.errors import RegularsError
from regulars.model.clock import local_day
from regulars.model.phrases import Own, Said, Sentence, Share, whole
from regulars.outreach.audience import members
from regulars.outreach.automations.automation import DATE, ENTERED, LEFT, Automation, Trigger
from regulars.outreach.channels import channel
from regulars.outreach.sending import QUIET
from regulars.rules import Condition
from regulars.rules.constructs.attribute import Attribute
from regulars.rules.constructs.comparison import Compare
from regulars.rules.constructs.logic import And
from regulars.rules.constructs.selection import Selection
from regulars.rules.passing import whole as leaned_on
from regulars.rules.subjects import fold
from regulars.rules.tree import node_fields
from regulars.segments import memberships
from regulars.shop.refusals import why, why_counted

if TYPE_CHECKING:
    from regulars.shop.automations import Standing
    from regulars.shop.shop import Shop

MESSAGES, OURS = "messages", ("sent", "delivered")
"""The fact of messages to customers, and which of its types a step brings about by itself."""
AHEAD = 30
"""Days, of what is to come and of what was."""
BEGUN = ('SELECT count(DISTINCT customer_id) FROM changes WHERE segment = $1 AND what = $2 AND why = $3 AND "at" >= $4 '
         'AND "at" <= $5')


def foreseen(shop: Shop, standing: Standing, now: datetime) -> list[Said]:
    """``now`` is naive UTC. Where it cannot be told, as of a date or a segment that is none any more, it says why."""
    automation = standing.automation
    found: list[Said] = []
    try:
        if automation.trigger.kind == DATE:
            found += [*_of_date(shop, automation, now), *_hour(shop, standing)]
        elif automation.trigger.kind in (ENTERED, LEFT):
            found.append(_of_segment(shop, automation.trigger, now))
    except RegularsError as error:
        return [whole(error)]
    share = standing.campaigns[0].control_share if standing.campaigns else 0
    if share:
        found.append(why("{share} of them, drawn by chance, are the control group and get none of it.",
                         share=Share(share)))
    return found


def of_own_messages(shop: Shop, automation: Automation) -> Sentence | None:
    """That its steps may end it, where its segment's rule asks for messages to people; None where they cannot, or where
    it cannot be told."""
    if not automation.held_to or len(automation.steps) < 2:
        return None
    evaluator = shop.segments.evaluator
    try:
        vocabulary = evaluator.vocabulary()
        rule = evaluator.read(shop.segments.get(automation.held_to).rule, vocabulary)
        asked = [part for each in leaned_on(rule, vocabulary) for node in each.walk() for _, part in node_fields(node)
                 if isinstance(part, Selection)]
    except RegularsError:
        return None
    if not any(fold(part.fact) == MESSAGES and not _of_their_acts(part.where) for part in asked):
        return None
    return why("The rule of {segment} asks for messages, and each step is one: a step may itself end the automation "
               "for whoever gets it. Let it go on for them, unless that is meant.", segment=Own(automation.held_to))


def _of_their_acts(where: Condition | None) -> bool:
    """Whether only what people do with messages is asked for, and not that they get any."""
    parts = where.items if isinstance(where, And) else (where,)
    return any(isinstance(part, Compare) and isinstance(part.value, Attribute) and fold(part.value.name) == "type"
               and part.operator == "=" and isinstance(part.literal, str) and fold(part.literal) not in OURS
               for part in parts)


def _of_date(shop: Shop, automation: Automation, now: datetime) -> Iterator[Sentence]:
    known = _dates(shop, automation.trigger, now)
    begins = _coming(known, automation.trigger, local_day(now, shop.settings.zone))
    yield why_counted("This date is known of {n} person.", "This date is known of {n} people.", len(known))
    if begins:
        yield why_counted("In the next {days} days it begins for {n} person, on {first}.",
                          "In the next {days} days it begins for {n} people, first on {first}.", len(begins),
                          days=AHEAD, first=min(begins.values()))
    else:
        yield why("In the next {days} days it begins for nobody.", days=AHEAD)


def _dates(shop: Shop, trigger: Trigger, now: datetime) -> dict[str, date]:
    """The date of each of whom it is known, in days of the shop; of the segment's people where it has one."""
    rows = shop.values_at({"day": trigger.attribute}, now).to_pylist()
    found = {row["customer_id"]: local_day(row["day"], shop.settings.zone) if isinstance(row["day"], datetime)
             else row["day"] for row in rows if row["day"] is not None}
    inside = members(shop.engine, [trigger.segment], list(found)) if trigger.segment and found else found
    return {who: day for who, day in found.items() if who in inside}


def _coming(known: Mapping[str, date], trigger: Trigger, today: date) -> dict[str, date]:
    """On which of the next days it begins for whom."""
    days = [today + timedelta(days=n) for n in range(AHEAD)]
    about = {day - timedelta(days=trigger.days): day for day in days}
    if not trigger.yearly:
        return {who: about[day] for who, day in known.items() if day in about}
    yearly = {(day.month, day.day): day for day in about}
    # Who was born on 29 February has their day on the 28th in common years, as rules keep it.
    yearly |= {(day.month, 29): day for day in about
               if (day.month, day.day) == (2, 28) and not calendar.isleap(day.year)}
    returns = {who: yearly.get((day.month, day.day)) for who, day in known.items()}
    return {who: about[day] for who, day in returns.items() if day and day.year > known[who].year}


def _hour(shop: Shop, standing: Standing) -> Iterator[Sentence]:
    """By the quiet hours, which end after it begins with the day."""
    rules = shop.campaigns.rules
    quiet = rules.quiet_from > rules.quiet_until or rules.quiet_from == 0 < rules.quiet_until
    if quiet and rules.quiet_until and standing.campaigns and channel(standing.campaigns[0].channel).consent in QUIET:
        yield why("The first step goes from {hour}:00 on, by each person's own clock, as the quiet hours end.",
                  hour=rules.quiet_until)
    else:
        yield why("The first step goes as the day begins.")


def _of_segment(shop: Shop, trigger: Trigger, now: datetime) -> Sentence:
    what = "entered" if trigger.kind == ENTERED else "left"
    since = now - timedelta(days=AHEAD)
    followed = shop.segments.get(trigger.segment).changed_at
    if followed > since:
        return why("For how many it will begin in the days to come is not known yet: this segment is followed only "
                   "since {day}.", day=local_day(followed, shop.settings.zone))
    people = shop.engine.rows(BEGUN, [trigger.segment, what, memberships.CHANGE, since, now])[0][0]
    if what == "left":
        return why_counted("In the last {days} days {n} person left the segment.",
                           "In the last {days} days {n} people left the segment.", people, days=AHEAD)
    return why_counted("In the last {days} days {n} person entered the segment.",
                       "In the last {days} days {n} people entered the segment.", people, days=AHEAD)
