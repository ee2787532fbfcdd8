"""The moment at which somebody came to be in a segment or stopped being in it, to the microsecond.

Membership hangs on what the shop knew: it became so when time alone made it so, or when the shop learnt the facts that
made it so, whichever came last (docs/decisions/0012). Where only one thing happened since the last look, that is the
moment; where several did, the customer is judged at each by the rules in plain Python, the last first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from regulars.engines.duckdb import DuckDBEngine
from regulars.model.clock import TICK, day_start, local_day, offset, split_at, stretches
from regulars.rules import Condition, Vocabulary, When
from regulars.rules.constructs.anniversary import Anniversary
from regulars.rules.constructs.attribute import Attribute
from regulars.rules.constructs.windows import Window
from regulars.rules.edges import edges, first_as
from regulars.rules.expressions import fallback_steps
from regulars.rules.oracle import Everybody, exists
from regulars.rules.passing import Edge, Passing, may_turn, moves, whole
from regulars.rules.subjects import Person
from regulars.rules.tree import Moment, node_fields
from regulars.segments.explaining import tables_of
from regulars.segments.extracting import known_columns, listed, read_columns

MOST_JUDGED = 20_000
"""So many comings and goings are judged one by one in a look; of any beyond, the last thing that happened is said."""
JUDGED_BY = {"orders": {"total"}, "lines": {"product_id", "product_name"}, "answers": {"question", "number", "value"}}
"""What rows are made of in plain Python, whatever is asked of them."""


@dataclass(frozen=True)
class Turn:
    """One coming (``inside``) or going of a customer, found by a look.

    ``heard`` is when the shop last learnt something of the customer, None where it did not since the look before;
    ``known_since`` is since when the customer exists, where that is since the look before.
    """

    segment: str
    customer_id: str
    inside: bool
    heard: datetime | None
    known_since: datetime | None


@dataclass(frozen=True)
class Dating:
    """What is needed to date the turns between the looks at ``before`` and ``now``."""

    engine: DuckDBEngine
    vocabulary: Vocabulary
    before: When
    now: When
    rules: Mapping[str, Condition]
    passing: Mapping[str, Passing]
    edges: Sequence[Edge]
    _reached: dict[tuple[int, datetime], tuple[datetime, ...]] = field(default_factory=dict)
    _returns: dict[tuple[Anniversary, Any, datetime], frozenset[datetime]] = field(default_factory=dict)
    _stretches: dict[Edge, list[tuple[datetime, datetime]]] = field(default_factory=dict)
    _jumps: dict[Edge, list[tuple[datetime, datetime, tuple[datetime, ...]]]] = field(
        default_factory=lambda: defaultdict(list))

    def date(self, turns: Sequence[Turn], crossed: Mapping[str, Sequence[tuple[int, datetime]]]) -> list[datetime]:
        """The moment of each turn; ``crossed`` has each customer's rows that an edge passed: (edge number, moment)."""
        number_of = {edge: number for number, edge in enumerate(self.edges)}
        numbers = {name: {number_of[e] for e in p.edges} for name, p in self.passing.items()}
        moving = {name: may_turn(p.attributes, self.before, self.now) for name, p in self.passing.items()}
        moved = sorted({t.segment for t in turns if moving[t.segment]})
        described = self._people([t for t in turns if moving[t.segment]], self._known(moved))
        steps = [self._steps(turn, crossed.get(turn.customer_id, ()), numbers[turn.segment],
                             described.get(turn.customer_id)) for turn in turns]
        found = [self._plain(*pair) for pair in zip(turns, steps, strict=True)]
        asked = [i for i, moment in enumerate(found) if moment is None]
        for columns, some in self._by_tables(turns, asked[:MOST_JUDGED]):
            people = self._people([turns[i] for i in some], columns)
            for i in some:
                found[i] = self._judge(turns[i], people.get(turns[i].customer_id), steps[i])
        for i in asked[MOST_JUDGED:]:
            found[i] = max((*steps[i], turns[i].heard or self.before.now))
        return [self.now.now if moment is None else moment for moment in found]

    def _people(self, turns: Sequence[Turn], columns: Mapping[str, str]) -> Mapping[str, Person]:
        if not turns:
            return {}
        with self.engine.seeking():
            return Everybody(tables_of(self.engine, sorted({t.customer_id for t in turns}), columns),
                             self.vocabulary).people

    def _by_tables(self, turns: Sequence[Turn], asked: Sequence[int]) -> Iterator[tuple[dict[str, str], list[int]]]:
        """The turns that are asked by the fact tables their segments read, with what to select of those: who has many
        rows of one table is often asked of another alone."""
        reads = {name: self._columns([name]) for name in {turns[i].segment for i in asked}}
        groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for i in asked:
            groups[tuple(sorted(reads[turns[i].segment]))].append(i)
        for some in groups.values():
            yield self._columns(sorted({turns[i].segment for i in some})), some

    def _columns(self, segments: Sequence[str]) -> dict[str, str]:
        """What to select of which fact tables for people to be judged by the rules of these segments."""
        hung_on = sorted({e for name in segments for e in self.passing[name].edges}, key=lambda e: (e.fact, e.key))
        read = read_columns((self.rules[name] for name in segments), hung_on, self.vocabulary)
        facts = {table: listed(table, columns | JUDGED_BY.get(table, set())) for table, columns in read.items()}
        return facts | self._known(segments)

    def _known(self, segments: Sequence[str]) -> dict[str, str]:
        return known_columns((self.rules[name] for name in segments), self.vocabulary)

    def _steps(self, turn: Turn, rows: Iterable[tuple[int, datetime]], numbers: set[int],
               person: Person | None) -> list[datetime]:
        """Whatever happened by time alone, since the shop last learnt something of the customer."""
        start = turn.heard or self.before.now
        moments = {m for number, at in rows if number in numbers for m in self._crossing(number, at)}
        moments |= {turn.known_since} if turn.known_since else set()
        if person is not None:
            for condition in self.passing[turn.segment].attributes:
                moments |= self._turns_of(condition, person, start)
        return sorted(m for m in moments if start < m <= self.now.now)

    def _turns_of(self, condition: Condition, person: Person, start: datetime) -> frozenset[datetime]:
        """`turns_of`, asked once of all who have their yearly return on the same date."""
        if not isinstance(condition, Anniversary):
            return frozenset(turns_of(condition, person, When(start, self.now.zone), self.now))
        asked = (condition, condition.value.of(person, self.now), start)
        if asked not in self._returns:
            self._returns[asked] = frozenset(turns_of(condition, person, When(start, self.now.zone), self.now))
        return self._returns[asked]

    def _plain(self, turn: Turn, steps: Sequence[datetime]) -> datetime | None:
        """The moment, where only one thing happened."""
        if self.passing[turn.segment].wheres:
            return None
        if turn.heard is not None:
            return None if steps else turn.heard
        return steps[0] if len(steps) == 1 else None

    def _crossing(self, number: int, at: datetime) -> tuple[datetime, ...]:
        """When a row of this moment crosses the edge."""
        if (number, at) not in self._reached:
            self._reached[number, at] = tuple(self._find_crossing(self.edges[number], at))
        return self._reached[number, at]

    def _find_crossing(self, edge: Edge, at: datetime) -> Iterable[datetime]:
        if edge.length is not None:
            yield at + edge.length
            if edge.slack:
                yield from (at + edge.length - TICK, at + edge.length + TICK)
            return
        if edge.crosses is not None:
            moment = edge.crosses(at, self.now)
            yield from () if moment is None else (moment,)
            return
        if len(self._stretches_of(edge)) > 1:
            yield from self._each_crossing(edge, at)
            return
        jumped = next((m for after, upto, m in self._jumps.get(edge, ()) if after < at <= upto), None)
        if jumped is not None:
            yield from jumped
            return
        set_back = self._set_back(edge)
        even = None if set_back else self._evenly(edge, at)
        yield from self._turned(edge, at, set_back) if even is None else (even,)

    def _stretches_of(self, edge: Edge) -> list[tuple[datetime, datetime]]:
        """From when to when the edge only goes on; it may go back from the end of each to the beginning of the next."""
        if edge not in self._stretches:
            back = edge.steps_back(self.before, self.now)
            self._stretches[edge] = split_at(back, self.before.now, self.now.now)
        return self._stretches[edge]

    def _each_crossing(self, edge: Edge, at: datetime) -> Iterable[datetime]:
        """Every moment at which a row comes to lie on the other side of an edge that goes back."""
        hours = [timedelta(seconds=s) for s in fallback_steps(self.now.zone)] if self._set_back(edge) else []
        passed = self._has_reached(edge, self.before.now, at)
        for low, high in self._stretches_of(edge):
            found = [low] if self._has_reached(edge, low, at) is not passed else []
            passed = self._has_reached(edge, high, at)
            if self._has_reached(edge, low, at) is not passed:
                found.append(first_as(lambda m: self._has_reached(edge, m, at), low, high))
            for moment in found:
                yield from (moment, *(moment + h for h in hours), *(moment - h for h in hours))

    def _turned(self, edge: Edge, at: datetime, set_back: bool) -> tuple[datetime, ...]:
        """When the edge comes to lie on the other side of a row, and an hour around where clocks are set back. An edge
        that jumps, as the beginning of a month does, passes all that it jumps over at once: that is kept."""
        high = first_as(lambda m: self._has_reached(edge, m, at), self.before.now, self.now.now)
        low, forward = high - TICK, self._has_reached(edge, high, at)
        hours = [timedelta(seconds=s) for s in fallback_steps(self.now.zone)] if set_back else []
        moments = (high, *(high + h for h in hours), *(high - h for h in hours))
        after, upto = (edge.reach(When(moment, self.now.zone)) for moment in (low, high))
        if forward and after is not None and upto is not None and upto - after > TICK:
            self._jumps[edge].append((after, upto, moments))
        return moments

    def _evenly(self, edge: Edge, at: datetime) -> datetime | None:
        """When the edge passes a row, where it does so as far behind as it is now: most move on evenly, most days."""
        reached = edge.reach(self.now)
        moment = None if reached is None else at + (self.now.now - reached)
        if moment is None or not self.before.now < moment <= self.now.now:
            return None
        passes = self._has_reached(edge, moment, at) and not self._has_reached(edge, moment - TICK, at)
        return moment if passes else None

    def _has_reached(self, edge: Edge, moment: datetime, at: datetime) -> bool:
        reached = edge.reach(When(moment, self.now.zone))
        return reached is not None and reached >= at

    def _set_back(self, edge: Edge) -> bool:
        """Whether clocks were set back while the edge moved."""
        ends = [edge.reach(when) or when.now for when in (self.before, self.now)]
        return any(offset(a, self.now.zone) > offset(b, self.now.zone) for a, b in
                   ((self.before.now, self.now.now), (ends[0], ends[1])))

    def _judge(self, turn: Turn, person: Person | None, steps: Sequence[datetime]) -> datetime:
        """The last moment before which the customer was judged otherwise."""
        if person is None:
            return turn.heard or self.now.now
        start, rule = turn.heard or self.before.now, self.rules[turn.segment]
        moments = {*steps, *self._of_rows(turn.segment, person)}
        for moment in sorted((m for m in moments if start < m <= self.now.now), reverse=True):
            earlier = When(moment - TICK, self.now.zone)
            if (exists(person, earlier) and rule.holds(person, earlier)) is not turn.inside:
                return moment
        return turn.heard or self.now.now

    def _of_rows(self, segment: str, person: Person) -> Iterator[datetime]:
        """When conditions on rows by a time of their own may have turned."""
        if self.passing[segment].wheres:
            for each in whole(self.rules[segment], self.vocabulary):
                for node in each.walk():
                    if isinstance(node, Condition) and _has_moving_rows(node):
                        yield from edges(node, person, self.now)


