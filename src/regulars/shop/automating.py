"""One look at an automation: whom it begins for, whom it ends for, and who gets their next step.

What happened is read off the log of memberships, in its order and from where the last look ended; what is begun, ended
and handed is written in one transaction with how far it was read. Looked at twice, or killed in between, nobody is
begun or handed anything twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa

from regulars.engines.duckdb import DuckDBEngine
from regulars.model.clock import day_start, local_day
from regulars.model.settings import Settings
from regulars.outreach import reasons
from regulars.outreach.audience import members
from regulars.outreach.automations import machine
from regulars.outreach.automations.automation import DATE, ENTERED, INSIDE, LEFT, RELEASE, Automation
from regulars.outreach.automations.kept import Kept
from regulars.outreach.automations.machine import Enrolment
from regulars.outreach.campaign import STOPPED
from regulars.segments import changes, memberships
from regulars.segments.changes import Change
from regulars.segments.saved import Segments
from regulars.shop.campaigns import Campaigns

AT_ONCE = 5000
LATEST = timedelta(days=31)
"""Who entered longer ago than that, as later data tells, is begun for no more."""
CAUGHT_UP = 7
"""Days that nobody looked, which are made up for."""
NEW_FOR = timedelta(days=14)
TOLD_EVERY = timedelta(minutes=1)
Releases = Callable[[datetime], Sequence[Mapping[str, Any]]]
"""New products with ``product_id``, ``released_at`` and the ``rule`` that says whom each concerns."""
MembersAt = Callable[[str, datetime], pa.Table]


@dataclass(frozen=True)
class Looked:
    """How many one look began, ended, and handed a step to."""

    begun: int = 0
    ended: int = 0
    handed: int = 0

    def __add__(self, other: Looked) -> Looked:
        return Looked(self.begun + other.begun, self.ended + other.ended, self.handed + other.handed)


@dataclass(frozen=True)
class Looking:
    """What a look stands on. ``now`` is naive UTC."""

    engine: DuckDBEngine
    settings: Settings
    segments: Segments
    campaigns: Campaigns
    kept: Kept
    members_at: MembersAt
    releases: Releases

    def look(self, automation: Automation, now: datetime) -> Looked:
        """Raises what keeps it from going on: nothing but what was read of the log is kept then."""
        with self.kept.store.writing():
            cursor, followed = self._follow(automation, now)
            dated = self._dated(automation, now)
            if cursor != automation.cursor or followed + dated != Looked() or self._told_long_ago(automation, now):
                self.kept.looked(automation, cursor=cursor, now=now)
        return followed + dated + self._hand(automation, now)

    def _told_long_ago(self, automation: Automation, now: datetime) -> bool:
        """Whether it is to be written down again that it looked: each look would wait for the disk."""
        last, zone = automation.looked_at, self.settings.zone
        return (not last or bool(automation.why) or now - last >= TOLD_EVERY
                or local_day(last, zone) != local_day(now, zone))

    def _follow(self, automation: Automation, now: datetime) -> tuple[int, Looked]:
        """What the log tells since the last look: how far it was read, whom it begins and ends for."""
        trigger = automation.trigger
        if not trigger.segment:
            return automation.cursor, Looked()
        found = changes.since(self.engine, automation.cursor, AT_ONCE, [trigger.segment])
        begins = {ENTERED: "entered", INSIDE: "entered", LEFT: "left"}.get(trigger.kind, "")
        starting: dict[str, datetime] = {}
        ending: set[str] = set()
        for change in found:
            if change.what == begins:
                if _counts(change, automation, now):
                    starting[change.customer_id] = min(change.at, now)
            elif automation.held_to and change.why != memberships.REMOVED and (begins or change.what == "left"):
                starting.pop(change.customer_id, None)
                ending.add(change.customer_id)
        reason = reasons.EXCLUDED if trigger.kind == LEFT else reasons.LEFT_SEGMENT
        ended = self.end(automation, [e for e in self.kept.under_way(automation) if e.customer_id in ending], reason,
                         now) if ending else 0
        return found[-1].seq if found else automation.cursor, Looked(self.begin(automation, starting), ended)

    def begin(self, automation: Automation, when: Mapping[str, datetime], occasion: str = "") -> int:
        """Begin for these, each by when it happened; not for who is under way, or was once and may not be again.

        ``occasion`` tells it apart; "" counts the times.
        """
        known = self.kept.times(automation, list(when))
        new = []
        for who, at in when.items():
            times, under_way = known.get(who, (0, False))
            if not under_way and (automation.again or not times):
                new.append(machine.begun(automation, who, occasion or str(times + 1), at))
        return self.kept.begin(new)

    def end(self, automation: Automation, enrolments: Sequence[Enrolment], reason: str, now: datetime) -> int:
        """End them, and keep back what still waits to be sent of the steps they were handed."""
        if not enrolments:
            return 0
        for step in automation.steps[:max(e.step for e in enrolments)]:
            name = self.campaigns.by_id(step.campaign).name
            self.campaigns.cancel(name, [e.customer_id for e in enrolments], reason, now)
        return self.kept.write(machine.ended(e, reason, now) for e in enrolments)

    def _dated(self, automation: Automation, now: datetime) -> Looked:
        """Whom a date or a new release of today begins for; days that nobody looked are made up for."""
        kind, today = automation.trigger.kind, local_day(now, self.settings.zone)
        if kind not in (DATE, RELEASE):
            return Looked()
        last = automation.looked_at and local_day(automation.looked_at, self.settings.zone)
        first = max(last + timedelta(days=1), today - timedelta(days=CAUGHT_UP - 1)) if last else today
        if kind == RELEASE:
            return Looked(self._released(automation, now) if first <= today else 0)
        days = [first + timedelta(days=n) for n in range((today - first).days + 1)]
        return Looked(sum(self._on_day(automation, day, now) for day in days))

    def _on_day(self, automation: Automation, day: date, now: datetime) -> int:
        about = day - timedelta(days=automation.trigger.days)
        found = self._within(automation, self.members_at(*self.rule_of_day(automation, about, now)))
        at = max(day_start(day, self.settings.zone), now - timedelta(days=CAUGHT_UP))
        return self.begin(automation, dict.fromkeys(found, min(at, now)), about.isoformat())

    def rule_of_day(self, automation: Automation, about: date, now: datetime) -> tuple[str, datetime]:
        """The rule that says whose date it is, and the moment at which to ask it.

        A yearly date is asked of at its own day, so that 29 February is kept as rules keep it.
        """
        attribute = automation.trigger.attribute
        if automation.trigger.yearly:
            return f"anniversary({attribute}) today", day_start(about, self.settings.zone)
        return f"{attribute} from {about.isoformat()} to {about.isoformat()}", now

    def _released(self, automation: Automation, now: datetime) -> int:
        since = max(automation.started_at or now, now - NEW_FOR)
        new = [r for r in self.releases(now) if r["released_at"] and since <= r["released_at"] <= now]
        return sum(self.begin(automation, dict.fromkeys(self._within(automation, self.members_at(r["rule"], now)), now),
                              str(r["product_id"])) for r in new)

    def _within(self, automation: Automation, found: pa.Table) -> list[str]:
        """Those of the automation's segment; all of them where it has none."""
        customers: list[str] = found["customer_id"].to_pylist()
        segment = automation.trigger.segment
        return sorted(members(self.engine, [segment], customers)) if segment and customers else customers

    def _hand(self, automation: Automation, now: datetime) -> Looked:
        """The next step to whose it is due; who has left by now is ended instead."""
        due = self.kept.under_way(automation, now)
        if not due:
            return Looked()
        if automation.held_to:
            self.segments.sendable(automation.held_to, now)
        with self.kept.store.writing():
            if self.kept.by_id(automation.id).steps != automation.steps:  # a step came in meanwhile: the next look
                return Looked()
            due = self.kept.under_way(automation, now)
            gone = self._gone(automation, due)
            ended = sum(self.end(automation, [e for e in due if gone.get(e.customer_id) == reason], reason, now)
                        for reason in set(gone.values()))
            going = [e for e in due if e.customer_id not in gone]
            for group in _by_step(going):
                self._hand_step(automation, group, now)
            self.kept.write(machine.handed(e, automation, now) for e in going)
        return Looked(0, ended, len(going))

    def _gone(self, automation: Automation, due: Sequence[Enrolment]) -> dict[str, str]:
        """Who is not to go on, and why."""
        customers = sorted({e.customer_id for e in due})
        known = set(self.engine.query("SELECT customer_id FROM customers WHERE customer_id IN (SELECT "
                                      "unnest($1::VARCHAR[]))", [customers])["customer_id"].to_pylist())
        gone = {who: reasons.ERASED for who in customers if who not in known}
        segment = automation.held_to
        if not segment:
            return gone
        inside = members(self.engine, [segment], customers)
        if automation.trigger.kind == LEFT:
            return gone | {who: reasons.EXCLUDED for who in customers if who in inside}
        return {who: reasons.LEFT_SEGMENT for who in customers if who not in inside} | gone

    def _hand_step(self, automation: Automation, group: Sequence[Enrolment], now: datetime) -> None:
        campaign = self.campaigns.by_id(automation.steps[group[0].step].campaign)
        if campaign.state != STOPPED:
            self.campaigns.hand_to(campaign.name, [e.customer_id for e in group], occasion=group[0].occasion,
                                   due_at=now, now=now)


def _counts(change: Change, automation: Automation, now: datetime) -> bool:
    """Something that happened to the customer, since it was switched on, and not too long ago.

    That a rule was written anew, or a look repaired, is nothing that happened to anybody. What is later than ``now``
    happened before the clock was set back: the log is read once, so it counts now or never.
    """
    since = max(automation.started_at or now, now - LATEST)
    return change.why == memberships.CHANGE and since <= change.at


def _by_step(going: Iterable[Enrolment]) -> list[list[Enrolment]]:
    """Those that are handed the same step on the same occasion together."""
    groups: dict[tuple[int, str], list[Enrolment]] = {}
    for each in going:
        groups.setdefault((each.step, each.occasion), []).append(each)
    return [groups[key] for key in sorted(groups)]
