"""Windows of time: each gives the moments it spans as seen from ``now``, as (after, up to], both in UTC.

None stands for no limit. Windows only ever move forward as time passes: `leaves` and `enters` lean on that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from regulars.errors import NeverHolds, RuleSyntaxError
from regulars.model.clock import EXACT, MONTHS, TICK, day_start, local_day, move, to_local
from regulars.rules.refusals import why
from regulars.rules.subjects import When
from regulars.rules.tree import Moment, Node, surely_later, write_number

if TYPE_CHECKING:
    from regulars.rules.words import Words

Span = tuple[datetime | None, datetime | None]
FOREVER: Span = (None, None)
DAWN, DUSK = datetime.min + timedelta(days=2), datetime.max - timedelta(days=2)
"""Nothing is dated before or after: so far from the ends of the calendar, every zone still has a day."""
WHOLE_DAYS = ("day", "week")
LARGEST = {"minute": 10**9, "hour": 10**8, "day": 3_000_000, "week": 400_000, "month": 100_000, "year": 9_000}


@dataclass(frozen=True)
class Duration(Node):
    """A length of time: exact to weeks, by the calendar for months and years."""

    kind: ClassVar[str] = "duration"
    amount: Decimal = Decimal(1)
    unit: str = "day"

    def __post_init__(self) -> None:
        if self.unit in MONTHS and self.amount != int(self.amount):
            raise RuleSyntaxError(why("{length}: months and years are counted whole.", length=self.text()),
                                  position=self.position)
        if self.amount < 0:
            raise RuleSyntaxError(why("{length}: a length of time is not negative.", length=self.text()),
                                  position=self.position)
        if self.amount > LARGEST[self.unit]:
            raise RuleSyntaxError(why("{length} is longer than time is kept.", length=self.text()),
                                  position=self.position)

    def text(self) -> str:
        return f"{write_number(self.amount)} {self.unit}{'' if self.amount == 1 else 's'}"

    def before(self, moment: datetime, when: When) -> datetime | None:
        """The moment this long before; None before the calendar begins."""
        return self._moved(moment, when, -1)

    def after(self, moment: datetime, when: When) -> datetime | None:
        """The moment this long after; None past the calendar's end."""
        return self._moved(moment, when, 1)

    def _moved(self, moment: datetime, when: When, sign: int) -> datetime | None:
        amount = int(self.amount) if self.amount == int(self.amount) else float(self.amount)
        try:
            moved = move(moment, sign * amount, self.unit, when.zone)
        except OverflowError:
            return None
        return moved if DAWN <= moved <= DUSK else None

    def day_before(self, when: When) -> date | None:
        """The day this long before today in the shop's zone, however long the days between were; of hours and minutes
        the day of the moment that long ago. None before the calendar begins."""
        return self._moved_day(when, -1)

    def day_after(self, when: When) -> date | None:
        """The same after today; None past the calendar's end."""
        return self._moved_day(when, 1)

    def _moved_day(self, when: When, sign: int) -> date | None:
        if self.unit not in WHOLE_DAYS:
            moment = self._moved(when.now, when, sign)
            return None if moment is None else local_day(moment, when.zone)
        try:
            wall = to_local(when.now, when.zone) + sign * float(self.amount) * EXACT[self.unit]
        except OverflowError:
            return None
        return wall.date() if DAWN <= wall <= DUSK else None

    def need_length(self) -> None:
        """Raise `NeverHolds` where it is of no length: no moment lies in it."""
        if self.amount == 0:
            raise NeverHolds(why("No moment lies in {length}.", length=self.text()), position=self.position,
                             length=len(self.text()), hint=why("Write {length} or more.", length=f"1 {self.unit}"))

    def times(self, count: int) -> Duration:
        """This length, ``count`` times over."""
        return Duration(self.amount * count, self.unit)


