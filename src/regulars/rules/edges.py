"""At which moments a condition may change for one customer: a superset, found without trying every moment.

A fact enters and leaves a window at one moment each, where windows only move forward. Those moments are found by
bisection on the window's own bounds, so that a new kind of window needs nothing here. Where clocks are set back, one
by months can step back for an hour: each edge is given once more for that hour, and the moment at which it steps back.
As a day begins that the month reached into has not, one by months goes back too: of such days each crossing is given.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from regulars.model.clock import SHORTEST_MONTH, TICK, day_start, full_years, local_day
from regulars.rules.constructs.aggregate import Aggregate
from regulars.rules.constructs.anniversary import Anniversary
from regulars.rules.constructs.attribute import Attribute
from regulars.rules.constructs.regularly import Regularly
from regulars.rules.constructs.selection import Selection
from regulars.rules.constructs.windows import Duration, Window
from regulars.rules.expressions import fallback_steps, set_backs
from regulars.rules.subjects import Person, When
from regulars.rules.tree import Condition, Moment, Node, node_fields

BEGINNING, END = datetime(10, 1, 1), datetime(9998, 1, 1)
DAY = timedelta(days=1)
YEARS_AROUND = 6
Reached = Callable[[When], bool]


def edges(condition: Condition, person: Person, when: When) -> list[datetime]:
    """Moments at which the condition may become true or stop being so for this person, sorted."""
    found: set[datetime] = set()
    for node in condition.walk():
        found |= set(_of_node(node, person, when))
    hours = [timedelta(seconds=s) for s in fallback_steps(when.zone)]
    around = found | {m + h for m in found for h in hours} | {m - h for m in found for h in hours}
    return sorted(around | set(_stepped_back(sorted(found), when.zone)))


def _stepped_back(moments: list[datetime], zone: ZoneInfo) -> Iterator[datetime]:
    """When clocks were set back around one of these."""
    for at, seconds in set_backs(zone):
        step = timedelta(seconds=seconds)
        nearest = bisect_left(moments, at - step)
        if nearest < len(moments) and moments[nearest] <= at + step:
            yield at


def _of_node(node: Node, person: Person, when: When) -> Iterator[datetime]:
    zone = when.zone
    selections = [p for _, p in node_fields(node) if isinstance(p, Selection)]
    durations = [p for _, p in node_fields(node) if isinstance(p, Duration)]
    windows = [p for _, p in node_fields(node) if isinstance(p, Window)]
    spans = _spoken(node)
    moments = list(_moments(node, person, When(END, zone)))
    for selection in selections:
        yield from _of_selection(selection, person, zone)
    for duration in durations:
        yield from _after_each(moments, duration, node, zone)
    for each in moments:
        yield from _around(each)
        yield from (m for w in windows for m in crossings(w, each, zone))
        yield from (m for s in spans for m in _passing(s, each, zone))
    yield from _counted_in_days(node, moments)
    yield from _of_dates(node, person, when)


def _spoken(node: Node) -> list[Moment]:
    """The moments in a node's own words, those of a list too."""
    fields = (value for _, value in node_fields(node))
    return [p for value in fields for p in (value if isinstance(value, tuple) else (value,)) if isinstance(p, Moment)]


def _moments(node: Node, person: Person, when: When) -> Iterator[datetime]:
    """The moments a node looks at: of its rows, or of the value it judges."""
    for _, part in node_fields(node):
        if isinstance(part, Selection):
            yield from (r.at for r in person.rows(part.fact) if r.at is not None)
        elif isinstance(part, Aggregate):
            yield from _moments(part, person, when)
            yield from (v for v in _column_values(part.selection, person, when) if isinstance(v, datetime))
        elif isinstance(part, Attribute):
            yield from _attribute_moments(part, person, when)


def _attribute_moments(attribute: Attribute, person: Person, when: When) -> Iterator[datetime]:
    if attribute.name.casefold().startswith("answer."):
        yield from (r.at for r in person.rows("answers") if r.at is not None)
        return
    value = attribute.of(person, when)
    if isinstance(value, datetime):
        yield value
    elif isinstance(value, date):
        yield day_start(value, when.zone)


def _column_values(selection: Selection, person: Person, when: When) -> list[Any]:
    return [r.get(selection.column, when) for r in person.rows(selection.fact)] if selection.column else []


def _of_selection(selection: Selection, person: Person, zone: ZoneInfo) -> Iterator[datetime]:
    inner = list(selection.where.walk()) if selection.where else []
    windows = [p for n in inner for _, p in node_fields(n) if isinstance(p, Window)]
    spans = [s for n in inner for s in _spoken(n)]
    for row in person.rows(selection.fact):
        if row.at is not None:
            yield from _around(row.at)
            yield from crossings(selection.window, row.at, zone) if selection.window else ()
        if windows or spans:
            for value in [*row.columns.values(), *(row.get(name, When(END, zone)) for name in row.own)]:
                moment = day_start(value, zone) if type(value) is date else value
                if isinstance(moment, datetime):
                    yield from (m for w in windows for m in crossings(w, moment, zone))
                    yield from (m for s in spans for m in _passing(s, moment, zone))


