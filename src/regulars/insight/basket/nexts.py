"""The product a customer is most likely to want next, of those they have not bought, item to item with recency.

Two products are alike where the same customers bought both (the cosine of their columns: Sarwar et al. 2001, WWW 10);
what a customer bought lately weighs more. It is measured against the plainest advice, the most bought product, on the
last days: both know only what was before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from regulars.engines.duckdb import DuckDBEngine, literal
from regulars.insight.basket.items import LINES, PEOPLE, Items
from regulars.insight.common.intervals import wilson
from regulars.model.later import later

sparse = later("scipy.sparse")
MOST_ITEMS = 2_000
"""The most bought; of the others too few people say what they go with."""
CELLS = 10_000_000
NEIGHBOURS = 50
"""So many of the items most like each one are looked at."""
MOST_TESTED = 20_000
HALF_LIFE = 90
FRESH_DAYS = 180
TOP = 5
TEST_DAYS = 60
FEWEST_TESTED = 50


@dataclass(frozen=True)
class Owned:
    """Customers by items: weights by recency (half of it gone in `HALF_LIFE` days), of some items.

    ``fresh`` tells which of them anybody bought within `FRESH_DAYS`: what nobody buys any more is no
    advice, nor is a service.
    """

    weights: Any
    items: Any
    fresh: Any

    @property
    def has(self) -> Any:
        found = self.weights.copy()
        found.data = np.ones_like(found.data)
        return found


def next_products(engine: DuckDBEngine, items: Items, now: datetime) -> tuple[dict[str, Any], pa.Table]:
    """How good the advice is on a time split; and ``customer_id`` with ``product.next``, where there is one."""
    return measured(engine, items, now), advice(engine, items, now)


def advice(engine: DuckDBEngine, items: Items, now: datetime) -> pa.Table:
    """The best product of each customer who has bought anything."""
    owned = _owned(engine, items, now, 0)
    alike = likeness(owned.has)
    who = np.flatnonzero(np.diff(owned.weights.indptr))
    best = np.full(items.people, -1, np.int64)
    for some in _chunks(who, len(owned.items)):
        scores = _scores(owned.weights[some], alike, owned.fresh)
        top = scores.argmax(axis=1)
        best[some] = np.where(scores[np.arange(len(some)), top] > 0, owned.items[top], -1)
    ids = engine.query(f"SELECT customer_id FROM {PEOPLE} ORDER BY customer")["customer_id"].combine_chunks()
    names = pa.array(items.names, pa.string()).take(pa.array(best, mask=best < 0))
    table = pa.table({"customer_id": ids, "product.next": names})
    return table.filter(pa.array(best >= 0))


def measured(engine: DuckDBEngine, items: Items, now: datetime) -> dict[str, Any]:
    """Of customers who had bought and bought something new in the last `TEST_DAYS` days, whatever it was: to how many
    one of `TOP` pieces of advice would have named it, by likeness and by popularity; no shares where fewer than
    `FEWEST_TESTED` did."""
    before = _owned(engine, items, now, TEST_DAYS)
    who, new = _bought_new(engine, before, items, now)
    had = before.has
    who = who[:: -(-len(who) // MOST_TESTED)] if len(who) else who
    if len(who) < FEWEST_TESTED:
        return {"tested": len(who), "top": TOP, "days": TEST_DAYS}
    alike, popular = likeness(had), np.asarray(had.sum(axis=0)).ravel()
    hits = np.zeros(2, np.int64)
    for some in _chunks(who, len(before.items)):
        wanted, owned = new[some].toarray() > 0, had[some].toarray() > 0
        by_likeness = _scores(before.weights[some], alike, before.fresh)
        by_popularity = np.where(owned | ~before.fresh, -1.0, popular[None, :])
        hits += [_hit(by_likeness, wanted), _hit(by_popularity, wanted)]
    return {"tested": len(who), "top": TOP, "days": TEST_DAYS, **_said("likeness", hits[0], len(who)),
            **_said("popularity", hits[1], len(who))}


def likeness(has: Any) -> Any:
    """The cosine of each two items' columns, nothing on the diagonal; for each item its `NEIGHBOURS` (sparse)."""
    together = np.asarray((has.T @ has).todense(), np.float32)
    size = np.sqrt(np.maximum(together.diagonal(), 1))
    alike = together / size[:, None] / size[None, :]
    np.fill_diagonal(alike, 0)
    if alike.shape[1] > NEIGHBOURS:
        least = np.partition(alike, -NEIGHBOURS, axis=1)[:, -NEIGHBOURS]
        alike[alike < least[:, None]] = 0
    return sparse.csr_matrix(alike)


