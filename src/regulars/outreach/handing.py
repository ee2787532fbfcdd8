"""Handing parcels over, one line a thread: marked, checked once more, sent, settled.

Between the mark and the receipt a parcel is in flight: after a kill it is unknown. Everything that could still forbid a
message is asked in the statement that marks it, or has moved the state of the facts on.
"""

from __future__ import annotations

import queue as queues
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from regulars.engines.duckdb import DuckDBEngine
from regulars.outreach import queue, states, suppression
from regulars.outreach.addresses import written
from regulars.outreach.channels import way
from regulars.outreach.channels.base import Channel, Line, LineDown, Receipt
from regulars.outreach.composing import Composer, Ready
from regulars.outreach.gate import Answer, cap_since, counted
from regulars.outreach.pace import Pace
from regulars.outreach.settings import Rules
from regulars.outreach.states import listed
from regulars.outreach.store import Store, text_of
from regulars.outreach.zones import quiet_until

NAP = 0.01
Clock = Callable[[], datetime]
MARK = f"""
UPDATE deliveries SET state = '{states.SENDING}', message_id = ?, address = ?, sent_at = ?, updated_at = ?
WHERE id = ? AND claim = ? AND state IN ({listed(states.WAITING)})
AND EXISTS (SELECT 1 FROM campaigns k WHERE k.id = deliveries.campaign_id AND k.state = 'sending' AND k.version = ?)
AND NOT EXISTS (SELECT 1 FROM suppressed s WHERE s.channel = ? AND s.mark IN (?, ?) AND s.at > ?)
AND (SELECT count(*) FROM deliveries o WHERE o.customer_id = deliveries.customer_id AND o.sent_at >= ?
     AND instr(?, ';' || o.channel || ';') > 0 AND o.id <> deliveries.id) < ?"""
"""Nobody else's, still to be sent, not paused, not written anew, not suppressed since the gate was asked, within the
cap."""


@dataclass(frozen=True)
class Handed:
    """A parcel on its way to a line, and whose composer made it. ``zone``: whose night it must not be, if anybody's."""

    ready: Ready
    composer: Composer
    zone: ZoneInfo | None = None


