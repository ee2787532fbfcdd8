"""Who entered and left, as rows to read on from: the log that `memberships` writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from regulars.engines.duckdb import DuckDBEngine


@dataclass(frozen=True)
class Change:
    """One customer ``entered`` or ``left`` one segment: ``at`` is when it became true, ``noticed_at`` when it was seen.

    Moments are naive UTC; ``seq`` grows with every change.
    """

    seq: int
    segment: str
    customer_id: str
    what: str
    at: datetime
    noticed_at: datetime
    why: str


def since(engine: DuckDBEngine, seq: int, most: int, segments: Sequence[str] = ()) -> list[Change]:
    """The changes after ``seq``, oldest first; of these segments where any are said."""
    held = "AND list_contains($3::VARCHAR[], segment)" if segments else "AND $3::VARCHAR[] IS NOT NULL"
    rows = engine.rows("SELECT seq, segment, customer_id, what, \"at\", noticed_at, coalesce(why, '') FROM changes "
                       f"WHERE seq > $1 {held} ORDER BY seq LIMIT $2", [seq, most, list(segments)])
    return [Change(*row) for row in rows]


def last(engine: DuckDBEngine) -> int:
    """The number of the newest change; 0 where there was none."""
    return int(engine.value("SELECT max(seq) FROM changes") or 0)
