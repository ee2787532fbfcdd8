"""The people of a shop: finding one, seeing all that is known of them, and what a person does to them by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from regulars.engines.duckdb import DuckDBEngine, fold, quoted
from regulars.errors import NotFound
from regulars.intake.by_hand import ByHand
from regulars.model.later import later
from regulars.model.phrases import Sentence
from regulars.model.tables import ACCOUNTS, CUSTOMERS, FACT_TABLES
from regulars.outreach.store import FILE as OUTREACH
from regulars.outreach.store import Store
from regulars.segments import memberships
from regulars.shop import finished
from regulars.shop.refusals import why
from regulars.shop.searching import Searched, read_searched
from regulars.shop.timeline import Happening, timeline

if TYPE_CHECKING:
    from regulars.intake.erase import Erased
    from regulars.intake.merges import Merged

drawing = later("regulars.shop.drawing")
outreach = later("regulars.outreach.erasing")

MOST_FOUND = 20
ORDERS_SHOWN = 20
UNSHOWN = {c.name for c in CUSTOMERS.columns if c.hidden}


@dataclass(frozen=True)
class Person:
    """One customer in a line. ``spent`` is what they paid, net of refunds, in ``orders`` that count."""

    customer_id: str
    name: str | None
    email: str | None
    phone: str | None
    city: str | None
    country: str | None
    orders: int
    spent: Decimal
    last_order_at: datetime | None


@dataclass(frozen=True)
class Order:
    """``total`` is net of refunds; ``counted`` says whether rules see it."""

    order_id: str
    at: datetime
    status: str | None
    channel: str | None
    items: Decimal | None
    total: Decimal | None
    counted: bool


@dataclass(frozen=True)
class Membership:
    """``until`` is None while they are in, as of the segment's last refresh."""

    segment: str
    since: datetime
    until: datetime | None
    why: str


@dataclass(frozen=True)
class Profile:
    """All that is known of a customer as of ``now``: ``values`` are the attributes that are known, by their names."""

    person: Person
    now: datetime
    values: dict[str, Any]
    identities: tuple[tuple[str, str], ...]
    facts: dict[str, int]
    segments: tuple[Membership, ...]
    orders: tuple[Order, ...]
    merges: tuple[Merged, ...]


