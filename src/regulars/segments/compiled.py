"""SQL of rules kept from look to look: what differs between two looks are the moments in it.

Compiling fifty rules takes longer than asking them of a thousand customers. A text compiled at one moment is taken for
another by putting in, for each moment that hangs on ``now``, what it has become. That is only done where every moment
in the text is accounted for and all stand in the order they stood in; else the rules are compiled anew. Days and ages
stand in the text as such: where a date is asked for, it is good while each moment is of the day it was of.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from threading import Lock

from regulars.model.clock import TICK, local_day
from regulars.model.types import Type
from regulars.rules import Condition, Vocabulary, When, fold
from regulars.rules.constructs.anniversary import Anniversary
from regulars.rules.constructs.attribute import Attribute
from regulars.rules.constructs.near import NamedPlace
from regulars.rules.constructs.regularly import Regularly
from regulars.rules.constructs.segment import InSegment
from regulars.rules.constructs.selection import Selection
from regulars.rules.constructs.stopped import Stopped
from regulars.rules.constructs.windows import DAWN, Duration, Window
from regulars.rules.passing import whole
from regulars.rules.tree import Moment, Node, node_fields

MOMENT = re.compile(r"CAST\('(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6})' AS TIMESTAMP\(6\)\)")
MOST_KEPT = 48


@dataclass(frozen=True)
class Text:
    """A compiled text and the moments in it that hang on ``now``, in the order of `moving`."""

    sql: str
    moments: tuple[datetime | None, ...]
    fixed: frozenset[str]


class Compiled:
    """Keeps texts by what they were made of; the last `MOST_KEPT` of them. Several threads may ask at once."""

    def __init__(self) -> None:
        self._texts: OrderedDict[Hashable, Text] = OrderedDict()
        self._turn = Lock()

    def sql(self, key: Hashable, rules: Sequence[Condition], vocabulary: Vocabulary, whens: Sequence[When],
            compile_: Callable[[], str], *, of_rows: bool = False) -> str:
        """The text of these rules at these moments; ``key`` says what is asked of them: ``of_rows`` that it is what
        their selections are asked alone."""
        zone = whens[0].zone
        moments = tuple(moving(rules, vocabulary, whens))
        days = tuple(m and (local_day(m, zone), local_day(m + TICK, zone)) for m in moments) \
            if _asks_dates(rules, vocabulary, of_rows) else ()
        full = (key, tuple(r.text() for r in rules), days, zone.key, _known(rules, vocabulary))
        text = self._texts.get(full)
        sql = None if text is None else _moved(text, moments)
        if text is None or sql is None:
            sql = compile_()
            text = Text(sql, moments, frozenset(_fixed(rules, vocabulary, whens[0])))
        self._keep(full, text)
        return sql

    def _keep(self, key: Hashable, text: Text) -> None:
        with self._turn:
            self._texts[key] = text
            self._texts.move_to_end(key)
            while len(self._texts) > MOST_KEPT:
                self._texts.popitem(last=False)


def _asks_dates(rules: Iterable[Condition], vocabulary: Vocabulary, of_rows: bool) -> bool:
    """Whether a name in the rules is that of a date, of whatever fact, or of what is told by one."""
    named = (vocabulary.attributes, *(fact.columns for fact in vocabulary.facts.values()))
    dates = {"age", *(fold(n) for names in named for n, field in names.items() if field.type is Type.DATE)}
    nodes: Iterable[Node] = (node for rule in rules for each in whole(rule, vocabulary) for node in each.everything())
    if of_rows:
        nodes = (inner for node in nodes if isinstance(node, Selection) for inner in node.everything())
    return any(isinstance(n, Anniversary) or (isinstance(n, Attribute) and fold(n.name) in dates) or
               (isinstance(n, Selection) and n.column is not None and fold(n.column) in dates) for n in nodes)


def _known(rules: Iterable[Condition], vocabulary: Vocabulary) -> Hashable:
    """What the names in the rules stand for."""
    facts = tuple((name, f.table, f.types, tuple(f.columns.items())) for name, f in vocabulary.facts.items())
    leaned_on = {each.text(): each for rule in rules for each in whole(rule, vocabulary)}
    places = {n.name: vocabulary.place(n.name) for each in leaned_on.values() for n in each.everything()
              if isinstance(n, NamedPlace)}
    segments = {n.name: vocabulary.segment(n.name).text() for each in leaned_on.values() for n in each.walk()
                if isinstance(n, InSegment)}
    return facts, tuple(vocabulary.attributes.items()), tuple(places.items()), tuple(segments.items())


def _moved(kept: Text, moments: Sequence[datetime | None]) -> str | None:
    """The text with each moment as it is now; None where that cannot be told."""
    pairs = {(_written(b), _written(a)) for b, a in zip(kept.moments, moments, strict=True) if b and a}
    now = sorted(pairs | {(m, m) for m in kept.fixed})
    if any(a[0] == b[0] or a[1] >= b[1] for a, b in pairwise(now)):
        return None
    written = dict(now)
    if not {m[1] for m in MOMENT.finditer(kept.sql)} <= written.keys():
        return None
    return MOMENT.sub(lambda found: f"CAST('{written[found[1]]}' AS TIMESTAMP(6))", kept.sql)


def moving(rules: Iterable[Condition], vocabulary: Vocabulary, whens: Sequence[When]) -> Iterable[datetime | None]:
    """Every moment that hangs on ``now`` and may stand in the text, always in the same order."""
    for when in whens:
        yield when.now
        for rule in rules:
            for each in whole(rule, vocabulary):
                for node in each.everything():
                    yield from _of_node(node, when)


def _of_node(node: Node, when: When) -> Iterable[datetime | None]:
    if isinstance(node, Window):
        yield from node.bounds(when)
    elif isinstance(node, Selection):
        yield from node.span(when)
    elif isinstance(node, Moment):
        first, last = node.span(when)
        yield from (first, first - TICK, last)
    elif isinstance(node, Regularly):
        yield from (node.duration.times(i).before(when.now, when) or DAWN for i in range(int(node.periods) + 1))
    elif isinstance(node, Stopped):
        yield node.duration.before(when.now, when) or DAWN
    else:
        yield from (p.before(when.now, when) for _, p in node_fields(node) if isinstance(p, Duration))


def _fixed(rules: Iterable[Condition], vocabulary: Vocabulary, when: When) -> Iterable[str]:
    """Moments that are written in the rules: they stay as they are."""
    for rule in rules:
        for each in whole(rule, vocabulary):
            for node in each.everything():
                if isinstance(node, Moment) and node.at is not None:
                    first, last = node.span(when)
                    yield from (_written(first), _written(first - TICK), _written(last))


def _written(moment: datetime) -> str:
    return moment.isoformat(sep=" ", timespec="microseconds").zfill(26)


COMPILED = Compiled()
