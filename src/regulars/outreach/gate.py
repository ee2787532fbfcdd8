"""Who may be written to at all: asked of the facts and of what was suppressed, outside of every rule.

The same question is asked when the people of a campaign are picked, again for each batch, and at the moment a message
is handed over (see `sending`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from regulars.engines.duckdb import DuckDBEngine, quoted
from regulars.outreach import reasons, suppression
from regulars.outreach.addresses import written
from regulars.outreach.channels import channel as find_channel
from regulars.outreach.channels import names
from regulars.outreach.channels.base import Channel
from regulars.outreach.merged import parts
from regulars.outreach.says import NOTHING
from regulars.outreach.settings import Rules
from regulars.outreach.store import Store, text_of

ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
                     r"(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*")
"""What HTML calls a valid e-mail address: https://html.spec.whatwg.org/#valid-e-mail-address"""
LONGEST_ADDRESS = 254
BOUNCES = 3
"""So many times in a row it came back, as another system told us, and nothing was ever heard since."""
HEARD = "('delivered', 'opened', 'clicked', 'replied')"
NO_LIMIT = 1 << 30


@dataclass(frozen=True)
class Answer:
    """``reason`` "" : may be written to, at ``address``. ``left``: how many more messages the cap has room for, those
    that other systems sent taken off, this shop's own deliveries not. ``known_at``: when they were last suppressed,
    where they agreed anew since."""

    customer_id: str
    reason: str
    address: str = ""
    left: int = NO_LIMIT
    known_at: str = ""


class Gate:
    """Of one channel, for a shop in the country ``home``. It reads no clock: ``now`` is naive UTC."""

    def __init__(self, engine: DuckDBEngine, store: Store, channel: Channel, rules: Rules, home: str = "") -> None:
        self._engine = engine
        self._store = store
        self._channel = channel
        self._rules = rules
        self._home = home
        self._capped = counted(channel, rules)

    def ask(self, customers: Sequence[str], now: datetime) -> dict[str, Answer]:
        """An answer for each, in the order given; the frequency cap counts every message that went out."""
        suppressed = suppression.known(self._store, self._channel.consent or self._channel.name)
        sent = self._sent(customers, now)
        found = {row["customer_id"]: self._answer(row, suppressed, sent, now) for row in self._rows(customers, now)}
        return {c: found.get(c) or Answer(c, reasons.ERASED) for c in customers}

    def _answer(self, row: dict[str, Any], suppressed: dict[str, tuple[str, str]], sent: Mapping[str, int],
                now: datetime) -> Answer:
        who, address, kind = row["customer_id"], self._address(row), self._kind()
        marks = suppression.marks(self._store.seed, who, address or self._own(row), str(row.get(kind) or "").strip())
        known = [suppressed[m] for m in marks if m in suppressed]
        reason = _stopped(row, known, now) or self._consent(row) or self._reach(row, address)
        left = self._rules.cap_messages - row["elsewhere"] if self._rules.cap_messages and self._capped else NO_LIMIT
        if not reason and left - sent.get(who, 0) <= 0:
            reason = reasons.FREQUENCY_CAP
        return Answer(who, reason, address, left, max((at for _, at in known), default=""))

    def _own(self, row: dict[str, Any]) -> str:
        """The address by which a channel that writes to none knows people elsewhere: who left under it has left."""
        return written(self._kind(), str(row.get(self._kind()) or ""), row, self._home)

    def _kind(self) -> str:
        """The column whose address a suppression is of."""
        return suppression.ADDRESSES.get(self._channel.consent, "")

    def _consent(self, row: dict[str, Any]) -> str:
        if not self._channel.consent or row["consent"] is True:
            return ""
        return reasons.CONSENT_UNKNOWN if row["consent"] is None else reasons.NO_CONSENT

    def _address(self, row: dict[str, Any]) -> str:
        kind = self._channel.address
        if kind == "post":
            parts = [row[c] for c in ("street", "postcode", "city")]
            return ", ".join(p.strip() for p in parts if p and p.strip()) if row["street"] and row["city"] else ""
        return written(kind, str(row[kind] or ""), row, self._home) if kind else ""

    def _reach(self, row: dict[str, Any], address: str) -> str:
        if not self._channel.address:
            return ""
        if not address:
            return reasons.NO_ADDRESS
        if self._channel.address == "email" and not is_address(address):
            name, _, domain = address.rpartition("@")
            return reasons.LETTERS if is_address(f"a@{domain}") and not name.isascii() else reasons.BAD_ADDRESS
        return ""

    def _sent(self, customers: Sequence[str], now: datetime) -> Mapping[str, int]:
        """What this shop sent each of late, and who was merged into them, by the channels that count."""
        if not self._rules.cap_messages or not self._capped:
            return {}
        asked = ", ".join("?" * len(self._capped))
        sent: dict[str, int] = dict(self._store.rows(
            f"SELECT customer_id, count(*) FROM deliveries WHERE sent_at >= ? AND channel IN ({asked}) GROUP BY 1",
            [text_of(cap_since(self._rules, now)), *self._capped]))
        found: Counter[str] = Counter()
        for who, part in parts(self._engine, customers) if sent else ():
            found[who] += sent.get(part, 0)
        return found

    def _elsewhere(self, kind: str) -> list[str]:
        """What other systems call the channels that count."""
        return list(self._capped) if self._rules.cap_together else [kind] if self._capped else []

    def _rows(self, customers: Sequence[str], now: datetime) -> list[dict[str, Any]]:
        kind = self._channel.consent or self._channel.name
        consent = quoted(f"{self._channel.consent}_consent") if self._channel.consent else "true"
        consent_at = quoted(f"{self._channel.consent}_consent_at") if self._channel.consent else "NULL"
        self._engine.register("gate_asked", pa.table({"customer_id": pa.array(customers, pa.string())}))
        try:
            found: list[dict[str, Any]] = self._engine.query(
                f"SELECT c.customer_id, c.email, c.phone, c.street, c.postcode, c.city, c.country, "
                f"{consent} AS consent, {consent_at} AS consent_at, m.unsubscribed_at, m.complained_at, "
                "coalesce(m.bounces, 0) AS bounces, coalesce(m.elsewhere, 0) AS elsewhere FROM customers c "
                f"SEMI JOIN gate_asked USING (customer_id) LEFT JOIN ({MESSAGES}) m USING (customer_id)",
                [kind, cap_since(self._rules, now), now, self._elsewhere(kind)]).to_pylist()
            return found
        finally:
            self._engine.unregister("gate_asked")


