"""What a campaign is for where that is no order: something that comes to happen, asked of each person's own days.

A goal is a rule of ``any(…)`` and of a plan begun, joined by ``and`` and ``or``, without windows: its window is what
each person has, so many days from the moment at which chance put them in an arm. Of ``any(S)`` it is true of whom
``any(S in last N days)`` is true as their days end; rows up to now are what there is before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.errors import Refused
from regulars.outreach.goals.refusing import BEGUN, PLAN, begun, refuse
from regulars.outreach.goals.rows import rows_of
from regulars.outreach.refusals import why
from regulars.rules import Condition, Vocabulary, When, check, parse
from regulars.rules.constructs.attribute import Attribute
from regulars.rules.constructs.exists import AnyOf
from regulars.rules.constructs.in_window import InWindow
from regulars.rules.constructs.logic import And, Or
from regulars.rules.constructs.windows import Duration, InLast

LONGEST = 2_000


@dataclass(frozen=True)
class Goal:
    """``rule`` is its canonical text. ``happenings`` are its parts that happen, by their text: SQL of ``customer_id``
    and ``at``, a row each time."""

    rule: str
    tree: Condition
    happenings: Mapping[str, str]

    @property
    def of_plan(self) -> bool:
        """Whether it asks for a plan: of one that is changed only the latest beginning is known."""
        return any(_is_plan(leaf) for leaf in leaves(self.tree))

    def reached(self, happened: Mapping[str, NDArray[np.bool_]]) -> NDArray[np.bool_]:
        """Who reached it, by whom each part of it happened to within their days."""
        return _joined(self.tree, happened)


def read(rule: str, vocabulary: Vocabulary) -> Condition:
    """The tree of a goal; raises `RuleError` for what is no rule of the shop, and `Refused` for one that is no goal."""
    if len(rule) > LONGEST:
        raise Refused(why("A goal has at most {most} characters.", most=LONGEST))
    tree = parse(rule)
    check(tree, vocabulary)
    refuse(tree, vocabulary)
    return tree


def asked(rule: str, vocabulary: Vocabulary, when: When, compile_: Callable[[Any], str]) -> Goal:
    """A goal ready to be asked of a shop; raises as `read`."""
    tree = read(rule, vocabulary)
    return Goal(tree.text(), tree, {leaf.text(): compile_(rows_of(leaf, vocabulary, when)) for leaf in leaves(tree)})


def leaves(tree: Condition) -> Iterator[Condition]:
    """The parts that happen: each ``any(…)``, each plan begun with what is said of it."""
    if isinstance(tree, And | Or) and not _is_plan(tree):
        for item in tree.items:
            yield from leaves(item)
    else:
        yield tree


def lately(tree: Condition, days: int) -> Condition:
    """Who came to it within so many days up to now, as a rule that can be asked of anybody."""
    window = InLast(Duration(Decimal(days), "day"))
    if isinstance(tree, AnyOf):
        return replace(tree, selection=replace(tree.selection, window=window))
    if _is_plan(tree):
        return And((tree, InWindow(Attribute(BEGUN), window)))
    assert isinstance(tree, And | Or)
    return type(tree)(tuple(lately(item, days) for item in tree.items))


def _is_plan(tree: Condition) -> bool:
    return not isinstance(tree, AnyOf | Or) and begun(tree)


def _joined(tree: Condition, happened: Mapping[str, NDArray[np.bool_]]) -> NDArray[np.bool_]:
    if isinstance(tree, And | Or) and not _is_plan(tree):
        join: Any = np.logical_and if isinstance(tree, And) else np.logical_or
        found: NDArray[np.bool_] = reduce(join, [_joined(item, happened) for item in tree.items])
        return found
    return happened[tree.text()]


__all__ = ["LONGEST", "PLAN", "Goal", "asked", "lately", "leaves", "read"]
