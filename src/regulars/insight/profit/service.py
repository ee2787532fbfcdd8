"""What customers bring by the channel they are served through."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np

from regulars.engines.duckdb import DuckDBEngine
from regulars.insight.common.intervals import Z
from regulars.insight.profit.assumptions import Assumptions
from regulars.insight.profit.ledger import LEDGER, Between, profit_sql
from regulars.model.later import later

stats = later("scipy.stats")
FEWEST = 20


def by_channel(engine: DuckDBEngine, looked_at: str, between: Between, assumed: Assumptions,
               known: bool) -> list[dict[str, Any]]:
    """A row each channel, and one of no tickets (channel unknown): customers whose tickets mostly came by it, what they
    cost to serve and bring each with its 95% interval; those who bring most first.

    What a customer brings is their profit, or their net money where no cost of goods is known.
    """
    value = profit_sql(assumed) if known else "revenue - returns"
    rows = engine.query(
        f"WITH mine AS (SELECT customer_id, lower(trim(channel)) AS channel, count(*) AS n, sum(satisfaction) AS glad, "
        f"count(satisfaction) AS rated FROM tickets WHERE {between} AND customer_id IS NOT NULL AND channel IS NOT "
        "NULL GROUP BY ALL), most AS (SELECT customer_id, arg_max(channel, (n, channel)) AS channel FROM mine GROUP BY "
        "1), said AS (SELECT channel, sum(glad) / nullif(sum(rated), 0) AS satisfaction, sum(n) AS tickets FROM mine "
        f"SEMI JOIN {looked_at} USING (customer_id) GROUP BY 1), "
        f"each AS (SELECT m.channel, CAST({value} AS DOUBLE) AS brings, CAST(service + service_assumed AS DOUBLE) AS "
        f"cost, orders FROM {LEDGER} SEMI JOIN {looked_at} USING (customer_id) LEFT JOIN most m USING (customer_id) "
        "WHERE m.channel IS NOT NULL OR orders > 0) "
        "SELECT e.channel, count(*) AS customers, any_value(s.tickets)::BIGINT AS tickets, sum(cost) AS service, "
        "avg(brings) AS brings, stddev_samp(brings) AS spread, any_value(s.satisfaction)::DOUBLE AS satisfaction "
        "FROM each e LEFT JOIN said s USING (channel) GROUP BY e.channel ORDER BY brings DESC, e.channel").to_pylist()
    return [_row(r) for r in rows]


def _row(row: dict[str, Any]) -> dict[str, Any]:
    spread = row.pop("spread")
    half = Z * spread / np.sqrt(row["customers"]) if spread is not None and row["customers"] >= FEWEST else None
    brings = row["brings"]
    return {**row, "service_each": row["service"] / row["customers"],
            "brings_low": None if half is None or brings is None else float(brings - half),
            "brings_high": None if half is None or brings is None else float(brings + half)}


def surely_different(rows: list[dict[str, Any]]) -> tuple[dict[str, Any], dict[str, Any], float, float] | None:
    """Of the pairs of channels of enough customers where what a customer brings surely differs, the one furthest apart:
    who bring more, who less, and the interval of the difference (Welch; 95% for all pairs together, Bonferroni)."""
    enough = [r for r in rows if r["channel"] and r["brings_low"] is not None]
    pairs = list(combinations(enough, 2))
    apart = [(a, b, a["brings"] - b["brings"], _half(a, b, len(pairs))) for a, b in pairs]
    sure = [(a, b, gap - half, gap + half) for a, b, gap, half in apart if gap > half]
    return max(sure, key=lambda found: found[2] + found[3], default=None)


def _half(one: dict[str, Any], other: dict[str, Any], pairs: int) -> float:
    """Half the interval of the difference of two means, where it is one of so many ``pairs``."""
    variances = [((r["brings"] - r["brings_low"]) / Z) ** 2 for r in (one, other)]
    total = sum(variances)
    if not total > 0:
        return 0.0
    freedom = total**2 / sum(v**2 / (r["customers"] - 1) for v, r in zip(variances, (one, other), strict=True))
    return float(stats.t.ppf(1 - 0.025 / pairs, freedom) * np.sqrt(total))


__all__ = ["FEWEST", "by_channel", "surely_different"]
