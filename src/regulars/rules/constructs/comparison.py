"""= != < <= > >=, in (…), between: false where the value is unknown, whatever the operator (rules.md, Meaning 2)."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from regulars.errors import NeverHolds
from regulars.model.clock import TICK
from regulars.model.later import later
from regulars.rules.constructs.aggregate import Aggregate
from regulars.rules.constructs.attribute import Attribute
from regulars.rules.constructs.logic import balanced
from regulars.rules.constructs.selection import Selection
from regulars.rules.constructs.windows import Span, span_in_days, within
from regulars.rules.exact import OPERATORS, always, number_among, number_compared, text_among
from regulars.rules.refusals import why
from regulars.rules.subjects import Subject, When, fold
from regulars.rules.tree import (
    Condition,
    Literal,
    Moment,
    Node,
    Value,
    require_fit,
    surely_later,
    write_literal,
)

if TYPE_CHECKING:
    from regulars.rules.frames import Frame
    from regulars.rules.vocabulary import Scope
    from regulars.rules.words import Words

ibis = later("ibis")

COUNTED: dict[tuple[str, Literal], bool] = {
    (sign, Decimal(number)): wanted for sign, number, wanted in (
        (">=", 1, True), (">", 0, True), ("!=", 0, True), ("=", 0, False), ("<", 1, False), ("<=", 0, False))}
"""Comparisons of a count that say no more than whether there are rows (True) or none (False)."""


@dataclass(frozen=True)
class Compare(Condition):
    kind: ClassVar[str] = "compare"
    value: Value
    operator: str
    literal: Literal

    def text(self) -> str:
        return f"{self.value.text()} {self.operator} {write_literal(self.literal)}"

    def parts(self) -> tuple[Node, ...]:
        return (self.value,)

    def check(self, scope: Scope) -> None:
        require_fit(self.value, self.value.check(scope), self.literal)

    def predicate(self, frame: Frame) -> Any:
        return ibis.coalesce(compared(self.value, self.operator, self.literal, frame), False)

    def existence(self) -> tuple[Selection, bool] | None:
        if not isinstance(self.value, Aggregate) or self.value.function != "count":
            return None
        wanted = COUNTED.get((self.operator, self.literal))
        return None if wanted is None else (self.value.selection, wanted)

    def texts(self) -> tuple[str, frozenset[str]] | None:
        if self.operator != "=" or not isinstance(self.literal, str):
            return None
        return named_texts(self.value, [self.literal])

    def holds(self, subject: Subject, when: When) -> bool:
        known = self.value.of(subject, when)
        return known is not None and compare(known, self.operator, self.literal, when)

    def say(self, words: Words) -> str:
        column = self.value.name if isinstance(self.value, Attribute) else ""
        return words.comparison(self.operator, self.value.say(words), self.literal, column)


@dataclass(frozen=True)
class InList(Condition):
    kind: ClassVar[str] = "in_list"
    value: Value
    items: tuple[Literal, ...]
    negated: bool = False

    def text(self) -> str:
        return f"{self.value.text()} {'not ' * self.negated}in ({', '.join(write_literal(i) for i in self.items)})"

    def parts(self) -> tuple[Node, ...]:
        return (self.value,)

    @property
    def weight(self) -> int:
        """Each moment of a list is two comparisons; all else in it travels as one."""
        return max(2 * sum(isinstance(i, Moment) for i in self.items), 1)

    def check(self, scope: Scope) -> None:
        type_ = self.value.check(scope)
        for item in self.items:
            require_fit(self.value, type_, item)

    def predicate(self, frame: Frame) -> Any:
        found = self._found(frame)
        return ibis.coalesce(~found if self.negated else found, False)

    def _found(self, frame: Frame) -> Any:
        """A boolean column, null where the value is unknown."""
        if isinstance(self.items[0], str):
            texts = sorted({fold(str(i)) for i in self.items})
            return text_among(self.value.folded(frame), texts) if self.negated else frame.text_among(self.value, texts)
        if isinstance(self.items[0], Moment):
            return balanced([compared(self.value, "=", i, frame) for i in self.items], operator.or_)
        if isinstance(self.items[0], bool):
            return self.value.column(frame).isin(list(self.items))
        column = self.value.column(frame)
        return number_among(column, [i for i in self.items if isinstance(i, Decimal)])

    def texts(self) -> tuple[str, frozenset[str]] | None:
        listed = [i for i in self.items if isinstance(i, str)]
        return named_texts(self.value, listed) if listed and not self.negated else None

    def holds(self, subject: Subject, when: When) -> bool:
        known = self.value.of(subject, when)
        return known is not None and any(compare(known, "=", i, when) for i in self.items) is not self.negated

    def say(self, words: Words) -> str:
        column = self.value.name if isinstance(self.value, Attribute) else ""
        items = words.either_item([words.literal(i, column) for i in self.items])
        return words.phrase("{what} is none of {items}" if self.negated else "{what} is one of {items}",
                            what=self.value.say(words), items=items)


@dataclass(frozen=True)
class Between(Condition):
    """Both ends included."""

    kind: ClassVar[str] = "between"
    value: Value
    low: Literal
    high: Literal
    negated: bool = False

    def text(self) -> str:
        return (f"{self.value.text()} {'not ' * self.negated}between {write_literal(self.low)}"
                f" and {write_literal(self.high)}")

    def parts(self) -> tuple[Node, ...]:
        return (self.value,)

    def check(self, scope: Scope) -> None:
        type_ = self.value.check(scope)
        require_fit(self.value, type_, self.low)
        require_fit(self.value, type_, self.high)
        if nothing_between(self.low, self.high):
            low, high = write_literal(self.low), write_literal(self.high)
            raise NeverHolds(why("Nothing lies between {low} and {high}: the first is the greater.", low=low,
                                 high=high), position=self.value.position, length=len(self.value.text()),
                             hint=why("Write {rule}.", rule=f"between {high} and {low}"))

    def predicate(self, frame: Frame) -> Any:
        inside = compared(self.value, ">=", self.low, frame) & compared(self.value, "<=", self.high, frame)
        return ibis.coalesce(~inside if self.negated else inside, False)

    def holds(self, subject: Subject, when: When) -> bool:
        known = self.value.of(subject, when)
        if known is None:
            return False
        inside = compare(known, ">=", self.low, when) and compare(known, "<=", self.high, when)
        return inside is not self.negated

    def say(self, words: Words) -> str:
        return words.phrase("{what} is not between {low} and {high}" if self.negated else
                            "{what} is between {low} and {high}", what=self.value.say(words),
                            low=words.literal(self.low), high=words.literal(self.high))


def named_texts(value: Value, texts: Sequence[str]) -> tuple[str, frozenset[str]] | None:
    """What `Condition.texts` says of a value that is one of these."""
    return (value.name, frozenset(fold(text) for text in texts)) if isinstance(value, Attribute) else None


def nothing_between(low: Literal, high: Literal) -> bool:
    """Whether nothing can lie between, both ends included."""
    if isinstance(low, Moment) and isinstance(high, Moment):
        return surely_later(low, high)
    if isinstance(low, str) and isinstance(high, str):
        return fold(low) > fold(high)
    return isinstance(low, Decimal) and isinstance(high, Decimal) and low > high


def compared(value: Value, sign: str, literal: Literal, frame: Frame) -> Any:
    """A boolean column, null (where it asks for a text, null or false) where the value is unknown."""
    if isinstance(literal, Moment):
        inside = in_span(value.column(frame), _span_of(sign, literal, frame.when), frame)
        return ~inside if sign == "!=" else inside
    if isinstance(literal, str) and sign == "=":
        return frame.text_among(value, [fold(literal)])
    if isinstance(literal, str) and sign == "!=":
        return ~text_among(value.folded(frame), [fold(literal)])
    if isinstance(literal, str):
        return OPERATORS[sign](value.folded(frame), fold(literal))
    if isinstance(literal, bool):
        return OPERATORS[sign](value.column(frame), literal)
    return number_compared(value.column(frame), sign, literal)


def in_span(column: Any, span: Span, frame: Frame) -> Any:
    """Whether a column of moments (or dates, taken at their local midnight) lies in (after, up to]; null stays null."""
    if column.type().is_date():
        first, last = span_in_days(span, frame.when)
        limits = [column >= ibis.literal(first, "date")] if first else []
        limits += [column <= ibis.literal(last, "date")] if last else []
    else:
        after, upto = span
        limits = [column > frame.moment(after)] if after else []
        limits += [column <= frame.moment(upto)] if upto else []
    return ibis.and_(*limits) if limits else always(column, True)


def _span_of(sign: str, literal: Moment, when: When) -> Span:
    first, last = literal.span(when)
    return {"=": (first - TICK, last), "!=": (first - TICK, last), "<": (None, first - TICK), "<=": (None, last),
            ">": (last, None), ">=": (first - TICK, None)}[sign]


def compare(known: Any, sign: str, literal: Literal, when: When) -> bool:
    """The same of a known value in plain Python."""
    if isinstance(literal, Moment):
        inside = moment_within(known, _span_of(sign, literal, when), when)
        return inside is not (sign == "!=")
    if isinstance(literal, str):
        return bool(OPERATORS[sign](fold(known), fold(literal)))
    if isinstance(known, float):
        return bool(OPERATORS[sign](known, float(literal)))
    return bool(OPERATORS[sign](known, literal))


def moment_within(known: Any, span: Span, when: When) -> bool:
    """Whether a moment, or a date at its local midnight, lies in (after, up to]."""
    if type(known) is date:
        first, last = span_in_days(span, when)
        return (first is None or known >= first) and (last is None or known <= last)
    return within(known, span)


