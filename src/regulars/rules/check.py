"""Whether a rule fits a shop: every name known, every type right, no segment in a circle."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.errors import RuleError, RuleTooLarge, SegmentCircle
from regulars.rules.constructs.segment import InSegment
from regulars.rules.refusals import why
from regulars.rules.subjects import fold
from regulars.rules.tree import Condition
from regulars.rules.vocabulary import Scope, Vocabulary

DEEPEST_SEGMENTS = 200


def check(rule: Condition, vocabulary: Vocabulary, *, name: str | None = None) -> None:
    """Raise `RuleError` where ``rule`` does not fit; ``name`` is the segment it is to be saved as, if any.

    The segments it leans on are checked with it: what they speak of may have gone since they were saved.
    """
    rule.check(Scope(vocabulary))
    _Segments(vocabulary).look_into(rule, name)


@dataclass
class _Step:
    """A segment on the way down; ``left`` are those it leans on that are still to be looked into."""

    name: str
    left: list[InSegment]


class _Segments:
    """Depth first, each segment once, without recursion; ``heights`` are how deep each goes down from itself."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.heights: dict[str, int] = {}

    def look_into(self, rule: Condition, name: str | None) -> None:
        """Raise `SegmentCircle`, `RuleTooLarge`, or what is wrong with a segment on the way."""
        for leaf in _leaves(rule):
            path = [] if name is None else [_Step(name, [])]
            self._enter(leaf, path, leaf.position)
            while path and (name is None or len(path) > 1):
                self._on(path, leaf.position)

    def _on(self, path: list[_Step], position: int) -> None:
        """One step: down into a segment, or up where there is none left."""
        if path[-1].left:
            self._enter(path[-1].left.pop(0), path, position)
            return
        done = path.pop()
        below = [self.heights[fold(n.name)] for n in _leaves(self.vocabulary.segment(done.name))]
        self.heights[fold(done.name)] = 1 + max(below, default=0)
        self._refuse_deep(self.heights[fold(done.name)], position)

    def _enter(self, leaf: InSegment, path: list[_Step], position: int) -> None:
        if fold(leaf.name) in {fold(step.name) for step in path}:
            names = " → ".join((*(step.name for step in path), leaf.name))
            raise SegmentCircle(why("Segments stand in a circle: {names}.", names=names), position=position,
                                length=len(leaf.name) + 2)
        if fold(leaf.name) in self.heights:
            return
        self._refuse_deep(len(path) + 1, position)
        tree = self.vocabulary.segment(leaf.name, position)
        self._check(leaf.name, tree, position)
        path.append(_Step(leaf.name, _leaves(tree)))

    def _refuse_deep(self, depth: int, position: int) -> None:
        if depth > DEEPEST_SEGMENTS:
            raise RuleTooLarge(why("Segments may stand in each other {most} deep.", most=DEEPEST_SEGMENTS),
                               position=position)

    def _check(self, name: str, tree: Condition, position: int) -> None:
        try:
            tree.check(Scope(self.vocabulary))
        except RuleError as error:
            error.message = why("Segment '{name}' cannot be used: {reason}", name=name, reason=error.message)
            error.position, error.length = position, len(name) + 2
            raise


def _leaves(rule: Condition) -> list[InSegment]:
    return [node for node in rule.walk() if isinstance(node, InSegment)]
