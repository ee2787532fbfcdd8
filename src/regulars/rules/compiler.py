"""From trees to steps an engine can run: features in one pass for each fact table, then predicates over them.

A plan is a list of named steps, each the text of one Ibis expression over the shop's tables and earlier steps:
one step for each fact table read (all features on it together), one for each feature that needs a pass of its own,
`people` (one row a customer with all features), `ranked`, one for each depth of segments in segments, and the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from regulars.model.later import later
from regulars.model.tables import ACCOUNTS, CUSTOMERS
from regulars.rules import expressions, facts
from regulars.rules.constructs.rank import Rank
from regulars.rules.constructs.segment import InSegment
from regulars.rules.existence import Existence
from regulars.rules.features import AttributeFeature, FactFeature, Feature, OwnPassFeature
from regulars.rules.frames import FEATURE_TYPES, KNOWN_SINCE, PeopleTable, rank_name, segment_name
from regulars.rules.judging import Judged, Judging
from regulars.rules.passes import shared_pass
from regulars.rules.subjects import When
from regulars.rules.tree import Condition, Value
from regulars.rules.vocabulary import Scope, Vocabulary

ibis = later("ibis")
DESCRIBED = "described"


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


@dataclass
class Compiler:
    """Compiles questions together, so that each distinct feature is worked out once.

    ``kept`` names features that a table ``kept_as`` already holds (with ``customer_id`` and ``known_since``). With
    ``columns`` it holds them by these names, for everybody looked at, and not since when they are known.
    ``only`` restricts everything to the customers of a table by that name with a column ``customer_id``.
    """

    vocabulary: Vocabulary
    questions: Mapping[str, Question]
    kept: frozenset[str] = frozenset()
    kept_as: str = "kept_features"
    only: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    _segments: dict[str, tuple[str, When]] = field(default_factory=dict)
    _existence: Existence = field(init=False)
    _judging: Judging = field(init=False)

    def __post_init__(self) -> None:
        self._existence = Existence([], self.kept, self.scope)
        self._judging = Judging({}, self.scope)

    @property
    def scope(self) -> Scope:
        return Scope(self.vocabulary)

    def plan(self) -> Plan:
        """The steps and the answer; the trees must have been checked."""
        return self._plan(early=True)

    def _plan(self, *, early: bool) -> Plan:
        """``early``: each condition is judged as soon as its features are known, and they go no further."""
        rules = self._all_rules()
        self._existence = Existence(rules if early else [], self.kept, self.scope)
        features = self._features([(self._existence.lowered(rule, when), when) for rule, when in rules])
        missing = [f for f in features if f.name not in self.kept]
        self._judging = Judging(_homes(missing) if early else {}, self.scope)
        lowered = [(self._lowered(rule, when), when) for rule, when in rules]
        read = self._features(lowered)
        passes = self._passes(missing, read) if missing or self.columns or not self.kept else []
        people = Step("people", self._existing(self._people(read, passes)))
        steps = [*passes, people]
        steps += self._ranked(steps[-1], lowered)
        steps += self._levels(steps[-1])
        return Plan(tuple(steps), self._answer(steps[-1]), tuple(features))

    def features_plan(self, *, narrow: bool) -> Plan:
        """One row a customer with every feature the questions need: what is worth keeping.

        With ``narrow`` sums are as wide as money, which is read thirty times quicker; the engine refuses one too large.
        """
        features = self._features(self._all_rules())
        passes = self._passes(features, features)
        people = self._people(features, passes)
        if narrow:
            people = people.mutate(**{f.name: people[f.name].cast(facts.IBIS_TYPES[f.type]) for f in features
                                      if FEATURE_TYPES[f.type] != facts.IBIS_TYPES[f.type]})
        return Plan(tuple(passes), people, tuple(features))

    def columns_plan(self, features: Mapping[str, Feature], whom: str) -> Plan:
        """A row for each customer of the table ``whom`` with these features of rows, by column."""
        asked = list(features.values())
        passes = [*self._shared_passes(asked), *self._own_passes(asked)]
        people = _joined(ibis.table({"customer_id": "string"}, name=whom), *map(_read, passes))
        filled = _filled(people, asked)
        people = people.mutate(**filled) if filled else people
        columns = {column: people[feature.name] for column, feature in features.items()}
        return Plan(tuple(passes), people.select("customer_id", **columns), tuple(asked))

    def values_plan(self, values: Mapping[str, Value | Condition], when: When) -> Plan:
        """One row a customer who exists with a column a value: null where unknown, numbers as doubles.

        ``questions`` must ask, at ``when``, of each value whether it is known, and each condition itself.
        """
        plan = self._plan(early=False)
        people = _read(plan.steps[-1])
        frame = PeopleTable(people, when, self.scope)
        columns = {name: value.predicate(frame) if isinstance(value, Condition) else _plain(value.column(frame))
                   for name, value in values.items()}
        return Plan(plan.steps, people.select("customer_id", **columns), plan.features)

    def _lowered(self, rule: Condition, when: When) -> Condition:
        """The rule in the words of what the passes work out."""
        return self._judging.lowered(self._existence.lowered(rule, when), when)

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
        return [Step(_pass_over(table), shared_pass(table, list(group), self.scope, self._only))
                for table, group in groupby(on_facts, key=lambda f: f.fact.table)]

    def _only(self, rows: Any) -> Any:
        if self.only is None:
            return rows
        touched = ibis.table({"customer_id": "string"}, name=self.only)
        # No id is empty: the engine makes a filter for the other side of such keys alone as are themselves filtered.
        return rows.semi_join(touched.filter(touched.customer_id != ""), "customer_id")

    def _own_passes(self, features: Sequence[Feature]) -> list[Step]:
        own = [f for f in features if isinstance(f, OwnPassFeature)]
        return [Step(f"{f.name}_pass", self._own(f)) for f in own]

    def _own(self, feature: OwnPassFeature) -> Any:
        made = feature.make(PeopleTable(None, feature.when, self.scope, self._only))
        return made.select("customer_id", **{feature.name: made["value"].cast(FEATURE_TYPES[feature.type])})

    def _people(self, features: Sequence[Feature], passes: Sequence[Step]) -> Any:
        """One row a customer: kept features, and the outcome of each pass, filled for who has no row in it."""
        if not passes:
            return self._kept_table(features, since=True)
        at_hand = [f for f in features if f.name in self.kept]
        kept = [self._kept_table(at_hand, since=False)] if at_hand else []
        base = _joined(_read(passes[0]), *kept, *map(_read, passes[1:]))
        missing = [f for f in features if f.name not in self.kept]
        bits = {column: ibis.coalesce(base[column], expressions.whole(number)) for step in passes[1:]
                for column, number in self._judging.otherwise(step.name).items()}
        filled = _filled(base, missing) | bits
        return base.mutate(**filled) if filled else base

    def _passes(self, missing: Sequence[Feature], read: Sequence[Feature]) -> list[Step]:
        """Everybody with their attributes, then one step a pass; what is ``read`` later and what is judged there."""
        steps = [self._described(missing), *self._shared_passes(missing), *self._own_passes(missing)]
        return [Step(step.name, self._outcome(step, missing, {f.name for f in read})) for step in steps]

    def _outcome(self, step: Step, missing: Sequence[Feature], read: set[str]) -> Any:
        rows = step.expression
        filled = _filled(rows, [f for f in missing if f.name in rows.columns])
        rows = rows.mutate(**filled) if filled else rows
        carried = [name for name in rows.columns if name in read or name in ("customer_id", KNOWN_SINCE)]
        return rows.select(*carried, **self._judging.bits(step.name, rows))

    def _described(self, missing: Sequence[Feature]) -> Step:
        """Everybody with their attributes: a step of its own, so that what is joined to it joins a plain table."""
        people = self._only(self._customers(missing))
        return Step(DESCRIBED, people.select("customer_id", **{KNOWN_SINCE: _known_since(people)},
                                               **self._attributes(people, missing)))

    @property
    def _one_moment(self) -> When | None:
        """The moment all questions are of, None where they differ."""
        moments = {q.when for q in self.questions.values()}
        return next(iter(moments)) if len(moments) == 1 else None

    def _existing(self, people: Any) -> Any:
        """Only who exists, where all questions are of one moment; else `_member` asks it of each."""
        when = self._one_moment
        return people.filter(PeopleTable(people, when, self.scope).exists) if when else people

    def _member(self, rule: Condition, frame: PeopleTable) -> Any:
        """Whether the rule is true of somebody who exists."""
        predicate = rule.predicate(frame)
        return predicate if self._one_moment else predicate & frame.exists

    def _kept_table(self, features: Sequence[Feature], *, since: bool) -> Any:
        """A row a customer with features that are kept; ``since``: and since when they are known."""
        names = {f.name: self.columns.get(f.name, f.name) for f in features}
        own = {"customer_id": "string"} | ({KNOWN_SINCE: "timestamp(6)"} if since else {})
        table = ibis.table(own | {names[f.name]: FEATURE_TYPES[f.type] for f in features}, name=self.kept_as)
        return self._only(table).select(*own, **{name: ibis._[column] for name, column in names.items()})

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
        """A step of one row for each rank, and everybody with the values at which the ranks end."""
        people = _read(last)
        ends: dict[str, Step] = {}
        for rule, when in rules:
            frame = PeopleTable(people, when, self.scope)
            for node in rule.walk():
                if isinstance(node, Rank):
                    value = frame.exists.ifelse(node.value.column(frame), None)
                    name = rank_name(node, when)
                    ends[name] = Step(f"{name}_step", node.last_in(people, value).rename({name: "last"}))
        if ends and self.only:
            raise ValueError("a rank is among everybody: it cannot be asked of some customers only")
        ranked = people
        for step in ends.values():
            ranked = ranked.cross_join(_read(step))
        return [*ends.values(), Step("ranked", ranked)] if ends else []

    def _levels(self, last: Step) -> list[Step]:
        """Segments that others lean on, in order of dependency, carrying along only what is read later."""
        steps: list[Step] = []
        reads = {column: self._reads(self._segment(name, when), when)
                 for column, (name, when) in self._segments.items()}
        asked = {"customer_id", KNOWN_SINCE}.union(
            *(self._reads(self._lowered(q.rule, q.when), q.when) for q in self.questions.values()))
        left = dict(self._segments)
        while left:
            ready = {c: nw for c, nw in left.items() if not reads[c] & left.keys()}
            left = {c: nw for c, nw in left.items() if c not in ready}
            later = asked.union(*(reads[c] for c in left))
            people = _read(steps[-1] if steps else last)
            kept = [c for c in people.columns if c in later]
            steps.append(Step(f"level_{len(steps)}", people.select(*kept, **self._judged(ready, people))))
        return steps

    def _judged(self, segments: Mapping[str, tuple[str, When]], people: Any) -> dict[str, Any]:
        return {column: self._member(self._segment(name, when), PeopleTable(people, when, self.scope))
                for column, (name, when) in segments.items()}

    def _segment(self, name: str, when: When) -> Condition:
        return self._lowered(self.vocabulary.segment(name), when)

    def _reads(self, rule: Condition, when: When) -> set[str]:
        """The columns of one row a customer that a rule reads."""
        names: set[str] = set()
        for node in rule.walk():
            names |= {f.name for f in node.features(when, self.scope)}
            if isinstance(node, Judged):
                names.add(node.column)
            if isinstance(node, Rank):
                names.add(rank_name(node, when))
            if isinstance(node, InSegment):
                names.add(segment_name(self.vocabulary, node.name, when))
        return names

    def _answer(self, last: Step) -> Any:
        people = _read(last)
        columns = {}
        for name, question in self.questions.items():
            frame = PeopleTable(people, question.when, self.scope)
            columns[name] = self._member(self._lowered(question.rule, question.when), frame)
        return people.select("customer_id", **columns)


def _pass_over(table: str) -> str:
    return f"{table}_pass"


def _homes(features: Sequence[Feature]) -> dict[str, str]:
    """Which step works a feature out, of those that judge conditions: its name -> the step's."""
    homes = {f.name: DESCRIBED for f in features if isinstance(f, AttributeFeature)}
    return homes | {f.name: _pass_over(f.fact.table) for f in features if isinstance(f, FactFeature)}


