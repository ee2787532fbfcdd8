"""Where a condition is being compiled: inside the rows of a fact, or of one row a customer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from regulars.model.clock import EXACT
from regulars.model.later import later
from regulars.model.types import Type
from regulars.rules import expressions, facts
from regulars.rules.codes import Code, coded_column
from regulars.rules.constructs.comparison import named_texts
from regulars.rules.constructs.functions import Picked
from regulars.rules.constructs.selection import Selection
from regulars.rules.constructs.windows import Duration, Span, Window
from regulars.rules.exact import text_among
from regulars.rules.expressions import from_local_time, local_time
from regulars.rules.features import Feature
from regulars.rules.subjects import When, fold
from regulars.rules.tree import Moment, Node, Value, node_fields
from regulars.rules.vocabulary import Fact, Scope, Vocabulary

ibis = later("ibis")
KNOWN_SINCE = "known_since"
FEATURE_TYPES = facts.IBIS_TYPES | {Type.MONEY: "decimal(38, 4)", Type.DECIMAL: "decimal(38, 4)"}
"""Sums may be larger than what is summed."""


class Frame:
    """Where a condition is being compiled: what its names mean, and when."""

    def __init__(self, when: When, scope: Scope) -> None:
        self.when = when
        self.scope = scope

    def named(self, name: str) -> Any:
        """The column of an attribute or fact column."""
        raise TypeError(name)

    def named_folded(self, name: str) -> Any:
        return self.fold(self.named(name))

    def feature(self, feature: Feature) -> Any:
        """The column a feature is kept in."""
        raise TypeError(feature.key)

    def last_in(self, rank: Node) -> Any:
        """The value of the last who is in by rank, null where nobody is."""
        raise TypeError(rank.text())

    def in_segment(self, name: str) -> Any:
        raise TypeError(name)

    def bit(self, column: str, place: int) -> Any:
        """What was judged before, as a bit of a column."""
        raise TypeError(column)

    def text_among(self, value: Value, texts: Sequence[str]) -> Any:
        """Where a value of text is one of these folded ones; false or null where it is unknown."""
        return text_among(value.folded(self), texts)

    def moment(self, moment: datetime) -> Any:
        return expressions.moment_literal(moment)

    def fold(self, column: Any) -> Any:
        return expressions.fold(column)

    def matches(self, column: Any, pattern: str) -> Any:
        return expressions.regexp_matches(column, pattern, "i")

    def local_day(self, column: Any) -> Any:
        """The day of a moment in the shop's time zone."""
        return local_time(column, self.when.zone).date()


class RowsTable(Frame):
    """The rows of one fact table in a shared pass.

    ``latest`` is the moment after which there are no rows; ``masks`` has the conditions already judged, by name,
    ``codes`` the columns of text that are at hand as numbers, by column.
    """

    def __init__(self, table: Any, fact: Fact, when: When, scope: Scope, *, latest: datetime | None = None,
                 masks: Mapping[str, Any] | None = None, codes: Mapping[str, Code] | None = None) -> None:
        super().__init__(when, scope.enter(fact))
        self.table = table
        self.fact = fact
        self.latest = latest
        self.masks = masks or {}
        self.codes = codes or {}

    @property
    def at(self) -> Any:
        return self.table["at"]

    def named(self, name: str) -> Any:
        return facts.column(self.table, self.scope.field(name), self.when.zone)

    def named_folded(self, name: str) -> Any:
        return facts.folded(self.table, self.scope.field(name), self.when.zone)

    def text_among(self, value: Value, texts: Sequence[str]) -> Any:
        asked = named_texts(value, texts)
        code = self.codes.get(coded_column(self.scope.field(asked[0]), self.fact) or "") if asked else None
        return code.among(self.table, texts) if code else super().text_among(value, texts)

    def meets(self) -> Any:
        """Which rows of the table are rows of the fact (unknown is not), None where all are."""
        if not self.fact.types:
            return None
        code = self.codes.get("type")
        of_type = code.among(self.table, self.fact.types) if code else \
            text_among(self.fold(self.table["type"]), self.fact.types)
        return of_type & facts.by_human(self.table)

    def where_mask(self, selection: Selection) -> Any:
        """What the selection asks of a row, its window aside, unknown where it is not met; None where nothing."""
        name = mask_name(selection, self.when)
        if name in self.masks:
            return self.masks[name]
        conditions = [c for c in (self.meets(),
                                  selection.where.predicate(self) if selection.where else None) if c is not None]
        return expressions.bare(ibis.and_(*conditions)) if conditions else None

    def picked(self, selection: Selection, when: When) -> Picked:
        """The rows of a selection as masks over the whole table."""
        base = self.meets()
        in_window = [*self._limits(selection.span(when)), *([base] if base is not None else [])]
        where = self.where_mask(selection)
        mask = [*self._limits(selection.span(when)), *([where] if where is not None else [])]
        column = self.named(selection.column) if selection.column else None
        folded, coded = None, None
        if selection.column:
            field = self.scope.field(selection.column)
            folded = self.named_folded(selection.column) if field.type is Type.TEXT else column
            coded = facts.coded(self.table, field)
        return Picked(self.table, _all(mask), _all(in_window), self.at, column, folded, coded)

    def _limits(self, span: Span) -> list[Any]:
        after, upto = span
        limits = [self.at > self.moment(after)] if after else []
        if upto is None or (self.latest is not None and self.latest <= upto):
            return limits
        return [*limits, self.at <= self.moment(upto)]


