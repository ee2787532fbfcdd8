"""What a rule is made of. Each construct is one class in `regulars.rules.constructs`, found here by its ``kind``.

A construct says in one place how it is checked, written, compiled and spoken, and how it holds in plain Python.
Positions are where a node stood in the text; two trees are equal whatever their positions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from regulars.errors import RuleSyntaxError, WrongType
from regulars.model.clock import TICK, as_utc, day_start, local_day
from regulars.model.phrases import Said as Saying
from regulars.model.phrases import Sentence
from regulars.model.types import Type
from regulars.rules.refusals import why

if TYPE_CHECKING:
    from regulars.rules.constructs.selection import Selection
    from regulars.rules.features import Feature
    from regulars.rules.frames import Frame
    from regulars.rules.subjects import Subject, When
    from regulars.rules.vocabulary import Scope
    from regulars.rules.words import Words

KINDS: dict[str, type[Node]] = {}
OWN_PASS = 20
"""The weight of what needs a pass over the facts of its own."""


@dataclass(frozen=True)
class Node:
    """A part of a rule."""

    kind: ClassVar[str] = ""
    position: int = field(default=-1, compare=False, repr=False, kw_only=True)

    def __init_subclass__(cls) -> None:
        if "kind" in cls.__dict__:
            KINDS[cls.kind] = cls

    def text(self) -> str:
        """The canonical text."""
        raise TypeError(f"{type(self).__name__} has no text")

    def parts(self) -> tuple[Node, ...]:
        """The parts that are judged of the same customer: what stands inside a selection is not among them."""
        return ()

    @property
    def weight(self) -> int:
        """How many conditions' worth of work it is."""
        return 0

    def everything(self) -> Iterator[Node]:
        """This node and whatever stands in it, selections and windows too."""
        yield self
        for _, value in node_fields(self):
            for each in value if isinstance(value, tuple) else (value,):
                if isinstance(each, Node):
                    yield from each.everything()

    def features(self, when: When, scope: Scope) -> tuple[Feature, ...]:
        """What must be known of a customer to judge this node itself, its parts aside."""
        return ()

    def texts(self) -> tuple[str, frozenset[str]] | None:
        """The column or attribute that it asks to be one of a few texts, and these folded; None where it asks else."""
        return None

    def walk(self) -> Iterator[Node]:
        """This node and all its parts, outermost first."""
        yield self
        for part in self.parts():
            yield from part.walk()


class Condition(Node):
    """True or false of a customer (or, inside ``where``, of a row)."""

    @property
    def weight(self) -> int:
        return 1

    def check(self, scope: Scope) -> None:
        """Raise `RuleError` where it does not fit the shop."""
        raise TypeError(type(self).__name__)

    def existence(self) -> tuple[Selection, bool] | None:
        """The rows of which it asks only whether there are any, and whether there must be; None where it asks else."""
        return None

    def predicate(self, frame: Frame) -> Any:
        """A boolean Ibis column that is never null."""
        raise TypeError(type(self).__name__)

    def holds(self, subject: Subject, when: When) -> bool:
        """The same in plain Python."""
        raise TypeError(type(self).__name__)

    def say(self, words: Words) -> str:
        """The plain sentence."""
        raise TypeError(type(self).__name__)


class Value(Node):
    """Something known, or unknown, of a customer or row."""

    def check(self, scope: Scope) -> Type:
        """Its type; raises `RuleError` where it does not fit the shop."""
        raise TypeError(type(self).__name__)

    def column(self, frame: Frame) -> Any:
        """An Ibis column, null where unknown."""
        raise TypeError(type(self).__name__)

    def folded(self, frame: Frame) -> Any:
        """The same as text to compare."""
        raise TypeError(type(self).__name__)

    def of(self, subject: Subject, when: When) -> Any:
        """The same in plain Python, None where unknown."""
        raise TypeError(type(self).__name__)

    def say(self, words: Words) -> str:
        """The words for it."""
        raise TypeError(type(self).__name__)


@dataclass(frozen=True)
class Moment(Node):
    """A moment as written: a bare ``day``, an ``instant``, or ``today``, ``yesterday``, ``now``."""

    kind: ClassVar[str] = "moment"
    word: str = "now"
    at: str | None = None

    def text(self) -> str:
        return self.at if self.at is not None else self.word

    @property
    def is_day(self) -> bool:
        return self.word in ("day", "today", "yesterday")

    def day(self, when: When) -> date:
        """The day it is or lies in, in the shop's time zone."""
        if self.word == "day":
            return date.fromisoformat(self.at or "")
        if self.is_day:
            return local_day(when.now, when.zone) - timedelta(days=self.word == "yesterday")
        return local_day(self.span(when)[1], when.zone)

    def span(self, when: When) -> tuple[datetime, datetime]:
        """Its first and last microsecond, in UTC."""
        if self.is_day:
            day = self.day(when)
            return day_start(day, when.zone), day_start(day + timedelta(days=1), when.zone) - TICK
        moment = when.now if self.word == "now" else as_utc(datetime.fromisoformat(self.at or ""), when.zone)
        return moment, moment


