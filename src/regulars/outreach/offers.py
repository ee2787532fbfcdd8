"""Codes of offers: one for all, or one a person that is good once; and which of them came back in orders."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from regulars.engines.duckdb import DuckDBEngine, fold
from regulars.outreach.campaign import Offer
from regulars.outreach.store import Store, text_of

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


def redeem(engine: DuckDBEngine, store: Store) -> int:
    """Look for single codes in the orders that came in; each is redeemed once, by its first order. How many were new.

    An order that counts no more (cancelled, taken back) gives its code back.
    """
    open_codes: dict[str, str | None] = dict(store.rows("SELECT code, order_id FROM codes"))
    if not open_codes:
        return 0
    found = _orders(engine, open_codes)
    new = {code: row for code, row in found.items() if open_codes[code] != row[0]}
    gone = [code for code, order in open_codes.items() if order is not None and code not in found]
    with store.writing() as c:
        c.executemany("UPDATE codes SET redeemed_at = ?, order_id = ? WHERE code = ?",
                      [(text_of(at), order, code) for code, (order, at) in new.items()])
        c.executemany(
            "INSERT INTO responses (delivery_id, kind, at) SELECT min(d.id), 'redeemed', ? FROM deliveries d JOIN "
            "codes USING (campaign_id, customer_id) WHERE code = ? AND d.sent_at IS NOT NULL HAVING min(d.id) > 0",
            [(text_of(at), code) for code, (_, at) in new.items()])
        c.executemany("UPDATE codes SET redeemed_at = NULL, order_id = NULL WHERE code = ?", [(g,) for g in gone])
    return sum(open_codes[code] is None for code in new)


def _orders(engine: DuckDBEngine, known: Mapping[str, object]) -> dict[str, tuple[str, datetime]]:
    by_fold = {fold(code): code for code in known}
    rows = engine.rows(
        'SELECT fold(promo_code), arg_min(order_id, ("at", order_id)), min("at") FROM orders WHERE counted AND '
        "promo_code IS NOT NULL GROUP BY 1")
    return {by_fold[code]: (order, at) for code, order, at in rows if code in by_fold}


def redeemed(store: Store, campaign_id: int) -> tuple[int, int]:
    """How many codes were made, and how many of them came back."""
    made, back = store.rows("SELECT count(*), count(redeemed_at) FROM codes WHERE campaign_id = ?", [campaign_id])[0]
    return int(made), int(back)