class Window(Node):
    """A span of time seen from ``now``."""

    def check(self) -> None:
        """Raise `NeverHolds` where no moment can lie in it, whatever now is."""

    def check_in_days(self) -> None:
        """The same of a window that whole days lie in, both ends included."""

    def bounds(self, when: When) -> Span:
        """(after, up to] in UTC."""
        raise TypeError(type(self).__name__)

    def days(self, when: When) -> tuple[date | None, date | None]:
        """First and last day touched, in the shop's time zone, both included."""
        after, upto = self.bounds(when)
        return (None if after is None else local_day(after + TICK, when.zone),
                None if upto is None else local_day(upto, when.zone))

    def say(self, words: Words) -> str:
        raise TypeError(type(self).__name__)


@dataclass(frozen=True)
class Lately(Window):
    """From a length of time ago until now: one span, said in two ways."""

    duration: Duration

    def check(self) -> None:
        self.duration.need_length()

    def bounds(self, when: When) -> Span:
        return self.duration.before(when.now, when), when.now

    def days(self, when: When) -> tuple[date | None, date | None]:
        """Whole days: ``in last 14 days`` is today - 14 to today."""
        return self.duration.day_before(when), local_day(when.now, when.zone)


@dataclass(frozen=True)
class InLast(Lately):
    kind: ClassVar[str] = "in_last"

    def text(self) -> str:
        return f"in last {self.duration.text()}"

    def say(self, words: Words) -> str:
        return words.duration("in the last", self.duration.amount, self.duration.unit)


@dataclass(frozen=True)
class InNext(Window):
    kind: ClassVar[str] = "in_next"
    duration: Duration

    def text(self) -> str:
        return f"in next {self.duration.text()}"

    def check(self) -> None:
        self.duration.need_length()

    def bounds(self, when: When) -> Span:
        return when.now, self.duration.after(when.now, when)

    def days(self, when: When) -> tuple[date | None, date | None]:
        """Whole days: ``in next 14 days`` is today to today + 14."""
        return local_day(when.now, when.zone), self.duration.day_after(when)

    def say(self, words: Words) -> str:
        return words.duration("in the next", self.duration.amount, self.duration.unit)


@dataclass(frozen=True)
class BetweenAgo(Window):
    """``nearest`` is the smaller number, whichever way round it was written."""

    kind: ClassVar[str] = "between_ago"
    nearest: Duration
    farthest: Duration

    def text(self) -> str:
        return f"between {write_number(self.nearest.amount)} and {self.farthest.text()} ago"

    def check(self) -> None:
        if self.nearest.amount == self.farthest.amount:
            raise NeverHolds(why("No moment lies {window}: one end is the other.", window=self.text()),
                             position=self.nearest.position, length=len(write_number(self.nearest.amount)),
                             hint=why("Write two different numbers of {unit}.", unit=f"{self.farthest.unit}s"))

    def bounds(self, when: When) -> Span:
        return self.farthest.before(when.now, when), self.nearest.before(when.now, when) or DAWN

    def days(self, when: When) -> tuple[date | None, date | None]:
        """Whole days, both ends included."""
        return self.farthest.day_before(when), self.nearest.day_before(when) or DAWN.date()

    def say(self, words: Words) -> str:
        return words.duration("between ago", self.farthest.amount, self.farthest.unit, low=self.nearest.amount)


@dataclass(frozen=True)
class MoreThanAgo(Window):
    kind: ClassVar[str] = "more_than_ago"
    duration: Duration

    def text(self) -> str:
        return f"more than {self.duration.text()} ago"

    def bounds(self, when: When) -> Span:
        return None, self.duration.before(when.now, when) or DAWN

    def days(self, when: When) -> tuple[date | None, date | None]:
        """Whole days: ``more than 14 days ago`` is up to today - 14."""
        return None, self.duration.day_before(when) or DAWN.date()

    def say(self, words: Words) -> str:
        return words.duration("more than ago", self.duration.amount, self.duration.unit)


@dataclass(frozen=True)
class LessThanAgo(Lately):
    kind: ClassVar[str] = "less_than_ago"

    def text(self) -> str:
        return f"less than {self.duration.text()} ago"

    def say(self, words: Words) -> str:
        return words.duration("less than ago", self.duration.amount, self.duration.unit)


