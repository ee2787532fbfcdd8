"""What a move is worth: what people like these did in the weeks after earlier moments, and an assumption on top."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa

from regulars.insight.common.analysis import Facts
from regulars.insight.common.intervals import clustered_mean
from regulars.insight.moves.candidates import AGAIN, DISCOUNTS, SERVICE, Candidate

LOOKS = 4
"""Earlier moments that are looked back to, one horizon apart."""

AFTER = """
WITH bought AS (SELECT customer_id, count(*) AS orders, sum(total - coalesce(refunded, 0))::DOUBLE AS net,
        sum(coalesce(discount, 0))::DOUBLE AS discounts FROM orders
    WHERE counted AND "at" > ? AND "at" <= ? AND customer_id IS NOT NULL GROUP BY customer_id),
served AS (SELECT customer_id, sum(minutes)::DOUBLE AS minutes FROM tickets
    WHERE "at" > ? AND "at" <= ? AND customer_id IS NOT NULL GROUP BY customer_id)
SELECT customer_id, coalesce(orders, 0) AS orders, coalesce(net, 0) AS net, coalesce(discounts, 0) AS discounts,
    coalesce(minutes, 0) AS minutes FROM bought FULL JOIN served USING (customer_id)"""

AGAIN_AFTER = """SELECT l.customer_id, 1 AS orders, sum(l.amount)::DOUBLE AS net FROM lines l
    LEFT JOIN products p USING (product_id)
    WHERE l.counted AND l."at" > ? AND l."at" <= ? AND fold(coalesce(p.name, l.product_name, l.product_id)) = fold(?)
    GROUP BY l.customer_id"""


@dataclass(frozen=True)
class Usual:
    """What one of these people does in a horizon by themselves, with 95% intervals; ``looked_at`` of them were seen.

    ``share`` orders at all; ``amount`` is ordered, given as discount, or spent on serving them, in money.
    """

    looked_at: int
    share: tuple[float, float, float]
    amount: tuple[float, float, float]


def usual(shop: Facts, candidates: Sequence[Candidate], now: datetime, days: int) -> list[Usual]:
    """For each candidate what was usual after earlier moments at which its rule was asked of everybody."""
    with _seen(shop, candidates, now, days):
        found = {row[0]: row[1:] for row in shop.engine.rows(
            """WITH own AS (SELECT code, customer_id, count(*) AS n, sum(ordered)::DOUBLE AS a, sum(amount) AS m
                FROM looked_back GROUP BY ALL)
            SELECT code, sum(n), sum(a), sum(a * a), sum(a * n), sum(n * n), sum(m), sum(m * m), sum(m * n), count(*)
            FROM own GROUP BY code""")}
    return [_usual(found.get(i)) for i in range(len(candidates))]


def _usual(row: Sequence[float] | None) -> Usual:
    if row is None:
        return Usual(0, (0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
    n, a, aa, an, nn, m, mm, mn, people = row
    share = _bounded(clustered_mean(a, n, aa, an, nn))
    amount = _bounded(clustered_mean(m, n, mm, mn, nn))
    return Usual(int(people), share, amount)


def _bounded(found: tuple[np.ndarray, np.ndarray, np.ndarray]) -> tuple[float, float, float]:
    mean, low, high = (max(float(x), 0.0) for x in found)
    return mean, low, high


@contextmanager
def _seen(shop: Facts, candidates: Sequence[Candidate], now: datetime, days: int) -> Iterator[None]:
    """Table ``looked_back`` in the block: candidate, customer, whether they ordered, and the amount it measures."""
    shop.engine.execute("CREATE OR REPLACE TEMP TABLE looked_back (code INTEGER, customer_id VARCHAR, ordered INTEGER,"
                        " amount DOUBLE)")
    try:
        for look in range(1, LOOKS + 1):
            _look_back(shop, candidates, now - timedelta(days=days * look), timedelta(days=days))
        yield
    finally:
        shop.engine.execute("DROP TABLE looked_back")


def _look_back(shop: Facts, candidates: Sequence[Candidate], then: datetime, horizon: timedelta) -> None:
    answer = shop.evaluate_at({f"m{i}": c.rule for i, c in enumerate(candidates)}, then)
    until = then + horizon
    shop.engine.execute(f"CREATE OR REPLACE TEMP TABLE after AS {AFTER}", [then, until, then, until])
    shop.engine.register("answered", answer)
    hour = float(shop.settings.service_hour_cost)
    try:
        for i, candidate in enumerate(candidates):
            amount = {DISCOUNTS: "discounts", SERVICE: f"minutes / 60 * {hour!r}"}.get(candidate.measure, "net")
            what, bound = "after", []
            if candidate.measure == AGAIN:
                what, bound = f"({AGAIN_AFTER})", [then, until, candidate.product]
            shop.engine.execute(f"INSERT INTO looked_back SELECT {i}, customer_id, (coalesce(orders, 0) > 0)::INTEGER,"
                                f" coalesce({amount}, 0) FROM answered LEFT JOIN {what} USING (customer_id)"
                                f" WHERE m{i}", bound)
    finally:
        shop.engine.unregister("answered")
        shop.engine.execute("DROP TABLE after")


@dataclass(frozen=True)
class Reach:
    """People a rule is true of now, those whom a campaign by ``way`` may go to, and what that costs; "" is no way."""

    people: int
    reachable: int
    cost: float
    way: str = ""


def reach(shop: Facts, candidates: Sequence[Candidate], looked_at: str, now: datetime) -> list[Reach]:
    """Of each candidate, by the way that its draft goes by: the cheapest that reaches half of those whom any reaches.
    """
    shop.engine.register("answered", shop.evaluate_at({f"m{i}": c.rule for i, c in enumerate(candidates)}, now))
    try:
        ways = _ways(shop, candidates, looked_at)
        with _allowed(shop, ways, looked_at, now):
            parts = ", ".join(f"count(*) FILTER (WHERE m{i}), count(*) FILTER (WHERE m{i} AND {way or 'false'})"
                              for i, way in enumerate(ways))
            row = shop.engine.rows(f"SELECT {parts} FROM answered SEMI JOIN {looked_at} USING (customer_id) LEFT JOIN"
                                   " may_go USING (customer_id)")[0]
    finally:
        shop.engine.unregister("answered")
    costs = [float(shop.settings.message_costs[way]) if way else 0.0 for way in ways]
    return [Reach(row[2 * i], row[2 * i + 1], row[2 * i + 1] * costs[i], way) for i, way in enumerate(ways)]


@contextmanager
def _allowed(shop: Facts, ways: Sequence[str], looked_at: str, now: datetime) -> Iterator[None]:
    """Table ``may_go`` in the block: a column a way, true of those who may be turned to by it."""
    may: dict[str, set[str]] = {}
    for way in dict.fromkeys(filter(None, ways)):
        meant = " OR ".join(f"m{i}" for i, each in enumerate(ways) if each == way)
        asked = shop.engine.rows(f"SELECT customer_id FROM answered SEMI JOIN {looked_at} USING (customer_id) WHERE "
                                 f"{meant} ORDER BY 1")
        may[way] = shop.may_reach(way, [who for (who,) in asked], now)
    people = sorted(set().union(*may.values()))
    shop.engine.register("may_go", pa.table({"customer_id": pa.array(people, pa.string()), **{
        way: pa.array([who in those for who in people], pa.bool_()) for way, those in may.items()}}))
    try:
        yield
    finally:
        shop.engine.unregister("may_go")


def _ways(shop: Facts, candidates: Sequence[Candidate], looked_at: str) -> list[str]:
    """By which way each goes, as consents and addresses say; "" where nobody is turned to, or no cost is known."""
    costs = shop.settings.message_costs
    asked = [[way for way in c.ways if way in costs] for c in candidates]
    parts = [f"count(*) FILTER (WHERE m{i} AND {way}_consent AND {ADDRESS[way]} IS NOT NULL)"
             for i, ways in enumerate(asked) for way in ways]
    if not parts:
        return [""] * len(candidates)
    counts = iter(shop.engine.rows(f"SELECT {', '.join(parts)} FROM answered SEMI JOIN {looked_at} USING (customer_id) "
                                   "JOIN customers USING (customer_id)")[0])
    return [_way({way: next(counts) for way in ways}, costs) for ways in asked]


def _way(counts: Mapping[str, int], costs: Mapping[str, float]) -> str:
    enough = max(counts.values(), default=0) / 2
    return min((way for way, people in counts.items() if people >= enough), key=lambda way: float(costs[way]),
               default="")


ADDRESS = {"email": "email", "sms": "phone", "phone": "phone", "post": "street"}
"""What it takes to reach somebody by a way."""
