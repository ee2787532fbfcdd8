"""Telling other programs who entered and left: signed, in order for each customer, until it is acknowledged.

Changes are written down as rows first, each with its lease; whoever receives may be told twice and never not at all.
The headers are those of https://www.standardwebhooks.com, for which there are libraries in most languages.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import threading
import time
from collections import Counter
from concurrent.futures import ALL_COMPLETED, FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta

from django.db import close_old_connections, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from regulars.app.facts import OpenFacts, the_shop
from regulars.app.live.connections import SECRET
from regulars.app.live.models import DEAD, LOST, SENT, WAITING, Delivery, Outgoing
from regulars.engines.duckdb import DuckDBEngine
from regulars.errors import RegularsError
from regulars.outreach.channels.posting import post
from regulars.segments import changes
from regulars.segments.changes import Change, Lost

log = logging.getLogger("regulars.app.live")
LOOKED_EVERY, SOON = 1.0, 0.1
AT_ONCE = 4
"""Tries side by side of one address."""
MOST_AT_ONCE = 64
WRITTEN_AT_ONCE = 500
ENDING = 2.0
LEASE = timedelta(seconds=60)
PAUSES = tuple(timedelta(seconds=s) for s in (5, 30, 120, 600, 1800, 7200, 18000, 36000))
"""After each try in vain; after the last it is given up."""
KEPT = timedelta(days=30)
SLACK = timedelta(seconds=5)


class Sending:
    """A thread that writes changes down as deliveries and sends those that are due, until `close`."""

    def __init__(self, facts: OpenFacts, every: float = LOOKED_EVERY) -> None:
        self._facts = facts
        self._every = every
        self._ending = threading.Event()
        self._last: datetime | None = None
        self._pool = ThreadPoolExecutor(MOST_AT_ONCE, "live-sending")
        self._under_way = UnderWay(self._pool)
        self._thread = threading.Thread(target=self._run, name="live-sending", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """What is under way may end, or is sent again by the next process."""
        self._ending.set()
        self._thread.join(2 * ENDING)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _run(self) -> None:
        while not self._ending.wait(SOON if self._under_way else self._every):
            try:
                close_old_connections()
                self._look_at_the_clock(timezone.now())
                write_down(self._facts)
                self._send(time.monotonic() + self._every)
            except (RegularsError, KeyboardInterrupt) as error:
                log.warning("webhooks wait: %s", error)
            except Exception:
                log.exception("sending webhooks failed")
        self._under_way.end(ENDING, everything=True)
        close_old_connections()

    def _send(self, until: float) -> None:
        """Send while there is something due, or under way until then."""
        while not self._ending.is_set() and (self._under_way.begin() or self._under_way):
            self._under_way.end(max(0.0, until - time.monotonic()))
            if time.monotonic() >= until:
                return

    def _look_at_the_clock(self, now: datetime) -> None:
        """At the start, and where the clock was set back since the look before."""
        if self._last is None or now < self._last:
            self._under_way.end(everything=True)
            set_right(now)
        self._last = now


_opened: list[Sending] = []


def open_sending(facts: OpenFacts) -> None:
    """Begin to tell other programs of changes."""
    _opened.append(Sending(facts))


def close_sending() -> None:
    while _opened:
        _opened.pop().close()


def write_down(facts: OpenFacts) -> int:
    """Deliveries for the changes that each address was not told of yet; how many."""
    count = 0
    for each in Outgoing.objects.filter(withdrawn_at=None):
        found = _untold(facts.shop().engine, each, timezone.now())
        if not found:
            continue
        with transaction.atomic():
            Delivery.objects.bulk_create(found, ignore_conflicts=True)
            Outgoing.objects.filter(pk=each.pk).update(cursor=found[-1].seq)
        count += len(found)
    return count


def _untold(engine: DuckDBEngine, outgoing: Outgoing, now: datetime) -> list[Delivery]:
    """What an address is to be told next, in the order of its numbers: changes, and that the shop was brought back."""
    found = changes.since(engine, outgoing.cursor, WRITTEN_AT_ONCE, outgoing.segments)
    told = [(c.seq, c.customer_id, body(outgoing, c)) for c in found]
    upto = found[-1].seq if len(found) == WRITTEN_AT_ONCE else None
    told += [(lost.seq, "", body_of_lost(outgoing, lost, now)) for lost in changes.lost_since(engine, outgoing.cursor)
             if upto is None or lost.seq < upto]  # fmt: skip
    return [Delivery(outgoing=outgoing, seq=seq, customer_id=who, body=text, due_at=now)
            for seq, who, text in sorted(told)]  # fmt: skip


def body(outgoing: Outgoing, change: Change) -> str:
    """What is sent; its ``id`` is the same at each try."""
    return json.dumps({
        "id": f"{outgoing.pk}-{change.seq}", "type": f"segment.{change.what}", "segment": change.segment,
        "customer_id": change.customer_id, "at": _iso(change.at), "noticed_at": _iso(change.noticed_at),
        "why": change.why, "seq": change.seq}, ensure_ascii=False)  # fmt: skip


def body_of_lost(outgoing: Outgoing, lost: Lost, now: datetime) -> str:
    """What is sent where the shop was brought back from a backup: who is in is to be read anew."""
    return json.dumps({"id": f"{outgoing.pk}-{lost.seq}", "type": LOST, "after": lost.after,
                       "at": _iso(now.replace(tzinfo=None)), "seq": lost.seq})  # fmt: skip


def _iso(moment: datetime) -> str:
    return moment.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")


def due(now: datetime) -> QuerySet[Delivery]:
    """What may be sent now: of each address and customer only the oldest that is not through."""
    before = Delivery.objects.filter(
        outgoing=OuterRef("outgoing"), customer_id=OuterRef("customer_id"), state=WAITING, seq__lt=OuterRef("seq")
    )
    return Delivery.objects.filter(
        Q(leased_until=None) | Q(leased_until__lt=now), ~Exists(before), state=WAITING, due_at__lte=now
    )


def set_right(now: datetime) -> None:
    """Where the clock was set back, nothing waits longer than its own pause, and no lease lasts longer than a lease.

    Asked while nothing is under way.
    """
    waiting = Delivery.objects.filter(state=WAITING)
    for tries, pause in enumerate((timedelta(), *PAUSES)):
        waiting.filter(tries=tries, due_at__gt=now + pause + SLACK).update(due_at=now + pause)
    waiting.filter(leased_until__gt=now + LEASE + SLACK).update(leased_until=None)


class UnderWay:
    """The deliveries that are being tried, a few of each address side by side: one that never answers holds up no
    other. The store is asked by one thread alone."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool
        self._tries: dict[Future[tuple[int, str]], Delivery] = {}

    def __bool__(self) -> bool:
        return bool(self._tries)

    def begin(self) -> int:
        """Try what is due, as far as its address has room; how many that are."""
        now, busy = timezone.now(), Counter(d.outgoing_id for d in self._tries.values())
        claimed = [
            d for each in Outgoing.objects.filter(withdrawn_at=None) for d in claim(each, AT_ONCE - busy[each.pk], now)
        ]
        own_network = the_shop().settings.webhooks_to_own_network if claimed else False
        self._tries |= {self._pool.submit(deliver, d, own_network): d for d in claimed}
        if not self._tries:
            Delivery.objects.filter(state=SENT, ended_at__lt=now - KEPT).delete()
        return len(claimed)

    def end(self, seconds: float | None = None, *, everything: bool = False) -> None:
        """Wait until one of them, or ``everything``, is through, at most so long, and write down how those ended."""
        done, _ = wait(self._tries, seconds, ALL_COMPLETED if everything else FIRST_COMPLETED)
        for each in done:
            settle(self._tries.pop(each), *each.result())


