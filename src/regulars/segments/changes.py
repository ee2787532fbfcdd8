"""Who entered and left, as rows to read on from: the log that `memberships` writes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from regulars.engines.duckdb import DuckDBEngine, literal
from regulars.errors import ChangesLost
from regulars.segments.noted import note, noted
from regulars.segments.refusals import why

GAPS = "changes.gaps"
"""The key in ``meta`` of the numbers that are given to nothing, as the shop was brought back: [last before, last]."""
LAST = ("(SELECT greatest(coalesce(max(seq), 0), coalesce((SELECT json_extract(value, '$[#-1][1]')::BIGINT FROM meta "
        f"WHERE key = {literal(GAPS)}), 0)) FROM changes)")
"""The number of the newest change, as an expression."""


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


@dataclass(frozen=True)
class Lost:
    """The shop was brought back from a copy whose newest change was ``after``: what others were told from there up to
    ``seq``, a number that is given to nothing else, is no longer so."""

    after: int
    seq: int


def since(engine: DuckDBEngine, seq: int, most: int, segments: Sequence[str] = ()) -> list[Change]:
    """The changes after ``seq``, oldest first; of these segments where any are said."""
    held = "AND list_contains($3::VARCHAR[], segment)" if segments else "AND $3::VARCHAR[] IS NOT NULL"
    rows = engine.rows("SELECT seq, segment, customer_id, what, \"at\", noticed_at, coalesce(why, '') FROM changes "
                       f"WHERE seq > $1 {held} ORDER BY seq LIMIT $2", [seq, most, list(segments)])
    return [Change(*row) for row in rows]


def last(engine: DuckDBEngine) -> int:
    """The number of the newest change; 0 where there was none."""
    return int(engine.value(f"SELECT {LAST}"))


def begin_anew(engine: DuckDBEngine, beyond: int) -> None:
    """Give the next changes numbers ``beyond`` whatever was given, by a shop of which this is an earlier copy."""
    before, gaps = last(engine), _gaps(engine)
    note(engine, GAPS, json.dumps([*gaps, [before, max(before + 1, beyond)]]))


def lost_since(engine: DuckDBEngine, seq: int) -> list[Lost]:
    """Each time the shop was brought back, of those whose numbers lie after ``seq``, the oldest first."""
    return [Lost(before, until) for before, until in _gaps(engine) if until > seq]


def require_known(engine: DuckDBEngine, seq: int) -> None:
    """Raise `ChangesLost` where ``seq`` was given by a shop of which this is an earlier copy, or never."""
    newest = last(engine)
    if seq > newest or any(before < seq < until for before, until in _gaps(engine)):
        raise ChangesLost(why("Change {seq} is not known: the shop was brought back from a backup since, or this "
                              "number was never given.", seq=str(seq)),
                          hint=why("Read who is in each segment anew, and ask for what comes after {last}.",
                                   last=str(newest)))


def _gaps(engine: DuckDBEngine) -> list[list[int]]:
    return list(json.loads(noted(engine, GAPS) or "[]"))
