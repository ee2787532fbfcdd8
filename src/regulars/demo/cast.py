"""A fixed cast: two dozen customers with hand-written facts, each at some edge, for tests of any room.

Judged at `NOW` in `ZONE`. `CAST` holds rows by table as plain data; columns left out are unknown, settled columns are
written out by hand where the facts decide them. `load` puts everything into a shop's tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from regulars.demo.columns import ARROW_TYPES
from regulars.engines.duckdb import DuckDBEngine, quoted
from regulars.model.books import FIELDS
from regulars.model.tables import FACT_TABLES, IDENTITIES, TABLES, Table

NOW = datetime(2026, 11, 22, 14, 30)
"""UTC without zone: half past three in the afternoon of a Sunday in Berlin."""
ZONE = ZoneInfo("Europe/Berlin")
TICK = timedelta(microseconds=1)
SOURCE = "cast"

Row = Mapping[str, Any]


def berlin(text: str, fold: int = 0) -> datetime:
    """A wall time of Berlin as naive UTC; ``fold`` 1 means the second of two that read alike."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE, fold=fold).astimezone(UTC).replace(tzinfo=None)


def ago(days: float = 0, *, ticks: int = 0) -> datetime:
    """So many days before now, and some microseconds later."""
    return NOW - timedelta(days=days) + ticks * TICK


def money(amount: str | int | None) -> Decimal | None:
    return None if amount is None else Decimal(amount)


def _order(order_id: str, who: str, at: datetime, total: str | int, **more: Any) -> Row:
    """``items``, ``margin`` and what was taken off stay unknown where an order has no lines."""
    off = {"discount": Decimal(0), "discounted": False} if "items" in more else \
        {"discounted": True} if more.get("promo_code") else {}
    status, refunded = more.get("status", "paid"), money(more.pop("refunded", 0))
    return {"order_id": order_id, "customer_id": who, "at": at, "status": "paid", "channel": "online",
            "currency": "EUR", "total": money(total), "total_stated": money(total), "refunded": refunded,
            "refunded_stated": refunded or None, "counted": status in (None, "paid", "refunded"),
            "returned": bool(refunded), **off, **more}


def _line(order_id: str, number: int, product_id: str, amount: str, margin: str | None, *, quantity: int = 1,
          unit_price: str, **more: Any) -> Row:
    """``amount`` and ``margin`` are what is left after returns, by hand; who, when and where are the order's."""
    back = Decimal(more.pop("returned_quantity", 0))
    return {"order_id": order_id, "line": number, "product_id": product_id, "quantity": Decimal(quantity),
            "unit_price": Decimal(unit_price), "discount": Decimal(0), "returned_stated": back or None,
            "returned_quantity": back, "amount": Decimal(amount), "margin": money(margin), "returned": back > 0, **more}


