"""Who is looked at, from when, what was known of them by then, and what became of them after it.

Nothing of the time in which the outcome is counted is read for what is known: a cohort's ``known_at`` is where the one
ends and the other begins.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from regulars.engines.duckdb import DuckDBEngine, literal
from regulars.insight.common.sql import NET

COHORT = "drivers_cohort"
MOST = 100_000
"""More people than these make no interval narrower than anybody can use: a sample by hash stands for them."""
ACTIVE_DAYS = 365


@dataclass(frozen=True)
class Cohort:
    """``people`` are looked at of ``of`` who could be; ``early`` were left out, for it had come before ``known_at``.

    ``mean`` is that of the outcome.
    """

    people: int
    of: int
    early: int
    mean: float


FIRSTS = ('SELECT customer_id, min("at") AS t0 FROM orders WHERE counted AND customer_id IS NOT NULL AND "at" <= {now} '
          "GROUP BY customer_id")

STARTS = {
    "second_order": f"SELECT customer_id, t0, t0 + to_days({{early}}) AS known_at, t0 + to_days({{days}}) AS until "
                    f"FROM ({FIRSTS}) WHERE t0 + to_days({{days}}) <= {{now}}",
    "spend": f"SELECT customer_id, t0, t0 + to_days({{early}}) AS known_at, t0 + to_days({{days}}) AS until FROM "
             f"({FIRSTS}) WHERE t0 + to_days({{days}}) <= {{now}}",
    "conversion": "SELECT c.customer_id, c.t0, c.t0 + to_days({early}) AS known_at, c.t0 + to_days({days}) AS until "
                  "FROM (SELECT customer_id, least(coalesce(signed_up_at, \"at\", first_seen), coalesce(first_seen, "
                  f"signed_up_at)) AS t0 FROM customers) c LEFT JOIN ({FIRSTS}) o USING (customer_id) WHERE c.t0 + "
                  "to_days({days}) <= {now} AND (o.t0 IS NULL OR o.t0 > c.t0 + to_days({early}))",
    "churn": f"SELECT customer_id, max(\"at\") AS t0, {{now}} - to_days({{days}}) AS known_at, {{now}} AS until FROM "
             "orders WHERE counted AND customer_id IS NOT NULL AND \"at\" <= {now} - to_days({days}) GROUP BY "
             f"customer_id HAVING max(\"at\") > {{now}} - to_days({{days}}) - to_days({ACTIVE_DAYS})",
}
"""Who could be looked at: ``t0`` is their first order, the moment they became known, or their last order."""

AFTER = "o.counted AND o.\"at\" > c.known_at AND o.\"at\" <= c.until"
OUTCOMES = {
    "second_order": f"(count(o.order_id) FILTER ({AFTER}) > 0)::INTEGER",
    "spend": f"coalesce(sum(o.net) FILTER ({AFTER}), 0)",
    "conversion": f"(count(o.order_id) FILTER ({AFTER}) > 0)::INTEGER",
    "churn": f"(count(o.order_id) FILTER ({AFTER}) = 0)::INTEGER",
}
EARLY = {"second_order": 'o.counted AND o."at" > c.t0 AND o."at" <= c.known_at'}
"""The outcome had already come: whoever has such an order says nothing of what brings it about."""


@contextmanager
def cohort(engine: DuckDBEngine, looked_at: str, outcome: str, days: int, early: int, now: datetime,
           seed: int) -> Iterator[Cohort]:
    """The table `COHORT`, there for the block: ``person`` (a number), customer_id, t0, known_at, until, ``outcome``."""
    starts = STARTS[outcome].format(days=days, early=early, now=f"TIMESTAMP {literal(str(now))}")
    early_sql = EARLY.get(outcome, "false")
    engine.execute(
        f"CREATE OR REPLACE TEMP TABLE {COHORT} AS WITH c AS (SELECT s.* FROM ({starts}) s SEMI JOIN {looked_at} USING "
        f"(customer_id)), each AS (SELECT c.customer_id, c.t0, c.known_at, c.until, CAST({OUTCOMES[outcome]} AS "
        f"DOUBLE) AS outcome, count(o.order_id) FILTER ({early_sql}) > 0 AS early FROM c LEFT JOIN (SELECT order_id, "
        f"customer_id, \"at\", counted, {NET} AS net FROM orders) o ON o.customer_id = c.customer_id GROUP BY ALL) "
        f"SELECT row_number() OVER (ORDER BY hash(customer_id || {literal(str(seed))}), customer_id) AS place, * FROM "
        "each")
    try:
        (of, early_ones), = engine.rows(f"SELECT count(*), count(*) FILTER (early) FROM {COHORT}")
        engine.execute(f"CREATE OR REPLACE TEMP TABLE {COHORT} AS SELECT * EXCLUDE (early, place), (row_number() OVER "
                       f"(ORDER BY place) - 1)::INTEGER AS person FROM (SELECT * FROM {COHORT} WHERE NOT early ORDER "
                       f"BY place LIMIT {MOST})")
        (people, mean), = engine.rows(f"SELECT count(*), avg(outcome) FROM {COHORT}")
        yield Cohort(people, of - early_ones, early_ones, mean or 0.0)
    finally:
        engine.execute(f"DROP TABLE IF EXISTS {COHORT}")


__all__ = ["COHORT", "MOST", "Cohort", "cohort"]
