"""Scores from 1 to 5 for how recently, how often and for how much: by quintiles or by given cut points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from regulars.engines.duckdb import DuckDBEngine
from regulars.errors import Refused
from regulars.insight.common.analysis import Facts
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
        raise Refused(f"{text!r} are no cut points for {what}.", hint="Write numbers, such as 2,3,10.") from error
    if len(cuts) > MOST_CUTS or any(not c.is_finite() for c in cuts) or list(cuts) != sorted(set(cuts)):
        raise Refused(f"The cut points for {what} must be one to four rising numbers, and are {text!r}.",
                      hint="Write them as 2,3,10: a score rises at each one that is reached.")
    return cuts


def count_buyers(shop: Facts, people: str, now: datetime) -> int:
    """Make the table of those who have bought: days since the last order, orders, and what they paid. How many."""
    today = day_of(now, shop.settings.zone).isoformat()
    shop.engine.execute(
        f"""CREATE OR REPLACE TEMP TABLE {BUYERS} AS
        SELECT customer_id, DATE '{today}' - {local_day('max("at")', shop.settings.zone)} AS days, count(*) AS orders,
            coalesce(sum({NET}), 0) AS money, count(*) - count(total) AS unknown
        FROM orders SEMI JOIN {people} USING (customer_id) WHERE counted AND "at" <= ? GROUP BY customer_id""", [now])
    return int(shop.engine.value(f"SELECT count(*) FROM {BUYERS}"))


def score(engine: DuckDBEngine, yardstick: Yardstick) -> Mapping[str, Sequence[float]]:
    """Make the table of buyers with their three scores; the cut points of each score, empty where ties share ranks."""
    cuts = {name: _cuts(engine, name, yardstick) for name in SCORES}
    levels = [name for name in SCORES if not cuts[name]]
    stages = ", ".join(f"{name}_levels AS ({_shared(name)})" for name in levels)
    columns = ", ".join(f"{_by_cuts(name, cuts[name])} AS {name}" if cuts[name] else f"{name}_levels.score AS {name}"
                        for name in SCORES)
    joins = " ".join(f"JOIN {name}_levels ON {name}_levels.value = b.{COLUMNS[name]}" for name in levels)
    engine.execute(f"CREATE OR REPLACE TEMP TABLE {SCORED} AS {f'WITH {stages}' if stages else ''} "
                   f"SELECT b.customer_id, b.days, b.orders, b.money AS paid, b.unknown, {columns} "
                   f"FROM {BUYERS} b {joins}")
    return cuts


def _shared(name: str) -> str:
    """Each value with its score: the fifth in which the middle of its ranks lies, so that equals share one.

    With r the highest rank of a value, t those who have it and n all: ceil(5 (r - (t - 1) / 2) / n), in whole numbers.
    """
    column, order = COLUMNS[name], "DESC" if name == "recency" else "ASC"
    return (f"SELECT value, (5 * (2 * upto - ties + 1) + 2 * everyone - 1) // (2 * everyone) AS score FROM ("
            f"SELECT {column} AS value, count(*) AS ties, (sum(count(*)) OVER (ORDER BY {column} {order}))::BIGINT "
            f"AS upto, (sum(count(*)) OVER ())::BIGINT AS everyone FROM {BUYERS} GROUP BY {column})")


def _cuts(engine: DuckDBEngine, name: str, yardstick: Yardstick) -> Sequence[float]:
    """The given cut points; of the R package's definition the quintiles (type 7 of Hyndman and Fan 1996) plus one."""
    given = yardstick.given.get(name, ())
    if given or yardstick.definition != "r-package":
        return [float(c) for c in given]
    fifths = engine.value(f"SELECT quantile_cont({COLUMNS[name]}::DOUBLE, [0.2, 0.4, 0.6, 0.8]) FROM {BUYERS}")
    return [fifth + 1 for fifth in fifths or ()]


def _by_cuts(name: str, cuts: Sequence[float]) -> str:
    """One class more at each cut point that is reached; fewer than five classes are spread over 1 to 5."""
    reached = " + ".join(f"(b.{COLUMNS[name]} >= {number(cut)})::INT" for cut in cuts)
    spread = [1 + (8 * i + len(cuts)) // (2 * len(cuts)) for i in range(len(cuts) + 1)]
    return f"({spread[::-1] if name == 'recency' else spread})[1 + {reached}]::BIGINT"
