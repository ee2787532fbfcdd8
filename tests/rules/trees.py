"""Random trees of the whole language over the shops of `tests.rules.shops`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any

from hypothesis import strategies as st

from regulars.model.types import Type
from regulars.rules.constructs.aggregate import Aggregate
from regulars.rules.constructs.anniversary import Anniversary
from regulars.rules.constructs.attribute import Attribute, Flag
from regulars.rules.constructs.comparison import Between, Compare, InList, nothing_between
from regulars.rules.constructs.everyone import Everyone
from regulars.rules.constructs.exists import AnyOf, NoneOf
from regulars.rules.constructs.functions import FUNCTIONS
from regulars.rules.constructs.in_window import InWindow
from regulars.rules.constructs.known import Known
from regulars.rules.constructs.logic import And, Not, Or
from regulars.rules.constructs.near import NamedPlace, Near, Point
from regulars.rules.constructs.rank import Rank
from regulars.rules.constructs.regularly import Regularly
from regulars.rules.constructs.restarted import Restarted
from regulars.rules.constructs.sample import Sample
from regulars.rules.constructs.segment import InSegment
from regulars.rules.constructs.selection import Selection
from regulars.rules.constructs.sequence import Sequence
from regulars.rules.constructs.stopped import Stopped
from regulars.rules.constructs.text_test import TextTest
from regulars.rules.constructs.windows import (
    After,
    Before,
    BetweenAgo,
    Duration,
    FromTo,
    InLast,
    InNext,
    LessThanAgo,
    MoreThanAgo,
    Period,
    Since,
    Window,
)
from regulars.rules.exact import OPERATORS
from regulars.rules.tree import Condition, Moment, Node, Value, node_fields, surely_later
from regulars.rules.vocabulary import Scope
from tests.rules.shops import DAYS, DURATIONS, NUMBERS, SEGMENTS, TEXTS, stage

VOCABULARY = stage(0).world.vocabulary
PERIODS = ("today", "yesterday", *(f"{a} {b}" for a in ("this", "last") for b in ("week", "month", "quarter", "year")))
PATTERNS = ("r", "^r", "e$", "a|b", "[0-9]+", r"\pL{2,3}", "(?-i)Red", "^$", "", "ё", r"\s")
TESTS = ("contains", "starts with", "ends with", "matches")

durations = st.sampled_from(DURATIONS).map(lambda d: Duration(Decimal(d[0]), d[1]))
lengths = durations.filter(lambda d: d.amount > 0)
moments = st.one_of(
    st.sampled_from(("now", "today", "yesterday")).map(Moment),
    st.sampled_from(DAYS).map(lambda d: Moment("day", d)),
    st.tuples(st.sampled_from(DAYS), st.sampled_from(("T00:00", "T02:30", "T12:00:00", "T23:59:59.999999", "T02:30Z",
                                                      "T12:00+05:30"))).map(lambda t: Moment("instant", "".join(t))))


def ago() -> st.SearchStrategy[Window]:
    """Between 60 and 90 days ago, in one unit."""
    whole = [d for d in DURATIONS if d[0] == int(d[0])]
    pairs = [(a, b) for a in whole for b in whole if a[1] == b[1] and a[0] < b[0]]
    return st.sampled_from(pairs).map(lambda p: BetweenAgo(Duration(Decimal(p[0][0]), p[0][1]),
                                                           Duration(Decimal(p[1][0]), p[1][1])))


spans = st.tuples(moments, moments).filter(lambda ends: not surely_later(*ends)).map(lambda ends: FromTo(*ends))
past: st.SearchStrategy[Window] = st.one_of(
    lengths.map(InLast), lengths.map(InLast), ago(), durations.map(MoreThanAgo), lengths.map(LessThanAgo),
    moments.map(Before), moments.map(After), moments.map(Since), spans, st.sampled_from(PERIODS).map(Period))
windows = st.one_of(past, lengths.map(InNext))
windows_of_days = st.one_of(past, durations.map(InLast), durations.map(InNext), durations.map(LessThanAgo))

LITERALS: dict[Type, st.SearchStrategy[Any]] = {
    Type.TEXT: st.sampled_from((*TEXTS, "", " ")), Type.YESNO: st.booleans(), Type.MOMENT: moments, Type.DATE: moments,
    **dict.fromkeys((Type.NUMBER, Type.WHOLE, Type.DECIMAL, Type.MONEY),
                    st.sampled_from((*NUMBERS, Decimal("0.00015"), Decimal("0.99999"), Decimal(10) ** 20,
                                     Decimal("12.34567890123"))))}


ANY = Attribute("gender")


def tests_of(value: Value, type_: Type) -> st.SearchStrategy[Condition]:
    """Any condition on one value."""
    found = _tests_of_any(type_).map(lambda test: replace(test, value=value))  # type: ignore[call-arg]
    return st.one_of(found, st.just(Flag(value))) if type_ is Type.YESNO and isinstance(value, Attribute) else found


@cache
def _tests_of_any(type_: Type) -> st.SearchStrategy[Condition]:
    """Any condition on a value of the type, said of `ANY`: to make a strategy takes longer than to draw from it."""
    just = st.just(ANY)
    if type_ is Type.TEXTS:
        return st.one_of(st.builds(TextTest, just, st.just("contains"), st.sampled_from(TEXTS), st.booleans()),
                         st.builds(Known, just, st.booleans()))
    literal = LITERALS[type_]
    found: list[st.SearchStrategy[Condition]] = [
        st.builds(Compare, just, st.sampled_from(sorted(OPERATORS)), literal), st.builds(Known, just, st.booleans()),
        st.builds(InList, just, st.lists(literal, min_size=1, max_size=4).map(tuple), st.booleans()),
        st.builds(Between, just, literal, literal, st.booleans()).filter(
            lambda b: not nothing_between(b.low, b.high))]
    if type_ is Type.TEXT:
        found += [st.builds(TextTest, just, st.sampled_from(TESTS[:3]), literal, st.booleans()),
                  st.builds(TextTest, just, st.just("matches"), st.sampled_from(PATTERNS), st.booleans())]
    if type_.temporal:
        found.append(st.builds(InWindow, just, windows))
    return st.one_of(found)


@cache
def _named(name: str, type_: Type) -> st.SearchStrategy[Condition]:
    return tests_of(Attribute(name), type_)


def joined(leaves: st.SearchStrategy[Condition], most: int) -> st.SearchStrategy[Condition]:
    """and, or, not, to some depth."""
    return st.recursive(leaves, lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda items: And(tuple(items))),
        st.lists(inner, min_size=2, max_size=3).map(lambda items: Or(tuple(items))), inner.map(Not)), max_leaves=most)


@cache
def wheres(fact: str) -> st.SearchStrategy[Condition]:
    columns = [(field.name, field.type) for field in VOCABULARY.facts[fact].columns.values()]
    return joined(st.sampled_from(columns).flatmap(lambda c: _named(*c)), 3)


@cache
def selections(fact: str, column: str | None = None) -> st.SearchStrategy[Selection]:
    return st.builds(Selection, st.just(fact), st.just(column), st.none() | wheres(fact), st.none() | past)


facts = st.sampled_from(list(VOCABULARY.facts))
rows = facts.flatmap(selections)
ROWS_ALONE = [n for n, f in FUNCTIONS.items() if not f.needs_column]


@cache
def _aggregate(function: str) -> st.SearchStrategy[Value]:
    if function in ROWS_ALONE:
        return rows.map(lambda s: Aggregate(function, s))
    columns = [(fact.name, field.name) for fact in VOCABULARY.facts.values() for field in fact.columns.values()
               if _takes(function, field.type)]
    return st.sampled_from(columns).flatmap(lambda c: selections(*c)).map(lambda s: Aggregate(function, s))


def _takes(function: str, type_: Type) -> bool:
    if function in ("sum", "avg", "median"):
        return type_.numeric
    return type_.numeric or type_.temporal if function in ("min", "max") else type_ is not Type.TEXTS


aggregates = st.sampled_from(sorted(FUNCTIONS)).flatmap(_aggregate)
attributes = st.sampled_from([(field.name, field.type) for field in VOCABULARY.attributes.values()])


def _type(value: Value) -> Type:
    return value.check(Scope(VOCABULARY))


known = list(VOCABULARY.attributes.values())
temporal = st.sampled_from([f.name for f in known if f.type.temporal]).map(Attribute)
ordered = st.sampled_from([f.name for f in known if f.type.numeric or f.type.temporal]).map(Attribute)
ranked = st.one_of(ordered, aggregates.filter(lambda a: _type(a).numeric or _type(a).temporal))
places = st.sampled_from((NamedPlace("Bandung"), NamedPlace(" north pole"), Point(Decimal(0), Decimal(0)),
                          Point(Decimal("-6.92222"), Decimal("107.60694")), Point(Decimal(0), Decimal(-180))))

verbs: st.SearchStrategy[Condition] = st.one_of(
    st.builds(Stopped, rows, durations), st.builds(Restarted, rows, durations),
    st.builds(Regularly, rows, lengths, st.integers(1, 3).map(Decimal),
              st.integers(3, 5).map(Decimal)),
    st.builds(Sequence, rows, rows, lengths, st.booleans()), st.builds(Anniversary, temporal, windows_of_days))
of_all: st.SearchStrategy[Condition] = st.one_of(
    st.builds(Rank, st.sampled_from(("top", "bottom")), st.sampled_from((0, 1, 10, 33, 50, 100)).map(Decimal), ranked),
    st.builds(Sample, st.sampled_from((0, 7, 50, 100)).map(Decimal), st.sampled_from(("", "x", "'"))),
    st.sampled_from(sorted(SEGMENTS)).map(InSegment), st.just(Everyone()),
    st.builds(Near, st.sampled_from(("0", "1", "114.5", "9000", "20037")).map(Decimal), st.sampled_from(("km",
                                                                                                         "mi")),
                                                                                                         places))
conditions: st.SearchStrategy[Condition] = st.one_of(
    attributes.flatmap(lambda a: _named(*a)), aggregates.flatmap(lambda a: tests_of(a, _type(a))), rows.map(AnyOf),
    rows.map(NoneOf), verbs, of_all)
rules = joined(conditions, 4)


def all_nodes(node: Any) -> Iterator[Node]:
    """A node and everything in it, selections and windows too."""
    if isinstance(node, Node):
        yield node
        for _, value in node_fields(node):
            yield from all_nodes(value)
    elif isinstance(node, tuple):
        for item in node:
            yield from all_nodes(item)
