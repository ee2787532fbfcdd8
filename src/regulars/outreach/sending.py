"""The sender: claims what is due, composes it, hands it over, and goes on until nothing more is due.

Run it anywhere, kill it anywhere: what it was about to hand over is unknown, everything else is sent by the next run.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from regulars.engines.duckdb import DuckDBEngine
from regulars.errors import Refused
from regulars.model.phrases import as_text
from regulars.model.settings import Settings
from regulars.outreach import queue, states
from regulars.outreach import settings as kept
from regulars.outreach.campaign import ONCE, PAUSED, SENDING, SENT, Campaign
from regulars.outreach.campaigns import Saved
from regulars.outreach.channels import channel as find_channel
from regulars.outreach.composing import Composer, FindFields, MakeTemplate
from regulars.outreach.handing import Clock, Handed, Hands, lines_of
from regulars.outreach.pace import Pace
from regulars.outreach.queue import Delivery
from regulars.outreach.settings import Rules
from regulars.outreach.states import listed
from regulars.outreach.store import Store
from regulars.outreach.zones import quiet_until

BATCH = 400
LINE_PAUSES = (2.0, 5.0, 15.0, 30.0)
"""Seconds after a line that went down, before it is tried again; after the last the campaign is paused."""
NAP = 0.2
QUIET = ("email", "sms", "phone")
"""Channels by whose consent people are woken."""


@dataclass(frozen=True)
class Sent:
    """``handed`` were handed over by this run, ``unknown`` were under way when an earlier one died.

    ``next_due``: when there is more to do, None where nothing waits.
    """

    handed: int
    unknown: int
    next_due: datetime | None


@dataclass(frozen=True)
class Ground:
    """What the sender stands on. ``tick`` is called between batches: to begin what was scheduled, say. ``ask`` raises
    `Refused` where it is not known any more who is in the segments of a campaign: it is paused then."""

    engine: DuckDBEngine
    store: Store
    settings: Settings
    folder: Path
    clock: Clock
    make_template: MakeTemplate
    find_fields: FindFields
    tick: Callable[[datetime], object] = lambda _: None
    tell: Callable[[int], object] = lambda _: None
    ask: Callable[[Campaign, datetime], object] = lambda _campaign, _now: None


class Sender:
    """One run at a time in a process; `stop` ends it from another thread, between two messages.

    ``resting``: the channels whose line went down and is tried again in a moment, each with what the other side said.
    """

    def __init__(self, ground: Ground) -> None:
        self._g = ground
        self._saved = Saved(ground.store)
        self._ending = threading.Event()
        self._hands: dict[str, Hands] = {}
        self._down: dict[str, int] = {}
        self.resting: dict[str, str] = {}
        self._composers: dict[tuple[int, int], Composer] = {}
        self._handed = 0

    def stop(self) -> None:
        self._ending.set()
        for hands in list(self._hands.values()):
            hands.stop()

    def drive(self) -> Sent:
        """Send whatever is due; raises what no line could go on with. Another run waits until this one is through."""
        with _driving, queue.run() as run:
            unknown = queue.recover(self._g.store, self._g.clock())
            try:
                while not self._ending.is_set() and self._round(run):
                    pass
            except BaseException:
                self.stop()
                raise
            finally:
                self._finish()
        self._g.tick(self._g.clock())
        self._end_campaigns()
        return Sent(self._handed, unknown, self.next_due())

    def _round(self, run: str) -> bool:
        """One batch; whether there was any."""
        now = self._g.clock()
        self._g.tick(now)
        batch = self._claim(run, now)
        for number, those in _by_campaign(batch).items():
            self._send(run, self._saved.by_id(number), those, now)
        if not batch:
            self._finish()
            batch = self._claim(run, self._g.clock())
            queue.release(self._g.store, run, [d.id for d in batch])
        self._tell()
        return bool(batch)

    def _claim(self, run: str, now: datetime) -> list[Delivery]:
        full = [d for hands in self._hands.values() for d in hands.pace.full(now)]
        return queue.claim(self._g.store, run, now, BATCH, not_to=full)

    def _send(self, run: str, campaign: Campaign, batch: Sequence[Delivery], now: datetime) -> None:
        try:
            self._g.ask(campaign, now)
            hands = self._hands_of(run, campaign.channel, now)
            composer = self._composer(campaign)
            zones = self._zones(campaign, composer, batch)
            going = self._not_in_the_night(run, zones, batch, now)
            ready, out = composer.compose(going, now)
        except Refused as error:
            self._pause(run, campaign, batch, as_text(error))
            return
        queue.leave_out(self._g.store, run, out, now)
        hands.put([Handed(each, composer, zones.get(each.delivery.customer_id)) for each in ready])
        hands.wait(max(BATCH // hands.at_once, 2), self._tell)
        if hands.down and (trouble := self._end_hands(campaign.channel)):
            raise trouble

    def _zones(self, campaign: Campaign, composer: Composer, batch: Sequence[Delivery]) -> dict[str, ZoneInfo]:
        """Whose clock is asked for the night: nobody's by a channel that wakes nobody."""
        if not keeps_the_night(campaign.channel, kept.rules(self._g.store)):
            return {}
        return composer.zones([d.customer_id for d in batch])

    def _not_in_the_night(self, run: str, zones: Mapping[str, ZoneInfo], batch: Sequence[Delivery],
                          now: datetime) -> list[Delivery]:
        """Without those for whom it is night: they come up again in the morning of their clock."""
        if not zones:
            return list(batch)
        rules = kept.rules(self._g.store)
        ends = {d.id: quiet_until(now, zones[d.customer_id], rules) for d in batch}
        for end in {e for e in ends.values() if e}:
            queue.release(self._g.store, run, [i for i, e in ends.items() if e == end], end)
        return [d for d in batch if ends[d.id] is None]

    def _hands_of(self, run: str, name: str, now: datetime) -> Hands:
        if name not in self._hands:
            channel, said = find_channel(name), kept.of_channel(self._g.store, self._g.folder, name)
            channel.open(said, self._g.folder)  # what is missing is said before anything is composed
            pace = Pace(float(said.get("per_second") or 0), int(said.get("domain_per_minute") or 0), self._g.store, now,
                        name)
            self._hands[name] = Hands(self._g.engine, self._g.store, channel, kept.rules(self._g.store), run,
                                      self._g.clock, pace, lambda: channel.open(said, self._g.folder), lines_of(said))
        return self._hands[name]

    def _composer(self, campaign: Campaign) -> Composer:
        key = (campaign.id, campaign.version)
        if key not in self._composers:
            g, said = self._g, kept.of_channel(self._g.store, self._g.folder, campaign.channel)
            self._composers[key] = Composer(g.engine, g.store, g.settings, kept.rules(g.store),
                                            find_channel(campaign.channel), campaign,
                                            (g.make_template, g.find_fields), str(said.get("sender") or ""))
        return self._composers[key]

    def _pause(self, run: str, campaign: Campaign, batch: Sequence[Delivery], reason: str) -> None:
        queue.release(self._g.store, run, [d.id for d in batch])
        self._pause_by_itself(campaign, reason)

    def _pause_by_itself(self, campaign: Campaign, reason: str) -> None:
        """Where nobody has stopped it meanwhile."""
        with suppress(Refused):
            self._saved.move(campaign, PAUSED, of=[SENDING, PAUSED], now=self._g.clock(), reason=reason)

    def _end_hands(self, name: str) -> BaseException | None:
        """Wait until all that was put is through; what a line could not go on with. A line that is down rests."""
        hands = self._hands[name]
        # Whoever stops the run while it lasts must find these hands; and then nothing keeps them from ending.
        hands.finish(lambda: None if self._ending.is_set() else self._tell())
        del self._hands[name]
        self._handed += hands.settled
        self.resting.pop(name, None)
        if hands.down:
            self._line_is_down(name, hands.down, went=hands.settled > 0)
        return hands.trouble

    def _line_is_down(self, name: str, said: str, *, went: bool) -> None:
        """Rest, and longer each time; after the last, what waits for this channel is paused with what the other side
        said."""
        tries = 0 if went else self._down.get(name, 0)
        self._down[name] = tries + 1
        if tries < len(LINE_PAUSES):
            self.resting[name] = said
            self._ending.wait(LINE_PAUSES[tries])
            return
        for campaign in self._saved.list():
            if campaign.state == SENDING and campaign.channel == name and self._has(campaign, states.WAITING):
                self._pause_by_itself(campaign, said)

    def _finish(self) -> None:
        """Wait until all that was put is through, by every channel; then raise what one could not go on with."""
        troubles = [self._end_hands(name) for name in list(self._hands)]
        for trouble in filter(None, troubles):
            if not self._ending.is_set():
                raise trouble

    def _tell(self) -> None:
        self._g.tell(self._handed + sum(h.settled for h in self._hands.values()))

    def _end_campaigns(self) -> None:
        """What has nothing more to come is sent."""
        for campaign in self._saved.list():
            if campaign.state == SENDING and campaign.kind == ONCE and not self._has(campaign, states.OPEN):
                with suppress(Refused):
                    self._saved.move(campaign, SENT, of=[SENDING], now=self._g.clock())

    def _has(self, campaign: Campaign, of: tuple[str, ...]) -> bool:
        return bool(self._g.store.rows(
            f"SELECT 1 FROM deliveries WHERE campaign_id = ? AND state IN ({listed(of)}) LIMIT 1", [campaign.id]))

    def next_due(self) -> datetime | None:
        """When the next delivery of a campaign that is being sent may go."""
        return next_due(self._g.store)


_driving = threading.Lock()


def keeps_the_night(channel: str, rules: Rules) -> bool:
    """Whether there are quiet hours, and people would be woken by this channel."""
    return find_channel(channel).consent in QUIET and rules.quiet_from != rules.quiet_until


def next_due(store: Store, campaign: int | None = None) -> datetime | None:
    """When the next delivery of a campaign that is being sent may go, of one or of them all; None where nothing
    waits."""
    text = store.value(f"SELECT min(d.due_at) FROM deliveries d JOIN campaigns k ON k.id = d.campaign_id WHERE "
                       f"d.state IN ({listed(states.WAITING)}) AND k.state = 'sending' AND k.id = coalesce(?, k.id)",
                       [campaign])
    return datetime.fromisoformat(text) if text else None


def _by_campaign(batch: Sequence[Delivery]) -> Mapping[int, list[Delivery]]:
    found: dict[int, list[Delivery]] = {}
    for each in batch:
        found.setdefault(each.campaign_id, []).append(each)
    return found
