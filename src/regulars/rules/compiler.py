"""From trees to steps an engine can run: features in one pass for each fact table, then predicates over them.

A plan is a list of named steps, each the text of one Ibis expression over the shop's tables and earlier steps:
one step for each fact table read (all features on it together), one for each feature that needs a pass of its own,
`people` (one row a customer with all features), `ranked`, one for each depth of segments in segments, and the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

import ibis

from regulars.model.clock import EXACT
from regulars.model.tables import ACCOUNTS, CUSTOMERS
from regulars.model.types import Type
from regulars.rules import expressions, facts
from regulars.rules.constructs.functions import Picked
from regulars.rules.constructs.rank import Rank
from regulars.rules.constructs.segment import InSegment
from regulars.rules.constructs.selection import Selection
from regulars.rules.constructs.windows import Duration, Span, Window
from regulars.rules.features import AttributeFeature, FactFeature, Feature, OwnPassFeature
from regulars.rules.subjects import When, fold
from regulars.rules.tree import Condition, Moment, Node, Value, node_fields
from regulars.rules.vocabulary import Fact, Scope, Vocabulary

FEATURE_TYPES = facts.IBIS_TYPES | {Type.MONEY: "decimal(38, 4)", Type.DECIMAL: "decimal(38, 4)"}
KNOWN_SINCE = "known_since"


@dataclass(frozen=True)
class Question:
    """One rule at one moment."""

    rule: Condition
    when: When


@dataclass(frozen=True)
class Step:
    name: str
    expression: Any


@dataclass(frozen=True)
class Plan:
    """Steps in order; ``answer`` reads the last of them: ``customer_id`` and a boolean column a question."""

    steps: tuple[Step, ...]
    answer: Any
    features: tuple[Feature, ...]

    def sql(self, compile_: Callable[[Any], str], stage: Callable[[Sequence[tuple[str, str]], str], str]) -> str:
        """The whole as one statement of an engine."""
        return stage([(s.name, compile_(s.expression)) for s in self.steps], compile_(self.answer))


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

    def ranked(self, value: Value, *, descending: bool) -> tuple[Any, Any]:
        """Columns of the rank (from 1) and of how many are known."""
        raise TypeError(value.text())

    def in_segment(self, name: str) -> Any:
        raise TypeError(name)

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

    ``latest`` is the moment after which there are no rows; ``masks`` names the conditions already worked out as columns.
    """

    def __init__(self, table: Any, fact: Fact, when: When, scope: Scope, *, latest: datetime | None = None,
                 masks: frozenset[str] = frozenset()) -> None:
        super().__init__(when, scope.enter(fact))
        self.table = table
        self.fact = fact
        self.latest = latest
        self.masks = masks

    @property
    def at(self) -> Any:
        return self.table["at"]

    def named(self, name: str) -> Any:
        return facts.column(self.table, self.scope.field(name))

    def named_folded(self, name: str) -> Any:
        return facts.folded(self.table, self.scope.field(name))

    def where_mask(self, selection: Selection) -> Any:
        """What the selection asks of a row, its window aside; None where nothing."""
        name = mask_name(selection, self.when)
        if name in self.masks:
            return self.table[name]
        conditions = [c for c in (facts.meets(self.table, self.fact),
                                  selection.where.predicate(self) if selection.where else None) if c is not None]
        return ibis.and_(*conditions) if conditions else None

    def picked(self, selection: Selection, when: When) -> Picked:
        """The rows of a selection as masks over the whole table."""
        base = None if not self.fact.types else facts.meets(self.table, self.fact)
        in_window = [*self._limits(selection.span(when)), *([base] if base is not None else [])]
        where = self.where_mask(selection)
        mask = [*self._limits(selection.span(when)), *([where] if where is not None else [])]
        column = self.named(selection.column) if selection.column else None
        folded = None
        if selection.column:
            text = self.scope.field(selection.column).type is Type.TEXT
            folded = self.named_folded(selection.column) if text else column
        return Picked(self.table, _all(mask), _all(in_window), self.at, column, folded)

    def _limits(self, span: Span) -> list[Any]:
        after, upto = span
        limits = [self.at > self.moment(after)] if after else []
        if upto is None or (self.latest is not None and self.latest <= upto):
            return limits
        return [*limits, self.at <= self.moment(upto)]


