"""Whose rows an edge of a window has passed between two moments: one scan a fact table, by time.

Only rows that can change anything: of the selections that the edge is of; and where it is only asked whether there is
such a row, or when the last was, the newest of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

import pyarrow as pa

from regulars.engines.duckdb import DuckDBEngine, literal, quoted, sought
from regulars.rules import Vocabulary, When
from regulars.rules.constructs.exists import AnyOf
from regulars.rules.constructs.selection import Selection
from regulars.rules.expressions import BITS
from regulars.rules.passing import Edge
from regulars.rules.turning import marked_rows
from regulars.segments.compiled import COMPILED
from regulars.segments.extracting import hiding

CROSSED = "look_crossed"
"""The temp table: ``customer_id``, ``edge`` (its number) and ``at``, the moment of the row that crossed."""


KNOWN_SINCE = 'coalesce(c."at", c.signed_up_at, CASE WHEN NOT coalesce(c.described, false) THEN c.first_seen END)'
"""Since when a customer ``c`` exists (docs/decisions/0001), NULL: always."""


@dataclass(frozen=True)
class Passed:
    """An edge by its number, and (after, up to] where it has passed rows."""

    number: int
    edge: Edge
    after: datetime
    upto: datetime


def passed(edges: Sequence[Edge], before: When, now: When) -> list[Passed]:
    """Those of the edges that moved."""
    return [Passed(number, edge, *span) for number, edge in enumerate(edges) for span in edge.passed(before, now)]


@dataclass(frozen=True)
class Crossing:
    """Finds the rows that edges passed since ``before``, in the facts as they are.

    ``only`` names a table of the customers to look at (everybody, unless said), ``sources`` where the rows of a fact
    table are read instead. ``newest``: of an edge at which only the newest row can change anything, that one; a second
    scan, which pays where what is found is used more than once.
    """

    engine: DuckDBEngine
    vocabulary: Vocabulary
    before: When
    only: str = ""
    sources: Mapping[str, str] = field(default_factory=dict)
    newest: bool = False

    def find(self, moved: Sequence[Passed]) -> None:
        """Fill the temp table `CROSSED`."""
        self.engine.execute(f'CREATE OR REPLACE TEMP TABLE {CROSSED} (customer_id VARCHAR, edge INTEGER, "at" '
                            "TIMESTAMP)")
        self.add(moved, CROSSED)

    def add(self, moved: Sequence[Passed], into: str) -> None:
        """Put the rows into a table like `CROSSED`."""
        for (_, column), group in groupby(sorted(moved, key=self._place), key=self._place):
            edges = list(group)
            every = sorted({p.edge.selection for p in edges}, key=Selection.text)
            for selections in (every[start:start + BITS] for start in range(0, len(every), BITS)):
                some = [p for p in edges if p.edge.selection in selections]
                with list_edges(self.engine, some, selections):
                    self.engine.execute(f"INSERT INTO {into} {self._rows(column, some, selections)}")

    def with_rows(self, moved: Sequence[Passed]) -> list[Passed]:
        """Without the edges that can only have passed rows of later than ``before``, where a table has none."""
        found: list[Passed] = []
        for (table, column), group in groupby(sorted(moved, key=self._place), key=self._place):
            edges = list(group)
            later = any(p.after >= self.before.now for p in edges) and self.engine.rows(
                f"SELECT 1 FROM {table} WHERE {quoted(column)} > ? LIMIT 1", [self.before.now])
            found += [p for p in edges if later or p.after < self.before.now]
        return sorted(found, key=lambda p: p.number)

    def _place(self, each: Passed) -> tuple[str, str]:
        return self.vocabulary.fact(each.edge.fact).table, each.edge.column

    def _rows(self, column: str, moved: Sequence[Passed], selections: Sequence[Selection]) -> str:
        """A SELECT of customer_id, edge, moment; reads ``look_edges``."""
        marked = COMPILED.sql(("marked", column), [AnyOf(s) for s in selections], self.vocabulary, [self.before],
                              lambda: self.engine.compile(marked_rows(selections, column, self.before,
                                                                      self.vocabulary)))
        steps = hiding(self.sources)
        whose = f"SEMI JOIN {sought(self.only)} USING (customer_id)" if self.only else ""
        steps.append(("crossing", "SELECT r.customer_id, e.edge, r.moment, e.nth, e.newest FROM (FROM "
                      f"({marked}) {whose} WHERE {lying_in('moment', moved)}) r JOIN look_edges e ON "
                      "r.moment > e.after AND r.moment <= e.upto AND (r.marks & e.mark) <> 0"))
        found = "SELECT customer_id, edge, moment FROM crossing"
        newest = [p for p in moved if p.edge.newest]
        if self.newest and newest:
            steps.append(("lasting", self._lasting(marked, min(p.after for p in newest), len(selections))))
            found += (" LEFT JOIN lasting USING (customer_id) WHERE NOT newest OR moment >= coalesce(lasts[nth], "
                      "moment)")
        return self.engine.staged(steps, found)

    def _lasting(self, marked: str, after: datetime, selections: int) -> str:
        """By customer the moment of the newest row of each selection, as of ``before``."""
        lasts = ", ".join(f"max(moment) FILTER (WHERE (marks & {1 << nth}) <> 0)" for nth in range(selections))
        return (f"SELECT customer_id, [{lasts}] AS lasts FROM ({marked}) SEMI JOIN (SELECT customer_id FROM crossing "
                f"WHERE newest) USING (customer_id) WHERE moment > {as_moment(after)} AND moment <= "
                f"{as_moment(self.before.now)} GROUP BY customer_id")


@contextmanager
def list_edges(engine: DuckDBEngine, moved: Sequence[Passed], selections: Sequence[Selection] = ()) -> Iterator[None]:
    """The edges as a table ``look_edges``: edge, after, upto, newest, and the number of its selection from 1, with its
    mark."""
    nths = [selections.index(p.edge.selection) if selections else 0 for p in moved]
    engine.register("look_edges", pa.table({
        "edge": pa.array([p.number for p in moved], pa.int32()),
        "after": pa.array([p.after for p in moved], pa.timestamp("us")),
        "upto": pa.array([p.upto for p in moved], pa.timestamp("us")),
        "newest": pa.array([p.edge.newest for p in moved], pa.bool_()),
        "nth": pa.array([nth + 1 for nth in nths], pa.int32()),
        "mark": pa.array([1 << nth for nth in nths], pa.int64())}))
    try:
        yield
    finally:
        engine.unregister("look_edges")


def lying_in(moment: str, moved: Iterable[Passed]) -> str:
    """The condition that a moment lies where one of these edges passed."""
    return " OR ".join(f"{moment} > {as_moment(a)} AND {moment} <= {as_moment(u)}" for a, u in _merged(moved))


def _merged(moved: Iterable[Passed]) -> Iterator[tuple[datetime, datetime]]:
    """The spans of time, those that touch as one."""
    spans = sorted((p.after, p.upto) for p in moved)
    after, upto = spans[0]
    for begin, end in spans[1:]:
        if begin > upto:
            yield after, upto
            after, upto = begin, end
        upto = max(upto, end)
    yield after, upto


def as_moment(moment: datetime) -> str:
    return f"TIMESTAMP {literal(moment.isoformat(sep=' ', timespec='microseconds').zfill(26))}"
