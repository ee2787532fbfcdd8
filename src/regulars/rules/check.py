"""Whether a rule fits a shop: every name known, every type right, no segment in a circle."""

from __future__ import annotations

from regulars.errors import RuleTooLarge, SegmentCircle
from regulars.rules.constructs.segment import InSegment
from regulars.rules.tree import Condition
from regulars.rules.vocabulary import Scope, Vocabulary

DEEPEST_SEGMENTS = 200


def check(rule: Condition, vocabulary: Vocabulary, *, name: str | None = None) -> None:
    """Raise `RuleError` where ``rule`` does not fit; ``name`` is the segment it is to be saved as, if any."""
    rule.check(Scope(vocabulary))
    _refuse_circles(rule, vocabulary, name)


def _refuse_circles(rule: Condition, vocabulary: Vocabulary, name: str | None) -> None:
    """Depth first, each segment once."""
    done: set[str] = set()
    start = () if name is None else (name,)
    pending = [(leaf, start) for leaf in _leaves(rule)]
    while pending:
        leaf, path = pending.pop()
        folded = leaf.name.casefold()
        if folded in {p.casefold() for p in path}:
            raise SegmentCircle(f"Segments stand in a circle: {' → '.join((*path, leaf.name))}.",
                                position=leaf.position)
        if len(path) > DEEPEST_SEGMENTS:
            raise RuleTooLarge(f"Segments may stand in each other {DEEPEST_SEGMENTS} deep.")
        if folded not in done:
            inner = _leaves(vocabulary.segment(leaf.name, leaf.position))
            pending += [(each, (*path, leaf.name)) for each in inner]
            if not inner:
                done.add(folded)


def _leaves(rule: Condition) -> list[InSegment]:
    return [node for node in rule.walk() if isinstance(node, InSegment)]
