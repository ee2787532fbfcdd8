"""Scores from 1 to 5 for how recently, how often and for how much: by quintiles or by given cut points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from math import inf, nextafter
from typing import Any

from regulars.engines.duckdb import DuckDBEngine
from regulars.errors import Refused
from regulars.insight.common.analysis import Facts
from regulars.insight.common.refusals import why
from regulars.insight.common.sql import NET, local_day, number
from regulars.model.clock import local_day as day_of

BUYERS, SCORED = "rfm_buyers", "rfm_scored"
SCORES = ("recency", "frequency", "money")
COLUMNS: Mapping[str, str] = {"recency": "days", "frequency": "orders", "money": "money"}
MOST_CUTS = 4

Cuts = tuple[Decimal, ...]


@dataclass(frozen=True)
class Yardstick:
    """How each of the three is scored: ``given`` cut points by score, else quintiles of this kind."""

    definition: str
    given: Mapping[str, Cuts]

    @property
    def by_quintiles(self) -> bool:
        return any(not self.given.get(score) for score in SCORES)


def read_cuts(text: str, what: str) -> Cuts:
    """``"2,3,10"`` as cut points; raises `Refused` for what is no rising list of one to four numbers."""
    if not text.strip():
        return ()
    try:
        cuts = tuple(Decimal(part.strip()) for part in text.split(","))
    except InvalidOperation as error:
        raise Refused(why("'{text}' are no cut points for {what}.", text=text, what=what),
                      hint=why("Write numbers, such as 2,3,10.")) from error
    if len(cuts) > MOST_CUTS or any(not c.is_finite() for c in cuts) or list(cuts) != sorted(set(cuts)):
        raise Refused(why("The cut points for {what} must be one to four rising numbers, and are '{text}'.",
                          what=what, text=text),
                      hint=why("Write them as 2,3,10: a score rises at each one that is reached."))
    return cuts


def count_buyers(shop: Facts, people: str, now: datetime) -> int:
    """Make the table of those who have bought: days since the last order, orders, and what they paid. How many.

    Where ``people`` are all customers there are, nobody has to be looked up among them.
    """
    today = day_of(now, shop.settings.zone).isoformat()
    all_ = shop.engine.value(f"SELECT (SELECT count(*) FROM {people}) = (SELECT count(*) FROM customers)")
    among = "" if all_ else f"SEMI JOIN {people} USING (customer_id)"
    shop.engine.execute(
        f"""CREATE OR REPLACE TEMP TABLE {BUYERS} AS SELECT customer_id, orders, money, unknown,
            DATE '{today}' - {local_day('last_at', shop.settings.zone)} AS days FROM (
                SELECT customer_id, max("at") AS last_at, count(*) AS orders, coalesce(sum({NET}), 0) AS money,
                    count(*) - count(total) AS unknown
                FROM orders {among} WHERE counted AND "at" <= ? AND customer_id IS NOT NULL
                GROUP BY customer_id)""", [now])
    return int(shop.engine.value(f"SELECT count(*) FROM {BUYERS}"))


Bounds = Sequence[tuple[int, Any]]
"""Scores from the best down, each with the value at which it begins: for recency the most days, else the least."""


def score(engine: DuckDBEngine, yardstick: Yardstick) -> Mapping[str, Bounds]:
    """Make the table of buyers with their three scores; where each score begins."""
    bounds = {name: _bounds(engine, name, yardstick) for name in SCORES}
    columns = ", ".join(f"{_by_bounds(name, bounds[name])} AS {name}" for name in SCORES)
    engine.execute(f"CREATE OR REPLACE TEMP TABLE {SCORED} AS SELECT customer_id, days, orders, money AS paid, "
                   f"unknown, {columns} FROM {BUYERS} b")
    return bounds


def _bounds(engine: DuckDBEngine, name: str, yardstick: Yardstick) -> Bounds:
    """By the given cut points; by those of the R package's definition, the quintiles (type 7 of Hyndman and Fan 1996)
    plus one; or by shared fifths."""
    given = yardstick.given.get(name, ())
    if given:
        return _of_cuts(name, [float(c) for c in given])
    if yardstick.definition == "r-package":
        fifths = engine.value(f"SELECT quantile_cont({COLUMNS[name]}::DOUBLE, [0.2, 0.4, 0.6, 0.8]) FROM {BUYERS}")
        return _of_cuts(name, [fifth + 1 for fifth in fifths or ()])
    return _shared(engine, name)


def _shared(engine: DuckDBEngine, name: str) -> Bounds:
    """Each value's score is the fifth in which the middle of its ranks lies, so that equals share one.

    With r the highest rank of a value, t those who have it and n all: ceil(5 (r - (t - 1) / 2) / n), in whole numbers.
    """
    column, order, ends = COLUMNS[name], *(("DESC", "max") if name == "recency" else ("ASC", "min"))
    return engine.rows(
        f"""SELECT (5 * (2 * upto - ties + 1) + 2 * everyone - 1) // (2 * everyone) AS score, {ends}(value) FROM (
            SELECT {column} AS value, count(*) AS ties,
                (sum(count(*)) OVER (ORDER BY {column} {order}))::BIGINT AS upto,
                (sum(count(*)) OVER ())::BIGINT AS everyone FROM {BUYERS} GROUP BY {column})
        GROUP BY score ORDER BY score DESC""")


def _of_cuts(name: str, cuts: Sequence[float]) -> Bounds:
    """One class more at each cut point that is reached; fewer than five classes are spread over 1 to 5."""
    spread = [1 + (8 * i + len(cuts)) // (2 * len(cuts)) for i in range(len(cuts) + 1)]
    if name != "recency":
        return [*zip(reversed(spread[1:]), reversed(cuts), strict=True), (spread[0], None)]
    return [*zip(reversed(spread[1:]), (nextafter(cut, -inf) for cut in cuts), strict=True), (spread[0], None)]


def _by_bounds(name: str, bounds: Bounds) -> str:
    """The score as an expression; whoever reaches no bound has the last."""
    sign, column = "<=" if name == "recency" else ">=", COLUMNS[name]
    cases = " ".join(f"WHEN b.{column} {sign} {number(bound) if isinstance(bound, float) else bound} THEN {score_}"
                     for score_, bound in bounds[:-1])
    return f"(CASE {cases} ELSE {bounds[-1][0]} END)::BIGINT" if cases else f"{bounds[-1][0]}::BIGINT"
