"""The rule language in plain Python over plain rows: slow, obvious, and what the engines are held to.

Rows are dicts as they stand in the shop's tables; money is Decimal, moments are naive UTC.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from regulars.rules.constructs.segment import InSegment
from regulars.rules.subjects import Person, Row, When, fold
from regulars.rules.tree import Condition, Value
from regulars.rules.vocabulary import Vocabulary

Rows = Sequence[Mapping[str, Any]]


class Everybody:
    """A whole shop: people with their facts, and who is in which segment."""

    def __init__(self, tables: Mapping[str, Rows], vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._when: When | None = None
        self._in_segment: dict[tuple[str, str], bool] = {}
        self._order: dict[str, list[tuple[str, Condition]]] = {}
        self._known: dict[str, list[Any]] = {}
        products = {p["product_id"]: p for p in tables.get("products", ())}
        accounts = {a["account_id"]: a for a in tables.get("accounts", ())}
        scores = {s["customer_id"]: s for s in tables.get("scores", ())}
        facts = _facts(tables, products, vocabulary)
        self.people = {c["customer_id"]: Person(c["customer_id"], _attributes(c, accounts, scores),
                                                facts.get(c["customer_id"], {}), self)
                       for c in tables.get("customers", ())}

    def everybody(self, when: When) -> list[Person]:
        """Who exists at ``now``."""
        return [p for p in self.people.values() if exists(p, when)]

    def in_segment(self, name: str, customer_id: str, when: When) -> bool:
        """Segments that others lean on are judged first, each once: deep chains need no deep recursion."""
        self._at(when)
        if (fold(name), customer_id) not in self._in_segment:
            for each, tree in self._leaned_on(fold(name)):
                if (each, customer_id) not in self._in_segment:
                    self._in_segment[each, customer_id] = tree.holds(self.people[customer_id], when)
        return self._in_segment[fold(name), customer_id]

    def _leaned_on(self, name: str) -> list[tuple[str, Condition]]:
        if name not in self._order:
            self._order[name] = [(each, self.vocabulary.segment(each)) for each in leaned_on(name, self.vocabulary)]
        return self._order[name]

    def known(self, value: Value, when: When) -> list[Any]:
        """What is known of a value of all who exist, in order."""
        self._at(when)
        if value.text() not in self._known:
            found = [value.of(person, when) for person in self.everybody(when)]
            self._known[value.text()] = sorted(v for v in found if v is not None)
        return self._known[value.text()]

    def _at(self, when: When) -> None:
        """What is remembered is of one moment."""
        if when != self._when:
            self._when, self._in_segment, self._known = when, {}, {}

    def place(self, name: str) -> tuple[float, float]:
        return self.vocabulary.place(name)

    def members(self, rule: Condition, when: When) -> list[str]:
        """Customer ids of whom the rule is true, sorted."""
        return sorted(p.customer_id for p in self.everybody(when) if rule.holds(p, when))


def exists(person: Person, when: When) -> bool:
    """Whether the shop knew of them at ``now``."""
    attributes = person.attributes
    since: datetime | None = attributes.get("at") or attributes.get("signed_up_at")
    if since is None and not attributes.get("described"):
        since = attributes.get("first_seen")
    return since is None or since <= when.now


def _attributes(customer: Mapping[str, Any], accounts: Mapping[str, Any], scores: Mapping[str, Any]) -> dict[str, Any]:
    account = accounts.get(customer.get("account_id") or "", {})
    return {**scores.get(customer["customer_id"], {}), **customer, **{f"account.{k}": v for k, v in account.items()}}


def _facts(tables: Mapping[str, Rows], products: Mapping[str, Any],
           vocabulary: Vocabulary) -> dict[str, dict[str, list[Row]]]:
    """Customer -> fact -> rows."""
    found: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for fact in vocabulary.facts.values():
        for row in tables.get(fact.table, ()):
            if row.get("customer_id") is None or row.get("at") is None:
                continue
            if fact.counted_only and not row["counted"]:
                continue
            if fact.types and (fold(row["type"] or "") not in fact.types or row.get("machine")):
                continue
            own = {n: (f.column, f.type) for n, f in fact.columns.items() if f.property}
            found[row["customer_id"]][fact.name].append(Row(_columns(fact.table, row, products, vocabulary), own))
    return found


def _columns(table: str, row: Mapping[str, Any], products: Mapping[str, Any], vocabulary: Vocabulary) -> dict[str, Any]:
    columns = dict(row)
    if table == "orders" and row["total"] is not None:
        columns["total"] = row["total"] - (row["refunded"] or 0)
    if table == "lines":
        product = products.get(row["product_id"], {})
        columns |= {n: product.get(n) for n in ("category", "brand", "vendor", "tags", "released_at")}
        columns["product"] = product.get("name") or row.get("product_name") or row["product_id"]
    if table == "answers":
        columns["answers"] = _answers(row, vocabulary)
    return columns


def _answers(row: Mapping[str, Any], vocabulary: Vocabulary) -> dict[str, Any]:
    """Under which attributes an answer is found, and what it is worth there."""
    questions = {n: f for n, f in vocabulary.attributes.items() if f.holder == "answers"}
    asked = {n: row["number"] if f.type.numeric else row["value"] for n, f in questions.items()
             if fold(f.column) == fold(row["question"] or "")}
    return {name: answer for name, answer in asked.items() if answer is not None}


def leaned_on(name: str, vocabulary: Vocabulary) -> list[str]:
    """A segment and all it leans on, each after those it leans on itself; the trees hold no circle."""
    order: list[str] = []
    pending = [(fold(name), False)]
    while pending:
        each, done = pending.pop()
        if done:
            order.append(each)
        elif each not in order:
            pending.append((each, True))
            pending += [(fold(n.name), False) for n in vocabulary.segment(each).walk() if isinstance(n, InSegment)]
    return list(dict.fromkeys(order))


def judge(rules: Iterable[Condition], everybody: Everybody, when: When) -> list[list[str]]:
    """Members of each rule, for tests that compare many."""
    return [everybody.members(rule, when) for rule in rules]
