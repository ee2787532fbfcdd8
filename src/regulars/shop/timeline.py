"""What happened with one customer, the latest first: their facts of every kind in one row each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from regulars.engines.duckdb import DuckDBEngine, quoted

MOST = 40
TOLD: Mapping[str, tuple[str, str, str]] = {
    "orders": ("coalesce(channel, '')", "order_id", "total - coalesce(refunded, 0)"),
    "messages": ("type || CASE WHEN machine THEN ' by a machine' ELSE '' END", "coalesce(campaign, channel, '')",
                 "NULL"),
    "visits": ("'visit'", "coalesce(url, '')", "NULL"),
    "checkouts": ("CASE WHEN completed THEN 'completed' ELSE 'left' END", "''", "total"),
    "tickets": ("coalesce(status, '')", "coalesce(topic, '')", "NULL"),
    "events": ("'event'", "name", "NULL"),
    "answers": ("coalesce(survey, '')", "concat_ws(': ', question, value)", "NULL"),
}
"""Kind of fact -> what sort of it, what to show of it, its amount."""


@dataclass(frozen=True)
class Happening:
    """``kind`` is the fact's table, ``sort`` such as a message's type; ``amount`` is None where there is none."""

    at: datetime
    kind: str
    sort: str
    what: str
    amount: Decimal | None


def timeline(engine: DuckDBEngine, customer_id: str, now: datetime, most: int = MOST) -> list[Happening]:
    """The latest facts of a customer up to ``now`` (naive UTC)."""
    parts = [f"""(SELECT "at", '{table}', {sort}, {what}, CAST({amount} AS DECIMAL(18,4)) FROM {quoted(table)}
              WHERE customer_id = $1 AND "at" <= $2 ORDER BY "at" DESC LIMIT {int(most)})"""
             for table, (sort, what, amount) in TOLD.items()]
    rows = engine.rows(" UNION ALL ".join(parts) + f" ORDER BY 1 DESC, 2, 4 LIMIT {int(most)}", [customer_id, now])
    return [Happening(*row) for row in rows]
