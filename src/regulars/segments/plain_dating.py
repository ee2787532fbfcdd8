"""The moments of comings and goings that a sum says, all of a look at once.

Nearly always one row crossed one edge of a segment, and nothing else happened to the customer: the moment is that of
the row and how far behind ``now`` the edge lies. What is more than that is left to `regulars.segments.dating`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import pyarrow as pa

from regulars.engines.duckdb import DuckDBEngine
from regulars.model.clock import TICK, day_start, local_day, to_local
from regulars.rules import When
from regulars.rules.passing import Edge, Passing, may_turn
from regulars.segments.crossed import CROSSED, KNOWN_SINCE

LONGEST = timedelta(days=2)
"""Clocks are not changed and changed back within so long."""


def date_plain(engine: DuckDBEngine, edges: Sequence[Edge], passing: Mapping[str, Passing], before: When, now: When,
               why: str) -> None:
    """Move those of ``look_turns`` to ``look_dated`` of whom the shop learnt nothing and to whom one thing happened."""
    engine.register("look_behind", _behind(edges, passing, before, now))
    try:
        engine.execute(
            "INSERT INTO look_dated SELECT segment, customer_id, any_value(inside), max(moment), $1 FROM (SELECT "
            't.segment, t.customer_id, t.inside, r."at" + to_microseconds(e.behind) AS moment FROM look_turns t JOIN '
            f"{CROSSED} r USING (customer_id) JOIN look_behind e ON e.segment = t.segment AND e.edge = r.edge WHERE "
            f"t.heard IS NULL AND t.customer_id NOT IN (SELECT customer_id FROM customers c WHERE {KNOWN_SINCE} > $2)) "
            "WHERE moment > $2 AND moment <= $3 GROUP BY 1, 2 HAVING min(moment) = max(moment)",
            [why, before.now, now.now])
    finally:
        engine.unregister("look_behind")


def _behind(edges: Sequence[Edge], passing: Mapping[str, Passing], before: When, now: When) -> pa.Table:
    """For each segment that hangs on nothing but rows and even edges, the numbers of those and how far behind they
    lie, in microseconds."""
    lengths = {e: (n, behind(e, before, now)) for n, e in enumerate(edges) if e.passed(before, now)}
    found: list[tuple[str, int, int]] = []
    for segment, hangs_on in passing.items():
        moved = [lengths[e] for e in hangs_on.edges if e in lengths]
        if not hangs_on.wheres and not may_turn(hangs_on.attributes, before, now):
            even = [(segment, number, length // TICK) for number, length in moved if length is not None]
            found += even if len(even) == len(moved) else []
    segments, numbers, lengths_in_ticks = zip(*found, strict=True) if found else ((), (), ())
    return pa.table({"segment": pa.array(segments, pa.string()), "edge": pa.array(numbers, pa.int32()),
                     "behind": pa.array(lengths_in_ticks, pa.int64())})


def behind(edge: Edge, before: When, now: When) -> timedelta | None:
    """How long after its own moment a row crosses the edge, where that is the same for every row between the looks."""
    if edge.slack or edge.crosses is not None:
        return None
    if edge.length is not None:
        return edge.length
    moments = [before.now, now.now, *_day_breaks(before, now)]
    reached = [edge.reach(When(m, now.zone)) for m in moments]
    known = [r for r in reached if r is not None]
    if len(known) < len(moments) or now.now - before.now > LONGEST:
        return None
    gaps = {m - r for m, r in zip(moments, known, strict=True)}
    even = len(gaps) == 1 and all(len({to_local(m, now.zone) - m for m in of}) == 1 for of in (moments, known))
    return gaps.pop() if even else None


def _day_breaks(before: When, now: When) -> list[datetime]:
    """The starts of days between, and the moments just before: there the length of a month changes."""
    day, last = local_day(before.now, now.zone), local_day(now.now, now.zone)
    starts = [day_start(day + timedelta(days=i), now.zone) for i in range(1, min((last - day).days, 3) + 1)]
    return [moment for start in starts for moment in (start - TICK, start)]

