"""From a draft to rows that are sent: who is in which arm is decided and kept, and each message gets its moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial

from regulars.engines.duckdb import DuckDBEngine
from regulars.errors import ContentRefused, Refused, RegularsError
from regulars.model.settings import Settings
from regulars.outreach import audience, queue
from regulars.outreach import settings as kept
from regulars.outreach.audience import MESSAGE, Audience, Chosen, WouldBuy
from regulars.outreach.campaign import DRAFT, SCHEDULED, SENDING, SENT, STEP, Campaign
from regulars.outreach.campaigns import Saved, state_said
from regulars.outreach.channels import channel as find_channel
from regulars.outreach.composing import people_of
from regulars.outreach.content.unseen import UNSEEN, unseen_pictures
from regulars.outreach.gate import Gate
from regulars.outreach.hours import best_hours
from regulars.outreach.queue import New
from regulars.outreach.refusals import why
from regulars.outreach.restored import RESTORED
from regulars.outreach.says import MAIL
from regulars.outreach.store import Store
from regulars.outreach.zones import AHEAD, at_hour, same_wall_clock, zone_of

Sendable = Callable[[str, datetime], object]
"""Raises where who is in a segment is not known as of now."""
Guarding = Callable[[Campaign, datetime], WouldBuy]
"""What the guard says of people for a campaign; asked only where it has an offer and leaves out."""


class Beginning:
    """Begins the campaigns of a shop. ``sendable`` is asked of every segment that decides who gets what, ``guarding``
    of every campaign that leaves out who would buy anyway."""

    def __init__(self, engine: DuckDBEngine, store: Store, settings: Settings, sendable: Sendable,
                 guarding: Guarding | None = None) -> None:
        self._engine = engine
        self._store = store
        self._settings = settings
        self._sendable = sendable
        self._guarding = guarding
        self._saved = Saved(store)

    def choose(self, campaign: Campaign, now: datetime, only: Sequence[str] | None = None) -> Audience:
        """Who would get it if it began now; nothing is kept. Raises `Refused` where a guard cannot tell."""
        would_buy = self._guarding(campaign, now) if self._guarding else None
        rules = kept.rules(self._store)
        gate = Gate(self._engine, self._store, find_channel(campaign.channel), rules, self._settings.country)
        return audience.choose(self._engine, self._store, campaign, gate, rules, now, would_buy, only)

    def begin(self, campaign: Campaign, now: datetime, chosen: Audience | None = None) -> Campaign:
        """Decide, keep, and queue: all or nothing. Raises `Refused`, `SegmentStale`, `SegmentFailed`. ``chosen``: who
        was drawn already, by whoever knows that nothing moved since.

        A step of an automation is open from then on, for whom it is handed; any other is refused where nobody gets it.
        """
        self.refuse_unfit(campaign, now)
        if campaign.kind == STEP:
            return self._saved.move(campaign, SENDING, of=[DRAFT], now=now)
        chosen = chosen or self.choose(campaign, now)
        if not chosen.of(MESSAGE):
            raise Refused(why("Nobody would get '{name}' now.", name=campaign.name),
                          hint=why("See who is left out, and why."), command="regulars campaign check")
        with self._store.writing():
            began = self._saved.move(campaign, SENDING, of=[DRAFT, SCHEDULED], now=now)
            audience.keep(self._store, campaign, chosen.rows, now)
            self._queue(campaign, chosen.of(MESSAGE), now)
            if not chosen.of(MESSAGE):
                return self._saved.move(campaign, SENT, of=[SENDING], now=now)
        return began

    def refuse_unfit(self, campaign: Campaign, now: datetime) -> None:
        """Raises where it cannot be sent: no people, no message, nobody knows who is in a segment, or its readers would
        not see a picture of it (`ContentRefused`, after all else)."""
        for error in self.unfit(campaign, now):
            raise error

    def unfit(self, campaign: Campaign, now: datetime) -> Iterator[RegularsError]:
        """All that keeps it from being sent, each as it is raised by `refuse_unfit`, the first that is told first."""
        for ask in (self._refuse_unready, partial(self.ask_segments, now=now), self._refuse_without_a_line,
                    self._refuse_without_a_way_out, self._refuse_unseen):
            try:
                ask(campaign)
            except RegularsError as error:
                yield error

    def _refuse_unready(self, campaign: Campaign) -> None:
        if campaign.state not in (DRAFT, SCHEDULED):
            raise Refused(why("'{name}' is {state}.", name=campaign.name, state=state_said(campaign.state)))
        if campaign.why == RESTORED and campaign.state == DRAFT:
            raise Refused(why("'{name}' may have been sent after the backup was made that this shop was brought back "
                              "from.", name=campaign.name),
                          hint=why("Ask those it is for, or whoever carries the messages; where it was not, go on."),
                          command=f"regulars campaign resume {campaign.name!r}")
        if not campaign.segments and campaign.kind != STEP:
            raise Refused(why("'{name}' is for nobody yet.", name=campaign.name), hint=why("Choose a segment."))
        if not campaign.variants:
            raise Refused(why("'{name}' has no message yet.", name=campaign.name), hint=why("Write one."))

    def ask_segments(self, campaign: Campaign, now: datetime) -> None:
        """Raises `SegmentStale`, `SegmentFailed` or `UnknownName` where who is in one of its segments is not known."""
        for segment in audience.segments_of(campaign):
            self._sendable(segment, now)

    def _refuse_without_a_line(self, campaign: Campaign) -> None:
        channel, folder = find_channel(campaign.channel), self._store.path.parent
        channel.open(kept.of_channel(self._store, folder, channel.name), folder)

    def _refuse_without_a_way_out(self, campaign: Campaign) -> None:
        channel = find_channel(campaign.channel)
        if channel.address == "email" and not kept.rules(self._store).public_address:
            raise Refused(why("Nobody could unsubscribe: the shop's pages have no address that people can reach."),
                          hint=why("Say where they are."),
                          command="regulars campaign settings gate --set public_address=https://…",
                          settings=kept.GATE)

    def _refuse_unseen(self, campaign: Campaign) -> None:
        address, folder = kept.rules(self._store).public_address, self._store.path.parent
        for variant in campaign.variants if find_channel(campaign.channel).says == MAIL else ():
            for _, place in unseen_pictures(variant.content, self._settings.language, folder, address):
                raise ContentRefused(UNSEEN, block=place)

    def hand_to(self, campaign: Campaign, customers: Sequence[str], occasion: str, due_at: datetime,
                now: datetime) -> int:
        """A step of an automation for these people, each once for an occasion; how many get it.

        Who is in the control group is so at every occasion; who may not be written to is written down with the reason.
        """
        chosen = self.choose(campaign, now, only=customers)
        arms = {row.customer_id: row.arm for row in self.kept_rows(campaign, customers)}
        going = [r for r in chosen.rows if not r.left_out and arms.get(r.customer_id, r.arm) == MESSAGE]
        with self._store.writing():
            audience.keep(self._store, campaign, chosen.rows, now)
            return queue.enqueue(self._store, campaign.id, campaign.channel, [
                New(r.customer_id, r.variant, due_at, r.address, occasion) for r in going], now)

    def kept_rows(self, campaign: Campaign, customers: Sequence[str]) -> list[Chosen]:
        """What was decided of these people before, those aside who were only left out then."""
        known = audience.kept(self._store, campaign)
        wanted = set(customers)
        return [r for r in known.rows if r.customer_id in wanted and r.arm] if known else []

    def _queue(self, campaign: Campaign, chosen: Sequence[Chosen], now: datetime) -> None:
        due = self._due(campaign, [r.customer_id for r in chosen], now)
        queue.enqueue(self._store, campaign.id, campaign.channel, [
            New(r.customer_id, r.variant, due[r.customer_id], r.address) for r in chosen], now)

    def _due(self, campaign: Campaign, customers: Sequence[str], now: datetime) -> dict[str, datetime]:
        """When each gets theirs: never before now."""
        at = campaign.scheduled_at or now
        if not (campaign.local or campaign.best_hour):
            return dict.fromkeys(customers, max(at, now))
        people = people_of(self._engine, customers)
        zones = {who: zone_of(people[who], self._settings) for who in customers}
        shop = self._settings.zone
        if campaign.best_hour:
            hours = best_hours(self._engine, zones, kept.rules(self._store), now)
            return {who: max(at_hour(at, shop, zones[who], hours[who]), now) for who in customers}
        return {who: max(same_wall_clock(at, shop, zones[who]), now) for who in customers}


def begins_at(campaign: Campaign, settings: Settings) -> datetime | None:
    """When the first of a scheduled campaign may go: by the clock that is furthest ahead where it is each one's own."""
    if campaign.scheduled_at is None or not (campaign.local or campaign.best_hour):
        return campaign.scheduled_at
    offset = campaign.scheduled_at.replace(tzinfo=settings.zone).utcoffset() or timedelta()
    first = campaign.scheduled_at - (AHEAD - offset)
    return first - timedelta(hours=24) if campaign.best_hour else first
