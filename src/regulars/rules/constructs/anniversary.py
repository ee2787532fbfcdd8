"""anniversary(x) window: the yearly return of a date falls in the window, in whole days of the shop's time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from regulars.errors import WrongType
from regulars.model.clock import full_years, local_day
from regulars.model.later import later
from regulars.rules.constructs.attribute import Attribute, full_years_column
from regulars.rules.constructs.windows import Window
from regulars.rules.refusals import why
from regulars.rules.subjects import Subject, When
from regulars.rules.tree import Condition, Node, said

if TYPE_CHECKING:
    from regulars.rules.frames import Frame
    from regulars.rules.vocabulary import Scope
    from regulars.rules.words import Words

ibis = later("ibis")


@dataclass(frozen=True)
class Anniversary(Condition):
    """A return is a year or more after the date itself. 29 February returns on 28 February in common years.

    A return lies in the window exactly where more returns have passed on its last day than before its first.
    """

    kind: ClassVar[str] = "anniversary"
    value: Attribute
    window: Window

    def text(self) -> str:
        return f"anniversary({self.value.text()}) {self.window.text()}"

    def parts(self) -> tuple[Node, ...]:
        return (self.value,)

    def check(self, scope: Scope) -> None:
        scope.only_of_customers("anniversary", self.position)
        type_ = self.value.check(scope)
        if not type_.temporal:
            raise WrongType(why("{value} is {type}: only a date or a moment returns every year.",
                                value=self.value.name, type=said(type_)), position=self.value.position,
                            length=len(self.value.name))
        self.window.check_in_days()

    def predicate(self, frame: Frame) -> Any:
        column = self.value.column(frame)
        day = column if column.type().is_date() else frame.local_day(column)
        first, last = self.window.days(frame.when)
        if last is None:
            return column.notnull()
        passed = ibis.greatest(full_years_column(day, last), 0)
        before = ibis.greatest(full_years_column(day, first - timedelta(days=1)), 0) if first else 0
        return ibis.coalesce(passed > before, False)

    def holds(self, subject: Subject, when: When) -> bool:
        known = self.value.of(subject, when)
        if known is None:
            return False
        day: date = local_day(known, when.zone) if isinstance(known, datetime) else known
        first, last = self.window.days(when)
        if last is None:
            return True
        before = max(full_years(day, first - timedelta(days=1)), 0) if first else 0
        return max(full_years(day, last), 0) > before

    def say(self, words: Words) -> str:
        return words.phrase("the yearly return of {what} falls {window}", what=self.value.say(words),
                            window=self.window.say(words))