class Customers(ByHand):
    """The customers of one shop. ``now`` is naive UTC."""

    def __init__(self, engine: DuckDBEngine, files: Path) -> None:
        super().__init__(engine, files)
        self._engine = engine

    def erase(self, customer: str, *, now: datetime | None = None, also: Callable[[], None] | None = None) -> Erased:
        """Remove a person everywhere and keep anonymous totals. Raises `NotFound`.

        What was sent to them goes first: killed in between, they are still there to be erased. Whoever is told of
        segments is told that they left.
        """
        now = now or datetime.now(UTC).replace(tzinfo=None)
        known = self._engine.rows("SELECT 1 FROM customers WHERE customer_id = ?", [customer])
        if known and (self._files.parent / OUTREACH).exists():
            for each in self.ids(customer):
                outreach.erase(Store.of(self._files.parent), each, now)
        try:
            return super().erase(customer, now=now, also=also or partial(self._forget, customer, now))
        finally:
            for kept in (drawing, finished):
                kept.forget(self._files.parent)

    def _forget(self, customer: str, now: datetime) -> None:
        for each in self.ids(customer):
            memberships.forget_customer(self._engine, each, now)

    def find(self, text: str, *, now: datetime, most: int = MOST_FOUND,
             searched: Searched | None = None) -> list[Person]:
        """Whoever has the text in a name, an address or number, or is known by just this id or order; by name.

        ``searched`` is what `searched` gave while the facts stood as they do: whoever asks often keeps it.
        """
        wanted = fold(text)
        ids = (searched or self.searched()).ids(self._engine, wanted, most) if wanted else []
        found = self.people(ids, now=now)
        return sorted(found, key=lambda p: (fold(p.name or "\uffff"), p.customer_id))

    def searched(self) -> Searched:
        """What customers are found by, as of now."""
        return read_searched(self._engine)

    def count(self) -> int:
        """How many customers, subscribers and prospects there are."""
        return int(self._engine.value("SELECT count(*) FROM customers"))

    def latest(self, *, now: datetime, skip: int = 0, most: int = MOST_FOUND) -> list[Person]:
        """Everybody, a page at a time: whoever ordered last first, then those who never did, by id."""
        return self.people(self.by_last_order(now=now).slice(skip, most).to_pylist(), now=now)

    def by_last_order(self, *, now: datetime) -> pa.ChunkedArray:
        """Everybody's id: whoever ordered last first, then those who never did, by id."""
        return self._engine.query(
            'SELECT customer_id FROM customers LEFT JOIN (SELECT customer_id, max("at") AS last FROM orders WHERE'
            ' counted AND "at" <= ? GROUP BY 1) USING (customer_id) ORDER BY last DESC NULLS LAST, customer_id',
            [now])["customer_id"]

    def after(self, customer_id: str, *, now: datetime, most: int) -> list[Person]:
        """Those whose ids come after this one, by id: for readers who go through all."""
        ids = [i for (i,) in self._engine.rows("SELECT customer_id FROM customers WHERE customer_id > ? ORDER BY"
                                               f" customer_id LIMIT {int(most)}", [customer_id])]
        return self.people(ids, now=now)

    def scores(self, customer_id: str) -> dict[str, Any]:
        """What analyses have kept of one customer, by the names rules call it; what is unknown is left out."""
        columns = [c for c in self._engine.columns("scores") if c != "customer_id"]
        rows = self._engine.rows(f"SELECT {', '.join(map(quoted, columns))} FROM scores WHERE customer_id = ?",
                                 [customer_id]) if columns else []
        return {name: value for row in rows for name, value in zip(columns, row, strict=True) if value is not None}

    def timeline(self, customer_id: str, *, now: datetime) -> list[Happening]:
        """What happened with a customer, the latest first."""
        return timeline(self._engine, customer_id, now)

    def people(self, ids: Sequence[str], *, now: datetime) -> list[Person]:
        """These customers, in this order; ids that are nobody's are left out."""
        if not ids:
            return []
        rows = self._engine.rows(
            "WITH asked AS (SELECT DISTINCT unnest($1::VARCHAR[]) AS customer_id)"
            " SELECT customer_id, name, email, phone, city, country, coalesce(n, 0), coalesce(spent, 0), last"
            " FROM customers SEMI JOIN asked USING (customer_id) LEFT JOIN (SELECT customer_id, count(*) AS n,"
            ' sum(total - coalesce(refunded, 0)) AS spent, max("at") AS last FROM orders SEMI JOIN asked'
            ' USING (customer_id) WHERE counted AND "at" <= $2 GROUP BY 1) USING (customer_id)', [list(ids), now])
        found = {row[0]: Person(*row) for row in rows}
        return [found[i] for i in dict.fromkeys(ids) if i in found]

    def one(self, customer_id: str, *, now: datetime) -> Person:
        """One in a line, found as by `show`; raises `NotFound`."""
        return self.people([self.id_of(customer_id, now=now)], now=now)[0]

    def consents(self, ids: Sequence[str]) -> dict[str, tuple[bool | None, bool | None]]:
        """Whether each may be written to by e-mail, and be called or texted; None where nothing is known."""
        return {row[0]: (row[1], row[2]) for row in self._engine.rows(
            "SELECT customer_id, email_consent, phone_consent FROM customers WHERE customer_id IN "
            "(SELECT unnest($1::VARCHAR[]))", [list(ids)])}

    def show(self, customer_id: str, *, now: datetime) -> Profile:
        """All of one; who was merged into another is found there. Raises `NotFound` with the nearest by name."""
        kept = self.id_of(customer_id, now=now)
        person, who = self.people([kept], now=now)[0], [kept]
        identities = self._engine.rows("SELECT kind, value FROM identities WHERE customer_id = ? ORDER BY ALL", who)
        orders = self._engine.rows(
            'SELECT order_id, "at", status, channel, items, total - coalesce(refunded, 0), counted FROM orders'
            f' WHERE customer_id = ? AND "at" <= ? ORDER BY "at" DESC, order_id LIMIT {ORDERS_SHOWN}', [kept, now])
        segments = memberships.of_customer(self._engine, kept).to_pylist()
        return Profile(person, now, self._values(kept), tuple(map(_pair, identities)), self._facts(kept, now),
                       tuple(Membership(**s) for s in segments), tuple(Order(*o) for o in orders),
                       tuple(self.merges(kept)))

    def id_of(self, customer_id: str, *, now: datetime) -> str:
        """The customer of this id, or into whom they were merged, or who alone is known by it.

        Raises `NotFound` with who may have been meant.
        """
        if self._engine.rows("SELECT 1 FROM customers WHERE customer_id = ?", [customer_id]):
            return customer_id
        merged = self._engine.rows("SELECT kept FROM merges WHERE absorbed = ? AND undone_at IS NULL", [customer_id])
        if merged:
            return self.id_of(merged[0][0], now=now)
        known = self._engine.rows("SELECT DISTINCT customer_id FROM identities WHERE customer_id IS NOT NULL AND"
                                  " fold($1) IN (fold(value), fold(kind || '-' || value))", [customer_id])
        if len(known) != 1:
            raise NotFound(why("There is no customer '{customer}'.", customer=customer_id),
                           hint=self._like(customer_id, now),
                           command="regulars customers find TEXT")
        return str(known[0][0])

    def _like(self, text: str, now: datetime) -> Sentence:
        found = self.find(text, now=now, most=3)
        if not found:
            return why("Find them by name, address or order.")
        return why("Did you mean {near}?", near=[f"{p.customer_id} ({p.name or p.email})" for p in found])

    def _values(self, customer_id: str) -> dict[str, Any]:
        columns = [c for c in self._engine.columns("customers") if c not in UNSHOWN]
        row = self._engine.rows(f"SELECT {', '.join(map(quoted, columns))} FROM customers WHERE customer_id = ?",
                                [customer_id])[0]
        known = {name: value for name, value in zip(columns, row, strict=True) if value is not None}
        return {**known, **self._company(known.get("account_id"))}

    def _company(self, account_id: Any) -> dict[str, Any]:
        """What is known of the company they are at, by the names that rules ask for; nothing of none."""
        columns = [c.name for c in ACCOUNTS.columns if not c.hidden]
        rows = self._engine.rows(f"SELECT {', '.join(map(quoted, columns))} FROM accounts WHERE account_id = ?",
                                 [account_id]) if account_id else []
        return {f"account.{name}": value for row in rows for name, value in zip(columns, row, strict=True)
                if value is not None and name != "account_id"}

    def _facts(self, customer_id: str, now: datetime) -> dict[str, int]:
        counts = [f"""SELECT '{t.name}', count(*) FROM {quoted(t.name)} WHERE customer_id = $1 AND "at" <= $2"""
                  for t in FACT_TABLES]
        return {name: n for name, n in self._engine.rows(" UNION ALL ".join(counts), [customer_id, now]) if n}


def _pair(row: tuple[Any, ...]) -> tuple[str, str]:
    return str(row[0]), str(row[1])