def claim(outgoing: Outgoing, most: int, now: datetime) -> list[Delivery]:
    """Up to ``most`` deliveries of an address that are due, which nobody else tries meanwhile."""
    found = due(now).filter(outgoing=outgoing).order_by("due_at", "seq")[:most] if most > 0 else []
    free = Delivery.objects.filter(Q(leased_until=None) | Q(leased_until__lt=now), state=WAITING)
    claimed = [d for d in found if free.filter(pk=d.pk).update(leased_until=now + LEASE)]
    for each in claimed:
        each.outgoing = outgoing
    return claimed


def drive(pool: ThreadPoolExecutor) -> int:
    """Send a few of those that are due, side by side; how many were."""
    under_way = UnderWay(pool)
    count = under_way.begin()
    under_way.end(everything=True)
    return count


def deliver(delivery: Delivery, own_network: bool) -> tuple[int, str]:
    """The status that was answered, 0 where none was, and what was said; ``own_network`` as `post` has it."""
    text = delivery.body.encode()
    try:
        signed = headers(delivery, text, timezone.now())
        return post(delivery.outgoing.url, text, signed, own_network=own_network)
    except Exception as error:  # one delivery that cannot be tried keeps no other from being settled
        log.exception("a webhook could not be tried")
        return 0, type(error).__name__


def headers(delivery: Delivery, text: bytes, now: datetime) -> dict[str, str]:
    """Id, moment and signature: HMAC-SHA256 of ``id.moment.body`` with the secret's bytes, in base64."""
    number, moment = f"{delivery.outgoing_id}-{delivery.seq}", str(int(now.timestamp()))
    key = base64.b64decode(delivery.outgoing.secret.removeprefix(SECRET))
    made = hmac.new(key, f"{number}.{moment}.".encode() + text, hashlib.sha256).digest()
    return {"Content-Type": "application/json", "User-Agent": "Regulars", "webhook-id": number,
            "webhook-timestamp": moment, "webhook-signature": f"v1,{base64.b64encode(made).decode()}"}  # fmt: skip


def settle(delivery: Delivery, status: int, said: str) -> None:
    """Write down how a try ended."""
    now, row = timezone.now(), Delivery.objects.filter(pk=delivery.pk, state=WAITING)
    if 200 <= status < 300:
        row.update(state=SENT, tries=F("tries") + 1, said=said[:300], leased_until=None, ended_at=now)
    elif delivery.tries >= len(PAUSES):
        row.update(state=DEAD, tries=F("tries") + 1, said=said[:300], leased_until=None, ended_at=now)
    else:
        row.update(tries=F("tries") + 1, said=said[:300], leased_until=None, due_at=now + PAUSES[delivery.tries])
