"""Rules that are true of nobody whatever the facts are, as far as the rule itself tells: two conditions that exclude
each other, and windows that have not begun.

What is told is sure; a contradiction that hangs on what the facts mean is not looked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import combinations

from regulars.model.clock import TICK
from regulars.model.phrases import Own, Sentence
from regulars.rules.constructs.aggregate import Aggregate
from regulars.rules.constructs.comparison import Between, Compare, InList
from regulars.rules.constructs.known import Known
from regulars.rules.constructs.logic import And, Not, Or
from regulars.rules.constructs.selection import Selection
from regulars.rules.constructs.windows import Lately
from regulars.rules.refusals import why
from regulars.rules.subjects import When, fold
from regulars.rules.tree import Condition, Value

Range = tuple[Decimal | None, bool, Decimal | None, bool]
"""From a number (None: from anywhere), itself included or not, to a number."""
NOT_NEGATIVE = ("count", "distinct", "share")
Pair = tuple[Condition, Condition | None]
"""Two conditions that exclude each other, or one that holds of nobody."""
MOST = 50
"""So many conditions of one "and" or "or" are held against each other."""


def never(rule: Condition, when: When) -> Sentence | None:
    """Why nobody can be in, now or at any time; None where somebody may."""
    if found := _excluding(rule):
        one, other = found
        if other is None:
            return why("Nobody can ever be in it: {one} is true of nobody.", one=Own(one.text()))
        return why("Nobody can ever be in it: {one} and {other} are never both true.", one=Own(one.text()),
                   other=Own(other.text()))
    for item in _conjuncts(rule):
        asked = item.existence()
        if asked and asked[1] and asked[0].window and (begins := asked[0].window.bounds(when)[0]) and \
                begins >= when.now:
            return why("Nobody is in it before {moment}: until then {one} is true of nobody.", moment=begins + TICK,
                       one=Own(item.text()))
    return None


def _excluding(rule: Condition) -> Pair | None:
    """Of an "or" each part must exclude itself, beside what stands before the "or"."""
    if isinstance(rule, Or):
        found = [_excluding(item) for item in rule.items]
        return found[0] if all(found) else None
    items = _conjuncts(rule)[:MOST]
    for item in items:
        if not _may_hold(item):
            return item, None
    for one, other in combinations(items, 2):
        if _clash(one, other) or _clash(other, one):
            return one, other
    plain = [item for item in items if not isinstance(item, Or)]
    for item in items:
        if isinstance(item, Or):
            beside = [_excluding(And((*plain, each))) for each in item.items[:MOST]]
            if all(beside) and len(item.items) <= MOST:
                return beside[0]
    return None


def _conjuncts(rule: Condition) -> list[Condition]:
    if isinstance(rule, And):
        return [each for item in rule.items for each in _conjuncts(item)]
    return [rule]


def _may_hold(item: Condition) -> bool:
    """False of a count that is to be less than nothing."""
    value, asked = _value(item), _range(item)
    counts = isinstance(value, Aggregate) and value.function in NOT_NEGATIVE
    return asked is None or not counts or _meet(asked, (Decimal(0), True, None, True))


def _clash(one: Condition, other: Condition) -> bool:
    """Whether both cannot be true of anybody, as seen from ``one``."""
    if isinstance(other, Not):
        return one == other.item
    return _rows_clash(one, other) or _values_clash(one, other)


def _rows_clash(one: Condition, other: Condition) -> bool:
    """There are to be rows of which there are to be none."""
    some, none = one.existence(), other.existence()
    return bool(some and none and some[1] and not none[1] and _within(some[0], none[0]))


def _within(some: Selection, none: Selection) -> bool:
    """Whether each row of the one is surely among those of the other."""
    if fold(some.fact) != fold(none.fact) or none.where not in (None, some.where) or \
            none.column not in (None, some.column):
        return False
    if none.window is None or some.window == none.window:
        return True
    if not (isinstance(some.window, Lately) and isinstance(none.window, Lately)):
        return False
    shorter, longer = some.window.duration, none.window.duration
    return shorter.unit == longer.unit and shorter.amount <= longer.amount


def _values_clash(one: Condition, other: Condition) -> bool:
    """One value, of which what is asked can not both be."""
    value = _value(one)
    if value is None or value != _value(other):
        return False
    if isinstance(other, Known):
        return other.negated and not isinstance(one, Known)
    first, second = _range(one), _range(other)
    if first and second:
        return not _meet(first, second)
    texts, others = one.texts(), other.texts()
    return bool(texts and others and not texts[1] & others[1])


def _value(item: Condition) -> Value | None:
    return item.value if isinstance(item, Compare | InList | Between | Known) else None


def _range(item: Condition) -> Range | None:
    """The numbers that it leaves, None where it is not one span of them."""
    if isinstance(item, Between) and isinstance(item.low, Decimal) and isinstance(item.high, Decimal):
        return None if item.negated else (item.low, True, item.high, True)
    if isinstance(item, Compare) and isinstance(item.literal, Decimal):
        limit = item.literal
        return {"=": (limit, True, limit, True), "<": (None, True, limit, False), "<=": (None, True, limit, True),
                ">": (limit, False, None, True), ">=": (limit, True, None, True)}.get(item.operator)
    return None


def _meet(one: Range, other: Range) -> bool:
    """Whether any number lies in both."""
    return all(_reaches(low, high) for low, high in _ends(one, other))


def _ends(one: Range, other: Range) -> Iterator[tuple[tuple[Decimal | None, bool], tuple[Decimal | None, bool]]]:
    yield one[:2], other[2:]
    yield other[:2], one[2:]
    yield one[:2], one[2:]
    yield other[:2], other[2:]


def _reaches(low: tuple[Decimal | None, bool], high: tuple[Decimal | None, bool]) -> bool:
    if low[0] is None or high[0] is None:
        return True
    return low[0] < high[0] or (low[0] == high[0] and low[1] and high[1])


__all__ = ["never"]