@dataclass(frozen=True)
class Before(Window):
    kind: ClassVar[str] = "before"
    moment: Moment

    def text(self) -> str:
        return f"before {self.moment.text()}"

    def bounds(self, when: When) -> Span:
        return None, self.moment.span(when)[0] - TICK

    def say(self, words: Words) -> str:
        return words.phrase("before {moment}", moment=words.moment(self.moment))


@dataclass(frozen=True)
class After(Window):
    kind: ClassVar[str] = "after"
    moment: Moment

    def text(self) -> str:
        return f"after {self.moment.text()}"

    def bounds(self, when: When) -> Span:
        return self.moment.span(when)[1], None

    def say(self, words: Words) -> str:
        return words.phrase("after {moment}", moment=words.moment(self.moment))


@dataclass(frozen=True)
class Since(Window):
    kind: ClassVar[str] = "since_moment"
    moment: Moment

    def text(self) -> str:
        return f"since {self.moment.text()}"

    def bounds(self, when: When) -> Span:
        return self.moment.span(when)[0] - TICK, None

    def say(self, words: Words) -> str:
        return words.phrase("since {moment}", moment=words.moment(self.moment))


@dataclass(frozen=True)
class FromTo(Window):
    """Both ends included, days whole."""

    kind: ClassVar[str] = "from_to"
    first: Moment
    last: Moment

    def text(self) -> str:
        return f"from {self.first.text()} to {self.last.text()}"

    def check(self) -> None:
        self.check_in_days()

    def check_in_days(self) -> None:
        if surely_later(self.first, self.last):
            raise NeverHolds(why("No moment lies {window}: it ends before it begins.", window=self.text()),
                             position=self.first.position, length=len(self.first.text()),
                             hint=why("Write {rule}.", rule=FromTo(self.last, self.first).text()))

    def bounds(self, when: When) -> Span:
        return self.first.span(when)[0] - TICK, self.last.span(when)[1]

    def say(self, words: Words) -> str:
        return words.phrase("from {first} to {last}", first=words.moment(self.first), last=words.moment(self.last))


@dataclass(frozen=True)
class Period(Window):
    """A calendar period in the shop's time zone: ``today``, ``yesterday``, ``this month``, ``last week`` …"""

    kind: ClassVar[str] = "period"
    name: str = "today"

    def text(self) -> str:
        return self.name

    def days(self, when: When) -> tuple[date, date]:
        today = local_day(when.now, when.zone)
        if self.name in ("today", "yesterday"):
            day = today - timedelta(days=self.name == "yesterday")
            return day, day
        which, unit = self.name.split()
        start = _period_start(today, unit)
        following = _next_period(start, unit)
        if which == "last":
            start, following = _period_start(start - timedelta(days=1), unit), start
        return start, following - timedelta(days=1)

    def bounds(self, when: When) -> Span:
        first, last = self.days(when)
        return day_start(first, when.zone) - TICK, day_start(last + timedelta(days=1), when.zone) - TICK

    def say(self, words: Words) -> str:
        return words.phrase(self.name)


def _period_start(day: date, unit: str) -> date:
    if unit == "week":
        return day - timedelta(days=day.weekday())
    month = {"month": day.month, "quarter": (day.month - 1) // 3 * 3 + 1, "year": 1}[unit]
    return day.replace(month=month, day=1)


def _next_period(start: date, unit: str) -> date:
    if unit == "week":
        return start + timedelta(days=7)
    months = start.year * 12 + start.month - 1 + {"month": 1, "quarter": 3, "year": 12}[unit]
    return date(months // 12, months % 12 + 1, 1)


def within(moment: datetime | None, span: Span) -> bool:
    """Whether a moment lies in (after, up to]."""
    after, upto = span
    return moment is not None and (after is None or moment > after) and (upto is None or moment <= upto)


def span_in_days(span: Span, when: When) -> tuple[date | None, date | None]:
    """First and last day whose local midnight lies in the span: how a date without a time is judged."""
    after, upto = span
    first = None if after is None else local_day(after, when.zone)
    if first is not None and after is not None and day_start(first, when.zone) <= after:
        first += timedelta(days=1)
    last = None if upto is None else local_day(upto, when.zone)
    if last is not None and upto is not None and day_start(last, when.zone) > upto:
        last -= timedelta(days=1)
    return first, last
