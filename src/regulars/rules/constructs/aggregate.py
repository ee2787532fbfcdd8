"""A function of a customer's rows: ``sum(orders.total in last 1 year)``. The functions are in `functions`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from regulars.errors import RuleSyntaxError, UnknownName, WrongType
from regulars.model.types import Type
from regulars.rules.constructs.functions import FUNCTIONS, Chosen, Function, nearest
from regulars.rules.constructs.selection import Selection
from regulars.rules.features import FactFeature, Feature, OwnPassFeature
from regulars.rules.refusals import why
from regulars.rules.subjects import Subject, When
from regulars.rules.tree import OWN_PASS, Node, Value

if TYPE_CHECKING:
    from regulars.rules.frames import Frame
    from regulars.rules.vocabulary import Scope
    from regulars.rules.words import Words


@dataclass(frozen=True)
class Aggregate(Value):
    kind: ClassVar[str] = "aggregate"
    function: str
    selection: Selection

    def text(self) -> str:
        return f"{self.function}({self.selection.text()})"

    @property
    def weight(self) -> int:
        known = FUNCTIONS.get(self.function)
        return OWN_PASS if known and known.own_pass else 1

    @property
    def does(self) -> Function:
        """Raises `UnknownName` with the nearest function."""
        if self.function not in FUNCTIONS:
            near = nearest(self.function)
            raise UnknownName(why("There is no function called '{function}'.", function=self.function),
                              position=self.position, length=len(self.function),
                              hint=why("Did you mean {near}?", near=near) if near else None,
                              expected=tuple(FUNCTIONS))
        return FUNCTIONS[self.function]

    def check(self, scope: Scope) -> Type:
        scope.only_of_customers(f"{self.function}(…)", self.position)
        does, field = self.does, self.selection.check(scope)
        if does.needs_column and field is None:
            raise RuleSyntaxError(why("{function} needs a column, such as {rule}.", function=self.function,
                                      rule=f"{self.function}({self.selection.fact}.…)"),
                                  position=self.selection.position, length=len(self.selection.fact),
                                  expected=tuple(f"{self.selection.fact}.{n}" for n in
                                                 self.selection.known_fact(scope).columns))
        if not does.needs_column and field is not None:
            raise RuleSyntaxError(why("{function} takes rows, not a column.", function=self.function),
                                  hint=why("Write {rule}.", rule=f"{self.function}({self.selection.fact})"),
                                  position=self.selection.column_position,
                                  length=len(self.selection.column or ""))
        return self._result(does, field.type if field else None)

    def _result(self, does: Function, column: Type | None) -> Type:
        try:
            return does.result(column, self.text(), self.selection.column_position)
        except WrongType as error:
            error.length = len(self.selection.column or "")
            raise

    def features(self, when: When, scope: Scope) -> tuple[Feature, ...]:
        return (self.feature(when, scope),)

    def feature(self, when: When, scope: Scope) -> Feature:
        does, type_, selection = self.does, self.check(scope), self.selection
        if does.of:
            return Aggregate(does.of, selection).feature(when, scope)
        if does.own_pass:
            return OwnPassFeature(self.text(), type_, when, nothing=does.nothing,
                                  make=lambda people: does.table(people.picked(selection, when, scope)))
        return FactFeature(self.text(), type_, when, fact=selection.known_fact(scope), selection=selection,
                           earliest=selection.span(when)[0], nothing=does.nothing,
                           reduce=lambda rows: does.reduce(rows.picked(selection, when), when))

    def column(self, frame: Frame) -> Any:
        column = frame.feature(self.feature(frame.when, frame.scope))
        return self.does.derive(column, frame.when) if self.does.of else column

    def folded(self, frame: Frame) -> Any:
        return frame.fold(self.column(frame))

    def of(self, subject: Subject, when: When) -> Any:
        chosen = Chosen(self.selection.rows(subject, when), len(self.selection.rows_in_window(subject, when)),
                        self.selection.column, when)
        return self.does.compute(chosen)

    def say(self, words: Words) -> str:
        column = self.selection.column
        said = None if column is None else words.inside(self.selection.fact).name(column)
        return words.aggregate(self.function, said, self.selection.say(words))

    def parts(self) -> tuple[Node, ...]:
        return ()