class Checks:
    """What is known of people in hand; asked again, for all of them at once, when the facts have moved on."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._known: dict[tuple[int, str], tuple[int, Answer]] = {}
        self._in_hand: dict[int, tuple[Composer, set[str]]] = {}

    def take(self, handed: Sequence[Handed]) -> None:
        with self._turn:
            for each in handed:
                delivery = each.ready.delivery
                people = self._in_hand.setdefault(delivery.campaign_id, (each.composer, set()))[1]
                people.add(delivery.customer_id)

    def drop(self, handed: Sequence[Handed]) -> None:
        with self._turn:
            for each in handed:
                key = (each.ready.delivery.campaign_id, each.ready.delivery.customer_id)
                self._in_hand[key[0]][1].discard(key[1])
                self._known.pop(key, None)

    def answer(self, handed: Handed, engine: DuckDBEngine, now: datetime) -> Answer | None:
        """What holds now; None where nothing has changed since it was composed."""
        version = engine.changes
        if version == handed.ready.version:
            return None
        key = (handed.ready.delivery.campaign_id, handed.ready.delivery.customer_id)
        with self._turn:
            known = self._known.get(key)
            if known is None or known[0] != version:
                composer, people = self._in_hand[key[0]]
                answers = composer.allowed(sorted(people | {key[1]}), now, engine)
                self._known |= {(key[0], who): (version, a) for who, a in answers.items()}
            return self._known[key][1]


class Hands:
    """One channel's lines, a thread each, fed by `put` and emptied by `finish`."""

    def __init__(self, engine: DuckDBEngine, store: Store, channel: Channel, rules: Rules, run: str, clock: Clock,
                 pace: Pace, open_line: Callable[[], Line], lines: int = 1) -> None:
        self._store, self._channel, self._rules = store, channel, rules
        self._run, self._clock, self.pace = run, clock, pace
        self._open_line = open_line
        self.at_once = channel.at_once
        self._checks = Checks()
        self._waiting: queues.Queue[list[Handed] | None] = queues.Queue()
        self._ending = threading.Event()
        self.trouble: BaseException | None = None
        self.down = ""
        self.settled = 0
        self._threads = [threading.Thread(target=self._work, args=(engine.cursor(),), name=f"{channel.name}-{n}",
                                          daemon=True) for n in range(max(1, lines))]
        for thread in self._threads:
            thread.start()

    def put(self, handed: Sequence[Handed]) -> None:
        """Have them handed over, as many together as the channel takes."""
        self._checks.take(handed)
        size = self._channel.at_once
        for i in range(0, len(handed), size):
            self._waiting.put(list(handed[i:i + size]))

    def wait(self, below: int, tell: Callable[[], object]) -> None:
        """Until fewer than ``below`` are waiting, or there is trouble; raises what a line could not go on with.

        ``tell`` is called meanwhile; what it raises ends the waiting.
        """
        while self._waiting.unfinished_tasks >= below and self.trouble is None and not self.down:
            tell()
            time.sleep(NAP)
        if self.trouble is not None:
            raise self.trouble

    def stop(self) -> None:
        """Lay down what was not handed over: between two messages."""
        self._ending.set()

    def finish(self, tell: Callable[[], object] = lambda: None) -> None:
        """End the lines when all is through, or laid down; ``tell`` as in `wait`."""
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            while thread.is_alive():
                thread.join(NAP)
                tell()

    def _work(self, engine: DuckDBEngine) -> None:
        """What it cannot go on with is kept in ``trouble``: whoever waits for the hands raises it."""
        receipts: list[Receipt] = []
        try:
            try:
                with self._open_line() as line:
                    while (handed := self._next(receipts)) is not None:
                        receipts = self._hand(line, handed, receipts, engine)
            finally:
                self._settle(receipts)
        except BaseException as error:
            self.trouble = self.trouble or error
        finally:
            engine.close()
            self._store.leave()

    def _next(self, receipts: list[Receipt]) -> list[Handed] | None:
        """The next to hand over; whatever was said of the last ones is settled while there is none."""
        try:
            return self._waiting.get_nowait()
        except queues.Empty:
            self._settle(receipts)
            receipts.clear()
            return self._waiting.get()

    def _hand(self, line: Line, handed: list[Handed], receipts: list[Receipt],
              engine: DuckDBEngine) -> list[Receipt]:
        try:
            going = [] if self._ending.is_set() or self.down else self._still_allowed(handed, engine)
            marked = self._mark(going, receipts)
            if len(marked) < len(handed):
                queue.release(self._store, self._run, [h.ready.delivery.id for h in handed])
            return self._deliver(line, marked)
        finally:
            self._checks.drop(handed)
            self._waiting.task_done()

    def _still_allowed(self, handed: list[Handed], engine: DuckDBEngine) -> list[Handed]:
        """Without whom the facts forbid by now; whose address is another one is composed anew.

        Asked after the wait for their turn, which may be long.
        """
        going = []
        for each in handed:
            if not self._in_pace(each, self._clock()):
                continue
            now = self._clock()
            answer = self._checks.answer(each, engine, now)
            if answer is not None and answer.reason:
                queue.leave_out(self._store, self._run, [(each.ready.delivery.id, answer.reason)], now)
            elif (answer is None or answer.address == each.ready.parcel.to) and not self._at_night(each, now):
                going.append(each)
        return going

    def _at_night(self, each: Handed, now: datetime) -> bool:
        """Whether it has become night for them since it was composed; it comes up again in the morning."""
        end = quiet_until(now, each.zone, self._rules) if each.zone else None
        if end:
            queue.release(self._store, self._run, [each.ready.delivery.id], end)
        return end is not None

    def _in_pace(self, each: Handed, now: datetime) -> bool:
        """Wait for its turn; where its domain has had enough it goes back, to come later."""
        wait = self.pace.take(each.ready.delivery.domain, now)
        if wait is None:
            queue.release(self._store, self._run, [each.ready.delivery.id],
                          self.pace.free_at(each.ready.delivery.domain, now))
            return False
        return not self._ending.wait(wait.total_seconds()) if wait else True

    def _mark(self, going: Sequence[Handed], receipts: list[Receipt]) -> list[Handed]:
        """Settle the last ones and mark these, in one step; those that may not go are left as they are."""
        now = self._clock()
        marked = []
        with self._store.writing(durable=False) as c:
            self._settle(receipts)
            receipts.clear()
            for each in going:
                if c.execute(MARK, self._parameters(each, now)).rowcount:
                    marked.append(each)
        return marked

    def _parameters(self, each: Handed, now: datetime) -> Sequence[Any]:
        d, p = each.ready.delivery, each.ready.parcel
        kind = suppression.ADDRESSES.get(self._channel.consent, "")
        own = written(kind, str(p.person.get(kind) or ""), p.person, "")
        marks = suppression.marks(self._store.seed, d.customer_id, p.to or own)
        return (p.message_id, p.to, text_of(now), text_of(now), d.id, self._run, each.composer.campaign.version,
                way(d.channel), *marks,
                each.ready.known_at, text_of(cap_since(self._rules, now)),
                f";{';'.join(counted(self._channel, self._rules))};", each.ready.left)

    def _deliver(self, line: Line, marked: Sequence[Handed]) -> list[Receipt]:
        if not marked:
            return []
        try:
            return line.deliver([h.ready.parcel for h in marked])
        except LineDown as error:
            self.down = str(error) or "down"
            queue.take_back(self._store, self._run, [h.ready.delivery.id for h in marked])
            return []

    def _settle(self, receipts: Sequence[Receipt]) -> None:
        if receipts:
            queue.settle(self._store, receipts, self._clock())
            self.settled += len(receipts)


def lines_of(settings: Mapping[str, Any]) -> int:
    """How many connections side by side a channel is to have."""
    return max(1, min(16, int(settings.get("connections") or 1)))
