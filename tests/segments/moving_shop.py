"""A random shop that moves: facts of all kinds come late, are corrected and deleted, people are merged, the clock runs.

Beside the shop runs a model of who is in since when, which asks the rules in plain Python for everybody at every step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from regulars.model.clock import TICK
from regulars.model.settings import Settings
from regulars.rules import Condition, When, parse
from regulars.rules.edges import edges
from regulars.rules.oracle import Everybody, exists
from regulars.rules.passing import passing, whole
from regulars.rules.subjects import Person
from regulars.segments.saved import Segments
from tests.rules.shops import NOWS, OWN, QUESTIONS, ZONES, Filler
from tests.rules.world import PLACES, World, at, fresh_engine

FACTS = ("orders", "lines", "messages", "visits", "checkouts", "events", "tickets", "answers")
KEYS = {"orders": "order_id", "lines": "order_id", "messages": "message_id", "visits": "visit_id",
        "checkouts": "checkout_id", "events": "event_id", "tickets": "ticket_id", "answers": "survey"}
GAPS = (timedelta(0), timedelta(seconds=1), timedelta(minutes=1), timedelta(minutes=37), timedelta(hours=5),
        timedelta(days=1), timedelta(days=3), timedelta(days=31), timedelta(days=200))


@dataclass
class Since:
    """Who is in a segment by the model, since when, and who was, from when to when; ``new`` before the first look."""

    rule: Condition
    members: dict[str, datetime] = field(default_factory=dict)
    gone: set[tuple[str, datetime, datetime]] = field(default_factory=set)
    new: bool = True
    edited: bool = False


class MovingShop:
    """The shop, its clock, and the model."""

    def __init__(self, seed: int, gaps: Sequence[timedelta] = GAPS) -> None:
        self.gaps = gaps
        self.random = Random(seed)
        self.zone = ZoneInfo(ZONES[seed % len(ZONES)])
        self.now = at(self.random.choice(NOWS), self.zone)
        self.world = World(fresh_engine())
        self._name_things()
        self.filler = Filler(self.world, self.random, When(self.now, self.zone))
        self.filler.fill(customers=14)
        self.serial = 0
        self.segments = Segments(self.world.engine, Settings(timezone=self.zone.key))
        self.model: dict[str, Since] = {}
        self.touched: dict[str, datetime] = {}
        self.everybody_touched: datetime | None = None
        self.before = self.now

    def _name_things(self) -> None:
        run = self.world.engine.execute
        for table, name, type_ in OWN:
            self.world.own(table, name, type_)
            run("INSERT INTO fields (table_name, name, type, label) VALUES (?, ?, ?, ?)",
                [table, name, type_.value, name])
        for name, type_, question in QUESTIONS:
            self.world.own("answers", name, type_, question)
            run("INSERT INTO fields (table_name, name, type, label) VALUES ('answers', ?, ?, ?)",
                [name, type_.value, question])
        for name, (latitude, longitude) in PLACES.items():
            run("INSERT INTO places VALUES (?, ?, ?)", [name, latitude, longitude])

    # what happens

    def save(self, name: str, text: str) -> None:
        """A segment that others may lean on."""
        self.add_segment(parse(text), name)

    def add_segment(self, rule: Condition, name: str = "") -> None:
        name = name or f"s{len(self.model)}"
        self.segments.add(name, rule.text(), now=self.now)
        self.world.segments[name] = rule
        self.model[name] = Since(rule)

    def edit_segment(self, rule: Condition, name: str = "") -> None:
        """Another rule, for one of those that nothing leans on unless one is named."""
        name = name or self.random.choice([n for n in sorted(self.model) if n.startswith("s")])
        self.segments.change(name, rule=rule.text(), now=self.now)
        self.world.segments[name] = self.model[name].rule = rule
        self.model[name].edited = True

    def crowd(self, apart: timedelta) -> None:
        """Rows of every kind one after another of a few customers: some cross an edge while newer ones count."""
        for who in self.filler.ids[:4]:
            for table in FACTS:
                rows = [self.filler.fact(table, f"c{who}_{i}") for i in range(25)]
                self.world.put(table, *({**row, "customer_id": who, "at": self.now - apart * i}
                                        for i, row in enumerate(rows)))

    def wait(self) -> None:
        self.now += self.random.choice(self.gaps) + timedelta(microseconds=self.random.choice((0, 0, 1)))
        self.filler.when = When(self.now, self.zone)

    def happen(self) -> None:
        """One change of facts, told to the shop now."""
        self.random.choice((self.add_facts, self.add_facts, self.repeat_fact, self.correct_fact, self.delete_fact,
                            self.change_customer, self.add_customer, self.add_customer, self.merge, self.erase,
                            self.change_product, self.score))()

    def add_facts(self) -> None:
        table = self.random.choice(FACTS)
        self.serial += 1
        rows = [self.filler.fact(table, f"n{self.serial}_{i}") for i in range(self.random.randrange(1, 4))]
        self.world.put(table, *rows)
        self._learnt([r["customer_id"] for r in rows], table)

    def buy_now(self) -> None:
        """Three customers order at this moment, and the shop hears of it."""
        self.serial += 1
        whom = self.random.sample(self.filler.ids, 3)
        self.world.put("orders", *({**self.filler.fact("orders", f"b{self.serial}_{who}"), "customer_id": who,
                                    "at": self.now, "counted": True} for who in whom))
        self._learnt(whom, "orders")

    def repeat_fact(self) -> None:
        table = self.random.choice(FACTS)
        if self.world.rows.get(table):
            self._learnt([self.random.choice(self.world.rows[table])["customer_id"]], table)

    def correct_fact(self) -> None:
        table = self.random.choice(FACTS)
        if self.world.rows.get(table):
            old = self.random.choice(self.world.rows[table])
            fresh = self.filler.fact(table, old[KEYS[table]])
            self._replace(table, [r for r in self.world.rows[table] if r is not old] + [fresh])
            self._learnt([old["customer_id"], fresh["customer_id"]], table)

    def delete_fact(self) -> None:
        table = self.random.choice(FACTS)
        if self.world.rows.get(table):
            old = self.random.choice(self.world.rows[table])
            self._replace(table, [r for r in self.world.rows[table] if r is not old])
            self._learnt([old["customer_id"]], table)

    def change_customer(self) -> None:
        who = self.random.choice(self.filler.ids)
        self._replace("customers", [self.filler.customer(who) if r["customer_id"] == who else r
                                    for r in self.world.rows["customers"]])
        self._learnt([who])

    def add_customer(self) -> None:
        """One who comes with facts, as many as those have who go: the shop stays as full as it was."""
        self.serial += 1
        who = f"d{self.serial}"
        self.filler.ids.insert(0, who)
        self.world.put("customers", self.filler.customer(who))
        for table in FACTS:
            rows = [self.filler.fact(table, f"{who}_{i}") for i in range(self.random.randrange(1, 7))]
            self.world.put(table, *({**row, "customer_id": who} for row in rows))
        self._learnt([who])

    def merge(self) -> None:
        if len(self.filler.ids) > 6:
            kept, absorbed = self.random.sample(self.filler.ids, 2)
            for table in FACTS:
                rows = self.world.rows.get(table, [])
                self._replace(table, [{**r, "customer_id": kept} if r["customer_id"] == absorbed else r for r in rows])
            self._remove_customer(absorbed)
            self._learnt([kept, absorbed])

    def erase(self) -> None:
        if len(self.filler.ids) > 6:
            gone = self.random.choice(self.filler.ids)
            for table in FACTS:
                rows = self.world.rows.get(table, [])
                self._replace(table, [r for r in rows if r["customer_id"] != gone])
            self._remove_customer(gone)
            self._learnt([gone])

    def change_product(self) -> None:
        which = f"p{self.random.randrange(4)}"
        self._replace("products", [self.filler.row("products", product_id=which) if r["product_id"] == which else r
                                   for r in self.world.rows["products"]])
        self._learnt([r["customer_id"] for r in self.world.rows["lines"] if r["product_id"] == which])

    def score(self) -> None:
        self._replace("scores", [self.filler.row("scores", customer_id=i) for i in self.filler.ids[::2]])
        self._learnt(None)

    def _remove_customer(self, who: str) -> None:
        self.filler.ids.remove(who)
        for table in ("customers", "scores"):
            self._replace(table, [r for r in self.world.rows[table] if r["customer_id"] != who])

    def _replace(self, table: str, rows: list[dict[str, Any]]) -> None:
        self.world.engine.execute(f"DELETE FROM {table}")
        self.world.rows[table] = []
        if rows:
            self.world.put(table, *rows)

    def _learnt(self, whom: Sequence[str | None] | None, table: str = "") -> None:
        """The shop hears that facts of these changed, of everybody where none are named; now and then it is told that
        it was this table alone."""
        run = self.world.engine.execute
        run("UPDATE meta SET value = (value::BIGINT + 1)::VARCHAR WHERE key = 'facts_version'")
        ids = [""] if whom is None else sorted({w for w in whom if w is not None})
        if not ids:
            ids = [""]
        self.world.engine.register("told", pa.table({"who": ids}))
        run("INSERT INTO changed_customers SELECT (SELECT value::BIGINT FROM meta WHERE key = 'facts_version'), $1, "
            "who, $2::VARCHAR[] FROM told", [self.now, [table] if table and self.random.random() < 0.7 else None])
        self.world.engine.unregister("told")
        if ids == [""]:
            self.everybody_touched = self.now
        self.touched |= dict.fromkeys(ids, self.now)

    def step(self) -> None:
        """Time passes, up to two things happen, time may pass again, and everybody is held against the model."""
        self.wait()
        for _ in range(self.random.randrange(3)):
            self.happen()
        if self.random.random() < 0.3:
            self.wait()
        self.look()

    # what must be

    def look(self) -> None:
        """Advance shop and model to now, and hold them against each other."""
        self.segments.advance(self.now, ranks_every=timedelta(0))
        everybody, found = self.world.everybody, self._members()
        for name, known in self.model.items():
            self._advance_model(known, everybody)
            assert found[name] == (known.members, known.gone), \
                f"{name}: {known.rule.text()} from {self.before} to {self.now} {self.zone}"
        assert {s.name: s.members for s in self.segments.list()} == {n: len(m.members) for n, m in self.model.items()}
        assert self._told_twice() == []
        for known in self.model.values():
            known.new = known.edited = False
        self.before, self.touched, self.everybody_touched = self.now, {}, None

    def _told_twice(self) -> list[tuple[Any, ...]]:
        """Whoever was told to have come, and came again without having gone, or the other way round."""
        return self.world.engine.rows(
            "SELECT segment, customer_id, what FROM changes QUALIFY what = lag(what) OVER (PARTITION BY segment, "
            "customer_id ORDER BY seq)")

    def _members(self) -> dict[str, tuple[dict[str, datetime], set[tuple[str, datetime, datetime]]]]:
        """Who is in since when, and who was, of all segments at once: asked one by one it takes as long as looking."""
        found: dict[str, tuple[dict[str, datetime], set[tuple[str, datetime, datetime]]]] = {
            name: ({}, set()) for name in self.model}
        for name, who, since, until in self.world.engine.rows(
                'SELECT segment, customer_id, since, "until" FROM memberships'):
            if until is None:
                found[name][0][who] = since
            else:
                found[name][1].add((who, since, until))
        return found

    def rebuild(self) -> None:
        """Everybody looked at anew by the shop itself differs in nothing, and each segment tells who is in."""
        assert self.segments.rebuild(self.now).by_segment == {}
        for name, known in self.model.items():
            assert {r["customer_id"]: r["since"] for r in self.segments.members(name).to_pylist()} == known.members

    def _advance_model(self, known: Since, everybody: Everybody) -> None:
        when, vocabulary = When(self.now, self.zone), self.world.vocabulary
        inside = set(everybody.members(known.rule, when))
        at_once = known.new or known.edited or self._leans_on_edited(known.rule) or \
            passing(known.rule, vocabulary).of_all
        for who in sorted(inside - set(known.members)):
            known.members[who] = self.now if at_once else self._moment(known.rule, who, True, everybody)
        for who in sorted(set(known.members) - inside):
            until = self.now if at_once else self._moment(known.rule, who, False, everybody)
            since = known.members.pop(who)
            if until > since:  # who came and went in one moment was not in
                known.gone.add((who, since, until))

    def _leans_on_edited(self, rule: Condition) -> bool:
        fresh = [m.rule for m in self.model.values() if m.new or m.edited]
        return any(each is other for each in list(whole(rule, self.world.vocabulary))[1:] for other in fresh)

    def _moment(self, rule: Condition, who: str, inside: bool, everybody: Everybody) -> datetime:
        """The last moment it turned by time since the shop last learnt of the customer; else when it learnt of them."""
        heard = self.touched.get(who, self.everybody_touched)
        start = max(heard or self.before, self.before)
        person = everybody.people.get(who)
        if person is not None:
            for moment in sorted((m for m in self._steps(rule, person) if start < m <= self.now), reverse=True):
                earlier = When(moment - TICK, self.zone)
                if (exists(person, earlier) and rule.holds(person, earlier)) is not inside:
                    return moment
        # What is told in the moment of a look, after it, is known just after.
        return self.now if heard is None else min(max(heard, self.before + TICK), self.now)

    def _steps(self, rule: Condition, person: Person) -> set[datetime]:
        """Every moment at which time alone may turn the rule."""
        moments = {m for each in whole(rule, self.world.vocabulary)
                   for m in edges(each, person, When(self.now, self.zone))}
        known_since = person.attributes.get("at") or person.attributes.get("signed_up_at") or (
            None if person.attributes.get("described") else person.attributes.get("first_seen"))
        return moments | ({known_since} if known_since else set())