CUSTOMERS: tuple[Row, ...] = (
    {"customer_id": "ada", "name": "Ada Nichts", "signed_up_at": ago(400)},  # no facts at all
    {"customer_id": "ben", "name": "Ben Eins", "gender": "male", "birth_date": date(1986, 11, 22),
     "signed_up_at": ago(10)},
    {"customer_id": "cleo", "name": "Cleo Rand", "gender": "female", "birth_date": date(1986, 11, 23), "city": "Berlin",
     "latitude": 52.52437, "longitude": 13.41053, "signed_up_at": ago(300)},
    {"customer_id": "dora", "name": "Dora Knapp", "gender": "Female ", "city": "Potsdam", "latitude": 52.39886,
     "longitude": 13.06566, "signed_up_at": ago(300)},
    {"customer_id": "emil", "name": "Emil Morgen", "gender": "male", "signed_up_at": ago(20)},
    {"customer_id": "fay", "name": "Fay Zukunft", "gender": "female", "signed_up_at": NOW + TICK},  # is not there yet
    {"customer_id": "gus", "name": "Gus Schalttag", "birth_date": date(2000, 2, 29), "signed_up_at": ago(200)},
    {"customer_id": "hana", "name": "Hana Winter", "gender": "female", "birth_date": date(2001, 2, 28),
     "signed_up_at": ago(200)},
    {"customer_id": "ivan", "name": "Иван Петров", "gender": "male", "language": "ru", "signed_up_at": ago(250)},
    {"customer_id": "jin", "name": "Jin Gleich", "signed_up_at": ago(250)},
    {"customer_id": "kara", "name": "Kara Uhr", "gender": "female", "signed_up_at": ago(350)},
    {"customer_id": "liam", "name": "Liam Storno", "gender": "male", "signed_up_at": ago(350)},
    {"customer_id": "mona", "name": "Mona Zurück", "gender": "female", "signed_up_at": ago(100)},
    {"customer_id": "nils", "name": "Nils Post", "gender": "male", "email": "nils@post.example", "email_consent": True,
     "signed_up_at": ago(365)},
    {"customer_id": "olga", "name": "Ольга Смирнова", "gender": "female", "email": "olga@post.example",
     "email_consent": False, "language": "ru", "signed_up_at": ago(365)},
    {"customer_id": "parveen", "name": "پروین ملک", "gender": "female", "language": "ur", "city": "Lahore",
     "country": "PK", "latitude": 31.558, "longitude": 74.35071, "phone": "+3197010000016", "phone_consent": True,
     "signed_up_at": ago(90)},
    {"customer_id": "quinn", "name": "Quinn Frage", "signed_up_at": ago(120)},
    {"customer_id": "ruth", "name": "Ruth Regel", "gender": "female", "plan": "Garden Club", "plan_status": "active",
     "plan_since": date(2026, 1, 31), "signed_up_at": ago(330)},
    {"customer_id": "sven", "name": "Sven Pause", "gender": "male", "signed_up_at": ago(400), "referred_by": "ruth"},
    {"customer_id": "tara", "name": "Tara Stein", "gender": "female", "account_id": "acme", "signed_up_at": ago(150)},
    {"customer_id": "uma", "described": False},  # known by an order only
    {"customer_id": "viktor", "name": "Viktor Wort", "gender": "male", "social_followers": 1000,
     "signed_up_at": ago(60)},
    {"customer_id": "willa", "name": "Willa Mitternacht", "gender": "female", "signed_up_at": ago(500)},
    {"customer_id": "xena", "name": "Xena Maß", "city": "STRASSKIRCHEN", "occupation": "Straßenbau",
     "tags": ["VIP", "Beta Tester"], "signed_up_at": ago(40)},
)

ACCOUNTS: tuple[Row, ...] = (
    {"account_id": "acme", "name": "Acme Bau", "industry": "construction", "employees": 12,
     "revenue": Decimal(900_000), "founded": 1999, "stage": "mature", "country": "DE", "buying_process": "tender"},
)

PRODUCTS: tuple[Row, ...] = (
    {"product_id": "brick", "name": "Brick", "category": "Bricks", "brand": "Kleihof", "tags": ["heavy"],
     "price": Decimal("0.80"), "unit_cost": Decimal("0.50")},
    {"product_id": "sand", "name": "Sand", "category": "Sand", "brand": "Rivierklei", "price": Decimal("4"),
     "unit_cost": Decimal("2.50")},
    {"product_id": "vase", "name": "Vase", "category": "Gifts", "brand": "Huis", "price": Decimal("30"),
     "unit_cost": Decimal("12")},
    {"product_id": "mystery", "name": "Mystery box", "category": "Gifts", "price": Decimal("10")},  # of unknown cost
    {"product_id": "record", "name": "Tides", "category": "Records", "brand": "Blue Polder", "price": Decimal("25"),
     "unit_cost": Decimal("15"), "released_at": ago(20)},
)

