"""Random shops: few values, so that conditions meet; moments on the edges of windows and near clock changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from regulars.model.clock import day_start, local_day, move
from regulars.model.types import Type
from regulars.rules import When, parse
from regulars.rules.oracle import Everybody
from tests.rules.world import World, fresh_engine

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Jakarta", "America/Sao_Paulo",
         "Asia/Kathmandu", "Pacific/Apia", "America/Havana")
NOWS = ("2026-11-22T12:00", "2026-03-29T02:30", "2026-03-29T00:00", "2026-10-25T02:30", "2026-11-01T01:30",
        "2028-02-29T23:59:59.999999", "2027-02-28T00:00", "2026-03-31T08:15", "2026-04-05T01:45", "2026-12-31T23:59:59",
        "2027-01-01T00:00", "2026-10-04T02:15")
DURATIONS: tuple[tuple[int | Decimal, str], ...] = (
    (0, "day"), (1, "day"), (2, "day"), (7, "day"), (30, "day"), (60, "day"), (90, "day"), (1, "week"), (12, "hour"),
    (36, "hour"), (90, "minute"), (1, "month"), (2, "month"), (3, "month"), (12, "month"), (1, "year"), (2, "year"),
    (Decimal("0.5"), "day"))
TEXTS = ("red", "RED", "Red ", "blue", "STRASSE", "Straße", "ﬁne Ｗｉｄｅ", "o'Brien; --", '"q" % _ \\', "Ёлка", "ёлка",
         "کراچی",
         "10", "İ", "a\u00a0b")
NUMBERS = (Decimal(0), Decimal(1), Decimal(2), Decimal(3), Decimal(-1), Decimal("0.5"), Decimal("2.25"),
           Decimal("0.0001"),
           Decimal("0.25"), Decimal("1.5"), Decimal("100"))
DAYS = ("2026-11-22", "2026-11-21", "2026-10-25", "2026-03-29", "2026-11-01", "2026-02-28", "2024-02-29", "2026-04-05",
        "2026-01-01", "2025-12-31", "1996-02-29", "1990-11-22", "1986-03-01", "2027-02-28")
OWN = (("customers", "shoe_size", Type.NUMBER), ("customers", "nickname", Type.TEXT), ("customers", "next_visit",
                                                                                       Type.DATE),
       ("customers", "seen_at", Type.MOMENT), ("customers", "likes_tea", Type.YESNO), ("customers", "wallet",
                                                                                       Type.MONEY),
       ("scores", "value.next_12_months", Type.MONEY), ("scores", "rfm.group", Type.TEXT),
       ("events", "plan", Type.TEXT), ("events", "seats", Type.WHOLE), ("events", "rate", Type.NUMBER),
       ("events", "fee", Type.MONEY), ("events", "trial", Type.YESNO), ("events", "until", Type.MOMENT),
       ("events", "day", Type.DATE), ("visits", "seconds", Type.NUMBER), ("checkouts", "step", Type.TEXT))
QUESTIONS = (("nps", Type.NUMBER, "How likely?"), ("why", Type.TEXT, "Why?"))
SEGMENTS = {"VIP": "sum(orders.total) >= 2", "Reds": "any(lines where category = 'red') or nickname = 'red'",
            "Both": "in segment 'vip' and in segment 'REDS'",
            "Rest": "not in segment 'Both' and top 50% by count(orders)"}


@dataclass(frozen=True)
class Stage:
    """A shop, and the moment at which it is asked."""

    world: World
    when: When
    everybody: Everybody


@lru_cache(maxsize=64)
def stage(seed: int) -> Stage:
    """The shop of a seed; it stays open for the whole run."""
    random = Random(seed)
    zone = ZoneInfo(ZONES[seed % len(ZONES)])
    local = datetime.fromisoformat(random.choice(NOWS))
    now = move(local.replace(tzinfo=zone).astimezone(ZoneInfo("UTC")).replace(tzinfo=None), 0, "day", zone)
    world = World(fresh_engine())
    for table, name, type_ in OWN:
        world.own(table, name, type_)
    for name, type_, question in QUESTIONS:
        world.own("answers", name, type_, question)
    for name, rule in SEGMENTS.items():
        world.segments[name] = parse(rule)
    Filler(world, random, When(now, zone)).fill(customers=24)
    return Stage(world, When(now, zone), world.everybody)


class Filler:
    """Fills every table with random rows."""

    def __init__(self, world: World, random: Random, when: When) -> None:
        self.world = world
        self.random = random
        self.when = when
        self.ids: list[str] = []
        self.made: dict[Type, Callable[[], Any]] = {
            Type.TEXT: self.text, Type.TEXTS: lambda: [self.text() for _ in range(random.randrange(3))],
            Type.NUMBER: lambda: float(random.choice([n for n in NUMBERS if n != Decimal("0.0001")])),
            Type.WHOLE: lambda: random.choice((0, 1, 2, 3, 5, -1, 100)), Type.DECIMAL: lambda: random.choice(NUMBERS),
            Type.MONEY: lambda: random.choice(NUMBERS), Type.YESNO: lambda: random.random() < 0.5,
            Type.MOMENT: self.moment, Type.DATE: self.day, Type.JSON: lambda: None}

    def text(self) -> str:
        return self.random.choice(TEXTS).strip()

    def moment(self) -> datetime:
        """Often on an edge, or a microsecond from one."""
        amount, unit = self.random.choice(DURATIONS)
        zone, now = self.when.zone, self.when.now
        moment = self.random.choice((
            lambda: move(now, -int(amount) if unit in ("month", "year") else -float(amount), unit, zone),
            lambda: day_start(date.fromisoformat(self.random.choice(DAYS[:10])), zone),
            lambda: day_start(local_day(now, zone) - timedelta(days=self.random.randrange(40)), zone),
            lambda: now - timedelta(seconds=self.random.randrange(200 * 86_400)),
            lambda: datetime.fromisoformat(self.random.choice(DAYS[:8])) + timedelta(hours=self.random.randrange(48)),
            lambda: now + timedelta(hours=self.random.randrange(100))))()
        return moment + timedelta(microseconds=self.random.choice((-1, 0, 0, 1)))

    def day(self) -> date:
        if self.random.random() < 0.5:
            return date.fromisoformat(self.random.choice(DAYS))
        return local_day(self.when.now, self.when.zone) + timedelta(days=self.random.randrange(-40, 20))

    def value(self, type_: Type) -> Any:
        return None if self.random.random() < 0.25 else self.made[type_]()

    def row(self, table: str, **fixed: Any) -> dict[str, Any]:
        return {n: fixed[n] if n in fixed else self.value(t) for n, t in self.world.columns(table).items()}

    def fill(self, customers: int) -> None:
        self.ids = [f"c{i}" for i in range(customers)]
        self.world.put("accounts", *(self.row("accounts", account_id=f"acc{i}") for i in range(3)))
        self.world.put("products", *(self.row("products", product_id=f"p{i}") for i in range(4)))
        self.world.put("customers", *(self.customer(i) for i in self.ids))
        self.world.put("scores", *(self.row("scores", customer_id=i) for i in self.ids[::2]))
        for table in ("orders", "lines", "messages", "visits", "checkouts", "events", "tickets", "answers"):
            rows = [self.fact(table, f"{n}") for n in range(self.random.randrange(20, 120))]
            self.world.put(table, *rows)

    def customer(self, customer_id: str) -> dict[str, Any]:
        seen = [None, self.when.now, self.when.now + timedelta(microseconds=1)]
        return self.row("customers", customer_id=customer_id, at=self.random.choice((None, None, *seen)),
                        account_id=self.random.choice((None, "acc0", "acc1", "gone")),
                        latitude=self.random.choice((None, -6.92222, 0.0, 90.0)),
                        longitude=self.random.choice((None, 107.60694, 0.0, 180.0)))

    def fact(self, table: str, key: str) -> dict[str, Any]:
        fixed: dict[str, Any] = {"customer_id": self.random.choice((None, *self.ids[:-2])),
                                 "at": self.value(Type.MOMENT)}
        for column in ("order_id", "message_id", "visit_id", "checkout_id", "event_id", "ticket_id", "survey"):
            if column in self.world.columns(table):
                fixed[column] = key
        if table == "lines":
            fixed |= {"line": 1, "product_id": self.random.choice((None, "p0", "p1", "p2", "p3", "gone"))}
        if table == "messages":
            fixed["type"] = self.random.choice((None, "opened", "clicked", "sent", "bounced"))
        if table == "answers":
            fixed["question"] = self.random.choice(("How likely?", "WHY? ", "Other"))
        if "properties" in self.world.columns(table):
            fixed["properties"] = self.properties(table)
        return self.row(table, **fixed)

    def properties(self, table: str) -> dict[str, Any] | None:
        own = {name: type_ for held, name, type_ in OWN if held == table}
        found = {n: _in_json(self.value(t)) for n, t in own.items() if self.random.random() < 0.8}
        for name in found:
            if self.random.random() < 0.1:
                found[name] = self.random.choice(("", "no number", "nan", True, 7, "2026-11-22",
                                                  "2026-11-22T12:00:00+05:30"))
        return found or None


def _in_json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds") + "Z"
    return value.isoformat() if isinstance(value, date) else value
