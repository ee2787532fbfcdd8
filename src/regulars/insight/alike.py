"""People like one customer: those who behave most like them, restated as a short rule."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import pyarrow as pa

from regulars.errors import NotFound, Refused
from regulars.insight.buckets.features import Feature, offered
from regulars.insight.buckets.found import GROWN, sampled, values_of, whole
from regulars.insight.buckets.rules import Short, shortest, stairs
from regulars.insight.buckets.space import Floats, Ints, balanced, measured
from regulars.insight.common import Analysis, Facts, Result, among, asked
from regulars.insight.common.refusals import why
from regulars.insight.common.sql import NET
from regulars.model.phrases import Own, Sentence, Share, phrases

text, counted = phrases("regulars.insight", "alike")

ENOUGH = 30
FEWEST, PART, MOST = 15, 0.03, 300
"""How many are taken for the nearest: a part of everybody, within these bounds."""
CONDITIONS = 3
LOOSE = 0.5
COMPARED = "compared_customers"
SCHEMA = pa.schema([("customer_id", pa.string()), ("name", pa.string()), ("distance", pa.float64()),
                    ("held", pa.bool_())])


@dataclass(frozen=True)
class Alike(Analysis):
    """The customers nearest to one by what they do (every side of behaviour weighs alike, as in buckets), as a rule.

    The rule has at most three conditions, each true of the customer, and is the one of those that has most in common
    with the nearest: ``recall`` is the part of them it takes in, ``precision`` the part of whom it takes in that are
    among them. Rows are the nearest, the nearest first: ``customer_id``, ``name``, ``distance``, and ``held``, whether
    the rule is true of them. Numbers: ``customer``, ``rule``, ``people`` it is true of, ``recall``, ``precision``.
    Age and gender are never among what is compared.
    """

    customer: str = field(default="", metadata={"help": "The customer's id; who spent most, unless said."})
    nearest: int | None = field(default=None, metadata={"help": "How many are taken for the nearest."})
    seed: int = field(default=1, metadata={"help": "The same seed looks at the same sample of a large shop."})

    def run(self, shop: Facts, now: datetime) -> Result:
        if self.nearest is not None and self.nearest < 2:
            raise Refused(why("It takes at least 2 to be alike."))
        with among(shop, self.segment, now) as people:
            n = shop.engine.value(f"SELECT count(*) FROM {people}")
            asked(ENOUGH, n, why("customers"), why("Who is alike"))
            who, name = _customer(shop, self.customer, people, now)
            features = offered(shop, people, now)
            values = _values(shop, features, people, who, now, self.seed)
        ids = values.column("customer_id").to_pylist()
        near, away = _nearest(values, features, ids.index(who), self.nearest or min(max(FEWEST, round(PART * n)), MOST))
        short = _restated(values, features, near)
        rule = whole(self.segment, short.rule or "everyone")
        held = shop.members_at(rule, now).column(0).to_pylist()
        return Result("alike", _method(len(near)), "Escofier & Pagès 1994 (balancing of sides)", now, n, self.said,
                      _rows(shop, [ids[i] for i in near], away[near], set(held)),
                      _findings(name, short, len(held), len(near)), _caveats(short),
                      numbers={"customer": who, "rule": rule, "people": len(held), "recall": short.recall,
                               "precision": short.precision})


def _customer(shop: Facts, asked_for: str, people: str, now: datetime) -> tuple[str, str]:
    """Id and name of the customer asked for, or of who spent most; raises `NotFound`."""
    wanted, values = ("customer_id = ?", [asked_for, now]) if asked_for else ("true", [now])
    rows = shop.engine.rows(
        f"WITH wanted AS (SELECT customer_id FROM {people} WHERE {wanted}), spent AS (SELECT customer_id, sum({NET}) AS"
        ' spent FROM orders SEMI JOIN wanted USING (customer_id) WHERE counted AND "at" <= ? GROUP BY 1)'
        " SELECT customer_id, coalesce(name, customer_id) FROM wanted LEFT JOIN spent USING (customer_id)"
        " LEFT JOIN customers USING (customer_id) ORDER BY coalesce(spent, 0) DESC, customer_id LIMIT 1", values)
    if not rows:
        raise NotFound(why("There is no customer '{asked_for}' among them.", asked_for=asked_for))
    return str(rows[0][0]), str(rows[0][1])


def _values(shop: Facts, features: list[Feature], people: str, who: str, now: datetime, seed: int) -> pa.Table:
    """What is compared of a sample of the customers, the one among them."""
    with sampled(shop, people, seed, GROWN) as few:
        shop.engine.execute(f"CREATE OR REPLACE TEMP TABLE {COMPARED} AS SELECT customer_id FROM {few} UNION SELECT ?",
                            [who])
    try:
        return values_of(shop, features, now, COMPARED)
    finally:
        shop.engine.execute(f"DROP TABLE {COMPARED}")


def _nearest(values: pa.Table, features: list[Feature], her: int, many: int) -> tuple[Ints, Floats]:
    """Positions of the nearest, the customer first; and how far everybody is."""
    points = balanced(measured(values, features), [f.block for f in features])
    away = np.linalg.norm(points - points[her], axis=1)
    order = np.lexsort((np.arange(len(away)), away))
    return np.concatenate(([her], order[order != her][:many - 1])), away


def _restated(values: pa.Table, features: list[Feature], near: Ints) -> Short:
    """The rule that has most in common with the nearest, of those that are true of the first of them."""
    steps = stairs(values, features)
    return shortest(steps, np.isin(np.arange(values.num_rows), near), steps.steps[near[0]], CONDITIONS)


def _rows(shop: Facts, ids: list[str], away: Floats, held: set[str]) -> pa.Table:
    names = dict(shop.engine.rows("SELECT customer_id, name FROM customers WHERE list_contains(?, customer_id)", [ids]))
    return pa.Table.from_pylist([{"customer_id": i, "name": names.get(i), "distance": float(d), "held": i in held}
                                 for i, d in zip(ids, away, strict=True)], SCHEMA)


def _method(many: int) -> Sentence:
    return text("The {n} customers nearest by what they do, every side of behaviour weighing alike, are restated by at "
                "most three conditions that are true of the customer.", n=many)


def _findings(name: str, short: Short, people: int, many: int) -> list[Sentence]:
    return [counted("A rule like {name} is true of {n} customer.", "A rule like {name} is true of {n} customers.",
                    people, name=Own(name)),
            text("It takes in {share} of the {many} who are most alike.", share=Share(short.recall), many=many),
            text("{share} of those it takes in are among the most alike.", share=Share(short.precision))]


def _caveats(short: Short) -> list[Sentence]:
    return [text("The rule is much wider or narrower than the likeness: change it until it says whom you mean.")
            ] if short.f1 < LOOSE else []
