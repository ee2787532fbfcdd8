"""The moments of comings and goings that a sum says, all of a look at once.

Nearly always one row crossed one edge of a segment, and nothing else happened to the customer: the moment is that of
the row and how far behind ``now`` the edge lies, or that at which the edge jumped over it, as the beginning of a month
does. What is more than that is left to `regulars.segments.dating`.
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
BEHIND = pa.schema([("segment", pa.string()), ("edge", pa.int32()), ("behind", pa.int64()),
                    ("jumps", pa.timestamp("us"))])


def date_plain(engine: DuckDBEngine, edges: Sequence[Edge], passing: Mapping[str, Passing], before: When, now: When,
               why: str) -> None:
    """Move those of ``look_turns`` to ``look_dated`` of whom the shop learnt nothing and to whom one thing happened."""
    engine.register("look_behind", _behind(edges, passing, before, now))
    try:
        engine.execute(
            "INSERT INTO look_dated SELECT segment, customer_id, any_value(inside), max(moment), $1 FROM (SELECT "
            't.segment, t.customer_id, t.inside, coalesce(e.jumps, r."at" + to_microseconds(e.behind)) AS moment FROM '
            f"look_turns t JOIN {CROSSED} r USING (customer_id) JOIN look_behind e ON e.segment = t.segment AND e.edge "
            "= r.edge WHERE t.heard IS NULL AND t.customer_id NOT IN (SELECT customer_id FROM customers c WHERE "
            f"{KNOWN_SINCE} > $2)) WHERE moment > $2 AND moment <= $3 GROUP BY 1, 2 HAVING min(moment) = max(moment)",
            [why, before.now, now.now])
    finally:
        engine.unregister("look_behind")


def _behind(edges: Sequence[Edge], passing: Mapping[str, Passing], before: When, now: When) -> pa.Table:
    """For each segment that hangs on nothing but rows and plain edges, the numbers of those, and how far behind they
    lie, in microseconds, or when they jump."""
    passed = [(n, e, behind(e, before, now)) for n, e in enumerate(edges) if e.passed(before, now)]
    plain = {e: (n, length, jump(e, before, now) if length is None else None) for n, e, length in passed}
    found: list[tuple[str, int, int | None, datetime | None]] = []
    for segment, hangs_on in passing.items():
        moved = [plain[e] for e in hangs_on.edges if e in plain]
        if not hangs_on.wheres and not may_turn(hangs_on.attributes, before, now):
            told = [(segment, number, None if length is None else length // TICK, jumps)
                    for number, length, jumps in moved if length is not None or jumps is not None]
            found += told if len(told) == len(moved) else []
    return pa.table([[row[i] for row in found] for i in range(4)], schema=BEHIND)


def behind(edge: Edge, before: When, now: When) -> timedelta | None:
    """How long after its own moment a row crosses the edge, where that is the same for every row between the looks."""
    if edge.slack or edge.crosses is not None:
        return None
    if edge.length is not None:
        return edge.length
    moments = [before.now, now.now, *_day_breaks(before, now)]
    reached = _reached(edge, moments, now)
    if reached is None or now.now - before.now > LONGEST:
        return None
    gaps = {m - r for m, r in zip(moments, reached, strict=True)}
    even = len(gaps) == 1 and _no_clock_changes(moments, now) and _no_clock_changes(reached, now)
    return gaps.pop() if even else None


def jump(edge: Edge, before: When, now: When) -> datetime | None:
    """The one moment between the looks at which the edge moves, over all that it passes; None where it is otherwise."""
    ends = _reached(edge, [before.now, now.now], now)
    if edge.slack or edge.crosses is not None or ends is None or now.now - before.now > LONGEST:
        return None
    low, high = before.now, now.now
    while high - low > TICK:
        middle = low + (high - low) // 2
        low, high = (middle, high) if edge.reach(When(middle, now.zone)) == ends[0] else (low, middle)
    at_once = edge.reach(When(high, now.zone)) == ends[1]
    return high if at_once and _no_clock_changes([before.now, now.now], now) else None


def _reached(edge: Edge, moments: Sequence[datetime], now: When) -> list[datetime] | None:
    """Where the edge lies at each moment; None where that is not known of all."""
    known = [r for m in moments if (r := edge.reach(When(m, now.zone))) is not None]
    return known if len(known) == len(moments) else None


def _no_clock_changes(moments: Sequence[datetime], now: When) -> bool:
    return len({to_local(m, now.zone) - m for m in moments}) == 1


def _day_breaks(before: When, now: When) -> list[datetime]:
    """The starts of days between, and the moments just before: there the length of a month changes."""
    day, last = local_day(before.now, now.zone), local_day(now.now, now.zone)
    starts = [day_start(day + timedelta(days=i), now.zone) for i in range(1, min((last - day).days, 3) + 1)]
    return [moment for start in starts for moment in (start - TICK, start)]

