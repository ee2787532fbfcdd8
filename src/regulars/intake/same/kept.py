"""What the last look found, as it stands now."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from regulars.engines.duckdb import DuckDBEngine
from regulars.intake.same.kinds import KINDS, Kind, grade
from regulars.intake.same.weighing import LIKELY, POSSIBLE, SURE

LOOKED = "same"
LATER = timedelta(days=30)
STANDS = """
FROM same_pairs p JOIN (SELECT customer_id FROM customers) a ON a.customer_id = p.one
JOIN (SELECT customer_id FROM customers) b ON b.customer_id = p.other
ANTI JOIN (SELECT one, other FROM same_decided WHERE what <> 'later' OR "at" > $1 UNION
    SELECT least(kept, absorbed), greatest(kept, absorbed) FROM merges WHERE undone_at IS NOT NULL) d
    ON d.one = p.one AND d.other = p.other"""
"""The pairs both of whom are there and of whom nothing was decided; $1: since when "later" still holds."""


@dataclass(frozen=True)
class Pair:
    """Two customers who may be one person. ``evidence``: field -> how it compares, and how many bits that weighs."""

    one: str
    other: str
    kind: str
    bits: float
    clear: bool
    evidence: Mapping[str, tuple[str, float]]

    @property
    def grade(self) -> str:
        return grade(self.bits)


@dataclass(frozen=True)
class Counted:
    """How many pairs of a kind there are, by how sure they are; ``ready`` are those that a rule would join."""

    kind: str
    certain: bool
    sure: int
    likely: int
    possible: int
    ready: int
    by_itself: bool

    @property
    def pairs(self) -> int:
        return self.sure + self.likely + self.possible


@dataclass(frozen=True)
class Looked:
    """The last look: at how many customers, how many groups were too large to say anything, how many pairs it found
    and how many customers it joined by the owner's rules."""

    at: datetime
    customers: int
    left_out: int
    pairs: int = 0
    joined: int = 0


def note(engine: DuckDBEngine, looked: Looked) -> None:
    """Keep what is known of a look, in place of the one before."""
    said = json.dumps({"at": looked.at.isoformat(), "customers": looked.customers, "left_out": looked.left_out,
                       "pairs": looked.pairs, "joined": looked.joined})
    engine.execute("DELETE FROM meta WHERE key = ?", [LOOKED])
    engine.execute("INSERT INTO meta VALUES (?, ?)", [LOOKED, said])


def looked(engine: DuckDBEngine) -> Looked | None:
    """The last look; None before the first."""
    said = engine.value("SELECT value FROM meta WHERE key = ?", [LOOKED])
    found = json.loads(said) if said else None
    return Looked(**{**found, "at": datetime.fromisoformat(found["at"])}) if found else None


def pairs(engine: DuckDBEngine, now: datetime, *, kind: str = "", customer: str = "", least: float = POSSIBLE,
          skip: int = 0, most: int = 100) -> list[Pair]:
    """The pairs that stand, the surest first; of one kind, of one customer."""
    rows = engine.rows(
        f"SELECT p.* {STANDS} WHERE bits >= $2 AND ($3 = '' OR kind = $3) AND ($4 = '' OR $4 IN (p.one, p.other)) "
        f"ORDER BY bits DESC, p.one, p.other LIMIT {int(most)} OFFSET {int(skip)}",
        [now - LATER, least, kind, customer])
    return [_pair(row) for row in rows]


def ready(engine: DuckDBEngine, now: datetime, kinds: Sequence[str], least: float = SURE) -> list[Pair]:
    """All that could be made one without looking at each: sure, and nothing against."""
    rows = engine.rows(f"SELECT p.* {STANDS} WHERE clear AND bits >= $2 AND list_contains($3::VARCHAR[], kind) "
                       "ORDER BY bits DESC, p.one, p.other", [now - LATER, least, list(kinds)])
    return [_pair(row) for row in rows]


def _pair(row: Sequence[Any]) -> Pair:
    one, other, kind, bits, clear, evidence = row
    said = {field: (str(level[0]), float(level[1])) for field, level in json.loads(evidence).items() if level}
    return Pair(one, other, kind, float(bits), bool(clear), said)


def counted(engine: DuckDBEngine, now: datetime) -> list[Counted]:
    """Every kind with its pairs."""
    rows = engine.rows(
        f"SELECT kind, count(*) FILTER (bits >= {SURE}), count(*) FILTER (bits >= {LIKELY} AND bits < {SURE}), "
        f"count(*) FILTER (bits < {LIKELY}), count(*) FILTER (bits >= {SURE} AND clear) {STANDS} GROUP BY 1",
        [now - LATER])
    found = {kind: counts for kind, *counts in rows}
    rules = {kind for (kind,) in engine.rows("SELECT kind FROM same_rules")}
    return [_counted(k, found.get(k.code, (0, 0, 0, 0)), k.code in rules) for k in KINDS]


def _counted(kind: Kind, counts: Sequence[int], by_itself: bool) -> Counted:
    sure, likely, possible, ready = counts
    return Counted(kind.code, kind.certain, sure, likely, possible, ready, by_itself)


def decide(engine: DuckDBEngine, one: str, other: str, what: str, now: datetime, by: str) -> None:
    """Keep what was said of two: apart, later or one. Inside the caller's transaction."""
    engine.execute("DELETE FROM same_decided WHERE one = least(?, ?) AND other = greatest(?, ?)", [one, other] * 2)
    engine.execute("INSERT INTO same_decided VALUES (least(?, ?), greatest(?, ?), ?, ?, ?)",
                   [*[one, other] * 2, what, now, by])
