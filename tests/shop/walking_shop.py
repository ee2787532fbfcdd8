"""A shop to which everything happens by its own doors: messages, files, files taken back, merges, erasures, edits.

Beside it goes somebody who reads on in ``changes`` and keeps who is in from that alone.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path
from random import Random
from typing import Any

from regulars.errors import RegularsError, RuleError
from regulars.segments import changes
from regulars.shop import Shop
from tests.intake.live.live_shop import NOON, LiveShop, identify, track

Json = dict[str, Any]
USERS, BROWSERS, SKUS, COMPANIES = ("U1", "U2", "U3", "U4"), ("a1", "a2"), ("S1", "S2", "S3"), ("g1", "g2")
RULES = {
    "Base": "count(orders) >= 1", "Top": "top 30% by sum(orders.total)", "On base": "in segment 'Base' and any(visits)",
    "Not top": "not in segment 'Top'", "Any": "any(orders)", "Spent": "sum(orders.total in last 30 days) > 20",
    "Back": "any(orders where returned)", "Earned": "sum(orders.margin) > 5", "Full": "any(lines where tags contains "
    "'x')", "Mugs": "favourite(lines.category) = 'Mugs'", "Two": "distinct(lines.product) >= 2",
    "Lately": "any(orders in last 10 minutes)", "Quiet": "stopped(visits for 5 minutes)", "Gap": "gap(orders) < 3",
    "Day": "last(orders) in last 2 days", "Since": "since(orders) < 0.5", "Left": "any(checkouts where not completed) "
    "and no(orders in last 1 day)", "Closed": "any(tickets where (closed in last 3 hours))", "NPS": "answer.nps > 5",
    "Plan": "any(events where name = 'Trial Started' and plan = 'pro')", "Mail":
    "count(engagements in last 1 hour) >= 1",
    "Then": "sequence(checkouts then no orders within 1 hour)", "Often": "regularly(orders every 1 day, 1 of 3)",
    "Here": "city = 'Utrecht' or account.employees > 10", "Yes": "email_consent", "Old": "age > 35", "Today":
    "any(orders today)", "Near": "within 50 km of 'Melbourne'", "Few": "bottom 30% by since(orders)"}
OTHERS = ("any(visits)", "any(orders in last 1 hour)", "top 40% by count(orders)", "sum(lines.amount) > 30",
          "any(orders where channel = 'store')")
SHORT = ("Base", "On base", "Any", "Spent", "Earned", "Lately", "Left", "Mugs")
GAPS = (timedelta(seconds=3), timedelta(minutes=1), timedelta(minutes=4), timedelta(minutes=40), timedelta(hours=20))


class WalkingShop:
    """The shop at ``folder`` and its clock; `step` lets something happen, looks, and holds all against each other."""

    def __init__(self, folder: Path, seed: int, rules: Sequence[str] = tuple(RULES)) -> None:
        self.random = Random(seed)
        self.folder = folder
        self.now = NOON
        self.serial = 0
        self.orders: list[str] = []
        self.kinds: dict[Path, str] = {}
        self._open()
        self.asked = {name: RULES[name] for name in rules}
        self.told: dict[str, set[str]] = {}
        self.read = 0

    def _open(self) -> None:
        self.shop = Shop.open(self.folder)
        self.live = LiveShop(self.shop)

    # what happens

    def step(self) -> None:
        self.now += self.random.choice(GAPS)
        acts: list[Callable[[], object]] = [
            self.messages, self.messages, self.messages, self.messages, self.messages, self.file, self.file, self.file,
            self.file_again, self.undo, self.merge, self.unmerge, self.erase, self.edit, self.add_again, self.settle,
            self.score, self.open_again]
        self.what = self.random.choice(acts)
        try:
            self.what()
        except RegularsError as error:  # a file that names nobody, a segment that others lean on …
            assert error.code != "internal"
        self.look()

    def messages(self) -> None:
        self.live.bring(*(self._message() for _ in range(self.random.choice((1, 1, 2, 5)))), at=self.now)
        self.live.settle(self.now)

    def _message(self) -> Json:
        made = self.random.choice((self._order, self._order, self._update, self._refund, self._seen, self._person,
                                   self._company, self._same))()
        ago = self.random.choice((timedelta(0), timedelta(minutes=9), timedelta(hours=1), timedelta(days=2)))
        said = {**made, "timestamp": f"{(self.now - ago).isoformat()}Z", "messageId": self._number("m")}
        return {k: v for k, v in said.items() if v is not None}

    def _by(self, event: str, properties: Json) -> Json:
        user = self.random.choice((*USERS, None))
        browser = self.random.choice((None, *BROWSERS)) if user else self.random.choice(BROWSERS)
        return track(event, user, {k: v for k, v in properties.items() if v is not None}, anonymousId=browser)

    def _goods(self) -> list[Json]:
        return [{"sku": sku, "price": self.random.choice((5, 20.5)), "quantity": self.random.randrange(1, 3),
                 "category": self.random.choice(("Mugs", "Hats"))} for sku in self.random.sample(SKUS, 2)]

    def _order(self) -> Json:
        self.orders.append(self._number("L"))
        return self._by("Order Completed", {"order_id": self.orders[-1], "products": self._goods(), "total":
                                            self.random.choice((None, 20, 60)), "checkout_id": self._one_of("c")})

    def _update(self) -> Json:
        return self._by(self.random.choice(("Order Updated", "Order Cancelled")), {
            "order_id": self.random.choice([*self.orders, "L0"]),
            "products": self.random.choice((None, self._goods()))})

    def _refund(self) -> Json:
        part = self.random.choice(({}, {"refund": 4}, {"products": [{"sku": self.random.choice(SKUS), "quantity": 1}]}))
        return self._by("Order Refunded", {"order_id": self.random.choice([*self.orders, "L0"]),
                                           "refund_id": self._number("r"), **part})

    def _seen(self) -> Json:
        event, said = self.random.choice((
            ("Product Viewed", {"sku": "S1"}), ("Checkout Started", {"checkout_id": self._one_of("c"), "value": 9}),
            ("Trial Started", {"plan": self.random.choice(("pro", "free"))}), ("Email Opened", {"email_id": "e"}),
            ("Ticket Created", {"ticket_id": self._one_of("t")}), ("Ticket Closed", {"ticket_id": self._one_of("t")}),
            ("Survey Answered", {"survey": "s", "question": "NPS", "answer": self.random.randrange(11)}),
            ("Email Subscribed", {}), ("Email Unsubscribed", {})))
        return self._by(event, said)

    def _person(self) -> Json:
        user = self.random.choice(USERS)
        return identify(user, {
            "email": self.random.choice((f"{user}@x.example", "ada@bloem.example", None)), "birthday": "1991-11-24",
            "city": self.random.choice(("Utrecht", "Rome")), "company": {"id": self.random.choice(COMPANIES)}})

    def _company(self) -> Json:
        return {"type": "group", "userId": self.random.choice(USERS), "groupId": self.random.choice(COMPANIES),
                "traits": {"employees": self.random.choice((5, 50))}}

    def _same(self) -> Json:
        return {"type": "alias", "userId": self.random.choice(USERS),
                "previousId": self.random.choice((*USERS, *BROWSERS))}

    def _number(self, prefix: str) -> str:
        self.serial += 1
        return f"{prefix}{self.serial}"

    def _one_of(self, prefix: str) -> str:
        return f"{prefix}{self.random.randrange(4)}"

    def file(self) -> None:
        """A few rows of some table, of people and orders that are known or new."""
        pick, when = self.random.choice, f"{self.now - self.random.choice(GAPS):%Y-%m-%dT%H:%M:%SZ}"
        who = pick([*self._ids("customers", "customer_id"), self._number("N")])
        order = pick([*self._ids("orders", "order_id")[:8], self._number("F")])
        kind, row = pick((
            ("orders", {"order_id": order, "customer_id": who, "at": when, "total": pick((5, 70)),
                        "status": pick(("paid", "cancelled", "refunded")), "channel": "store"}),
            ("lines", {"order_id": order, "customer_id": who, "at": when, "product_id": pick(SKUS), "quantity": 2,
                       "unit_price": 12}),
            ("products", {"product_id": pick(SKUS), "category": pick(("Mugs", "Hats")), "unit_cost": pick((1, 30)),
                          "tags": pick(("x", "y"))}),
            ("tickets", {"ticket_id": self._one_of("t"), "customer_id": who, "opened": when,
                         "closed": pick(("", when))}),
            ("visits", {"visit_id": self._one_of("v"), "customer_id": who, "at": when}),
            ("checkouts", {"checkout_id": self._one_of("c"), "customer_id": who, "at": when,
                           "completed": "no"}),
            ("customers", {"customer_id": who, "city": "Utrecht", "latitude": -37.81, "longitude": 144.96}),
            ("customers", {"customer_id": who, "city": "Rome", "latitude": 28.08, "longitude": -80.61}),
            ("accounts", {"account_id": pick(COMPANIES), "name": "G", "employees": pick((5, 50))})))
        path = self.folder.parent / f"{self._number('file')}.csv"
        with path.open("w", newline="") as handle:
            csv.writer(handle).writerows([row.keys(), row.values()])
        self.kinds[path] = kind
        self._bring_in(path)

    def _ids(self, table: str, key: str) -> list[str]:
        return [found for found, in self.shop.engine.rows(f"SELECT {key} FROM {table} ORDER BY 1")]

    def _bring_in(self, path: Path) -> None:
        self.shop.import_file(path, now=self.now.replace(tzinfo=UTC), as_=self.kinds[path], good_rows=True)

    def file_again(self) -> None:
        if self.kinds:
            self._bring_in(self.random.choice(list(self.kinds)))

    def undo(self) -> None:
        done = [r.import_id for r in self.shop.imports.receipts()
                if r.undone_at is None and not r.recognised_as.endswith("live")]
        if done:
            self.shop.undo_import(self.random.choice((done[0], done[-1])), now=self.now.replace(tzinfo=UTC))

    def merge(self) -> None:
        self.shop.customers.merge(*self.random.sample(self._ids("customers", "customer_id"), 2), now=self.now)

    def unmerge(self) -> None:
        if merges := self.shop.customers.merges():
            self.shop.customers.unmerge(self.random.choice(merges).merge_id, now=self.now)

    def erase(self) -> None:
        people = self._ids("customers", "customer_id")
        if len(people) > 6:
            self.shop.customers.erase(self.random.choice(people), now=self.now)

    def edit(self) -> None:
        """Another rule, or only another note; more often of those that others lean on."""
        name = self.random.choice([*(n for n in ("Base", "Top") if n in self.told), *self.told])
        rule = self.random.choice((*OTHERS, self.asked[name], self.asked[name]))
        self.shop.segments.change(name, rule=rule, note=self._number("note "), now=self.now)
        self.asked[name] = rule

    def add_again(self) -> None:
        name = self.random.choice(list(self.told))
        self.shop.segments.remove(name, now=self.now)
        self.read_on()
        del self.told[name]

    def settle(self) -> None:
        self.settings = replace(self.shop.settings, country=self.random.choice(("NL", "US", "AU")),
                                timezone=self.random.choice(("Asia/Jakarta", "Europe/Amsterdam")))
        self.shop.settings = self.settings
        for made in ("segments", "imports", "customers"):
            self.shop.__dict__.pop(made, None)

    def score(self) -> None:
        """Scores of everybody are others."""
        self.shop.refresh_scores(now=self.now.replace(tzinfo=UTC))

    def open_again(self) -> None:
        settings = self.shop.settings
        self.live.log.close()
        self.shop.close()
        self._open()
        self.shop.settings = settings

    # what must be

    def look(self) -> None:
        for name in self.asked.keys() - self.told.keys():
            try:
                self.shop.segments.add(name, self.asked[name], now=self.now)
            except RuleError:  # it speaks of what the shop does not know yet, or not any more
                continue
            self.told[name] = set()
        self.shop.segments.advance(self.now, ranks_every=timedelta(0))
        self.read_on()
        self.agree()

    def read_on(self) -> None:
        """Take what the changes say, each a coming of somebody who was not in or a going of somebody who was."""
        for each in changes.since(self.shop.engine, self.read, 100_000):
            inside = self.told[each.segment]
            assert (each.customer_id in inside) is (each.what == "left"), each
            (inside.discard if each.what == "left" else inside.add)(each.customer_id)
            self.read = each.seq

    def agree(self) -> None:
        """Who is in, by memberships and by whoever reads on, is who is in by the rules asked of everybody anew."""
        known = {s.name: s for s in self.shop.segments.list() if not s.failed}
        answers = self.shop.evaluate_at({name: self.asked[name] for name in known}, self.now)
        for name, segment in known.items():
            must = set(answers.filter(answers[name])["customer_id"].to_pylist())
            members = self.shop.segments.members(name)
            if set(members["why"].to_pylist()) == {"first look"} and not self.told[name]:
                self.told[name] = set(members["customer_id"].to_pylist())
            assert set(members["customer_id"].to_pylist()) == must, (name, self.asked[name], self.what)
            assert self.told[name] == must, (name, self.asked[name], self.what)
            assert segment.members == len(must), (name, self.asked[name], self.what)

    def rebuild(self) -> None:
        assert self.shop.segments.rebuild(self.now).differences == 0
        self.read_on()
        assert self.shop.check().problems == ()

    def close(self) -> None:
        self.live.log.close()
        self.shop.close()