def turns_of(condition: Condition, person: Person, before: When, now: When) -> Iterator[datetime]:
    """When a condition on what is known of somebody turned by time alone, after ``before`` and up to ``now``."""
    zone = now.zone

    def holds(moment: datetime) -> bool:
        return condition.holds(person, When(moment, zone))
    for moment in sorted(set(_may_turn(condition, person, before, now))):
        if before.now < moment <= now.now and holds(moment - TICK) is not holds(moment):
            yield moment


def _may_turn(condition: Condition, person: Person, before: When, now: When) -> Iterator[datetime]:
    """Starts of days, and when a moment or midnight known of the person is passed by a window or a moving moment."""
    day, last = local_day(before.now, now.zone), local_day(now.now, now.zone)
    while day <= last:
        yield day_start(day, now.zone)
        day += timedelta(days=1)
    if isinstance(condition, Anniversary):
        yield from _days_moved(condition.window, before, now)
    parts = [p for _, value in node_fields(condition) for p in (value if isinstance(value, tuple) else (value,))]
    values = [_moment_of(p.of(person, now), now.zone) for p in parts if isinstance(p, Attribute)]
    for reach in _reaches(parts):
        for value in values:
            if value is not None:
                yield from _passes(reach, value, before, now)


@lru_cache(maxsize=64)
def _days_moved(window: Window, before: When, now: When) -> tuple[datetime, ...]:
    """When other days come to lie in the window as a day goes on: by hours, or where clocks changed in between."""
    found: list[datetime] = []
    day, low = local_day(before.now, now.zone), before.now
    while low < now.now:
        day += timedelta(days=1)
        last = min(day_start(day, now.zone) - TICK, now.now)
        while low < last and window.days(When(low, now.zone)) != window.days(When(last, now.zone)):
            low = _first_other(window, low, last, now.zone)
            found.append(low)
        low = last + TICK
    return tuple(found)


