"""What each person of a campaign ordered in their window, and had spent before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from regulars.engines.duckdb import DuckDBEngine
from regulars.outreach.goals import Goal
from regulars.outreach.results.judging import People
from regulars.outreach.results.means import Brought

ASKED, PROFITS = "proof_asked", "proof_profits"
NET = "coalesce(total - coalesce(refunded, 0), 0)::DOUBLE"
EARLIER = timedelta(days=365)

BECOME = """
RECURSIVE become AS (SELECT absorbed AS was, kept AS now FROM merges WHERE undone_at IS NULL
    UNION SELECT b.was, m.kept FROM become b JOIN merges m ON m.absorbed = b.now AND m.undone_at IS NULL),
today AS (SELECT a.place, a.since, c.customer_id FROM {asked} a LEFT JOIN (SELECT was, now FROM become
        SEMI JOIN customers k ON k.customer_id = now) b ON b.was = a.customer_id
    JOIN customers c ON c.customer_id = coalesce(b.now, a.customer_id))"""
"""Who they are by now: whoever was merged into another is that other, whoever was erased is not there."""

AFTER = f"""
WITH {BECOME},
own AS (SELECT t.place, count(o.order_id) AS orders, coalesce(sum({NET}), 0) AS paid,
        coalesce(sum(coalesce(total, 0) + coalesce(discount, 0))::DOUBLE, 0) AS gross, sum(p.profit) AS profit,
        count(o.order_id) - count(p.profit) AS unknown, count(o.order_id) - count(o.total) AS without_amount
    FROM today t JOIN orders o ON o.customer_id = t.customer_id AND o.counted AND o."at" > t.since
        AND o."at" <= least(t.since + ?, ?) LEFT JOIN {{profits}} p USING (order_id) GROUP BY t.place),
earlier AS (SELECT t.place, sum({NET}) AS spent FROM today t JOIN orders o ON o.customer_id = t.customer_id
        AND o.counted AND o."at" > t.since - ? AND o."at" <= t.since GROUP BY t.place)
SELECT t.place, t.customer_id, coalesce(orders, 0) AS orders, coalesce(paid, 0) AS paid, coalesce(gross, 0) AS gross,
    coalesce(profit, 0) AS profit, coalesce(unknown, 0) AS unknown, coalesce(without_amount, 0) AS without_amount,
    coalesce(spent, 0) AS spent FROM today t LEFT JOIN own USING (place) LEFT JOIN earlier USING (place) ORDER BY place
"""

HAPPENED = f"""
WITH {BECOME}
SELECT DISTINCT t.place FROM today t JOIN ({{happening}}) h ON h.customer_id = t.customer_id AND h."at" > t.since
    AND h."at" <= least(t.since + ?, ?)
"""
"""Whom something happened to within their window."""


@dataclass(frozen=True)
class Read:
    """``places`` says which of the rows asked for each person is; those merged across arms or erased are not among
    them. ``lost`` counts these, ``without_amount`` orders that do not say what was paid."""

    places: NDArray[np.int64]
    people: People
    lost: int
    without_amount: int


def read(engine: DuckDBEngine, customers: Sequence[str], since: Sequence[datetime], arms: Sequence[str],
         window: timedelta, now: datetime, profits: str | None, aim: Goal | None = None) -> Read:
    """What each of ``customers`` ordered in a ``window`` from their own moment ``since`` on, as far as ``now``.

    ``profits`` is SQL of ``order_id`` and ``profit``; where it is None or says nothing of an order, nobody's profit is
    known. Moments are naive UTC. ``arms`` tells apart who may not be one person. ``aim``: the goal, where it is no
    order.
    """
    empty = "SELECT NULL::VARCHAR AS order_id, NULL::DOUBLE AS profit WHERE false"
    engine.register(ASKED, _asked(customers, since))
    try:
        found = engine.query(AFTER.format(asked=ASKED, profits=f"({profits or empty})"), [window, now, EARLIER])
        reached = _reached(engine, aim, len(customers), window, now) if aim else None
    finally:
        engine.unregister(ASKED)
    keep = _once(found["customer_id"].to_pylist(), [arms[i] for i in found["place"].to_pylist()])
    column = {name: found[name].to_numpy()[keep] for name in found.column_names if name != "customer_id"}
    gross, spent = (np.asarray(column[n], np.float64) for n in ("gross", "spent"))
    known = profits is not None and not column["unknown"].sum()
    places = np.asarray(column["place"], np.int64)
    return Read(places, People(
        np.asarray(column["orders"]) > 0, Brought(np.asarray(column["paid"], np.float64), gross, spent),
        Brought(np.asarray(column["profit"], np.float64), gross, spent) if known else None,
        None if reached is None else reached[places]),
        len(customers) - int(keep.sum()), int(column["without_amount"].sum()))


def _reached(engine: DuckDBEngine, aim: Goal, people: int, window: timedelta, now: datetime) -> NDArray[np.bool_]:
    """A place for each of those asked, erased or not."""
    happened = {}
    for what, rows in aim.happenings.items():
        happened[what] = np.zeros(people, bool)
        to = engine.query(HAPPENED.format(asked=ASKED, happening=rows), [window, now])["place"]
        happened[what][to.to_numpy()] = True
    return aim.reached(happened)


def _asked(customers: Sequence[str], since: Sequence[datetime]) -> pa.Table:
    return pa.table({"place": pa.array(range(len(customers)), pa.int64()),
                     "customer_id": pa.array(customers, pa.string()), "since": pa.array(since, pa.timestamp("us"))})


def _once(people: Sequence[str], arms: Sequence[str]) -> NDArray[np.bool_]:
    """Each person once; nobody who is in two arms."""
    mine: dict[str, set[str]] = {}
    for person, arm in zip(people, arms, strict=True):
        mine.setdefault(person, set()).add(arm)
    seen: set[str] = set()
    keep = np.zeros(len(people), bool)
    for i, person in enumerate(people):
        keep[i] = len(mine[person]) == 1 and person not in seen
        seen.add(person)
    return keep


__all__ = ["Read", "read"]
