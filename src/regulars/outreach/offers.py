"""Codes of offers: one for all, or one a person that is good once; and which of them came back in orders."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa

from regulars.engines.duckdb import DuckDBEngine, fold
from regulars.model.clock import local_day
from regulars.outreach.campaign import Offer
from regulars.outreach.store import Store, moment_of, text_of

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without those that are taken for one another."""
LENGTH = 10


def codes(store: Store, campaign_id: int, offer: Offer, customers: Sequence[str], now: datetime) -> dict[str, str]:
    """The code of each person: made at the first asking, the same at every other."""
    if not offer.single:
        return dict.fromkeys(customers, offer.code)
    until = text_of(now + timedelta(days=offer.valid_days)) if offer.valid_days else None
    with store.writing() as c:
        c.executemany("INSERT OR IGNORE INTO codes (code, campaign_id, customer_id, made_at, until) VALUES (?, ?, ?, "
                      "?, ?)", [(_new(offer.code), campaign_id, who, text_of(now), until) for who in customers])
    known: dict[str, str] = dict(store.rows("SELECT customer_id, code FROM codes WHERE campaign_id = ?", [campaign_id]))
    return {who: known[who] for who in customers}


def _new(prefix: str) -> str:
    made = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    return f"{prefix}-{made}" if prefix else made


def redeem(engine: DuckDBEngine, store: Store, zone: ZoneInfo) -> int:
    """Look for single codes in the orders that came in; each is redeemed once, by its first order in time. How many
    were new.

    An order that counts no more (cancelled, taken back) gives its code back.
    """
    open_codes: dict[str, str | None] = dict(store.rows("SELECT code, order_id FROM codes"))
    if not open_codes:
        return 0
    found = {code: orders[0] for code, orders in _orders(engine, store, zone).items() if orders[0].in_time}
    new = {code: order for code, order in found.items() if open_codes[code] != order.order_id}
    gone = [code for code, order in open_codes.items() if order is not None and code not in found]
    with store.writing() as c:
        c.executemany("UPDATE codes SET redeemed_at = ?, order_id = ? WHERE code = ?",
                      [(text_of(order.at), order.order_id, code) for code, order in new.items()])
        c.executemany(
            "INSERT INTO responses (delivery_id, kind, at) SELECT min(d.id), 'redeemed', ? FROM deliveries d JOIN "
            "codes USING (campaign_id, customer_id) WHERE code = ? AND d.sent_at IS NOT NULL HAVING min(d.id) > 0",
            [(text_of(order.at), code) for code, order in new.items()])
        c.executemany("UPDATE codes SET redeemed_at = NULL, order_id = NULL WHERE code = ?", [(g,) for g in gone])
    return sum(open_codes[code] is None for code in new)


@dataclass(frozen=True)
class Used:
    """Of single codes: how many were ``made``, how many came back ``in_time``; orders with one after its last day
    (``late``), and with one that an order in time had used before (``again``)."""

    made: int
    in_time: int
    late: int
    again: int


def used(engine: DuckDBEngine, store: Store, campaign_id: int, zone: ZoneInfo) -> Used:
    """As the orders say now."""
    made = int(store.value("SELECT count(*) FROM codes WHERE campaign_id = ?", [campaign_id]) or 0)
    found = [[order.in_time for order in orders] for orders in _orders(engine, store, zone, campaign_id).values()]
    in_time = sum(any(each) for each in found)
    return Used(made, in_time, sum(each.count(False) for each in found),
                sum(each.count(True) for each in found) - in_time)


@dataclass(frozen=True)
class _Order:
    order_id: str
    at: datetime
    in_time: bool


def _orders(engine: DuckDBEngine, store: Store, zone: ZoneInfo, campaign_id: int = 0) -> dict[str, list[_Order]]:
    """The orders that count of each code that came back (of a campaign, 0: of all), the earliest first; a code holds
    to the end of its last day."""
    rows = store.rows("SELECT code, until FROM codes WHERE ? IN (0, campaign_id)", [campaign_id])
    known = {fold(code): (code, moment_of(until)) for code, until in rows}
    engine.register("codes_asked", pa.table({"code": pa.array(known, pa.string())}))
    try:
        orders = engine.rows('SELECT fold(promo_code), order_id, "at" FROM orders WHERE counted AND promo_code IS NOT '
                             'NULL AND fold(promo_code) IN (SELECT code FROM codes_asked) ORDER BY "at", order_id')
    finally:
        engine.unregister("codes_asked")
    found: dict[str, list[_Order]] = {}
    for folded, order, at in orders:
        code, until = known[folded]
        in_time = until is None or local_day(at, zone) <= local_day(until, zone)
        found.setdefault(code, []).append(_Order(order, at, in_time))
    return found