MESSAGES = f"""
SELECT customer_id, max("at") FILTER (own AND type = 'unsubscribed') AS unsubscribed_at,
    max("at") FILTER (own AND type = 'complained') AS complained_at,
    count(*) FILTER (own AND type = 'bounced' AND "at" > coalesce(heard, TIMESTAMP '1900-01-01')) AS bounces,
    count(*) FILTER (counts AND type = 'sent' AND "at" <= $3 AND NOT starts_with(message_id, 'o:')) AS elsewhere
FROM (SELECT *, max("at") FILTER (own AND type IN {HEARD} AND machine IS NOT TRUE) OVER (PARTITION BY customer_id)
          AS heard
      FROM (SELECT *, channel = $1 AS own, "at" >= $2 AND list_contains($4::VARCHAR[], channel) AS counts
            FROM messages SEMI JOIN gate_asked USING (customer_id))
      WHERE own OR (counts AND type = 'sent'))
GROUP BY customer_id"""
"""What other systems told of each; messages of this shop's own campaigns begin with ``o:``."""


def counted(channel: Channel, rules: Rules) -> tuple[str, ...]:
    """The channels whose messages count towards the cap of this one; none for an audience of advertisements."""
    if channel.says == NOTHING:
        return ()
    return tuple(n for n in names() if find_channel(n).says != NOTHING) if rules.cap_together else (channel.name,)


def cap_since(rules: Rules, now: datetime) -> datetime:
    """From when on messages count towards the cap."""
    return now - timedelta(days=rules.cap_days)


def _stopped(row: dict[str, Any], known: Sequence[tuple[str, str]], now: datetime) -> str:
    """Whether they wanted no more, or could not be reached; who agreed anew since they unsubscribed may be.

    A consent of a day to come is a mistake of whoever wrote it down: it outweighs nobody's leaving.
    """
    agreed = row["consent_at"] if row["consent"] is True and row["consent_at"] and row["consent_at"] <= now else None
    if row["complained_at"] or any(reason == reasons.COMPLAINED for reason, _ in known):
        return reasons.COMPLAINED
    left = [at for reason, at in known if reason == reasons.UNSUBSCRIBED]
    if row["unsubscribed_at"]:
        left.append(text_of(row["unsubscribed_at"]))
    if left and not (agreed and text_of(agreed) > max(left)):
        return reasons.UNSUBSCRIBED
    bounced = row["bounces"] >= BOUNCES or any(reason == reasons.BOUNCED for reason, _ in known)
    return reasons.BOUNCED if bounced else ""


def is_address(text: str) -> bool:
    """Whether it can be an e-mail address that every server takes."""
    return len(text) <= LONGEST_ADDRESS and ADDRESS.fullmatch(text) is not None
