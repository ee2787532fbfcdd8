"""Saved campaigns: written once, kept in versions, and where each stands."""

from __future__ import annotations

import difflib
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from regulars.engines.duckdb import fold
from regulars.errors import NotFound, Overtaken, Refused
from regulars.model.phrases import phrases
from regulars.outreach import campaign as campaign_module
from regulars.outreach.audience import segments_of
from regulars.outreach.campaign import CHANGEABLE, DRAFT, KINDS, OFFERS, ONCE, SENDING, UNDER_WAY, Campaign, Offer
from regulars.outreach.channels import channel
from regulars.outreach.refusals import why
from regulars.outreach.store import Store, moment_of, text_of

text, counted = phrases("regulars.outreach", "campaigns")
LONGEST_NAME = 200
MOST_CONTROL = 0.9
MOST_DAYS = 365
MOST_OFFERED = 10_000_000
COLUMNS = "id, name, state, why, version, doc, changed_at, changed_by, began_at, ended_at"
Several = list[Campaign]


class Saved:
    """The campaigns of one shop. ``now`` is naive UTC."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def list(self) -> Several:
        """All of them, the latest changed first."""
        return [_read(row) for row in self.store.rows(
            f"SELECT {COLUMNS} FROM campaigns ORDER BY changed_at DESC, id DESC")]

    def get(self, name: str) -> Campaign:
        """Raises `NotFound` with the nearest name."""
        rows = self.store.rows(f"SELECT {COLUMNS} FROM campaigns WHERE folded = ?", [fold(name)])
        if rows:
            return _read(rows[0])
        known = {fold(n): n for (n,) in self.store.rows("SELECT name FROM campaigns")}
        near = difflib.get_close_matches(fold(name), list(known), 1)
        raise NotFound(why("There is no campaign called '{name}'.", name=name),
                       hint=why("Did you mean {near}?", near=known[near[0]]) if near else why("See which there are."),
                       command="" if near else "regulars campaign list")

    def asking(self, segment: str) -> Sequence[str]:
        """The names of those under way, of no automation, by whose segments it is decided who gets them."""
        return [each.name for each in self.list() if each.kind == ONCE and each.state in UNDER_WAY
                and fold(segment) in map(fold, segments_of(each))]

    def by_id(self, number: int) -> Campaign:
        rows = self.store.rows(f"SELECT {COLUMNS} FROM campaigns WHERE id = ?", [number])
        if not rows:
            raise NotFound(why("There is no campaign {number}.", number=str(number)))
        return _read(rows[0])

    def add(self, campaign: Campaign, *, now: datetime, by: str = "") -> Campaign:
        """Save a new one as a draft; raises `Refused` where the name is taken or it cannot be."""
        new = replace(checked(campaign), name=self._free_name(campaign.name), state=DRAFT, version=1)
        with self.store.writing() as c:
            c.execute("INSERT INTO campaigns (name, folded, state, version, doc, changed_at, changed_by) VALUES "
                      "(?, ?, ?, 1, ?, ?, ?)", [new.name, fold(new.name), DRAFT, new.to_json(), text_of(now), by])
            _keep_version(c, fold(new.name))
        return self.get(new.name)

    def change(self, name: str, *, now: datetime, by: str = "", seen: int | None = None, **said: Any) -> Campaign:
        """A new version with other fields; raises `Refused` while it is under way or over, `Overtaken` where it is not
        the version that was ``seen`` any more."""
        with self.store.writing() as c:
            old = self.get(name)
            _refuse_unchangeable(old, seen)
            new = checked(replace(old, **said))
            if old.began_at:
                _refuse_another_audience(old, new)
                _refuse_another_goal(old, new)
            renamed = self._free_name(new.name) if fold(new.name) != fold(old.name) else " ".join(new.name.split())
            c.execute("UPDATE campaigns SET name = ?, folded = ?, doc = ?, version = version + 1, changed_at = ?, "
                      "changed_by = ? WHERE id = ?",
                      [renamed, fold(renamed), replace(new, name=renamed).to_json(), text_of(now), by, old.id])
            _keep_version(c, fold(renamed))
        return self.by_id(old.id)

    def copy(self, name: str, *, now: datetime, to: str = "", by: str = "") -> Campaign:
        """A new draft of the same content; of a draft that may have been sent before a shop was brought back, so may
        it."""
        with self.store.writing() as c:
            old = self.get(name)
            made = self.add(replace(old, name=to or self._another_name(old.name)), now=now, by=by)
            if old.state == DRAFT and old.why:
                c.execute("UPDATE campaigns SET why = ? WHERE id = ?", [old.why, made.id])
        return self.by_id(made.id)

    def remove(self, name: str) -> Campaign:
        """Remove a draft; raises `Refused` for one that was ever under way: what was sent stays told."""
        gone = self.get(name)
        if gone.began_at or gone.state != DRAFT:
            raise Refused(why("'{name}' was under way: it stays, so that what was sent can be told.", name=gone.name),
                          hint=why("Stop it instead."))
        with self.store.writing() as c:
            for table in ("audience", "links", "refused"):
                c.execute(f"DELETE FROM {table} WHERE campaign_id = ?", [gone.id])
            c.execute("DELETE FROM campaigns WHERE id = ?", [gone.id])
        return gone

    def versions(self, name: str) -> Several:
        """Every version, newest first."""
        now = self.get(name)
        return [Campaign.from_json(doc, id=now.id, version=version, changed_at=moment_of(at), changed_by=by)
                for version, doc, at, by in self.store.rows(
                    "SELECT version, doc, changed_at, changed_by FROM campaign_versions WHERE campaign_id = ? "
                    "ORDER BY version DESC", [now.id])]

    def move(self, campaign: Campaign, to: str, *, of: Sequence[str], now: datetime, reason: str = "") -> Campaign:
        """Into another state, out of one of ``of``; raises `Refused` where it is in none of these (any more)."""
        with self.store.writing() as c:
            began = ", began_at = coalesce(began_at, :now)" if to == SENDING else ""
            ended = ", ended_at = :now" if to in (campaign_module.SENT, campaign_module.STOPPED) else ""
            marks = ", ".join(f"'{each}'" for each in of)
            done = c.execute(f"UPDATE campaigns SET state = :to, why = :why{began}{ended} WHERE id = :id AND state IN "
                             f"({marks})", {"to": to, "why": reason, "now": text_of(now), "id": campaign.id}).rowcount
        found = self.by_id(campaign.id)
        if not done:
            raise Refused(why("'{name}' is {state}.", name=found.name, state=state_said(found.state)))
        return found

    def _free_name(self, name: str) -> str:
        name = " ".join(name.split())
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            raise Refused(why("A campaign needs a name of 1 to {most} characters.", most=LONGEST_NAME))
        if self.store.rows("SELECT 1 FROM campaigns WHERE folded = ?", [fold(name)]):
            raise Refused(why("There is a campaign called '{name}' already.", name=name),
                          hint=why("Change it, or choose another name."))
        return name

    def _another_name(self, name: str) -> str:
        """The name with the next number: a copy of "Hello 2" is "Hello 3" where there is a "Hello"."""
        taken = {n for (n,) in self.store.rows("SELECT folded FROM campaigns")}
        base, _, copied = name.rpartition(" ")
        name, number = (base, int(copied)) if copied.isdecimal() and fold(base) in taken else (name, 2)
        while fold(f"{name} {number}") in taken:
            number += 1
        return f"{name} {number}"


def checked(campaign: Campaign) -> Campaign:
    """The campaign as given; raises `Refused` for the first thing that cannot be."""
    names = [v.name for v in campaign.variants]
    channel(campaign.channel)
    if len(set(names)) < len(names) or not all(names):
        raise Refused(why("Each variant needs a name of its own."))
    if campaign.kind not in KINDS:
        raise Refused(why("'{kind}' is no kind of campaign.", kind=campaign.kind))
    if not 0 <= campaign.control_share <= MOST_CONTROL:
        raise Refused(why("A control group is between none and {most} percent.", most=round(MOST_CONTROL * 100)))
    if not 1 <= campaign.window_days <= MOST_DAYS:
        raise Refused(why("A campaign is looked at for 1 to {most} days.", most=MOST_DAYS))
    _check_variants(campaign)
    for offer in filter(None, (campaign.offer, *(v.offer for v in campaign.variants))):
        check_offer(offer)
    return campaign


def _refuse_unchangeable(old: Campaign, seen: int | None) -> None:
    if old.state not in CHANGEABLE:
        raise Refused(why("'{name}' cannot be changed any more: it is {state}.", name=old.name,
                          state=state_said(old.state)), hint=why("Copy it, or pause it first."))
    if seen is not None and old.version != seen:
        raise Overtaken(why("Somebody else has just saved '{name}'.", name=old.name),
                        hint=why("Look at what they saved, then save yours."))


def _refuse_another_audience(old: Campaign, new: Campaign) -> None:
    """Who gets what, and by which way, is decided when it begins; what a message says may still be mended."""
    of = [[(v.name, fold(v.segment), v.test) for v in each.variants] for each in (old, new)]
    if of[0] != of[1] or (old.channel, old.kind) != (new.channel, new.kind):
        raise Refused(why("'{name}' is under way: who gets which message, and by which channel, is decided.",
                          name=old.name), hint=why("Change what the messages say, or copy it."))


def _refuse_another_goal(old: Campaign, new: Campaign) -> None:
    """What it is judged by is said before anybody can know how it went."""
    if old.goal != new.goal:
        raise Refused(why("'{name}' is under way: what it is judged by was decided before.", name=old.name),
                      hint=why("Copy it to judge another one by another goal."))


def check_offer(offer: Offer) -> None:
    """Raises `Refused` where nobody could say what it gives."""
    if offer.kind not in OFFERS:
        raise Refused(why("'{kind}' is no kind of offer.", kind=offer.kind), hint=why("Choose {known}.",
                                                                                      known=[*OFFERS]))
    try:
        value = Decimal(offer.value)
    except InvalidOperation as error:
        raise Refused(why("What an offer gives is a number, not '{value}'.", value=offer.value)) from error
    most = 100 if offer.kind == "percent" else MOST_OFFERED
    if not (value.is_finite() and 0 <= value <= most):
        raise Refused(why("What an offer gives is between 0 and {most}, not {value}.", most=most, value=offer.value))


def _check_variants(campaign: Campaign) -> None:
    """Variants of one segment share it by their test; one for the rest comes last, or nobody would get what follows."""
    seen: dict[str, set[str]] = {}
    for variant in campaign.variants:
        if "" in seen and variant.segment:
            raise Refused(why("The variant for everybody else comes last."))
        tests = seen.setdefault(fold(variant.segment), set())
        if variant.test in tests:
            raise Refused(why("Two variants are for the same people: '{name}' would reach nobody.", name=variant.name),
                          hint=why("Call one A and the other B to compare them."))
        tests.add(variant.test)


STATES_SAID = {
    "draft": text("a draft"), "scheduled": text("scheduled"), "sending": text("being sent"), "paused": text("paused"),
    "stopped": text("stopped"), "sent": text("sent"),
}


def state_said(state: str) -> Any:
    """The word for a state."""
    return STATES_SAID.get(state, state)


def _read(row: tuple[Any, ...]) -> Campaign:
    number, name, state, reason, version, doc, changed_at, changed_by, began_at, ended_at = row
    return Campaign.from_json(
        doc, id=number, name=name, state=state, why=reason, version=version, changed_at=moment_of(changed_at),
        changed_by=changed_by, began_at=moment_of(began_at), ended_at=moment_of(ended_at))


def _keep_version(c: sqlite3.Connection, folded: str) -> None:
    c.execute("INSERT INTO campaign_versions SELECT id, version, doc, changed_at, changed_by FROM campaigns "
              "WHERE folded = ?", [folded])
