"""Who is not to be written to any more, by whatever way: kept as digests, so that it outlives an erasure.

A person is suppressed by their id, and by the address they had: who comes back under another id with the same address
stays unsubscribed until they agree anew.
"""

from __future__ import annotations

import hashlib
import sqlite3
from datetime import datetime

from regulars.engines.duckdb import fold
from regulars.outreach.reasons import BOUNCED, COMPLAINED, UNSUBSCRIBED
from regulars.outreach.store import Store, text_of

ADDRESSES = {"email": "email", "sms": "phone", "phone": "phone"}
"""Whose address a consent is of: the column of customers."""
STRONGER = {BOUNCED: 0, UNSUBSCRIBED: 1, COMPLAINED: 2}


def mark(seed: str, kind: str, value: str) -> str:
    """A digest of an id ("customer") or an address ("address") that cannot be read back."""
    said = f"{kind}\x1f{fold(value) if kind == 'address' else value}"
    return hashlib.blake2b(said.encode(), digest_size=16, key=seed.encode()[:64]).hexdigest()


def marks(seed: str, customer_id: str, *addresses: str) -> tuple[str, ...]:
    """Of the person, and of each address ("" where there is none)."""
    return mark(seed, "customer", customer_id), *(mark(seed, "address", each) if each else "" for each in addresses)


def suppress(store: Store, channel: str, customer_id: str, address: str, reason: str, at: datetime) -> None:
    """Never again this way (see `channels.way`); a bounce is of the address alone. The graver reason stands."""
    of_person, of_address = marks(store.seed, customer_id, address)
    with store.writing() as c:
        for each in (of_address,) if reason == BOUNCED else (of_person, of_address):
            if each:
                _keep(c, channel, each, reason, at)


def _keep(c: sqlite3.Connection, channel: str, of: str, reason: str, at: datetime) -> None:
    """What is told late never makes what stands older: who agreed in between would seem to have done so since."""
    known = c.execute("SELECT reason, at FROM suppressed WHERE channel = ? AND mark = ?", [channel, of]).fetchone()
    if known is None or STRONGER.get(reason, 0) >= STRONGER.get(known[0], 0):
        c.execute("INSERT OR REPLACE INTO suppressed VALUES (?, ?, ?, ?)",
                  [channel, of, reason, max(text_of(at), known[1] if known else "")])


def release(store: Store, channel: str, customer_id: str, address: str) -> None:
    """They agreed anew: the person themself, in the preferences."""
    with store.writing() as c:
        for each in filter(None, marks(store.seed, customer_id, address)):
            c.execute("DELETE FROM suppressed WHERE channel = ? AND mark = ?", [channel, each])


def known(store: Store, channel: str) -> dict[str, tuple[str, str]]:
    """Mark -> reason and since when, of one channel."""
    return {of: (reason, at) for of, reason, at in store.rows(
        "SELECT mark, reason, at FROM suppressed WHERE channel = ?", [channel])}
