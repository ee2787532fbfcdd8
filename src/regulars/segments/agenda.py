"""What will happen by time alone in the coming hour, found in one scan of the facts, so that a look need not scan them.

It is good as long as whoever looks is the one who keeps it: a look by another connection takes in changed customers
that this one has not heard of. Of customers whose facts changed the rows are put in anew by each look.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from regulars.engines.duckdb import DuckDBEngine
from regulars.model.clock import offset
from regulars.rules import Vocabulary, When
from regulars.rules.passing import Edge
from regulars.segments.crossed import CROSSED, Crossing, Passed, list_edges, passed

AHEAD = timedelta(hours=1)
SHORT = timedelta(minutes=10)
"""Where looks are further apart than this, each scans for itself."""
_numbers = count()


@dataclass(frozen=True)
class Kept:
    """Which edges the rows are of, from when to when, and of which state of the facts."""

    edges: tuple[Edge, ...]
    begin: datetime
    end: datetime
    facts: int


class Agenda:
    """The rows that an edge will pass, in a temp table of its own on one connection."""

    def __init__(self, engine: DuckDBEngine) -> None:
        self._engine = engine
        self._table = f"look_agenda_{next(_numbers)}"
        self._kept: Kept | None = None

    def covers(self, edges: Sequence[Edge], before: When, now: When, facts: int | None) -> bool:
        kept = self._kept
        fits = kept is not None and kept.edges == tuple(edges) and kept.facts == facts and \
            kept.begin <= before.now and now.now <= kept.end
        # Where somebody was erased the file is written anew, and its connection is another one.
        return fits and bool(self._engine.columns(self._table))

    def make(self, edges: Sequence[Edge], vocabulary: Vocabulary, before: When, now: When) -> bool:
        """Find the rows of the coming hour; whether that is worth it and can be done."""
        end = When(now.now + AHEAD, now.zone)
        self._kept = None
        if now.now - before.now > SHORT or not _steady(edges, before, end):
            return False
        Crossing(self._engine, vocabulary, before, newest=True).find(passed(edges, before, end))
        self._engine.execute(f"CREATE OR REPLACE TEMP TABLE {self._table} AS FROM {CROSSED}")
        self._kept = Kept(tuple(edges), before.now, end.now, -1)
        return True

    def renew(self, whom: str, told: frozenset[str] | None, sources: dict[str, str], vocabulary: Vocabulary,
              before: When) -> None:
        """Put the rows of the customers in the table ``whom`` in anew, from where ``sources`` says each table's are:
        those of the tables ``told`` (None: of all)."""
        if self._kept is None:
            return
        moved = [p for p in passed(self._kept.edges, before, When(self._kept.end, before.zone))
                 if told is None or vocabulary.fact(p.edge.fact).table in told]
        numbers = [n for n, e in enumerate(self._kept.edges) if told is None or vocabulary.fact(e.fact).table in told]
        self._engine.execute(f"DELETE FROM {self._table} WHERE customer_id IN (SELECT customer_id FROM {whom}) AND "
                             "edge IN (SELECT unnest(?::INTEGER[]))", [numbers])
        Crossing(self._engine, vocabulary, before, whom, sources).add(moved, self._table)

    def take(self, edges: Sequence[Passed]) -> None:
        """Fill `CROSSED` from it with the rows that these edges passed."""
        with list_edges(self._engine, edges):
            self._engine.execute(
                f"CREATE OR REPLACE TEMP TABLE {CROSSED} AS SELECT a.customer_id, a.edge, a.\"at\" FROM "
                f"{self._table} a JOIN look_edges e ON e.edge = a.edge AND a.\"at\" > e.after AND a.\"at\" <= e.upto")

    def agree(self, facts: int | None) -> None:
        """The look is done: the rows are those of this state of the facts; None: the look did not ask for them, as one
        at everybody does not, and may have taken in facts that they are not of."""
        if self._kept is not None:
            kept = self._kept
            self._kept = None if facts is None else Kept(kept.edges, kept.begin, kept.end, facts)


def _steady(edges: Sequence[Edge], before: When, end: When) -> bool:
    """Whether no edge goes back on its way, as where a clock is changed: it could pass rows and come back."""
    ways = [(before.now, end.now), *((e.reach(before), e.reach(end)) for e in edges if e.length is None)]
    clocks = all(a is None or b is None or offset(a, end.zone) == offset(b, end.zone) for a, b in ways)
    return clocks and not any(e.steps_back(before, end) for e in edges)
