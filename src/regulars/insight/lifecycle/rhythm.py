"""Each customer's own rhythm: the usual days between their orders, and after which silence it is broken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from math import exp, log

import numpy as np

from regulars.engines.duckdb import DuckDBEngine
from regulars.insight.common.analysis import Facts
from regulars.insight.common.sql import local_day, number

EXACT = "DECIMAL(18, 12)"
"""Sums of doubles hang on the order in which threads happen to add them; of these they do not."""
GAPS, RHYTHM = "lifecycle_gaps", "lifecycle_rhythm"
RISK, LAPSE = 0.8, 0.95
"""A silence is a risk once four in five gaps of its rhythm would have ended, and a lapse after 19 in 20."""
LEAST_RISK, LEAST_LAPSE = log(1.25), log(2)
"""Clockwork is not broken by a day: a quarter more than usual at least, and twice for a lapse."""
ALIKE, SOME_OF_ALL = 1e-9, 0.1
"""A variance between customers that is none; what everybody's rhythm counts at least beside one's own."""
NO_OWN = 1e6
"""Where customers do not differ, nobody's own gaps say more than everybody's."""


@dataclass(frozen=True)
class Rhythm:
    """Of the logarithms of gaps in days: their mean, and how many of one's own gaps weigh as much as everybody's.

    ``first`` are the limits (risk, lapse) above the expected logarithm for who has ordered once, ``later`` for others.
    """

    gaps: int
    mean: float
    weight_of_all: float
    first: tuple[float, float] = (LEAST_RISK, LEAST_LAPSE)
    later: tuple[float, float] = (LEAST_RISK, LEAST_LAPSE)

    @property
    def usual(self) -> float:
        """Days between orders of a customer of whom nothing is known."""
        return exp(self.mean)

    @property
    def returns_within(self) -> float:
        """Days within which four in five come back of those who ordered once and come back."""
        return exp(self.mean + self.first[0])


def find_gaps(shop: Facts, people: str, now: datetime) -> int:
    """Make the table of gaps between days with an order, in time's order; how many there are."""
    shop.engine.execute(
        f"""CREATE OR REPLACE TEMP TABLE {GAPS} AS WITH days AS (
            SELECT DISTINCT customer_id, {local_day('"at"', shop.settings.zone)} AS day FROM orders
            SEMI JOIN {people} USING (customer_id) WHERE counted AND "at" <= ?)
        SELECT customer_id, day, row_number() OVER own AS nth,
            ln(day - lag(day) OVER own)::{EXACT} AS gap
        FROM days WINDOW own AS (PARTITION BY customer_id ORDER BY day)""", [now])
    return int(shop.engine.value(f"SELECT count(gap) FROM {GAPS}"))


def measure(engine: DuckDBEngine) -> Rhythm:
    """How gaps differ within customers and between them (Buehlmann and Straub 1970), and the limits of silence."""
    own = engine.query(f"SELECT count(gap)::DOUBLE AS n, sum(gap)::DOUBLE AS total, sum(gap * gap)::DOUBLE AS squares "
                       f"FROM {GAPS} WHERE gap IS NOT NULL GROUP BY customer_id ORDER BY customer_id")
    n, total, squares = (np.asarray(own[c].to_numpy(), float) for c in ("n", "total", "squares"))
    mean = total.sum() / n.sum()
    free, groups = (n - 1).sum(), n.sum() - (n ** 2).sum() / n.sum()
    within = np.maximum(squares - total ** 2 / n, 0).sum() / free if free else None
    spread = (n * (total / n - mean) ** 2).sum()
    between = (spread - (len(n) - 1) * within) / groups if within is not None and groups > 0 else 0.0
    weight = NO_OWN
    if within is not None and between > ALIKE:
        weight = min(max(within / between, SOME_OF_ALL), NO_OWN)
    plain = Rhythm(int(n.sum()), float(mean), float(weight))
    _expect(engine, plain)
    return Rhythm(plain.gaps, plain.mean, plain.weight_of_all, *_limits(engine))


def _expect(engine: DuckDBEngine, rhythm: Rhythm) -> None:
    """Beside each gap, the one that was expected from those before it."""
    engine.execute(
        f"""CREATE OR REPLACE TEMP TABLE {GAPS} AS SELECT customer_id, day, nth, gap,
            ({number(rhythm.weight_of_all)} * {number(rhythm.mean)} + coalesce(sum(gap) OVER before, 0)) /
            ({number(rhythm.weight_of_all)} + count(gap) OVER before) AS expected FROM {GAPS}
        WINDOW before AS (PARTITION BY customer_id ORDER BY nth ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)""")


def _limits(engine: DuckDBEngine) -> tuple[tuple[float, float], tuple[float, float]]:
    """What gaps that ended exceeded what was expected by, of first gaps and of later ones."""
    found = engine.rows(f"SELECT quantile_cont(gap - expected, [{RISK}, {LAPSE}]) FILTER (WHERE nth = 2),"
                        f" quantile_cont(gap - expected, [{RISK}, {LAPSE}]) FILTER (WHERE nth > 2) FROM {GAPS}")[0]
    first, later = ((max(q[0], LEAST_RISK), max(q[1], LEAST_LAPSE)) if q else None for q in found)
    known = first or (LEAST_RISK, LEAST_LAPSE)
    return known, later or known


def judge(engine: DuckDBEngine, people: str, rhythm: Rhythm, today: date) -> None:
    """Make the table of everyone with their stage, usual days between orders and silence."""
    own = (f"(coalesce(sum(gap), 0) + {number(rhythm.weight_of_all)} * {number(rhythm.mean)}) / "
           f"(count(gap) + {number(rhythm.weight_of_all)})")
    engine.execute(
        f"""CREATE OR REPLACE TEMP TABLE {RHYTHM} AS WITH own AS (
            SELECT customer_id, min(day) AS first_day, ?::DATE - max(day) AS silent, {own} AS usual,
                max(gap - expected) FILTER (WHERE nth = days_in_all) AS last_excess,
                max(days_in_all) AS order_days
            FROM (SELECT *, count(*) OVER (PARTITION BY customer_id) AS days_in_all FROM {GAPS}) GROUP BY customer_id)
        SELECT p.customer_id, order_days, first_day, silent, exp(usual) AS usual_days, CASE
            WHEN order_days IS NULL THEN 'prospect'
            WHEN silent > exp(usual + {_by_orders(rhythm, 1)}) THEN 'lapsed'
            WHEN silent > exp(usual + {_by_orders(rhythm, 0)}) THEN 'at risk'
            WHEN order_days = 1 THEN 'new'
            WHEN last_excess > CASE order_days WHEN 2 THEN {number(rhythm.first[1])} ELSE {number(rhythm.later[1])} END
                THEN 'won back'
            ELSE 'active' END AS stage
        FROM {people} p LEFT JOIN own USING (customer_id)""", [today])


def _by_orders(rhythm: Rhythm, limit: int) -> str:
    return f"CASE order_days WHEN 1 THEN {number(rhythm.first[limit])} ELSE {number(rhythm.later[limit])} END"
