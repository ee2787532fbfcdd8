"""Campaigns of a shop: what its pages, its command line and its API do with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from regulars.engines.duckdb import DuckDBEngine
from regulars.errors import Refused, RegularsError
from regulars.intake.prepared import Progress, Report
from regulars.model.settings import Settings
from regulars.outreach import audience, beginning, bounces, checking, choosing, offers, queue, responses
from regulars.outreach import settings as kept
from regulars.outreach.audience import Audience
from regulars.outreach.beginning import Beginning
from regulars.outreach.campaign import (
    DRAFT,
    ONCE,
    PAUSED,
    SCHEDULED,
    SENDING,
    SENT,
    STOPPED,
    Campaign,
    Guard,
    Offer,
    Variant,
)
from regulars.outreach.campaigns import Saved
from regulars.outreach.channels import channel as find_channel
from regulars.outreach.composing import Composer
from regulars.outreach.content import Template as BlockTemplate
from regulars.outreach.content.fields import fields
from regulars.outreach.gate import Gate
from regulars.outreach.guard import GuardBox
from regulars.outreach.plain import Plain, Template
from regulars.outreach.queue import Delivery
from regulars.outreach.restored import RESTORED
from regulars.outreach.results import CampaignResult
from regulars.outreach.results.history import History
from regulars.outreach.results.learning import Learned
from regulars.outreach.says import NOTHING
from regulars.outreach.sending import Ground, Sender, Sent, next_due
from regulars.outreach.settings import Rules
from regulars.outreach.store import FILE, Nothing
from regulars.segments.saved import Segments
from regulars.shop import guarding, proving
from regulars.shop.aiming import Goals
from regulars.shop.answers import settle_answers
from regulars.shop.drawing import Drawing
from regulars.shop.going import Freshness, Schedule
from regulars.shop.preflight import WHO, has_blocks, refuse_unwritten
from regulars.shop.refusals import why
from regulars.shop.ways_out import WaysOut


@dataclass(frozen=True)
class Standing:
    """Where a campaign stands: deliveries by state, and people by what they did since; ``next_due``: when the next
    of those that wait may go, while it is being sent."""

    campaign: Campaign
    deliveries: Mapping[str, int]
    people: Mapping[str, int]
    next_due: datetime | None

    @property
    def total(self) -> int:
        return sum(self.deliveries.values())


class Campaigns(WaysOut):
    """``now`` is naive UTC. The file beside the facts is opened at the first asking."""

    def __init__(self, engine: DuckDBEngine, settings: Settings, folder: Path, segments: Segments) -> None:
        self._engine = engine
        self._settings = settings
        super().__init__(folder)
        self._segments = segments
        self._guarding = guarding.Guarding(engine, settings)
        self.goals = Goals(engine, settings)

    @cached_property
    def _saved(self) -> Saved:
        return Saved(self.store)

    @cached_property
    def _beginning(self) -> Beginning:
        return Beginning(self._engine, self.store, self._settings, self._segments.sendable, self._guarding.would_buy)

    @cached_property
    def drawing(self) -> Drawing:
        """Who would get one, and what is found in its messages, each worked out once while nothing moves."""
        return Drawing(self._engine, self._settings, self._folder, self.store, self._beginning.choose)

    @cached_property
    def _schedule(self) -> Schedule:
        return Schedule(self.store, self._settings, lambda campaign, now: self._beginning.begin(
            campaign, now, self._drawn(campaign, now)))

    @cached_property
    def _freshness(self) -> Freshness:
        return Freshness(self._beginning.ask_segments, self._segments.advance)

    def list(self) -> list[Campaign]:
        """All of them, the latest changed first."""
        return self._saved.list()

    def get(self, name: str) -> Campaign:
        """Raises `NotFound` with the nearest name."""
        return self._saved.get(name)

    def by_id(self, number: int) -> Campaign:
        """One by its number; raises `NotFound`."""
        return self._saved.by_id(number)

    def add(self, campaign: Campaign, *, now: datetime, by: str = "") -> Campaign:
        """Save a new one as a draft; raises `Refused`, `RuleError`, and `NotFound` for a segment that is none."""
        return self._saved.add(replace(self._known(campaign), goal=self.goals.read(campaign.goal)), now=now, by=by)

    def change(self, name: str, *, now: datetime, by: str = "", seen: int | None = None, **said: Any) -> Campaign:
        """A new version of a draft, or of one that is paused; raises `Refused`, `NotFound`, `RuleError`, `Overtaken`
        where it is not the one that was ``seen`` any more."""
        said |= self.goals.changed(self.get(name), said.get("goal"))
        new = self._known(replace(self.get(name), **said))
        if new.guard.leave_out and new.guard.proposed and not new.began_at:
            said["guard"] = self._proposed(new, now)
        return self._saved.change(name, now=now, by=by, seen=seen, **said)

    def _proposed(self, campaign: Campaign, now: datetime) -> Guard:
        """Its guard with the threshold where leaving out begins to pay; as it is where that cannot be told."""
        try:
            return replace(campaign.guard, threshold=self._boxed(campaign, now).threshold)
        except RegularsError:
            return campaign.guard

    def copy(self, name: str, *, now: datetime, to: str = "", by: str = "") -> Campaign:
        """A new draft of the same content."""
        return self._saved.copy(name, now=now, to=to, by=by)

    def remove(self, name: str) -> Campaign:
        """Remove a draft; raises `Refused` for one that was ever under way."""
        return self._saved.remove(name)

    def asking(self, segment: str) -> Sequence[str]:
        """The names of those under way, of no automation, that ask who is in a segment."""
        return self._saved.asking(segment)

    def versions(self, name: str) -> Sequence[Campaign]:
        """Every version, newest first."""
        return self._saved.versions(name)

    def _known(self, campaign: Campaign) -> Campaign:
        for segment in audience.segments_of(campaign):
            self._segments.get(segment)
        if campaign.product and not self._engine.rows("FROM products WHERE product_id = ? LIMIT 1", [campaign.product]):
            raise Refused(why("There is no product '{product}'.", product=campaign.product),
                          hint=why("Name it by its id, as the file of products does."))
        return campaign

    def audience(self, name: str, now: datetime) -> Audience:
        """Who gets it, and everyone left out: as decided when it began, else as it would be if it began now."""
        campaign = self.get(name)
        return audience.kept(self.store, campaign) or self.drawing.audience(campaign, now)

    def may_reach(self, way: str, customers: Sequence[str], now: datetime) -> set[str]:
        """Those of them whom one by a channel may go to, segments and guard aside; nothing is made by asking."""
        store = self.store if self.any else Nothing()
        gate = Gate(self._engine, store, find_channel(way), kept.rules(store), self._settings.country)
        return audience.reachable(gate, customers, now)

    def unfit(self, name: str, now: datetime) -> Iterator[RegularsError]:
        """All that keeps the whole of it from being sent, whoever would get it."""
        return self._beginning.unfit(self.get(name), now)

    def check(self, name: str, now: datetime) -> Audience:
        """As `audience`, where it can be sent now; raises what would keep it from being sent."""
        campaign = self.get(name)
        self._beginning.refuse_unfit(campaign, now)
        chosen = self.drawing.audience(campaign, now)
        if has_blocks(campaign):
            refuse_unwritten(self.drawing.findings(campaign, self.composer(campaign), now))
        return chosen

    def _drawn(self, campaign: Campaign, now: datetime) -> Audience | None:
        """Who gets it if it begins now; a draft is read over all of them before. None where nobody is drawn."""
        asked = campaign.state in (DRAFT, SCHEDULED) and (campaign.kind == ONCE or has_blocks(campaign))
        return self.check(campaign.name, now) if asked else None

    def send(self, name: str, now: datetime, *, by: str = "") -> Campaign:
        """Begin, or wait for its hour where it has one ahead. The sender does the rest: see `drive`.

        Raises `Refused`, `RuleError` of its goal, `SegmentStale`, `SegmentFailed`: nothing was begun then.
        """
        campaign = self.get(name)
        self.goals.read(campaign.goal)
        first = beginning.begins_at(campaign, self._settings)
        ahead = first is not None and first > now
        chosen = self._drawn(campaign, now) if has_blocks(campaign) or not ahead else None
        if not ahead:
            return self._beginning.begin(campaign, now, chosen)
        self._beginning.refuse_unfit(campaign, now)
        return self._saved.move(campaign, SCHEDULED, of=[DRAFT], now=now)

    def pause(self, name: str, now: datetime) -> Campaign:
        """Nothing more goes until it is resumed; what is in flight lands. A scheduled one is a draft again."""
        campaign = self.get(name)
        if campaign.state == SCHEDULED:
            return self._saved.move(campaign, DRAFT, of=[SCHEDULED], now=now)
        return self._saved.move(campaign, PAUSED, of=[SENDING], now=now)

    def resume(self, name: str, now: datetime) -> Campaign:
        """Go on; everybody is asked of the gate again. Raises `SegmentStale`, `SegmentFailed` and `UnknownName` where
        nobody knows by now who is in a segment. A draft that a backup brought back was not sent since, it says."""
        campaign = self.get(name)
        if campaign.state == DRAFT and campaign.why == RESTORED:
            return self._saved.move(campaign, DRAFT, of=[DRAFT], now=now)
        if campaign.state == PAUSED:
            self._beginning.ask_segments(campaign, now)
        return self._saved.move(campaign, SENDING, of=[PAUSED], now=now)

    def stop(self, name: str, now: datetime) -> Campaign:
        """For good: what still waits is not sent."""
        campaign = self._saved.move(self.get(name), STOPPED, of=[SENDING, PAUSED, SCHEDULED], now=now)
        queue.stop(self.store, campaign.id, now)
        return campaign

    def progress(self, name: str) -> Standing:
        """Where its deliveries stand, and what people did."""
        campaign = self.get(name)
        return Standing(campaign, queue.counts(self.store, campaign.id), responses.counts(self.store, campaign.id),
                        next_due(self.store, campaign.id) if campaign.state == SENDING else None)

    def deliveries(self, name: str, *, state: str = "", after: int = 0, most: int = 100) -> Sequence[Delivery]:
        """Those after an id, by id; of one state, or all."""
        return queue.of_campaign(self.store, self.get(name).id, state=state, after=after, most=most)

    def unknown(self, name: str) -> Sequence[Delivery]:
        """Those under way when a process or a line broke: nobody knows whether they arrived."""
        return self.deliveries(name, state="unknown", most=1_000_000)

    def settle_unknown(self, name: str, now: datetime, *, again: bool) -> int:
        """Send the unknown ones again, or call them sent; how many there were.

        Raises `Refused` for one that is to be sent again though it is stopped: it would wait for good.
        """
        campaign = self.get(name)
        if again and campaign.state == STOPPED:
            raise Refused(why("'{name}' is stopped: nothing of it is sent again.", name=campaign.name))
        done = queue.settle_unknown(self.store, campaign.id, again=again, now=now)
        if again and done and campaign.state == SENT:
            self._saved.move(campaign, SENDING, of=[SENT], now=now)
        return done

    def hand_to(self, name: str, customers: Sequence[str], *, occasion: str, due_at: datetime, now: datetime) -> int:
        """A step of an automation for these people, each once for an occasion; how many get it."""
        return self._beginning.hand_to(self.get(name), customers, occasion, due_at, now)

    def cancel(self, name: str, customers: Sequence[str], reason: str, now: datetime,
               occasion: str | None = None) -> int:
        """What still waits for these people is not sent; how many that were."""
        return queue.cancel(self.store, self.get(name).id, customers, reason, now, occasion)

    def respond(self, delivery: int, kind: str, at: datetime, **more: Any) -> bool:
        """Keep what came back of a delivery; see `responses.respond`."""
        return responses.respond(self.store, delivery, kind, at, **more)

    def offer(self, name: str, offer: Offer | None, *, now: datetime, by: str = "") -> Campaign:
        """What it gives to whoever gets a message without an offer of its own; raises `Refused`."""
        return self.change(name, now=now, by=by, offer=offer)

    def goal(self, name: str, rule: str, *, now: datetime, by: str = "") -> Campaign:
        """What a draft is judged by, "" for an order; raises `Refused`, `RuleError`."""
        return self.change(name, now=now, by=by, goal=rule)

    def guard(self, name: str, now: datetime, report: Report = lambda _: None) -> GuardBox:
        """Of those who would get its offer, who would buy anyway, and what leaving them out saves and risks: at its own
        threshold where it leaves them out, else at the one that is proposed.

        Raises `Refused` where it offers nothing, `TooLittleData` where it cannot be told.
        """
        campaign = self.get(name)
        return self._boxed(campaign, now, report).of(campaign.guard)

    def _boxed(self, campaign: Campaign, now: datetime, report: Report = lambda _: None) -> GuardBox:
        """As `guard`, at the threshold that is proposed; what was worked out before where nothing moved since."""
        unguarded = replace(campaign, guard=Guard())
        known, stand = self.drawing.boxed(campaign, now, timedelta()), self.drawing.stand(unguarded, now)
        if known:
            return known
        report(Progress(WHO))
        offered = guarding.offered(campaign, self._beginning.choose(unguarded, now))
        learned = proving.of_offers(self._engine, self._settings, self.store, self.list(), now)
        box = guarding.guard_box(self._engine, self._settings, offered.offer, offered.customers, now, learned.lift,
                                 self._guarding.learnt(campaign.window_days, now, report))
        self.drawing.keep_boxed(campaign, stand, box, now)
        return box

    def results(self, name: str, now: datetime) -> CampaignResult:
        """What it brought beside those who by chance did not get it; raises `Refused` before it has begun."""
        return proving.result(self._engine, self._settings, self.store, self.get(name), now)

    def has_begun(self, name: str) -> bool:
        """Whether chance put anybody in an arm of it by now, so that results can be asked for."""
        return proving.has_begun(self.store, self.get(name))

    def brought_by_all(self, now: datetime) -> CampaignResult:
        """What all campaigns together brought, beside those held out from everything."""
        return proving.everything(self._engine, self._settings, self.store, now)

    def of_segment(self, name: str, now: datetime) -> History:
        """What the campaigns to a segment brought its people, one after the other; raises `NotFound`."""
        return proving.of_segment(self._engine, self._settings, self.store, self.list() if self.any else [],
                                  self._segments.get(name), now)

    def learned(self, now: datetime, what: str = "") -> Mapping[str, Sequence[Learned]]:
        """What campaigns of a kind brought together: by ``move``, ``offer``, ``channel``, ``goal``, or one of these."""
        return proving.by_kind(self._engine, self._settings, self.store, self.list(), now, what)

    @property
    def any(self) -> bool:
        """Whether there ever was one: nothing is made by asking."""
        return (self._folder / FILE).exists()

    def person(self, customer_id: str) -> dict[str, Any]:
        """What is known of somebody as it bears on messages; empty where they are no customer any more."""
        return choosing.person(self._engine, customer_id)

    def language_of(self, campaign_id: int, person: Mapping[str, Any]) -> str:
        """In which language a campaign speaks to somebody."""
        return self.composer(self._saved.by_id(campaign_id)).language_of(person)

    def ways(self, customer_id: str) -> dict[str, bool]:
        """Whether somebody agrees, to each way by which they could be reached."""
        return choosing.ways(self._engine, self.store, customer_id)

    def choose(self, delivery: int, said: Mapping[str, bool], now: datetime) -> None:
        """Keep what the person of a delivery wants, as they said it themself."""
        found = queue.by_ids(self.store, [delivery])
        if found:
            choosing.choose(self._engine, self.store, found[0], said, now)

    def bounces(self, now: datetime, reports: Sequence[bytes] | None = None) -> int:
        """What came back of e-mail: of these reports, else of the mailbox in its settings; how many said something.

        Without reports and without a mailbox nothing is done.
        """
        if reports is not None:
            return bounces.take(self.store, reports, now)
        said = kept.of_channel(self.store, self._folder, "email")
        return bounces.fetch(self.store, said, now) if said["imap_host"] else 0

    def redeem(self) -> int:
        """Look for single codes in orders; how many were redeemed anew."""
        return offers.redeem(self._engine, self.store, self._settings.zone)

    def settle(self, now: datetime) -> int:
        """Bring what came back into the facts; how many there were."""
        return settle_answers(self._engine, self._settings, self.store, now)

    def sender(self, clock: Callable[[], datetime], tell: Callable[[int], object] = lambda _: None) -> Sender:
        """What sends: to be driven by whoever has the time."""
        return Sender(Ground(self._engine, self.store, self._settings, self._folder, clock, self._template,
                             self._fields, self.begin_due, tell, self._freshness.require))

    def drive(self, clock: Callable[[], datetime], tell: Callable[[int], object] = lambda _: None) -> Sent:
        """Send whatever is due now; what was refused before is tried too."""
        self._schedule.forget()
        return self.sender(clock, tell).drive()

    def begin_due(self, now: datetime) -> None:
        """Begin the scheduled campaigns whose hour has come: see `Schedule`."""
        self._schedule.begin_due(now)

    def problems(self) -> Sequence[tuple[str, int, str]]:
        """What of all that was sent does not hold together: what, how many rows, an example."""
        return tuple(checking.problems(self.store)) if self.any else ()

    def _template(self, content: Mapping[str, Any], language: str, says: str) -> Template:
        written = "blocks" in content and says != NOTHING
        return BlockTemplate(content, language, self._settings, says=says) if written else Plain(content)

    def _fields(self, customers: Sequence[str], needs: frozenset[str], now: datetime,
                language: str) -> Mapping[str, dict[str, Any]]:
        return fields(self._engine, customers, needs, now, self._settings, language) if needs else {}

    def composer(self, campaign: Campaign, rules: Rules | None = None,
                 stay: Callable[[datetime], Set[str]] = lambda _: frozenset()) -> Composer:
        """What makes the parcels of a campaign, by these rules of the gate (the shop's, unless said); ``stay``: see
        `Composer`."""
        said = kept.of_channel(self.store, self._folder, campaign.channel)
        return Composer(self._engine, self.store, self._settings, rules or self.rules, find_channel(campaign.channel),
                        campaign, (self._template, self._fields), str(said.get("sender") or ""), stay)


__all__ = ["Campaigns", "Standing", "Variant"]