class PeopleTable(Frame):
    """One row a customer; also what features with a pass of their own are made from."""

    def __init__(self, table: Any, when: When, scope: Scope) -> None:
        super().__init__(when, scope)
        self.table = table

    def at_moment(self, when: When) -> PeopleTable:
        return PeopleTable(self.table, when, self.scope)

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

    def ranked(self, value: Value, *, descending: bool) -> tuple[Any, Any]:
        name = rank_name(value, self.when, descending)
        return self.table[name], self.table[name + "_known"]

    def in_segment(self, name: str) -> Any:
        return self.table[segment_name(self.scope.vocabulary, name, self.when)]

    def rows(self, fact: str, when: When) -> RowsTable:
        """All rows of a fact."""
        known = self.scope.vocabulary.fact(fact)
        return RowsTable(facts.rows_of(known.table, frozenset(known.columns)), known, when,
                         Scope(self.scope.vocabulary))

    def picked(self, selection: Selection, when: When, scope: Scope) -> Picked:
        """The rows of a selection, for a pass of its own."""
        fact = selection.known_fact(scope)
        rows = facts.rows_of(fact.table, selection.names(scope))
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


def local_time(column: Any, zone: ZoneInfo) -> Any:
    """A column of UTC moments as wall time."""
    return expressions.at_zone(zone.key, column.cast("timestamp('UTC')"))


def from_local_time(column: Any, zone: ZoneInfo) -> Any:
    """A column of wall times as UTC; a wall time that happens twice means the first."""
    last = expressions.from_zone(zone.key, column).cast("timestamp(6)")
    moments = last
    for step in fallback_steps(zone):
        earlier = last - ibis.interval(seconds=step)
        moments = (local_time(earlier, zone) == column).ifelse(earlier, moments)
    return moments


def fallback_steps(zone: ZoneInfo) -> list[int]:
    """By how many seconds the zone's clocks have been set back, 1970 to 2040."""
    steps = set()
    day = datetime(1970, 1, 1)
    while day.year < 2040:
        following = day + timedelta(days=7)
        before, after = (d.replace(tzinfo=zone).utcoffset() or timedelta() for d in (day, following))
        if after < before:
            steps.add(int((before - after).total_seconds()))
        day = following
    return sorted(steps)


def _all(masks: Sequence[Any]) -> Any:
    return ibis.and_(*masks) if masks else ibis.literal(True)


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


def rank_name(value: Value, when: When, descending: bool) -> str:
    return "r_" + _digest(f"{value.text()}\0{when}\0{descending}")


def segment_name(vocabulary: Vocabulary, name: str, when: When) -> str:
    return "s_" + _digest(f"{vocabulary.segment(name).text()}\0{when}")


