"""The rule language in plain Python over plain rows: slow, obvious, and what the engines are held to.

Rows are dicts as they stand in the shop's tables; money is Decimal, moments are naive UTC.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from regulars.rules.subjects import Person, Row, When, fold
from regulars.rules.tree import Condition
from regulars.rules.vocabulary import Vocabulary

Rows = Sequence[Mapping[str, Any]]


class Everybody:
    """A whole shop: people with their facts, and who is in which segment."""

    def __init__(self, tables: Mapping[str, Rows], vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
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
        return self.vocabulary.segment(name).holds(self.people[customer_id], when)

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
            if fact.types and (row["type"] not in fact.types or row.get("machine")):
                continue
            found[row["customer_id"]][fact.name].append(Row(_columns(fact.table, row, products, vocabulary)))
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
        columns |= _answer(row, vocabulary)
    columns |= row.get("properties") or {}
    return columns


def _answer(row: Mapping[str, Any], vocabulary: Vocabulary) -> dict[str, Any]:
    """Under which attribute an answer is found, and what it is worth there."""
    for name, field in vocabulary.attributes.items():
        if field.holder == "answers" and fold(field.column) == fold(row["question"] or ""):
            return {"question_key": name.removeprefix("answer."),
                    "answer": row["number"] if field.type.numeric else row["value"]}
    return {}


def judge(rules: Iterable[Condition], everybody: Everybody, when: When) -> list[list[str]]:
    """Members of each rule, for tests that compare many."""
    return [everybody.members(rule, when) for rule in rules]
