"""What the passing of time alone can change in a rule, found without looking at anybody.

A row of a fact counts while its moment lies between two moments that move on with ``now``: the ends of a window, the
length of a verb. Such a moment is an `Edge`; who may have changed between two looks are those with a row that an edge
has passed. Windows by months can step back, for an hour where clocks are set back, and for a day as one begins that
the month reached into has not (a month before 28 and 29 March is 28 February): a row has crossed where it lies on
another side of the edge than before, whichever way the edge moved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from regulars.model.clock import EXACT, TICK, day_start, days_of_month, days_that_go_back, local_day
from regulars.model.types import Type
from regulars.rules.constructs.aggregate import Aggregate
from regulars.rules.constructs.anniversary import Anniversary
from regulars.rules.constructs.attribute import Attribute
from regulars.rules.constructs.rank import Rank
from regulars.rules.constructs.regularly import Regularly
from regulars.rules.constructs.restarted import Restarted
from regulars.rules.constructs.segment import InSegment
from regulars.rules.constructs.selection import Selection
from regulars.rules.constructs.sequence import Sequence as Followed
from regulars.rules.constructs.stopped import Stopped
from regulars.rules.constructs.windows import (
    DAWN,
    After,
    BetweenAgo,
    Duration,
    Lately,
    MoreThanAgo,
    Period,
    Since,
    Window,
)
from regulars.rules.features import FactFeature, Feature
from regulars.rules.subjects import When, fold
from regulars.rules.tree import Condition, Moment, Node, node_fields
from regulars.rules.vocabulary import Vocabulary

Reach = Callable[[When], datetime | None]
Span = tuple[datetime, datetime]
DAY = timedelta(days=1)
MOVING_WORDS = ("today", "yesterday", "now")
FARTHEST_BACK = timedelta(hours=3)
"""No clock is set back by more."""


@dataclass(frozen=True)
class Edge:
    """Rows of ``fact`` whose ``column`` lies up to ``reach(when)`` have crossed (None: no row has).

    ``length`` is how long ago the reach is, where that is always the same. ``slack`` is by how much a row may count
    earlier or later, where days are compared as doubles. ``crosses`` gives the moment at which a row crosses, where
    that is known better than from the reach. ``apart`` gives where rows cross besides, from one moment to another, that
    do not lie next to the reach. ``rows`` are those of the fact that can change anything by crossing, all
    unless said; with ``newest`` only the newest of them can. ``key`` tells edges apart.
    """

    key: str
    fact: str
    reach: Reach = field(compare=False)
    column: str = "at"
    length: timedelta | None = None
    slack: timedelta = timedelta()
    crosses: Callable[[datetime, When], datetime | None] | None = field(default=None, compare=False)
    apart: Callable[[When, When], list[Span]] | None = field(default=None, compare=False)
    rows: Selection | None = None
    newest: bool = False

    @property
    def selection(self) -> Selection:
        """The rows that matter, whatever their moment."""
        return self.rows or Selection(self.fact)

    def of(self, rows: Selection, *, newest: bool = False) -> Edge:
        """The same for these rows only."""
        return replace(self, key=f"{self.key} of {'newest ' * newest}{rows.text()}", rows=rows, newest=newest)

    def steps_back(self, before: When, now: When) -> list[datetime]:
        """The days that begin between two moments with which the edge goes back to what it has passed."""
        starts = [] if self.length is not None else days_that_go_back(before.now, now.now, now.zone)
        return [s for s in starts if (a := self.reach(When(s - TICK, now.zone))) is not None and
                (b := self.reach(When(s, now.zone))) is not None and b < a]

    def passed(self, before: When, now: When) -> list[Span]:
        """(after, up to]: where rows lie that have crossed between two moments."""
        spans = [] if self.apart is None else self.apart(before, now)
        ends = self.reach(before), self.reach(now)
        if ends[0] is not None and ends[1] is not None and ends[0] != ends[1]:
            spans.append((min(ends[0], ends[1]), max(ends[0], ends[1])))
        return [(after - self.slack, upto + self.slack) for after, upto in spans]


@dataclass(frozen=True)
class Passing:
    """What of a rule, and of the segments it leans on, hangs on ``now``.

    ``wheres`` are selections whose own condition on rows speaks of time, ``attributes`` conditions on what is known of
    the customer that do. ``of_all``: only a look at everybody can tell.
    """

    edges: frozenset[Edge] = frozenset()
    wheres: frozenset[Selection] = frozenset()
    attributes: frozenset[Condition] = frozenset()
    of_all: bool = False


def passing(rule: Condition, vocabulary: Vocabulary) -> Passing:
    """Everything in the rule that time alone can change; the tree must have been checked."""
    edges: set[Edge] = set()
    wheres: set[Selection] = set()
    attributes: set[Condition] = set()
    of_all = False
    for each in whole(rule, vocabulary):
        for node in _asked(each):
            found = list(_edges(node, vocabulary))
            edges |= {e for e in found if e is not None}
            wheres |= {s for s, _ in _selected(node) if s.where is not None and moves(s.where)}
            if isinstance(node, Condition) and _on_attribute(node, vocabulary):
                attributes.add(node)
            of_all = of_all or isinstance(node, Rank) or None in found
    return Passing(frozenset(edges), frozenset(wheres), frozenset(attributes), of_all)


def whole(rule: Condition, vocabulary: Vocabulary) -> Iterator[Condition]:
    """The rule and every segment it leans on, each once."""
    pending, seen = [rule], set[str]()
    while pending:
        each = pending.pop()
        yield each
        names = {fold(node.name) for node in each.walk() if isinstance(node, InSegment)} - seen
        seen |= names
        pending += [vocabulary.segment(name) for name in names]


def may_turn(attributes: Iterable[Condition], before: When, now: When) -> list[Condition]:
    """Those of a `Passing`'s ``attributes`` that can turn between two moments: an age is told in whole days, and turns
    as a day begins; an anniversary as another day comes into its window or goes out of it."""
    same_day = local_day(before.now, before.zone) == local_day(now.now, now.zone)
    return sorted((c for c in attributes if not (same_day and _stays_all_day(c, before, now))), key=lambda c: c.text())


def _stays_all_day(condition: Condition, before: When, now: When) -> bool:
    if isinstance(condition, Anniversary):
        return condition.window.days(before) == condition.window.days(now)
    return not any(isinstance(p, Window | Moment) for p in _parts(condition))


def moves(condition: Condition) -> bool:
    """Whether a condition on rows hangs on ``now``."""
    return any(isinstance(part, Window) or (isinstance(part, Moment) and part.word in MOVING_WORDS)
               for node in condition.walk() for part in _parts(node))


def _parts(node: Node) -> list[Any]:
    found: list[Any] = []
    for _, value in node_fields(node):
        found += value if isinstance(value, tuple) else (value,)
    return found


def value_edges(node: Node, feature: Feature, vocabulary: Vocabulary) -> Iterator[Edge]:
    """The edges at which a feature of a node has another value when they pass a row."""
    if isinstance(node, Attribute):
        yield _now("answers")
        return
    if isinstance(node, Aggregate):
        pairs = [(node.selection, _rows_of_value(node))]
    elif isinstance(node, Regularly | Restarted | Followed) or not isinstance(feature, FactFeature):
        yield from (e for e in _edges(node, vocabulary) if e is not None)
        return
    else:
        pairs = [(feature.selection, _rows(feature.selection))]
    for selection, rows in pairs:
        yield from _of_selection(selection, rows, newest=False)


def _asked(node: Node) -> Iterator[Node]:
    """The node and its parts; of one that asks only whether there are rows, itself."""
    yield node
    for part in () if _only_whether(node) else node.parts():
        yield from _asked(part)


def _only_whether(node: Node) -> bool:
    return isinstance(node, Condition) and node.existence() is not None


def _edges(node: Node, vocabulary: Vocabulary) -> Iterator[Edge | None]:
    """None stands for what cannot be told by rows."""
    parts = _parts(node)
    for selection, rows in _selected(node):
        yield from _of_selection(selection, rows, newest=_only_whether(node) and rows.where == selection.where)
        for duration in (p for p in parts if isinstance(p, Duration)):
            newest = isinstance(node, Stopped) and selection == rows
            yield from (e.of(rows, newest=newest) for e in _of_duration(node, selection, duration))
    for value in (p for p in parts if isinstance(p, Aggregate)):
        rows = _rows(value.selection)
        newest = value.function in ("last", "since") and value.selection == rows
        yield from (e and e.of(rows, newest=newest) for e in _of_value(value, parts, vocabulary))
    for attribute in (p for p in parts if isinstance(p, Attribute)):
        if vocabulary.attribute(attribute.name).holder == "answers":
            yield _now("answers")


def _selected(node: Node) -> Iterator[tuple[Selection, Selection]]:
    """Each selection of a node, and the rows that it can be about, whenever they were."""
    for part in _parts(node):
        if isinstance(part, Selection):
            yield part, _rows(part)
        elif isinstance(part, Aggregate):
            yield part.selection, _rows_of_value(part)


def _rows_of_value(value: Aggregate) -> Selection:
    return Selection(value.selection.fact) if value.does.whole_window else _rows(value.selection)


def _rows(selection: Selection) -> Selection:
    where = selection.where
    return Selection(selection.fact, where=None if where is None or moves(where) else where)


def _now(fact: str) -> Edge:
    return Edge("now", fact, lambda when: when.now, length=timedelta())


def _of_selection(selection: Selection, rows: Selection, *, newest: bool) -> Iterator[Edge]:
    """Where the rows of a selection begin to count, and where they stop; ``newest``: it is only asked whether there
    are any, so that while a newer one counts it changes nothing that one stops."""
    window, fact = selection.window, selection.fact
    if window is None:
        yield _now(fact).of(rows)
        return

    def begin(when: When) -> datetime | None:
        return selection.span(when)[1]

    def end(when: When) -> datetime | None:
        return selection.span(when)[0]
    text = window.text()
    since, until = _lengths(window)
    to_now = until == timedelta()
    yield (_now(fact) if to_now else Edge(f"into {text}", fact, begin, length=until)).of(rows)
    yield Edge(f"out of {text}", fact, end, length=since).of(rows, newest=newest and to_now)


def _lengths(window: Window) -> tuple[timedelta | None, timedelta | None]:
    """How long ago a window begins and ends, where that is always the same."""
    if isinstance(window, Lately):
        return _exact(window.duration), timedelta()
    if isinstance(window, MoreThanAgo):
        return None, _exact(window.duration)
    if isinstance(window, After | Since) or (isinstance(window, Period) and window.name.startswith(("this", "today"))):
        return None, timedelta()
    return (_exact(window.farthest), _exact(window.nearest)) if isinstance(window, BetweenAgo) else (None, None)


def _exact(duration: Duration) -> timedelta | None:
    return EXACT[duration.unit] * float(duration.amount) if duration.unit in EXACT else None


def _of_duration(node: Node, selection: Selection, duration: Duration) -> Iterator[Edge]:
    """Rows that are this long ago; for regular buying, also twice, three times … as long."""
    if isinstance(node, Restarted) or (isinstance(node, Followed) and not node.without):
        return
    counts = range(1, int(node.periods) + 1) if isinstance(node, Regularly) else (1,)
    for length in (duration.times(count) for count in counts):
        if isinstance(node, Followed):
            yield from _of_wait(length, selection.fact)
        else:
            yield Edge(f"{length.text()} ago", selection.fact,
                       lambda when, d=length: d.before(when.now, when) or DAWN,  # type: ignore[misc]
                       length=_exact(length))


def _of_wait(length: Duration, fact: str) -> Iterator[Edge]:
    """Rows after which as much time has passed: by months that is not the same as lying that long ago."""
    exact = _exact(length)
    if exact is not None:
        yield Edge(f"{length.text()} past", fact, lambda when: length.before(when.now, when), length=exact,
                   crosses=length.after)
        return

    def reach(when: When) -> datetime | None:
        """Of a day that the month reached into has not, all of that month: what it ends with was past days ago."""
        reached = length.before(when.now, when)
        if reached is None or local_day(reached, when.zone).day >= local_day(when.now, when.zone).day:
            return reached
        return day_start(local_day(reached, when.zone) + DAY, when.zone) - TICK

    def apart(before: When, now: When) -> list[Span]:
        """On the last day of a month, rows of the days that this month has not and the one reached into has."""
        today = local_day(now.now, now.zone)
        start = When(max(before.now, day_start(today, now.zone)), now.zone)
        ends = length.before(start.now, start), length.before(now.now, now)
        if (today + DAY).day > 1 or ends[0] is None or ends[1] is None:
            return []
        more = days_of_month(local_day(ends[1], now.zone)) - today.day
        return [(ends[0] + DAY * days, ends[1] + DAY * days) for days in range(1, more + 1)]
    yield Edge(f"{length.text()} past", fact, reach, slack=FARTHEST_BACK, crosses=length.after, apart=apart)


def _of_value(value: Aggregate, parts: Sequence[Any], vocabulary: Vocabulary) -> Iterator[Edge | None]:
    """Where a moment a function gives passes a window, or today; where days since the last row pass a number."""
    fact, column = value.selection.fact, _column(value, vocabulary)
    for window in (p for p in parts if isinstance(p, Window)):
        rolling = isinstance(window, Lately | MoreThanAgo | BetweenAgo)
        lengths = _lengths(window) if rolling else (None, None)
        for end, word in enumerate(("out of", "into")):
            yield column and Edge(f"{word} {window.text()} by value", fact,
                                  lambda when, w=window, e=end: w.bounds(when)[e],  # type: ignore[misc]
                                  column=column, length=lengths[end])
    for moment in (p for p in parts if isinstance(p, Moment) and p.word in MOVING_WORDS):
        for end, by in ((0, TICK), (1, timedelta())):
            yield column and Edge(f"{moment.text()} {end}", fact,
                                  lambda when, m=moment, e=end, b=by: m.span(when)[e] - b,  # type: ignore[misc]
                                  column=column)
    if value.function == "since":
        for number in (p for p in parts if isinstance(p, Decimal)):
            yield from _of_days(number, fact)


def _of_days(number: Decimal, fact: str) -> Iterator[Edge]:
    try:
        length = timedelta(days=float(number))
    except OverflowError:
        return

    def reach(when: When) -> datetime | None:
        try:
            return when.now - length
        except OverflowError:
            return None
    yield Edge(f"{number} days since", fact, reach, length=length, slack=2 * TICK)


def _column(value: Aggregate, vocabulary: Vocabulary) -> str | None:
    """The column of the table that a moment comes from, None where it comes from elsewhere."""
    if value.function in ("first", "last", "since"):
        return "at"
    fact = vocabulary.fact(value.selection.fact)
    if value.selection.column is None:
        return "at"
    held = vocabulary.fact_column(fact, value.selection.column)
    return held.column if held.type.temporal and not held.property and held.holder == fact.table else None


def _on_attribute(node: Condition, vocabulary: Vocabulary) -> bool:
    """Whether the condition asks when something known of the customer is, as seen from ``now``."""
    attributes = [vocabulary.attribute(p.name) for p in _parts(node) if isinstance(p, Attribute)]
    if isinstance(node, Anniversary) or any(a.name.casefold() == "age" and a.holder == "customers" for a in attributes):
        return True
    moving = any(isinstance(p, Window) or (isinstance(p, Moment) and p.word in MOVING_WORDS) for p in _parts(node))
    return moving and any(a.type in (Type.MOMENT, Type.DATE) for a in attributes)


__all__ = ["Edge", "Passing", "may_turn", "moves", "passing", "value_edges", "whole"]