def _first_other(window: Window, low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """The first moment at which the days of the window are not those of ``low``, as at ``high``."""
    days = window.days(When(low, zone))
    while high - low > TICK:
        middle = low + (high - low) // 2
        low, high = (middle, high) if window.days(When(middle, zone)) == days else (low, middle)
    return high


def _reaches(parts: Iterable[Any]) -> Iterator[Callable[[When], datetime | None]]:
    for part in parts:
        if isinstance(part, Window):
            yield lambda when, w=part: w.bounds(when)[0]  # type: ignore[misc]
            yield lambda when, w=part: w.bounds(when)[1]  # type: ignore[misc]
        elif isinstance(part, Moment):
            yield lambda when, m=part: m.span(when)[0] - TICK  # type: ignore[misc]
            yield lambda when, m=part: m.span(when)[1]  # type: ignore[misc]


def _passes(reach: Callable[[When], datetime | None], value: datetime, before: When, now: When) -> Iterator[datetime]:
    """When ``reach`` comes to lie on the other side of the value, and an hour around where clocks are set back."""
    def reached(moment: datetime) -> bool:
        found = reach(When(moment, now.zone))
        return found is not None and found >= value
    for low, high in stretches(before.now, now.now, now.zone):
        if reached(low) is not reached(high):
            high = first_as(reached, low, high)
            yield high
        for seconds in fallback_steps(now.zone):
            yield from (high + timedelta(seconds=seconds), high - timedelta(seconds=seconds))


def _moment_of(value: Any, zone: ZoneInfo) -> datetime | None:
    if isinstance(value, datetime):
        return value
    return day_start(value, zone) if isinstance(value, date) else None


def _has_moving_rows(node: Any) -> bool:
    parts = [p for _, p in node_fields(node)]
    selections = [getattr(p, "selection", p) for p in parts]
    return any(getattr(s, "where", None) is not None and moves(s.where) for s in selections)


def by_customer(rows: Iterable[tuple[Any, ...]]) -> dict[str, list[tuple[int, datetime]]]:
    """(customer_id, edge, moment) by customer."""
    found: dict[str, list[tuple[int, datetime]]] = defaultdict(list)
    for customer_id, edge, at in rows:
        found[customer_id].append((edge, at))
    return found