class PeopleTable(Frame):
    """One row a customer; also what features with a pass of their own are made from: ``limit`` restricts the customers
    looked at."""

    def __init__(self, table: Any, when: When, scope: Scope, limit: Callable[[Any], Any] = lambda rows: rows) -> None:
        super().__init__(when, scope)
        self.table = table
        self.limit = limit

    def named(self, name: str) -> Any:
        return self._kept(name)

    def feature(self, feature: Feature) -> Any:
        return self.table[feature.name]

    def _kept(self, name: str) -> Any:
        field_ = self.scope.field(name)
        return self.table[Feature(field_.name, field_.type, self.when).name]

    @property
    def exists(self) -> Any:
        known_since = self.table[KNOWN_SINCE]
        return known_since.isnull() | (known_since <= self.moment(self.when.now))

    def last_in(self, rank: Node) -> Any:
        return self.table[rank_name(rank, self.when)]

    def bit(self, column: str, place: int) -> Any:
        return expressions.bit(self.table[column], place)

    def in_segment(self, name: str) -> Any:
        return self.table[segment_name(self.scope.vocabulary, name, self.when)]

    def rows(self, fact: str, when: When) -> RowsTable:
        """All rows of a fact."""
        known = self.scope.vocabulary.fact(fact)
        return RowsTable(self.limit(facts.rows_of(known.table, frozenset(known.columns))), known, when,
                         Scope(self.scope.vocabulary))

    def picked(self, selection: Selection, when: When, scope: Scope) -> Picked:
        """The rows of a selection, for a pass of its own."""
        fact = selection.known_fact(scope)
        rows = self.limit(facts.rows_of(fact.table, selection.names(scope)))
        return RowsTable(rows, fact, when, Scope(scope.vocabulary)).picked(selection, when)

    def fold_literal(self, text: str) -> str:
        return fold(text)

    def later(self, column: Any, duration: Duration, when: When) -> Any:
        """A column of moments moved on by a duration: `regulars.model.clock.move` for a column."""
        if duration.unit in EXACT:
            length = EXACT[duration.unit] * float(duration.amount)
            return column + ibis.interval(microseconds=length // timedelta(microseconds=1))
        moved = local_time(column, when.zone) + ibis.interval(int(duration.amount), unit=duration.unit[0].upper())
        return from_local_time(moved, when.zone)


def _all(masks: Sequence[Any]) -> Any:
    return ibis.and_(*masks) if masks else None


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=10).hexdigest()


def mask_name(selection: Selection, when: When) -> str:
    """The name of a selection's condition on rows; with its moment only where the condition speaks of time."""
    where = selection.where
    moves = where is not None and any(isinstance(part, Window | Moment) for node in where.walk()
                                      for part in _fields(node))
    return "w_" + _digest(f"{selection.fact}\0{where.text() if where else ''}\0{when if moves else ''}")


def _fields(node: Node) -> Iterator[Any]:
    for _, value in node_fields(node):
        yield from value if isinstance(value, tuple) else (value,)


def rank_name(rank: Node, when: When) -> str:
    return "r_" + _digest(f"{rank.text()}\0{when}")


def segment_name(vocabulary: Vocabulary, name: str, when: When) -> str:
    return "s_" + _digest(f"{vocabulary.segment(name).text()}\0{when}")
