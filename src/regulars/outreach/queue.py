"""Deliveries: a row each, claimed by a run of the sender, marked before it is handed over, settled by what was said.

Who holds a claim is alive as long as its process has the shop's facts open, which is one process at a time: so a claim
of a run that this process does not know is that of a dead one, and no clock has to decide it.

A claim is on disk before anything of it is sent; the mark before each message outlives the process, and is on disk with
the next claim. After a kill only what was marked is unknown; after a loss of power (another boot) all that was claimed.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from regulars.outreach import states
from regulars.outreach.channels import way
from regulars.outreach.channels.base import Receipt
from regulars.outreach.reasons import BOUNCED, STOPPED
from regulars.outreach.states import listed
from regulars.outreach.store import Row, Store, moment_of, text_of
from regulars.outreach.suppression import suppress

BOOT = Path("/proc/sys/kernel/random/boot_id")
TOLD = {states.SENT: "sent", states.BOUNCED_HARD: "bounced"}
"""What becomes a fact of the customer, by the state."""
PAUSES = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 720))
"""After each try in vain; after the last it is given up."""
COLUMNS = ("id, campaign_id, customer_id, occasion, variant, channel, address, domain, state, reason, due_at, tries, "
           "sent_at")
_alive: set[str] = set()
"""Runs of the sender in this process."""


@dataclass(frozen=True)
class Delivery:
    """One message for one person, and where it stands."""

    id: int
    campaign_id: int
    customer_id: str
    occasion: str
    variant: str
    channel: str
    address: str
    domain: str
    state: str
    reason: str
    due_at: datetime
    tries: int
    sent_at: datetime | None


@dataclass(frozen=True)
class New:
    """A delivery to be written down; ``address`` is that of now."""

    customer_id: str
    variant: str
    due_at: datetime
    address: str = ""
    occasion: str = ""


def enqueue(store: Store, campaign_id: int, channel: str, new: Iterable[New], now: datetime) -> int:
    """Write them down, each person of a campaign and occasion once; how many were new."""
    rows = [(campaign_id, n.customer_id, n.occasion, n.variant, channel, n.address, domain_of(n.address),
             states.QUEUED, text_of(n.due_at), text_of(now)) for n in new]
    with store.writing() as c:
        before = c.total_changes
        c.executemany(
            "INSERT OR IGNORE INTO deliveries (campaign_id, customer_id, occasion, variant, channel, address, domain, "
            "state, due_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        return c.total_changes - before


def domain_of(address: str) -> str:
    """The receiving domain of an e-mail address, "" of anything else."""
    return address.rpartition("@")[2].lower() if "@" in address else ""


@contextmanager
def run() -> Iterator[str]:
    """A run of the sender: its name stands in what it claims."""
    name = f"{boot()}/{uuid.uuid4().hex}"
    _alive.add(name)
    try:
        yield name
    finally:
        _alive.discard(name)


def boot() -> str:
    """Which start of the machine this is, "" where it does not say."""
    try:
        return BOOT.read_text(encoding="ascii").strip()
    except OSError:
        return ""


def recover(store: Store, now: datetime) -> int:
    """Settle what runs that are no more had claimed: how many are unknown now, the rest waits again."""
    claims = [c for (c,) in store.rows("SELECT DISTINCT claim FROM deliveries WHERE claim IS NOT NULL")]
    unknown = 0
    for claim in claims:
        if claim not in _alive:
            unknown += _give_up(store, claim, now)
    return unknown


def _give_up(store: Store, claim: str, now: datetime) -> int:
    """As the run left it. Of another boot the marks may be lost, and any of it may have gone out."""
    here = boot()
    same_boot = bool(here) and claim.partition("/")[0] == here
    doubtful = (states.SENDING,) if same_boot else states.OPEN
    with store.writing() as c:
        count = c.execute(
            f"UPDATE deliveries SET state = '{states.UNKNOWN}', claim = NULL, sent_at = coalesce(sent_at, updated_at), "
            f"updated_at = ? WHERE claim = ? AND state IN ({listed(doubtful)})", [text_of(now), claim]).rowcount
        c.execute("UPDATE deliveries SET claim = NULL WHERE claim = ?", [claim])
    return count


def claim(store: Store, run: str, now: datetime, most: int, *, channel: str = "",
          not_to: Sequence[str] = ()) -> list[Delivery]:
    """The next that are due, of campaigns that are being sent, leased to this run and on disk.

    ``not_to``: receiving domains that have had enough for the moment.
    """
    domains = ", ".join("?" for _ in not_to)
    held = f"AND d.domain NOT IN ({domains}) " if not_to else ""
    kind = "AND d.channel = ? " if channel else ""
    with store.writing() as c:
        ids = [i for (i,) in c.execute(
            f"SELECT d.id FROM deliveries d JOIN campaigns k ON k.id = d.campaign_id WHERE d.state IN "
            f"({listed(states.WAITING)}) AND d.due_at <= ? AND d.claim IS NULL AND k.state = 'sending' {held}{kind}"
            "ORDER BY d.due_at, d.id LIMIT ?", [text_of(now), *not_to, *([channel] if channel else []), most])]
        c.executemany("UPDATE deliveries SET claim = ? WHERE id = ?", [(run, i) for i in ids])
    return by_ids(store, ids)


def by_ids(store: Store, ids: Sequence[int]) -> list[Delivery]:
    """These, in this order."""
    marks = ", ".join("?" for _ in ids)
    found = {row[0]: _read(row) for row in store.rows(f"SELECT {COLUMNS} FROM deliveries WHERE id IN ({marks})", ids)}
    return [found[i] for i in ids if i in found]


def _read(row: Row) -> Delivery:
    due_at, tries, sent_at = row[10:]
    made = (*row[:10], datetime.fromisoformat(due_at), tries, moment_of(sent_at))
    return Delivery(*made)


def release(store: Store, run: str, ids: Sequence[int], due_at: datetime | None = None) -> None:
    """Give claimed ones back that were not handed over, to be taken up later."""
    with store.writing(durable=False) as c:
        c.executemany("UPDATE deliveries SET claim = NULL, due_at = coalesce(?, due_at) WHERE id = ? AND claim = ? "
                      f"AND state IN ({listed(states.WAITING)})",
                      [(text_of(due_at) if due_at else None, i, run) for i in ids])


def leave_out(store: Store, run: str, why: Sequence[tuple[int, str]], now: datetime) -> None:
    """Those who may not get it after all, each with the reason."""
    with store.writing() as c:
        c.executemany(f"UPDATE deliveries SET state = '{states.LEFT_OUT}', reason = ?, claim = NULL, updated_at = ? "
                      f"WHERE id = ? AND claim = ? AND state IN ({listed(states.WAITING)})",
                      [(reason, text_of(now), i, run) for i, reason in why])


def settle(store: Store, receipts: Sequence[Receipt], now: datetime) -> None:
    """What was said of each: after a temporary error it waits, each time longer, and after the last is given up."""
    with store.writing(durable=False) as c:
        for each in receipts:
            tries = c.execute("SELECT tries FROM deliveries WHERE id = ?", [each.delivery]).fetchone()[0]
            state, due = each.state, None
            if state == states.FAILED_TEMPORARY:
                state, due = _after(tries, now)
            went = each.state in states.WENT_OUT
            c.execute(f"UPDATE deliveries SET state = ?, reason = ?, claim = NULL, tries = tries + 1, updated_at = ?, "
                      "sent_at = CASE WHEN ? THEN sent_at END, due_at = coalesce(?, due_at) WHERE id = ? AND "
                      f"state = '{states.SENDING}'",
                      [state, each.said[:300], text_of(now), went, due and text_of(due), each.delivery])
            if state in TOLD:
                c.execute("INSERT INTO responses (delivery_id, kind, at) VALUES (?, ?, ?)",
                          [each.delivery, TOLD[state], text_of(now)])
            if state == states.BOUNCED_HARD:
                _cannot_be_reached(store, each.delivery, now)


def _cannot_be_reached(store: Store, delivery: int, now: datetime) -> None:
    channel, customer_id, address = store.rows("SELECT channel, customer_id, address FROM deliveries WHERE id = ?",
                                               [delivery])[0]
    suppress(store, way(channel), customer_id, address, BOUNCED, now)


def take_back(store: Store, run: str, ids: Sequence[int]) -> None:
    """Marked, and not handed over after all: they wait again as before."""
    with store.writing() as c:
        c.executemany(f"UPDATE deliveries SET state = CASE WHEN tries = 0 THEN '{states.QUEUED}' ELSE "
                      f"'{states.FAILED_TEMPORARY}' END, claim = NULL, sent_at = NULL WHERE id = ? AND claim = ? AND "
                      f"state = '{states.SENDING}'", [(i, run) for i in ids])


def _after(tries: int, now: datetime) -> tuple[str, datetime | None]:
    if tries < len(PAUSES):
        return states.FAILED_TEMPORARY, now + PAUSES[tries]
    return states.BOUNCED_SOFT, None


def cancel(store: Store, campaign_id: int, customers: Sequence[str], reason: str, now: datetime,
           occasion: str | None = None) -> int:
    """What still waits for these people is not sent; how many that were."""
    here = "AND occasion = ?" if occasion is not None else ""
    with store.writing() as c:
        before = c.total_changes
        c.executemany(f"UPDATE deliveries SET state = '{states.LEFT_OUT}', reason = ?, claim = NULL, updated_at = ? "
                      f"WHERE campaign_id = ? AND customer_id = ? AND state IN ({listed(states.WAITING)}) {here}",
                      [(reason, text_of(now), campaign_id, each, *([occasion] if here else [])) for each in customers])
        return c.total_changes - before


def stop(store: Store, campaign_id: int, now: datetime) -> int:
    """Whatever of a campaign still waits is stopped for good; how many that were."""
    with store.writing() as c:
        return c.execute(f"UPDATE deliveries SET state = '{states.STOPPED}', reason = ?, claim = NULL, updated_at = ? "
                         f"WHERE campaign_id = ? AND state IN ({listed(states.WAITING)})",
                         [STOPPED, text_of(now), campaign_id]).rowcount


def counts(store: Store, campaign_id: int) -> dict[str, int]:
    """How many deliveries of a campaign stand where; states without any are left out."""
    return dict(store.rows("SELECT state, count(*) FROM deliveries WHERE campaign_id = ? GROUP BY state",
                           [campaign_id]))


def of_campaign(store: Store, campaign_id: int, *, state: str = "", after: int = 0, most: int = 100) -> list[Delivery]:
    """Those after an id, by id, of one state or all."""
    return [_read(row) for row in store.rows(
        f"SELECT {COLUMNS} FROM deliveries WHERE campaign_id = ? AND id > ? AND (? = '' OR state = ?) "
        "ORDER BY id LIMIT ?", [campaign_id, after, state, state, most])]


def settle_unknown(store: Store, campaign_id: int, *, again: bool, now: datetime) -> int:
    """A person has found out: the unknown ones were sent, or are to be sent again; how many there were."""
    to = states.QUEUED if again else states.SENT
    with store.writing() as c:
        if not again:
            c.execute("INSERT INTO responses (delivery_id, kind, at) SELECT id, 'sent', coalesce(sent_at, ?) FROM "
                      f"deliveries WHERE campaign_id = ? AND state = '{states.UNKNOWN}'", [text_of(now), campaign_id])
        return c.execute(f"UPDATE deliveries SET state = ?, updated_at = ?, due_at = CASE WHEN ? THEN ? ELSE due_at "
                         "END, sent_at = CASE WHEN ? THEN NULL ELSE sent_at END WHERE campaign_id = ? AND "
                         f"state = '{states.UNKNOWN}'",
                         [to, text_of(now), again, text_of(now), again, campaign_id]).rowcount
