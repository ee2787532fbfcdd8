"""Why a rule is true of a customer, or is not: each condition with its value, since when, and when time changes it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from regulars.model.clock import TICK
from regulars.rules.constructs.exists import AnyOf, NoneOf
from regulars.rules.constructs.logic import And, Not, Or
from regulars.rules.constructs.near import LATITUDE, LONGITUDE, Near, great_circle_km
from regulars.rules.constructs.rank import Rank
from regulars.rules.constructs.segment import InSegment
from regulars.rules.constructs.selection import Selection
from regulars.rules.constructs.stopped import Stopped
from regulars.rules.edges import edges
from regulars.rules.passing import whole
from regulars.rules.subjects import Person, When, fold
from regulars.rules.tree import Condition, Node, Value
from regulars.rules.vocabulary import Vocabulary
from regulars.rules.words import sentence

DEEPEST_TOLD = 4
"""Segments in segments are told so deep."""
MOST_LOOKED_AT = 2_000
"""How many moments are tried each way: a customer with more facts than that within reach gets "not known"."""
MOST_ROWS_LOOKED_AT = 400_000
"""How many rows are looked at for them each way, half a second's work: a till's own customer, who stands for all who
gave no name, has so many that two thousand moments took half a minute."""


@dataclass(frozen=True)
class Explanation:
    """One condition (or bracket) of a rule, of one customer at ``now``.

    ``value`` is what the condition judges, None where unknown or where there is no one value. ``since`` is the moment
    it became so, None where it always was, or where that hangs on others. ``changes_at`` is the next moment at which
    time alone changes it, None where it never does. ``hangs_on_others``: a rank, which only everybody's values decide.
    ``since_unknown`` and ``change_unknown``: None stands for more moments than are looked at, not for always or never.
    """

    text: str
    sentence: str
    holds: bool
    value: Any
    since: datetime | None
    changes_at: datetime | None
    hangs_on_others: bool
    parts: tuple[Explanation, ...]
    since_unknown: bool = False
    change_unknown: bool = False

    def to_json(self) -> dict[str, Any]:
        """Plain values; moments in UTC with a Z."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain


def explain(rule: Condition, person: Person, when: When, vocabulary: Vocabulary, language: str = "en") -> Explanation:
    """The rule and each of its conditions; the person's world answers for ranks and segments."""
    return _Teller(person, when, vocabulary, language).tell(rule, 0)


class _Teller:
    """Tells what is in a segment once, and no deeper than anybody reads: segments may lean on hundreds of others."""

    def __init__(self, person: Person, when: When, vocabulary: Vocabulary, language: str) -> None:
        self.person = person
        self.when = when
        self.vocabulary = vocabulary
        self.language = language
        self.told: set[str] = set()

    def tell(self, rule: Condition, depth: int) -> Explanation:
        inner, below = self._inner(rule, depth)
        parts = tuple(self.tell(part, below) for part in inner)
        others = any(isinstance(node, Rank) for each in whole(rule, self.vocabulary) for node in each.walk())
        changed = _Changes() if others else _changes(rule, self.person, self.when, self.vocabulary)
        return Explanation(rule.text(), sentence(rule, self.language, self.vocabulary),
                           rule.holds(self.person, self.when), _value(rule, self.person, self.when), changed.since,
                           changed.at, others, parts, changed.since_unknown, changed.at_unknown)

    def _inner(self, rule: Condition, depth: int) -> tuple[tuple[Condition, ...], int]:
        """What stands in a bracket or segment, and how deep in segments that is."""
        if isinstance(rule, And | Or):
            return rule.items, depth
        if isinstance(rule, Not):
            return (rule.item,), depth
        if not isinstance(rule, InSegment) or depth == DEEPEST_TOLD or fold(rule.name) in self.told:
            return (), depth
        self.told.add(fold(rule.name))
        return (self.vocabulary.segment(rule.name),), depth + 1


@dataclass(frozen=True)
class _Changes:
    """The last moment the answer changed, and the next at which it will by time alone; unknown where out of reach."""

    since: datetime | None = None
    at: datetime | None = None
    since_unknown: bool = False
    at_unknown: bool = False


def _changes(rule: Condition, person: Person, when: When, vocabulary: Vocabulary) -> _Changes:
    moments = sorted({m for each in whole(rule, vocabulary) for m in edges(each, person, when)})
    now_true, at = rule.holds(person, when), bisect_right(moments, when.now)

    def other(moment: datetime) -> bool:
        return rule.holds(person, When(moment, when.zone)) is not now_true
    reach = _reach(rule, person, vocabulary)
    past, coming = moments[max(at - reach, 0):at], moments[at:at + reach]
    since = next((m for m in reversed(past) if other(m - TICK)), None)
    changes_at = next((m for m in coming if other(m)), None)
    return _Changes(since, changes_at, since is None and at > len(past),
                    changes_at is None and len(moments) - at > len(coming))


def _reach(rule: Condition, person: Person, vocabulary: Vocabulary) -> int:
    """How many moments can be tried each way: at each, all rows are gone through that the rule reads."""
    rows = sum(len(person.rows(node.fact)) for each in whole(rule, vocabulary) for node in each.everything()
               if isinstance(node, Selection))
    return min(MOST_LOOKED_AT, MOST_ROWS_LOOKED_AT // max(rows, 1))


def _value(rule: Condition, person: Person, when: When) -> Any:
    """What the condition judges of this customer."""
    if isinstance(rule, AnyOf | NoneOf):
        return len(rule.selection.rows(person, when))
    if isinstance(rule, Stopped):
        return max((r.at for r in rule.selection.rows(person, when) if r.at is not None), default=None)
    if isinstance(rule, Near):
        return _distance(rule, person, when)
    judged: Node | None = getattr(rule, "value", None)
    return judged.of(person, when) if isinstance(judged, Value) else None


def _distance(rule: Near, person: Person, when: When) -> float | None:
    """Kilometres from the place, to a tenth."""
    here, east = LATITUDE.of(person, when), LONGITUDE.of(person, when)
    if here is None or east is None:
        return None
    return round(great_circle_km((here, east), rule.point(person.world.place)), 1)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, datetime):
        return value.isoformat() + "Z"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    return value
