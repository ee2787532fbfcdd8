"""What a person chooses for themself: by which ways the shop may reach them, and whether it notes what they open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from regulars.engines.duckdb import DuckDBEngine
from regulars.model import settings as shops
from regulars.outreach import suppression
from regulars.outreach.addresses import written
from regulars.outreach.channels import way
from regulars.outreach.merged import parts
from regulars.outreach.queue import Delivery
from regulars.outreach.reasons import COMPLAINED, UNSUBSCRIBED
from regulars.outreach.responses import respond
from regulars.outreach.store import Store, text_of

WAYS: Mapping[str, tuple[str, ...]] = {"email": ("email",), "sms": ("phone",), "phone": ("phone",),
                                       "post": ("street", "city")}
"""A consent, and the columns of customers without which it is of no use."""
TRACKING = "tracking"
AGREED, WITHDREW = "agreed", "withdrew"
"""Kinds of response that are of a way (their ``link``), not of a message."""


def person(engine: DuckDBEngine, customer_id: str) -> dict[str, Any]:
    """Their row of customers, as it bears on choosing, or that of whoever they were merged into since; empty where they
    are none any more."""
    rows = engine.query(
        "WITH RECURSIVE went AS (SELECT ?::VARCHAR AS who UNION SELECT kept FROM went JOIN merges ON absorbed = who "
        "WHERE undone_at IS NULL) SELECT customer_id, name, language, email, phone, street, city, country, "
        + ", ".join(f"{w}_consent, {w}_consent_at" for w in WAYS)
        + " FROM customers SEMI JOIN went ON who = customer_id ORDER BY customer_id <> ?",
        [customer_id] * 2).to_pylist()
    return dict(rows[0]) if rows else {}


def ways(engine: DuckDBEngine, store: Store, customer_id: str) -> dict[str, bool]:
    """Whether they agree now, to each way by which they could be reached; a way they complained of is not offered."""
    who = person(engine, customer_id)
    if not who:
        return {}
    found, customer_id = {}, who["customer_id"]
    for name, needs in WAYS.items():
        stopped = _stopped(store, name, customer_id, _address(store, name, who))
        if all(who[column] for column in needs) and COMPLAINED not in stopped:
            agreed_at = who[f"{name}_consent_at"]
            later = stopped and not (agreed_at and text_of(agreed_at) > max(stopped.values()))
            found[name] = who[f"{name}_consent"] is True and not later
    return found | {TRACKING: not untracked(engine, store, [customer_id])}


def _address(store: Store, name: str, row: Mapping[str, Any]) -> str:
    """By which a way reaches them, as it is written to; of post there is none that others could share."""
    column = suppression.ADDRESSES.get(name, "")
    return written(column, str(row[column] or ""), row, shops.load(store.path.parent).country) if column else ""


def _stopped(store: Store, name: str, customer_id: str, address: str) -> dict[str, str]:
    known = suppression.known(store, name)
    marks = suppression.marks(store.seed, customer_id, address)
    return {known[m][0]: known[m][1] for m in marks if m in known and known[m][0] in (UNSUBSCRIBED, COMPLAINED)}


def untracked(engine: DuckDBEngine, store: Store, customers: Sequence[str]) -> set[str]:
    """Those who want nothing noted of what they open and follow; also where it was said by one merged into them."""
    known = suppression.known(store, TRACKING)
    if not known:
        return set()
    return {who for who, part in parts(engine, customers) if suppression.mark(store.seed, "customer", part) in known}


def choose(engine: DuckDBEngine, store: Store, delivery: Delivery, said: Mapping[str, bool], now: datetime) -> None:
    """Keep what differs from what holds; a no holds from this moment on, a yes when it is in the facts."""
    row, before = person(engine, delivery.customer_id), ways(engine, store, delivery.customer_id)
    who = row.get("customer_id", delivery.customer_id)
    with store.writing():
        for name, agreed in said.items():
            if before.get(name) in (None, agreed):
                continue
            if name == TRACKING:
                _track(engine, store, who, agreed, now)
            elif agreed:
                respond(store, delivery.id, AGREED, now, link=name)
            else:
                suppression.suppress(store, name, who, _address(store, name, row), UNSUBSCRIBED, now)
                of_message = name == way(delivery.channel)
                respond(store, delivery.id, "unsubscribed" if of_message else WITHDREW, now,
                        link="" if of_message else name)


def _track(engine: DuckDBEngine, store: Store, customer_id: str, agreed: bool, now: datetime) -> None:
    if not agreed:
        suppression.suppress(store, TRACKING, customer_id, "", UNSUBSCRIBED, now)
        return
    for _who, part in parts(engine, [customer_id]):
        suppression.release(store, TRACKING, part, "")
