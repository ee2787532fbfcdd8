"""From a shop's facts to its buckets: values, groups, rules, and who is in each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regulars.insight.buckets.features import Feature, offered
from regulars.insight.buckets.grouping import LEAST, MOST, Grouping, find_groups, regrouped
from regulars.insight.buckets.names import Mark, named
from regulars.insight.buckets.rules import Short, as_rules, shortest, stairs, told_apart
from regulars.insight.buckets.space import Flags, Floats, Ints, balanced, column, going_with, measured, standing_out
from regulars.insight.common import Facts
from regulars.model.figures import Figures
from regulars.rules import format

SEARCHED, GROWN = 2_000, 20_000
"""Customers among whom the number of groups is sought, and from whom their rules are grown."""
LOOKED_AT = "sampled_customers"
REACHABLE = "email_consent or sms_consent or phone_consent or post_consent"
MARKS = 8


@dataclass(frozen=True)
class Bucket:
    """``rule`` says who is in; ``recall`` and ``precision`` hold it to the group it restates. ``short`` is the gist."""

    name: str
    rule: str
    people: int
    share: float
    reachable: int
    stability: float
    recall: float
    precision: float
    short: Short
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Found:
    """``who`` has a row a customer: ``customer_id`` and the position of the bucket. ``values`` are of the customers
    looked at; ``fidelity`` is the share of them whom the rules put where the grouping did."""

    grouping: Grouping | None
    buckets: tuple[Bucket, ...] = ()
    who: pa.Table | None = None
    features: tuple[Feature, ...] = ()
    values: pa.Table | None = None
    fidelity: float = 0.0
    looked_at: int = 0


def find(shop: Facts, people: str, now: datetime, *, segment: str | None, number: int | None, seed: int,
         age_and_gender: bool) -> Found:
    """The buckets of the customers of the table ``people``."""
    with sampled(shop, people, seed, GROWN) as few:
        features = offered(shop, few, now, age_and_gender=age_and_gender, stated=True)
        values = values_of(shop, features, now, few)
    features = going_with(values, features)
    raw = measured(values, features)
    points = balanced(raw, [f.block for f in features])
    grouping, labels = _grouped(points, column(values, REACHABLE), number, seed)
    if grouping is None:
        return Found(None, looked_at=values.num_rows)
    steps = stairs(values, features)
    found = as_rules(steps, labels, seed)
    groups = np.array(list(found))
    who = _who(shop, [whole(segment, r) for r in found.values()], people, now)
    order = np.argsort(-np.bincount(_codes(who), minlength=len(groups)), kind="stable")
    who = who.set_column(1, "bucket", pa.array(np.argsort(order)[_codes(who)]))
    told = positions_of(values, who)
    members = [told == at for at in range(len(order))]
    marks = [_marks(values, raw, features, m) for m in members]
    names = named(marks, [_buys(values, m) for m in members], Figures(shop.settings))
    made = [_bucket(names[at], whole(segment, found[g]), marks[at], who, at, float(grouping.stability[g]),
                    labels == g, members[at], shortest(steps, members[at])) for at, g in enumerate(groups[order])]
    return Found(grouping, tuple(made), who, tuple(features), values, float((groups[order][told] == labels).mean()),
                 values.num_rows)


@contextmanager
def sampled(shop: Facts, people: str, seed: int, most: int) -> Iterator[str]:
    """The name of a table of at most so many of the customers of ``people``, the same for the same seed."""
    table = shop.engine.query(f"SELECT customer_id FROM {people} ORDER BY md5(customer_id || ?), customer_id LIMIT ?",
                              [f"/{seed}", most])
    shop.engine.register(LOOKED_AT, table)
    try:
        yield LOOKED_AT
    finally:
        shop.engine.unregister(LOOKED_AT)


def values_of(shop: Facts, features: Sequence[Feature], now: datetime, only: str) -> pa.Table:
    """A column for each feature, the rows its shares are of, and who can be reached, under their own texts."""
    texts = dict.fromkeys(chain((f.value for f in features), (f.per for f in features if f.per),
                                ("count(orders)", REACHABLE)))
    return shop.values_at({t: t for t in texts}, now, only)


def whole(segment: str | None, rule: str) -> str:
    """The rule of a bucket among the customers of a segment, in its canonical text."""
    return format(rule if segment is None else segment if rule == "everyone" else f"({segment}) and ({rule})")


def _grouped(points: Floats, reachable: Floats, number: int | None, seed: int) -> tuple[Grouping | None, Ints]:
    few = np.sort(np.random.default_rng(seed).permutation(len(points))[:SEARCHED])
    different = len(np.unique(points[few], axis=0)) if points.shape[1] else 0
    most = min(MOST, different - 1, len(few) // 10)
    counts = [k for k in ([number] if number else range(LEAST, most + 1)) if k < different]
    if not counts:
        return None, np.zeros(len(points), np.int64)
    grouping = find_groups(points[few], np.nan_to_num(reachable[few]), seed, counts)
    return grouping, regrouped(points, points[few], grouping.labels)


def _who(shop: Facts, rules: Sequence[str], people: str, now: datetime) -> pa.Table:
    """``customer_id``, ``bucket`` (the position of the rule) and ``reachable``, of the customers of ``people``."""
    names = [str(i) for i in range(len(rules))]
    answers = shop.evaluate_at({**dict(zip(names, rules, strict=True)), "reachable": REACHABLE}, now)
    ours = shop.engine.query(f"SELECT customer_id FROM {people}").column(0)
    answers = answers.filter(pc.is_in(answers.column("customer_id"), value_set=ours))
    return pa.table({"customer_id": answers.column("customer_id"), "bucket": told_apart(answers, names),
                     "reachable": answers.column("reachable")})


def positions_of(values: pa.Table, who: pa.Table) -> Ints:
    """The bucket of each customer looked at."""
    rows = pc.index_in(values.column("customer_id"), value_set=who.column("customer_id"))
    return _codes(who)[np.asarray(rows.to_numpy(), np.int64)]


def _codes(who: pa.Table) -> Ints:
    return np.asarray(who.column("bucket").to_numpy(), np.int64)


def _buys(values: pa.Table, members: Flags) -> bool:
    """Whether one in ten of them, or more, has ever bought."""
    return bool((column(values, "count(orders)")[members] > 0).mean() >= 0.1) if members.any() else False


def _marks(values: pa.Table, raw: Floats, features: Sequence[Feature], members: Flags) -> tuple[Mark, ...]:
    """What stands out of those members, the farthest first."""
    away = standing_out(raw, members)
    order = np.argsort(-np.abs(away), kind="stable")[:MARKS]
    return tuple(Mark(features[i], float(away[i]), *_means(column(values, features[i].value), members)) for i in order)


def _means(known: Floats, members: Flags) -> tuple[float | None, float | None]:
    """The mean of what is known of the members, and of everybody."""
    def mean(some: Floats) -> float | None:
        told = some[np.isfinite(some)]
        return float(told.mean()) if len(told) else None
    return mean(known[members]), mean(known)


def _bucket(name: str, rule: str, marks: tuple[Mark, ...], who: pa.Table, code: int, stability: float, group: Flags,
            told: Flags, short: Short) -> Bucket:
    mine = _codes(who) == code
    reachable = int(who.column("reachable").to_numpy()[mine].sum())
    both = int((group & told).sum())
    return Bucket(name, rule, int(mine.sum()), float(mine.mean()), reachable, stability,
                  both / max(int(group.sum()), 1), both / max(int(told.sum()), 1), short, marks)