ORDERS: tuple[Row, ...] = (
    _order("b1", "ben", NOW, 10),                              # at this very moment
    _order("c1", "cleo", ago(30), 20),                         # on the border: not in the last 30 days
    _order("d1", "dora", ago(30, ticks=1), 30),                # just inside
    _order("e1", "emil", NOW + TICK, 40),                      # has not happened
    _order("h1", "hana", ago(365), 50),
    _order("i1", "ivan", ago(40), 60, items=Decimal(2), margin=Decimal(33), channel="store", occasion="birthday"),
    _order("i2", "ivan", ago(20), 60, items=Decimal(55), margin=Decimal(25)),
    _order("j1", "jin", ago(15), 15, channel="online"),        # two at one moment
    _order("j2", "jin", ago(15), 15, channel="store"),
    _order("k1", "kara", berlin("2026-03-29T03:00"), 5),       # the first minute of summer time
    _order("k2", "kara", berlin("2026-10-25T02:30"), 5),       # half past two, and an hour later half past two again
    _order("k3", "kara", berlin("2026-10-25T02:30", fold=1), 5),
    _order("l1", "liam", ago(50), 100, status="cancelled"),
    _order("l2", "liam", ago(40), 100, status="refunded", refunded=100),
    _order("l3", "liam", ago(30), 100, status="pending"),
    _order("l4", "liam", ago(20), 100, status="failed"),
    _order("l5", "liam", ago(10), 100, status=None),           # nothing is said: paid
    _order("m1", "mona", ago(50), 60, items=Decimal(6), margin=None, refunded=30, returned=True),
    *(_order(f"r{m}", "ruth", berlin(f"2026-{m:02d}-{day}T12:00"), 25, channel="store",
             promo_code="CLUB" if m > 6 else None)
      for m, day in ((1, 31), (2, 28), (3, 31), (4, 30), (5, 31), (6, 30), (7, 31), (8, 31), (9, 30), (10, 31))),
    _order("s1", "sven", ago(300), 10),
    _order("s2", "sven", ago(200), 10),                        # a hundred days to the moment after the one before
    _order("s3", "sven", ago(5), 10),
    _order("t1", "tara", ago(45), 88, items=Decimal(110), margin=Decimal(33), channel="phone"),
    _order("t2", "tara", ago(38), 40, items=Decimal(10), margin=Decimal(15), channel="phone"),  # seven days after
    _order("u1", "uma", ago(70), 12),
    _order("w1", "willa", berlin("2025-12-31T23:59:59"), 1),
    _order("w2", "willa", berlin("2026-01-01T00:00"), 2),
    _order("w3", "willa", berlin("2026-11-21T23:59:59"), 3),   # yesterday
    _order("w4", "willa", berlin("2026-11-22T00:00"), 4),      # today
    _order("x1", "xena", ago(25), 0, promo_code="Gratis"),     # costs nothing
)

LINES: tuple[Row, ...] = (
    _line("i1", 1, "vase", "30", "18", unit_price="30"),
    _line("i1", 2, "vase", "30", "15", unit_price="30", unit_cost=Decimal(15)),  # its cost at the time was another
    _line("i2", 1, "brick", "40", "15", quantity=50, unit_price="0.8"),
    _line("i2", 2, "sand", "20", "10", quantity=5, unit_price="4", unit_cost=Decimal(2)),
    _line("m1", 1, "mystery", "20", None, quantity=2, unit_price="10"),
    _line("m1", 2, "vase", "10", "4", quantity=4, unit_price="10", returned_quantity=3, unit_cost=Decimal(6)),
    _line("t1", 1, "brick", "88", "33", quantity=110, unit_price="0.8"),
    _line("t2", 1, "sand", "40", "15", quantity=10, unit_price="4"),
)

MESSAGES: tuple[Row, ...] = (
    {"message_id": "n1", "customer_id": "nils", "at": ago(90, ticks=-60), "type": "sent", "campaign": "August"},
    # opened ninety days ago is no longer between 60 and 90 days ago, clicked sixty days ago still is
    {"message_id": "n2", "customer_id": "nils", "at": ago(90), "type": "opened", "campaign": "August"},
    {"message_id": "n3", "customer_id": "nils", "at": ago(3), "type": "sent", "campaign": "November"},
    {"message_id": "n4", "customer_id": "nils", "at": ago(2), "type": "opened", "campaign": "November",
     "machine": True},
    {"message_id": "o1", "customer_id": "olga", "at": ago(61), "type": "sent", "campaign": "September"},
    {"message_id": "o2", "customer_id": "olga", "at": ago(60), "type": "clicked", "campaign": "September",
     "link": "https://shop.example/sale"},
    {"message_id": "o3", "customer_id": "olga", "at": ago(59), "type": "unsubscribed", "campaign": "September"},
    {"message_id": "p1", "customer_id": "parveen", "at": ago(7), "type": "sent", "channel": "phone",
     "campaign": "Call"},
)

VISITS: tuple[Row, ...] = (
    {"visit_id": "v1", "customer_id": "viktor", "at": ago(2), "url": "https://shop.example/p/tides",
     "product": "Tides", "category": "Records", "browser": "Firefox", "device": "phone"},
)

CHECKOUTS: tuple[Row, ...] = (
    {"checkout_id": "k1", "customer_id": "viktor", "at": ago(1), "total": Decimal(25), "completed": False},
)

