"""What the people of a segment earn the shop, from the kept score of the last twelve months."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from regulars.engines.duckdb import DuckDBEngine, quoted

PROFIT = "profit.last_12_months"
NOTE = "scored.profit"


@dataclass(frozen=True)
class Earned:
    """``profit`` of those of whom it is ``known`` (of nobody: None), true of ``as_of`` (naive UTC).

    ``current``: no facts came since.
    """

    profit: Decimal | None
    known: int
    as_of: datetime
    current: bool


@dataclass(frozen=True)
class Scored:
    """That profits are kept: of which moment, and whether facts came since."""

    as_of: datetime
    current: bool

    def earned(self, profit: Decimal | None, known: int, people: int) -> Earned:
        """Of so many people. Who bought nothing is known to have earned nothing: where all others are unknown, and
        nothing is left of those who are known, it says nothing of them all."""
        if known < people and (profit or 0) <= 0:
            profit, known = None, 0
        return Earned(profit, known, self.as_of, self.current)


def scored(engine: DuckDBEngine) -> Scored | None:
    """Of which moment the kept profits are; None where none were worked out."""
    rows = engine.rows(
        "SELECT value, (SELECT value::BIGINT FROM meta WHERE key = 'facts_version') FROM meta WHERE key = ?", [NOTE]
    )
    if not rows or PROFIT not in engine.columns("scores"):
        return None
    note: dict[str, Any] = json.loads(rows[0][0])
    return Scored(datetime.fromisoformat(note["as_of"]), note["facts"] == rows[0][1])


def by_segment(engine: DuckDBEngine) -> dict[str, Earned]:
    """What each segment's members (as of its last refresh) earned; nothing where no profits are kept."""
    kept = scored(engine)
    if kept is None:
        return {}
    rows = engine.rows(
        f"SELECT segment, sum({quoted(PROFIT)}), count({quoted(PROFIT)}), count(*) FROM memberships"
        " LEFT JOIN scores USING (customer_id) WHERE until IS NULL GROUP BY segment"
    )
    return {segment: kept.earned(*rest) for segment, *rest in rows}