def crossings(window: Window, moment: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """When ``moment`` enters the window and when it leaves it."""
    def entered(when: When) -> bool:
        upto = window.bounds(when)[1]
        return upto is None or upto >= moment

    def left(when: When) -> bool:
        after = window.bounds(when)[0]
        return after is not None and after >= moment
    yield from (*turns(entered, zone), *turns(left, zone))


def _passing(word: Moment, moment: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """When today, yesterday or now reaches ``moment`` and passes it."""
    if word.word in ("today", "yesterday", "now"):
        for at_end in (0, 1):
            for by in (timedelta(), TICK):
                yield from turns(lambda w, e=at_end, b=by: word.span(w)[e] >= moment + b, zone)  # type: ignore[misc]


def turns(reached: Reached, zone: ZoneInfo) -> Iterator[datetime]:
    """When something becomes so that stays true, or is otherwise for a while towards the end of a month."""
    if reached(When(BEGINNING, zone)) or not reached(When(END, zone)):
        return
    found = _first(reached, BEGINNING, END, zone)
    yield found
    if (day := local_day(found, zone)).day < SHORTEST_MONTH:
        return
    starts = [day_start(day + n * DAY, zone) for n in range(-3, 5)]
    for start, end in pairwise(starts):
        now, then = reached(When(start, zone)), reached(When(end - TICK, zone))
        if now is not reached(When(start - TICK, zone)):
            yield start
        if then and not now:
            yield _first(reached, start, end - TICK, zone)


def _first(reached: Reached, low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """When something becomes so that is not at ``low``, and is at ``high``."""
    return first_as(lambda moment: reached(When(moment, zone)), low, high)


def first_as(reached: Callable[[datetime], bool], low: datetime, high: datetime) -> datetime:
    """The first moment that is as ``high``, as ``low`` is not; in between it changes once."""
    after = reached(high)
    while high - low > TICK:
        middle = low + (high - low) // 2
        low, high = (low, middle) if reached(middle) is after else (middle, high)
    return high


def _after_each(moments: list[datetime], duration: Duration, node: Node, zone: ZoneInfo) -> Iterator[datetime]:
    """When each moment is this long ago; for regular buying, also twice, three times … as long."""
    times = range(1, int(node.periods) + 1) if isinstance(node, Regularly) else (1,)
    for count in times:
        length = duration.times(count)
        for moment in moments:
            def ago(when: When, length: Duration = length, moment: datetime = moment) -> bool:
                before = length.before(when.now, when)
                return before is not None and before >= moment
            after = length.after(moment, When(moment, zone))
            yield from (m for edge in (*turns(ago, zone), after) if edge for m in _around(edge))


def _counted_in_days(node: Node, moments: list[datetime]) -> Iterator[datetime]:
    """Where days since something are compared with numbers: when each number of days is reached, and just after."""
    numbers = [p for _, p in node_fields(node) if not isinstance(p, str | bool | Node | tuple) and p is not None]
    numbers += [i for _, p in node_fields(node) if isinstance(p, tuple) for i in p
                if not isinstance(i, str | bool | Node)]
    about = [p for _, p in node_fields(node) if isinstance(p, Aggregate) and p.function == "since"]
    for number in numbers if about else ():
        for moment in moments:
            try:
                yield from _around(moment + timedelta(days=float(number)))
            except OverflowError:
                continue


def _of_dates(node: Node, person: Person, when: When) -> Iterator[datetime]:
    """Birthdays for an age, and for an anniversary the days on which its window reaches and passes each return."""
    age = any(isinstance(p, Attribute) and p.name.casefold() == "age" for _, p in node_fields(node))
    born = person.attributes.get("birth_date")
    if age and born is not None:
        yield from (day_start(day, when.zone) for day in returns(born))
    if isinstance(node, Anniversary):
        known = node.value.of(person, when)
        if known is not None:
            yield from _returns_crossed(node, known, when)


def _returns_crossed(node: Anniversary, known: date, now: When) -> Iterator[datetime]:
    """When the window reaches and passes the first returns and those of the years around ``now``."""
    day, zone = local_day(known, now.zone) if isinstance(known, datetime) else known, now.zone
    near = [d for d in returns(day) if abs(d.year - now.now.year) <= YEARS_AROUND or d.year <= day.year + 2]
    for each in near:
        def reached(when: When, each: date = each) -> bool:
            last = node.window.days(when)[1]
            return last is None or last >= each

        def passed(when: When, each: date = each) -> bool:
            start = node.window.days(when)[0]
            return start is not None and start > each
        yield from (*turns(reached, zone), *turns(passed, zone))


def returns(day: date) -> list[date]:
    """The yearly returns of a day, a hundred and thirty years long."""
    found = []
    for years in range(1, 131):
        for candidate in (date(day.year + years, day.month, 28), *_exactly(day, years)):
            if full_years(day, candidate) == years and full_years(day, candidate - DAY) == years - 1:
                found.append(candidate)
    return found


def _exactly(day: date, years: int) -> tuple[date, ...]:
    try:
        return (day.replace(year=day.year + years),)
    except ValueError:  # 29 February of a common year, or past the calendar's end
        return ()


def _around(moment: datetime) -> tuple[datetime, ...]:
    return moment, moment + TICK