def _filled(rows: Any, features: Sequence[Feature]) -> dict[str, Any]:
    """Features of which nothing is something, such as 0."""
    return {f.name: ibis.coalesce(rows[f.name], f.nothing) for f in features
            if isinstance(f, FactFeature | OwnPassFeature) and f.nothing is not None}


def _plain(column: Any) -> Any:
    return column.cast("float64") if column.type().is_numeric() else column


def _known_since(people: Any) -> Any:
    derived = (~ibis.coalesce(people["described"], False)).ifelse(people["first_seen"], None)
    return ibis.coalesce(people["at"], people["signed_up_at"], derived)


def _read(step: Step) -> Any:
    return ibis.table(_schema_of(step.expression), name=step.name)


def _schema_of(expression: Any) -> Any:
    return expression.schema()


def _joined(people: Any, *sides: Any) -> Any:
    """People with the columns of each side, in one flat chain: joins nested in each other end at a hundred or so."""
    if not sides:
        return people
    chain, columns = people, {name: people[name] for name in people.columns}
    for i, side in enumerate(sides):
        own = side.rename({f"customer_{i}": "customer_id"})
        chain = chain.left_join(own, people["customer_id"] == own[f"customer_{i}"])
        columns |= {name: own[name] for name in own.columns if name != f"customer_{i}"}
    return chain.select(**columns)


__all__ = ["Compiler", "Plan", "Question", "Step"]