FARTHEST_ZONE = timedelta(hours=14)
"""No wall time is farther from UTC."""


def surely_later(one: Moment, other: Moment) -> bool:
    """Whether all of ``one`` comes after all of ``other``, whatever now is and wherever the shop lies."""
    if one.at is None or other.at is None:
        return other.word == "yesterday" and one.word in ("today", "now")
    first, last = datetime.fromisoformat(one.at), datetime.fromisoformat(other.at)
    if other.is_day:
        last += timedelta(days=1) - TICK
    if first.tzinfo is None and last.tzinfo is None:
        return first > last
    early = first.replace(tzinfo=UTC) - FARTHEST_ZONE if first.tzinfo is None else first
    late = last.replace(tzinfo=UTC) + FARTHEST_ZONE if last.tzinfo is None else last
    return early > late


def read_moment(text: str, position: int) -> Moment:
    """A moment literal; raises `RuleSyntaxError` for a day that is not in the calendar."""
    lowered = text.lower()
    if lowered in ("today", "yesterday", "now"):
        return Moment(lowered, position=position)
    try:
        parsed = datetime.fromisoformat(text.upper())
    except ValueError as error:
        raise RuleSyntaxError(why("{text} is not a moment of the calendar.", text=text), position=position,
                              length=len(text)) from error
    if not 1 < parsed.year < 9999:
        raise RuleSyntaxError(why("The year of {text} is out of reach.", text=text), position=position,
                              length=len(text))
    return Moment("instant" if "T" in text.upper() else "day", text.upper(), position=position)


Literal = str | bool | Decimal | Moment


def literal_type(value: Literal) -> str:
    """The word for what kind of literal it is."""
    if isinstance(value, bool):
        return "yes/no"
    return {str: "text", Decimal: "number", Moment: "moment"}[type(value)]


SAID = {"yes/no": why("a yes or no"), "number": why("a number"), "whole number": why("a whole number"),
        "exact number": why("a number"), "money": why("an amount"), "moment": why("a moment"), "date": why("a date"),
        "list of text": why("a list of texts"), "text": why("text")}


def said(type_: Type | str) -> Saying:
    """A type in a sentence: "a whole number"."""
    word = type_ if isinstance(type_, str) else type_.value
    return SAID.get(word, word)


MOST_DIGITS = 28


def read_number(text: str, position: int = -1) -> Decimal:
    """An exact number; raises `RuleSyntaxError` where it has more digits than are kept."""
    plain = text.replace("_", "")
    digits = plain.lstrip("+-0.").replace(".", "").rstrip("0")
    number = Decimal(plain) if len(digits) <= MOST_DIGITS and len(plain) <= 1_000 else None
    if number is None or not number.is_finite() or (number and abs(number.adjusted()) > MOST_DIGITS):
        raise RuleSyntaxError(why("{text}… has more digits than are kept: a number may have {most}.", text=text[:20],
                                  most=MOST_DIGITS), position=position, length=len(text))
    return number.normalize() + 0


def write_number(value: Decimal) -> str:
    """The shortest plain notation."""
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def write_string(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def write_literal(value: Literal) -> str:
    """A literal as it stands in the canonical text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return write_number(value)
    return value.text() if isinstance(value, Moment) else write_string(value)


def fits(type_: Type, literal: Literal) -> bool:
    """Whether a value of this type can be compared with this literal."""
    word = literal_type(literal)
    return (type_.numeric and word == "number") or (type_.temporal and word == "moment") or \
        (type_ is Type.TEXT and word == "text") or (type_ is Type.YESNO and word == "yes/no")


def require_fit(value: Value, type_: Type, literal: Literal) -> None:
    """Raise `WrongType`, saying how to write it instead."""
    if fits(type_, literal):
        return
    shown = write_literal(literal)
    raise WrongType(why("{value} is {type} and cannot be compared with {shown}, which is {other}.",
                        value=value.text(), type=said(type_), shown=shown, other=said(literal_type(literal))),
                    position=value.position, length=len(value.text()), hint=_instead(value, type_, literal))


def _instead(value: Value, type_: Type, literal: Literal) -> Sentence | None:
    if type_ is Type.TEXTS:
        return why("It is a list: write {rule}.", rule=f"{value.text()} contains 'item'")
    if type_ is Type.TEXT and not isinstance(literal, str):
        return why("Write it in quotes: '{text}'.", text=write_literal(literal))
    if type_ is Type.YESNO:
        return why("Write {rule} or not {rule}.", rule=value.text())
    if type_.temporal:
        return why("Write a date such as 2026-11-22, without quotes.")
    return why("Write a number without quotes.") if type_.numeric else None


def node_fields(node: Node) -> Iterator[tuple[str, Any]]:
    """Name and value of the fields that make a node what it is."""
    for each in fields(node):
        if each.name != "position":
            yield each.name, getattr(node, each.name)
