"""Conditions that ask of some rows only whether there are any: bits of one number a pass, ored over a customer's rows.

An aggregate of its own costs by the customer beside by the row. Where the newest, the first or the number of the same
rows is asked for anyway, or kept, that says it too; and a bit alone in its pass would save nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from regulars.model.types import Type
from regulars.rules.constructs.logic import And, Not, Or
from regulars.rules.constructs.selection import Selection
from regulars.rules.features import ExistsFeature, FactFeature, Feature
from regulars.rules.subjects import Subject, When
from regulars.rules.tree import Condition, Node
from regulars.rules.vocabulary import Scope

if TYPE_CHECKING:
    from regulars.rules.frames import Frame, RowsTable


@dataclass(frozen=True)
class Found(Condition):
    """What ``asked`` says, by a bit."""

    asked: Condition

    def text(self) -> str:
        return self.asked.text()

    def features(self, when: When, scope: Scope) -> tuple[Feature, ...]:
        return (_bit_of(self._rows[0], when, scope),)

    @property
    def _rows(self) -> tuple[Selection, bool]:
        rows = self.asked.existence()
        assert rows is not None  # only what asks for rows is wrapped
        return rows

    def predicate(self, frame: Frame) -> Any:
        selection, wanted = self._rows
        found = frame.feature(_bit_of(selection, frame.when, frame.scope))
        return found if wanted else ~found

    def holds(self, subject: Subject, when: When) -> bool:
        return self.asked.holds(subject, when)


def _bit_of(selection: Selection, when: When, scope: Scope) -> ExistsFeature:
    def is_one(rows: RowsTable) -> Any:
        mask = rows.picked(selection, when).mask
        # True of each row, by a column: bits that hang on nothing of the rows could not be ored over them.
        return rows.at.notnull() if mask is None else mask
    return ExistsFeature(f"any({selection.text()})", Type.YESNO, when, fact=selection.known_fact(scope),
                         selection=selection, earliest=selection.span(when)[0], nothing=False, reduce=is_one)


class Existence:
    """Which conditions of some rules are asked by a bit; ``kept`` names the features that are at hand."""

    def __init__(self, rules: Sequence[tuple[Condition, When]], kept: frozenset[str], scope: Scope) -> None:
        self.scope = scope
        asked = [each for rule, when in rules for each in self._asked(rule, when)]
        otherwise = kept | {feature.name for feature, only_whether in asked if not only_whether}
        alone = {f.name: f.fact.table for f, only_whether in asked
                 if only_whether and isinstance(f, FactFeature) and f.name not in otherwise}
        in_pass = Counter(alone.values())
        self._replaced = {name for name, table in alone.items() if in_pass[table] > 1}

    def lowered(self, rule: Condition, when: When) -> Condition:
        """The rule with each such condition as `Found`."""
        if isinstance(rule, And | Or):
            return replace(rule, items=tuple(self.lowered(item, when) for item in rule.items))
        if isinstance(rule, Not):
            return replace(rule, item=self.lowered(rule.item, when))
        return Found(rule) if self._by_bit(rule, when) else rule

    def _by_bit(self, rule: Condition, when: When) -> bool:
        return bool(self._replaced) and rule.existence() is not None and all(
            feature.name in self._replaced for feature, _ in self._asked(rule, when))

    def _asked(self, node: Node, when: When) -> Iterator[tuple[Feature, bool]]:
        """The features a node and its parts need, and whether only to say that there are rows."""
        only_whether = isinstance(node, Condition) and node.existence() is not None
        for part in node.walk() if only_whether else (node,):
            yield from ((feature, only_whether) for feature in part.features(when, self.scope))
        for part in () if only_whether else node.parts():
            yield from self._asked(part, when)