@dataclass
class Compiler:
    """Compiles questions together, so that each distinct feature is worked out once.

    ``kept`` names features that a table ``kept_as`` already holds (with ``customer_id`` and ``known_since``).
    ``only`` restricts everything to the customers of a table by that name with a column ``customer_id``.
    """

    vocabulary: Vocabulary
    questions: Mapping[str, Question]
    kept: frozenset[str] = frozenset()
    kept_as: str = "kept_features"
    only: str | None = None
    _segments: dict[str, tuple[str, When]] = field(default_factory=dict)

    @property
    def scope(self) -> Scope:
        return Scope(self.vocabulary)

    def plan(self) -> Plan:
        """The steps and the answer; the trees must have been checked."""
        rules = self._all_rules()
        features = self._features(rules)
        missing = [f for f in features if f.name not in self.kept]
        passes = [*self._shared_passes(missing), *self._own_passes(missing)]
        people = Step("people", self._people(features, missing, passes))
        steps = [*passes, people]
        steps += self._ranked(steps[-1], rules)
        steps += self._levels(steps[-1])
        return Plan(tuple(steps), self._answer(steps[-1]), tuple(features))

    def features_plan(self) -> Plan:
        """One row a customer with every feature the questions need: what is worth keeping."""
        features = self._features(self._all_rules())
        passes = [*self._shared_passes(features), *self._own_passes(features)]
        return Plan(tuple(passes), self._people(features, features, passes), tuple(features))

    def _all_rules(self) -> list[tuple[Condition, When]]:
        """The rules asked for and, at the same moments, every segment they lean on."""
        rules = [(q.rule, q.when) for q in self.questions.values()]
        seen: set[str] = set()
        for rule, when in rules:
            for node in rule.walk():
                if isinstance(node, InSegment):
                    column = segment_name(self.vocabulary, node.name, when)
                    if column not in seen:
                        seen.add(column)
                        self._segments[column] = (node.name, when)
                        rules.append((self.vocabulary.segment(node.name), when))
        return rules

    def _features(self, rules: Sequence[tuple[Condition, When]]) -> list[Feature]:
        found: dict[str, Feature] = {}
        for rule, when in rules:
            for node in rule.walk():
                for feature in node.features(when, self.scope):
                    found.setdefault(feature.name, feature)
        return list(found.values())

    def _shared_passes(self, features: Sequence[Feature]) -> list[Step]:
        on_facts = sorted((f for f in features if isinstance(f, FactFeature)), key=lambda f: f.fact.table)
        return [Step(f"{table}_pass", self._pass(table, list(group)))
                for table, group in groupby(on_facts, key=lambda f: f.fact.table)]

    def _pass(self, table: str, features: Sequence[FactFeature]) -> Any:
        """All features on one table: limit the rows once, name each distinct condition once, group once."""
        names = frozenset().union(*(f.selection.names(self.scope) for f in features))
        rows = self._only(facts.rows_of(table, names))
        latest = max(f.when.now for f in features)
        rows = rows.filter(rows["at"] <= expressions.moment_literal(latest))
        if all(f.earliest for f in features):
            rows = rows.filter(rows["at"] > expressions.moment_literal(min(f.earliest for f in features)))
        masks = self._masks(rows, features)
        rows = rows.mutate(**masks) if masks else rows
        aggregates = {f.name: f.reduce(RowsTable(rows, f.fact, f.when, self.scope, latest=latest,
                                                 masks=frozenset(masks))).cast(FEATURE_TYPES[f.type])
                      for f in features}
        return rows.group_by("customer_id").aggregate(**aggregates)

    def _masks(self, rows: Any, features: Sequence[FactFeature]) -> dict[str, Any]:
        """Each distinct condition on the rows, by name."""
        found: dict[str, Any] = {}
        for each in features:
            name = mask_name(each.selection, each.when)
            if name not in found:
                found[name] = RowsTable(rows, each.fact, each.when, self.scope).where_mask(each.selection)
        return {name: mask for name, mask in found.items() if mask is not None}

    def _only(self, rows: Any) -> Any:
        if self.only is None:
            return rows
        touched = ibis.table({"customer_id": "string"}, name=self.only)
        return rows.semi_join(touched, "customer_id")

    def _own_passes(self, features: Sequence[Feature]) -> list[Step]:
        own = [f for f in features if isinstance(f, OwnPassFeature)]
        return [Step(f"{f.name}_pass", self._own(f)) for f in own]

    def _own(self, feature: OwnPassFeature) -> Any:
        made = feature.make(PeopleTable(None, feature.when, self.scope))
        return made.select("customer_id", **{feature.name: made["value"].cast(FEATURE_TYPES[feature.type])})

    def _people(self, features: Sequence[Feature], missing: Sequence[Feature], passes: Sequence[Step]) -> Any:
        """One row a customer: kept features, attributes, and the outcome of each pass, with 0 for counts of nothing."""
        if not missing and self.kept:
            return self._kept_table(features)
        people = self._only(self._customers(missing))
        base = people.select("customer_id", **{KNOWN_SINCE: _known_since(people)}, **self._attributes(people, missing))
        at_hand = [f for f in features if f.name in self.kept]
        if at_hand:
            base = _joined(base, self._kept_table(at_hand).drop(KNOWN_SINCE))
        for step in passes:
            base = _joined(base, ibis.table(_schema_of(step.expression), name=step.name))
        filled = {f.name: ibis.coalesce(base[f.name], f.nothing) for f in missing
                  if isinstance(f, FactFeature | OwnPassFeature) and f.nothing is not None}
        return base.mutate(**filled) if filled else base

    def _kept_table(self, features: Sequence[Feature]) -> Any:
        columns = {"customer_id": "string", KNOWN_SINCE: "timestamp(6)",
                   **{f.name: FEATURE_TYPES[f.type] for f in features}}
        table = ibis.table(columns, name=self.kept_as)
        return self._only(table)

    def _customers(self, features: Sequence[Feature]) -> Any:
        """Customers with the columns of their account and scores that are asked for."""
        asked = [f.held for f in features if isinstance(f, AttributeFeature)]
        own = {h.column: h.type for h in asked if h.holder == "customers" and CUSTOMERS.column(h.column) is None}
        people = facts.unbound(CUSTOMERS, own)
        if any(h.holder == "accounts" for h in asked):
            accounts = facts.unbound(ACCOUNTS).select(the_account="account_id", **{
                h.name: ibis._[h.column] for h in asked if h.holder == "accounts"})
            people = people.left_join(accounts, people["account_id"] == accounts["the_account"])
        scores = {h.column: facts.IBIS_TYPES[h.type] for h in asked if h.holder == "scores"}
        if scores:
            people = _joined(people, ibis.table({"customer_id": "string", **scores}, name="scores"))
        return people

    def _attributes(self, people: Any, features: Sequence[Feature]) -> dict[str, Any]:
        found = {}
        for each in features:
            if isinstance(each, AttributeFeature):
                column = people[each.held.name if each.held.holder == "accounts" else each.held.column]
                column = each.derive(column, each.when) if each.derive else column
                found[each.name] = column.cast(FEATURE_TYPES[each.type])
        return found

    def _ranked(self, last: Step, rules: Sequence[tuple[Condition, When]]) -> list[Step]:
        people = _read(last)
        columns: dict[str, Any] = {}
        for rule, when in rules:
            for node in rule.walk():
                if isinstance(node, Rank):
                    columns |= self._rank_columns(PeopleTable(people, when, self.scope), node)
        return [Step("ranked", people.mutate(**columns))] if columns else []

    def _rank_columns(self, people: PeopleTable, node: Rank) -> dict[str, Any]:
        value = people.exists.ifelse(node.value.column(people), None)
        order = ibis.desc(value, nulls_first=False) if node.end == "top" else ibis.asc(value, nulls_first=False)
        name = rank_name(node.value, people.when, node.end == "top")
        return {name: ibis.rank().over(order_by=order) + 1, name + "_known": value.count().over()}

    def _levels(self, last: Step) -> list[Step]:
        """Segments that others lean on, in order of dependency."""
        steps: list[Step] = []
        done: set[str] = set()
        while len(done) < len(self._segments):
            ready = {c: nw for c, nw in self._segments.items() if c not in done and self._needs(*nw) <= done}
            people = _read(steps[-1] if steps else last)
            columns = {}
            for column, (name, when) in ready.items():
                frame = PeopleTable(people, when, self.scope)
                columns[column] = self.vocabulary.segment(name).predicate(frame) & frame.exists
            steps.append(Step(f"level_{len(steps)}", people.mutate(**columns)))
            done |= set(ready)
        return steps

    def _needs(self, name: str, when: When) -> set[str]:
        return {segment_name(self.vocabulary, n.name, when) for n in self.vocabulary.segment(name).walk()
                if isinstance(n, InSegment)}

    def _answer(self, last: Step) -> Any:
        people = _read(last)
        columns = {}
        for name, question in self.questions.items():
            frame = PeopleTable(people, question.when, self.scope)
            columns[name] = question.rule.predicate(frame) & frame.exists
        return people.select("customer_id", **columns)


def _known_since(people: Any) -> Any:
    derived = (~ibis.coalesce(people["described"], False)).ifelse(people["first_seen"], None)
    return ibis.coalesce(people["at"], people["signed_up_at"], derived)


def _read(step: Step) -> Any:
    return ibis.table(_schema_of(step.expression), name=step.name)


def _schema_of(expression: Any) -> Any:
    return expression.schema()


def _joined(left: Any, right: Any) -> Any:
    renamed = right.rename(the_customer="customer_id")
    return left.left_join(renamed, left["customer_id"] == renamed["the_customer"]).drop("the_customer")


__all__ = ["Compiler", "Frame", "PeopleTable", "Plan", "Question", "RowsTable", "Step"]
