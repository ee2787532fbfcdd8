"""Conditions judged in the step that works their features out, so that joins carry a bit for each and not the features.

A condition whose features all come of one step is judged of that step's own rows; of who has no row in it, plain Python
says it of somebody without facts. What speaks of several steps, of ranks or of other segments is judged of everybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from regulars.rules.constructs.logic import And, Not, Or
from regulars.rules.constructs.rank import Rank
from regulars.rules.constructs.segment import InSegment
from regulars.rules.expressions import BITS, packed
from regulars.rules.frames import PeopleTable
from regulars.rules.subjects import Person, When
from regulars.rules.tree import Condition, Node
from regulars.rules.vocabulary import Scope

if TYPE_CHECKING:
    from regulars.rules.frames import Frame

NOBODY = Person("", {}, {})
AT_THE_END = ""
"""Where what no single step can judge is judged."""


@dataclass(frozen=True)
class Judged(Condition):
    """A condition that was judged in the step ``home``, as the ``nth`` of those there."""

    home: str
    nth: int

    @property
    def column(self) -> str:
        """The number of which it is a bit."""
        return _column(self.home, self.nth // BITS)

    def predicate(self, frame: Frame) -> Any:
        return frame.bit(self.column, self.nth % BITS)


@dataclass
class Judging:
    """``homes`` says of a feature's name which step works it out; `lowered` gathers what is judged in each."""

    homes: Mapping[str, str]
    scope: Scope
    _asked: dict[str, dict[tuple[str, When], tuple[int, Condition]]] = field(default_factory=dict)
    _known: dict[tuple[int, When], tuple[Node, frozenset[str]]] = field(default_factory=dict)

    def lowered(self, rule: Condition, when: When) -> Condition:
        """The rule with each part that one step can judge in the words of that step."""
        homes = self._homes(rule, when)
        if len(homes) == 1 and AT_THE_END not in homes:
            return self._judged(rule, when, *homes)
        if isinstance(rule, And | Or):
            return replace(rule, items=tuple(self.lowered(item, when) for item in rule.items))
        return replace(rule, item=self.lowered(rule.item, when)) if isinstance(rule, Not) else rule

    def _judged(self, rule: Condition, when: When, home: str) -> Judged:
        asked = self._asked.setdefault(home, {})
        return Judged(home, asked.setdefault((rule.text(), when), (len(asked), rule))[0])

    def _homes(self, node: Node, when: When) -> frozenset[str]:
        """Where a node and its parts are worked out."""
        key = id(node), when
        if key not in self._known:
            own = {self.homes.get(f.name, AT_THE_END) for f in node.features(when, self.scope)}
            own |= {AT_THE_END} if isinstance(node, Rank | InSegment) else set()
            # The node is kept along: its id is its own only as long as it is there.
            self._known[key] = node, frozenset(own).union(*(self._homes(part, when) for part in node.parts()))
        return self._known[key][1]

    def bits(self, home: str, people: Any) -> dict[str, Any]:
        """What is judged in a step, as columns of its rows."""
        asked = [rule.predicate(PeopleTable(people, when, self.scope))
                 for (_, when), (_, rule) in self._asked.get(home, {}).items()]
        return {_column(home, i): number for i, number in enumerate(packed(asked))}

    def otherwise(self, home: str) -> dict[str, int]:
        """The same of somebody without a row in the step."""
        held = [rule.holds(NOBODY, when) for (_, when), (_, rule) in self._asked.get(home, {}).items()]
        return {_column(home, start // BITS): sum(is_so << i for i, is_so in enumerate(held[start:start + BITS]))
                for start in range(0, len(held), BITS)}


def _column(home: str, number: int) -> str:
    return f"j_{home}_{number}"
