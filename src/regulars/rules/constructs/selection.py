"""Which rows of a fact: ``lines.amount where category = 'Bricks' in last 60 days``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from regulars.errors import NeverHolds
from regulars.rules.constructs.logic import where_text
from regulars.rules.constructs.windows import FOREVER, InNext, Span, Window, within
from regulars.rules.refusals import why
from regulars.rules.subjects import Row, Subject, When
from regulars.rules.tree import Condition, Node

if TYPE_CHECKING:
    from regulars.rules.vocabulary import Fact, Field, Scope
    from regulars.rules.words import Words


@dataclass(frozen=True)
class Selection(Node):
    """Rows of ``fact`` (and one ``column`` of them) that meet ``where`` and lie in ``window``.

    Rows after ``now``, and rows whose moment is unknown, do not exist.
    """

    kind: ClassVar[str] = "selection"
    fact: str
    column: str | None = None
    where: Condition | None = None
    window: Window | None = None

    def text(self) -> str:
        parts = [self.fact if self.column is None else f"{self.fact}.{self.column}"]
        if self.where is not None:
            parts.append(f"where {where_text(self.where)}")
        if self.window is not None:
            parts.append(self.window.text())
        return " ".join(parts)

    def check(self, scope: Scope) -> Field | None:
        """The column's field; raises `RuleError` where fact, column or condition do not fit."""
        fact = scope.vocabulary.fact(self.fact, self.position)
        inside = scope.enter(fact)
        if self.where is not None:
            self.where.check(inside)
        self._check_window()
        return inside.field(self.column, self.column_position) if self.column else None

    def _check_window(self) -> None:
        if self.window is None:
            return
        self.window.check()
        if isinstance(self.window, InNext):
            raise NeverHolds(why("None of the {fact} lie {window}: what is still to come is not counted.",
                                 fact=self.fact, window=self.window.text()), position=self.window.duration.position,
                             length=len(self.window.duration.text()),
                             hint=why("Write in last {duration}.", duration=self.window.duration.text()))

    @property
    def column_position(self) -> int:
        """Where the column's name stands."""
        return self.position + len(self.fact) + 1

    def known_fact(self, scope: Scope) -> Fact:
        return scope.vocabulary.fact(self.fact, self.position)

    def span(self, when: When) -> Span:
        """The moments it spans, none after ``now``."""
        after, upto = self.window.bounds(when) if self.window else FOREVER
        return after, when.now if upto is None else min(upto, when.now)

    def names(self, scope: Scope) -> frozenset[str]:
        """The columns it reads, as the shop spells them."""
        inside = scope.enter(self.known_fact(scope))
        read = {inside.field(self.column, self.position).name} if self.column else set()
        return self.where_names(scope) | read

    def where_names(self, scope: Scope) -> frozenset[str]:
        """The columns its condition reads."""
        inside = scope.enter(self.known_fact(scope))
        return frozenset(inside.field(name).name for name in _names(self.where))

    def rows(self, subject: Subject, when: When) -> list[Row]:
        """The rows in plain Python."""
        return [r for r in self.rows_in_window(subject, when) if self.where is None or self.where.holds(r, when)]

    def rows_in_window(self, subject: Subject, when: When) -> list[Row]:
        """The rows of the window, whether or not they meet ``where``."""
        span = self.span(when)
        return [r for r in subject.rows(self.fact) if within(r.at, span)]

    def say(self, words: Words) -> str:
        return words.selection(self.fact, None if self.where is None else self.where.say(words.inside(self.fact)),
                               None if self.window is None else self.window.say(words))


def _names(node: Condition | None) -> Iterator[str]:
    for part in node.walk() if node else ():
        name: Any = getattr(part, "name", None)
        if part.kind == "attribute":
            yield name