EVENTS: tuple[Row, ...] = (
    {"event_id": "e1", "customer_id": "viktor", "at": ago(50), "name": "Trial Started",
     "properties": '{"plan": "Pro", "days": 14}'},
    {"event_id": "e2", "customer_id": "quinn", "at": ago(50), "name": "Trial Started",
     "properties": '{"plan": "Basic"}'},
)

TICKETS: tuple[Row, ...] = (
    {"ticket_id": "q1", "customer_id": "quinn", "at": ago(31), "opened": ago(31), "closed": ago(30), "channel": "phone",
     "topic": "delivery", "effort": 10, "minutes": 45.5, "status": "closed", "satisfaction": 1.0},
    {"ticket_id": "q2", "customer_id": "quinn", "at": ago(1), "opened": ago(1), "channel": "social", "topic": "return",
     "effort": 3, "status": "open"},
)

ANSWERS: tuple[Row, ...] = (
    {"survey": "Spring", "respondent": "v", "question": "NPS", "customer_id": "viktor", "at": ago(55),
     "value": "3", "number": 3.0},
    {"survey": "Autumn", "respondent": "v", "question": "NPS", "customer_id": "viktor", "at": ago(6),
     "value": "9", "number": 9.0},
)

COSTS: tuple[Row, ...] = (
    {"cost_id": "1", "at": ago(3), "campaign": "November", "channel": "email", "kind": "tools", "amount": Decimal(25)},
)

OWN_FIELDS: tuple[Row, ...] = (
    {"table_name": "events", "name": "plan", "type": "text", "label": "plan", "source": SOURCE},
    {"table_name": "events", "name": "days", "type": "whole number", "label": "days", "source": SOURCE},
    {"table_name": "answers", "name": "nps", "type": "number", "label": "NPS", "source": SOURCE},
)


OF_THE_ORDER = ("customer_id", "at", "channel", "promo_code", "counted")
"""What a line takes over from its order."""


def _settled_lines() -> Iterator[Row]:
    orders = {o["order_id"]: o for o in ORDERS}
    for line in LINES:
        order = orders[line["order_id"]]
        yield {**line, **{name: order.get(name) for name in OF_THE_ORDER}}


def _settled_customers(facts: Mapping[str, tuple[Row, ...]]) -> Iterator[Row]:
    for customer in CUSTOMERS:
        own = [r for t in FACT_TABLES for r in facts[t.name] if r["customer_id"] == customer["customer_id"]]
        moments = [r["at"] for r in own]
        yield {"described": True, "kind": "customer", **customer, "first_seen": min(moments, default=None)}


def _messages() -> Iterator[Row]:
    for message in MESSAGES:
        yield {"channel": "email", **message}


def _cast() -> dict[str, tuple[Row, ...]]:
    facts = {"accounts": ACCOUNTS, "products": PRODUCTS, "orders": ORDERS, "lines": tuple(_settled_lines()),
             "messages": tuple(_messages()), "visits": VISITS, "checkouts": CHECKOUTS, "events": EVENTS,
             "tickets": TICKETS, "answers": ANSWERS, "costs": COSTS}
    kinds = (("id", "customer_id"), ("email", "email"), ("phone", "phone"))
    identities = tuple({"kind": kind, "value": c[column], "customer_id": c["customer_id"]} for c in CUSTOMERS
                       for kind, column in kinds if column in c)
    return {"customers": tuple(_settled_customers(facts)), **facts, IDENTITIES.name: identities,
            FIELDS.name: OWN_FIELDS}


CAST: Mapping[str, tuple[Row, ...]] = _cast()
"""Rows by table, the shop's own fields among them."""


def load(engine: DuckDBEngine) -> None:
    """Put the cast into the tables of an empty shop."""
    with engine.transaction():
        for name, rows in CAST.items():
            _insert(engine, FIELDS if name == FIELDS.name else TABLES[name], rows)
        engine.execute("UPDATE meta SET value = (value::BIGINT + 1)::VARCHAR WHERE key = 'facts_version'")


def _insert(engine: DuckDBEngine, table: Table, rows: tuple[Row, ...]) -> None:
    full = [{"source": SOURCE, **row} for row in rows]
    columns = {c.name: pa.array([r.get(c.name) for r in full], ARROW_TYPES[c.type]) for c in table.columns}
    engine.register("cast_rows", pa.table(columns))
    try:
        names = ", ".join(map(quoted, columns))
        engine.execute(f"INSERT INTO {quoted(table.name)} ({names}) SELECT {names} FROM cast_rows")
    finally:
        engine.unregister("cast_rows")