def _said(name: str, hits: int, of: int) -> dict[str, float]:
    low, high = wilson(hits, of)
    return {name: int(hits) / of, f"{name}_low": float(low), f"{name}_high": float(high)}


def _hit(scores: Any, wanted: Any) -> int:
    top = np.argpartition(-scores, min(TOP, scores.shape[1]) - 1, axis=1)[:, :TOP]
    named = np.take_along_axis(wanted & (scores > 0), top, axis=1)
    return int(named.any(axis=1).sum())


def _scores(weights: Any, alike: Any, fresh: Any) -> Any:
    """How much each item is called for; below nothing for what is had already, or bought by nobody any more."""
    scores = (weights @ alike).toarray()
    scores[:, ~fresh] = -1
    rows = np.repeat(np.arange(weights.shape[0]), np.diff(weights.indptr))
    scores[rows, weights.indices] = -1
    return scores


def _chunks(who: Any, width: int) -> Any:
    step = max(CELLS // max(width, 1), 1)
    return (who[i:i + step] for i in range(0, len(who), step))


def _owned(engine: DuckDBEngine, items: Items, now: datetime, days: int) -> Owned:
    """What was bought more than ``days`` before ``now``."""
    until = f"TIMESTAMP {literal(str(now))} - to_days({days})"
    found = engine.query(f"SELECT customer, item, epoch({until}) - epoch(max(\"at\")) AS age FROM {LINES} WHERE "
                         f"customer IS NOT NULL AND \"at\" <= {until} GROUP BY customer, item")
    customer, item, age = (found[c].to_numpy() for c in ("customer", "item", "age"))
    popular = np.argsort(-np.bincount(item, minlength=len(items)), kind="stable")[:MOST_ITEMS]
    place = np.full(len(items), -1, np.int64)
    place[popular] = np.arange(len(popular))
    kept = place[item] >= 0
    weights = np.exp2(-age[kept] / 86_400 / HALF_LIFE).astype(np.float32) + np.float32(1e-6)
    shape = (items.people, len(popular))
    fresh = np.bincount(item, weights=age < FRESH_DAYS * 86_400, minlength=len(items)) > 0
    fresh[list(items.services)] = False
    return Owned(sparse.csr_matrix((weights, (customer[kept], place[item[kept]])), shape=shape), popular,
                 fresh[popular])


def _bought_new(engine: DuckDBEngine, before: Owned, items: Items, now: datetime) -> tuple[Any, Any]:
    """Who bought within the last `TEST_DAYS` what they had not before, services aside, having bought before; and what
    of it is in the columns of ``before``."""
    since = f"TIMESTAMP {literal(str(now))} - to_days({TEST_DAYS})"
    found = engine.query(
        f"SELECT customer, item FROM (SELECT customer, item, min(\"at\") AS first, min(min(\"at\")) OVER (PARTITION BY "
        f"customer) AS known FROM {LINES} WHERE customer IS NOT NULL AND NOT list_contains("
        f"{list(items.services)}::INTEGER[], item) GROUP BY customer, item) WHERE first > {since} AND known <= {since}")
    place = np.full(len(items), -1, np.int64)
    place[before.items] = np.arange(len(before.items))
    customer, item = found["customer"].to_numpy(), place[found["item"].to_numpy()]
    kept = item >= 0
    ones = np.ones(int(kept.sum()), np.float32)
    return np.unique(customer), sparse.csr_matrix((ones, (customer[kept], item[kept])), shape=before.weights.shape)


__all__ = ["advice", "likeness", "measured", "next_products"]
