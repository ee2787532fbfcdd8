"""A look at who is in: at those alone whom new facts or the passing of time can have moved, or at everybody.

Looked at are the customers whose facts changed since the look before, and those with a row that an edge of a window in
use has passed since then (`regulars.rules.passing`). Everybody is looked at for a segment that is new, that has another
rule, or that hangs on everybody's values: a rank, by the schedule that is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType

import pyarrow as pa

from regulars.engines.duckdb import DuckDBEngine
from regulars.errors import LookedAtLater
from regulars.model.clock import TICK
from regulars.rules import Compiler, Condition, Question, When, fold
from regulars.rules.constructs.segment import InSegment
from regulars.rules.passing import Edge, may_turn, passing, whole
from regulars.rules.turning import people_turned, rows_turned
from regulars.segments import memberships
from regulars.segments.agenda import Agenda
from regulars.segments.compiled import COMPILED
from regulars.segments.crossed import CROSSED, KNOWN_SINCE, Crossing, Passed, passed
from regulars.segments.dating import Dating, Turn, by_customer
from regulars.segments.evaluate import Evaluator
from regulars.segments.extracting import FEW, extract, hiding, read_columns
from regulars.segments.kept import facts_version, kept_features
from regulars.segments.kept_values import KEPT_NOW, TABLE, VALUES, KeptValues, keep_values
from regulars.segments.memberships import Movement
from regulars.segments.plain_dating import date_plain
from regulars.segments.refusals import why
from regulars.segments.standing import Standing, by_other_settings

RANKS_EVERY = timedelta(minutes=15)
LOOKED_AT, HEARD, TURNED, TOLD = "look_at", "look_heard", "look_turned", "look_told"


class Look:
    """One look at ``now``; everything happens inside the caller's transaction."""

    def __init__(self, evaluator: Evaluator, now: datetime, *, ranks_every: timedelta = RANKS_EVERY,
                 agenda: Agenda | None = None) -> None:
        self.evaluator = evaluator
        self.engine = evaluator.engine
        self.now = evaluator.when(now)
        self.vocabulary = evaluator.vocabulary()
        self.ranks_every = ranks_every
        self.agenda = agenda

    def take(self, segments: Sequence[Standing]) -> list[Movement]:
        """Who came and went, a `Movement` for each segment that was looked at."""
        self.facts, self.elsewhere = facts_version(self.engine), by_other_settings(self.engine, self.evaluator.settings)
        self.values, self.of_everybody = KeptValues(self.engine, self.vocabulary, self.now), False
        self.planned = self.renewed = False
        trees = {s.name: s.tree for s in segments if s.tree is not None}
        self.passing = {name: passing(tree, self.vocabulary) for name, tree in trees.items()}
        memberships.make_dated(self.engine)
        fit = [s for s in segments if s.tree is not None]
        afresh = self._afresh(fit)
        ranks = {s.name for s in fit if self.passing[s.name].of_all} - afresh
        steady = [s for s in fit if s.name not in afresh | ranks]
        at_large = [s for s in fit if s.name in afresh or (s.name in ranks and self._is_due(s))]
        if steady:
            self._steady(steady, trees, ranks)
        if at_large:
            self._at_large(at_large, trees)
        memberships.write(self.engine, self.now.now)
        if self.of_everybody or (afresh and not steady):
            self.keep_values(fit)
        looked = [*steady, *at_large]
        self._note(segments, looked)
        return self._movements(looked)

    def agree(self) -> None:
        """The transaction of `take` is over: what it planned is there, what it did not keep up is no plan any more."""
        if self.agenda is not None:
            self.agenda.agree(self.facts if self.planned else None)

    def keep_up(self) -> None:
        """Keep what `take` worked out anew, in a transaction of its own: writing it takes up to a quarter of a look,
        and memberships need not wait for it. Whoever is stopped in between leaves values of the look before, which no
        look takes for its own."""
        if self.renewed:
            with self.engine.transaction():
                self.values.keep()
                self.values.note(self.facts)

    def compare(self, segments: Sequence[Standing]) -> list[Movement]:
        """Look at everybody just after a look at few: whom it finds to come or go was missed, and is put right;
        how many are in is counted anew."""
        memberships.make_dated(self.engine)
        fit = [s for s in segments if s.tree is not None]
        if fit:
            self._ask(fit, {s.name: s.tree for s in fit if s.tree is not None}, "")
            self.engine.execute("INSERT INTO look_dated SELECT *, ?, ? FROM look_moved",
                                [self.now.now, memberships.REPAIR])
        memberships.write(self.engine, self.now.now)
        return self._movements([replace(s, members=None) for s in fit])

    def keep_values(self, segments: Sequence[Standing]) -> None:
        """Keep anew what the segments ask of everybody's rows, for the looks to come."""
        keep_values(self.engine, self.vocabulary, {s.name: s.tree for s in segments if s.tree is not None}, self.now,
                    facts_version(self.engine))

    def _afresh(self, fit: Sequence[Standing]) -> set[str]:
        """Segments never looked at under the rule they have, or leaning on such a one, or left out by the last look."""
        latest = max((s.looked_at for s in fit if s.looked_at), default=None)
        new = {fold(s.name) for s in fit if s.looked_at is None or s.looked_version != s.version}
        new |= {fold(s.name) for s in fit if s.looked_at != latest and not self.passing[s.name].of_all}
        return {s.name for s in fit if s.tree is not None and
                ({fold(s.name)} | self._leaned_on(s.tree)) & new}

    def _leaned_on(self, tree: Condition) -> set[str]:
        return {fold(node.name) for each in whole(tree, self.vocabulary) for node in each.walk()
                if isinstance(node, InSegment)}

    def _is_due(self, segment: Standing) -> bool:
        return segment.looked_at is None or self.now.now - segment.looked_at >= self.ranks_every

    def _steady(self, segments: Sequence[Standing], trees: Mapping[str, Condition], ranks: Set[str]) -> None:
        """Look at whom facts or time can have moved, and say when they did; keep up what ``ranks`` ask."""
        before = When(segments[0].looked_at or self.now.now, self.now.zone)
        self.of_everybody = self._hear(segments[0].facts, before)
        if not self.of_everybody:
            kept_up = {name: trees[name] for name in sorted({s.name for s in segments} | ranks)}
            self.values = KeptValues.at_hand(self.engine, self.vocabulary, before, segments[0].facts, self.now, kept_up,
                                             self.passing)
        edges = sorted(self.values.edges.union(*(self.passing[s.name].edges for s in segments)),
                       key=lambda e: (e.fact, e.key))
        self._turn(segments, before)
        if self.of_everybody:
            self._ask(segments, trees, "")
            self._cross_moved(edges, before)
        else:
            people = self._find(edges, before, segments[0].facts)
            if not people:
                self.values.note(self.facts)
                return
            self._ask_few(segments, trees, edges, before, people)
        self._date(Dating(self.engine, self.vocabulary, before, self.now, trees,
                          {s.name: self.passing[s.name] for s in segments}, edges))

    def _ask_few(self, segments: Sequence[Standing], trees: Mapping[str, Condition], edges: Sequence[Edge],
                 before: When, people: int) -> None:
        """Ask those looked at: by the values kept of them where these answer, of their rows where they do not."""
        kept = [s for s in segments if s.name in self.values.trees]
        others = [s for s in segments if s.name not in self.values.trees]
        changed = self.values.find_changed(edges, HEARD, self.told) if kept else {}
        sources = self._extract([trees[s.name] for s in others], edges, changed) if people <= FEW else {}
        self._cross_heard(edges, before, sources)
        if kept:
            self.values.renew(LOOKED_AT, sources)
            self._ask_values(kept, trees)
        # Of a few everything is asked: compiling another choice of segments each time takes longer than asking.
        asked = [(LOOKED_AT, others)] if people <= FEW else self._whom_to_ask(others, edges, before)
        for among, some in asked:
            if some:
                self._ask(some, trees, among, sources)

    def _extract(self, others: Sequence[Condition], edges: Sequence[Edge],
                 changed: Mapping[str, str]) -> dict[str, str]:
        """The rows to be read, as temp tables: of all looked at for ``others``, and of the tables ``changed`` of those
        whom the table named with each says: of whom the values kept may be others."""
        kept = [*self.values.trees.values(), *self.values.ranked.values()]
        again = read_columns(kept, edges, self.vocabulary) if kept else {}
        read = read_columns(others, edges, self.vocabulary) if others else {}
        of_all = {table: columns | again.get(table, set()) for table, columns in read.items()}
        found = extract(self.engine, of_all, LOOKED_AT)
        for table in changed.keys() - read.keys():
            found |= extract(self.engine, {table: again[table]}, changed[table])
        return found

    def _hear(self, facts: int | None, before: When) -> bool:
        """Fill ``heard`` with who changed since, and when the shop last learnt of it; whether everybody may have."""
        first, upto = (-1 if facts is None else facts) + 1, self.facts
        said, self.told = self._told(first, upto)
        earliest = min(before.now + TICK, self.now.now)
        self.engine.execute(f"CREATE OR REPLACE TEMP TABLE {HEARD} AS SELECT coalesce(customer_id, '') AS customer_id, "
                            "least(greatest(coalesce(max(\"at\"), $4), $3), $4) AS heard FROM changed_customers "
                            "WHERE facts_version BETWEEN $1 AND $2 GROUP BY 1",
                            [first, upto, earliest, self.now.now])
        if facts is None or facts < 0:
            return True
        if said < upto - first + 1 or self.elsewhere:
            self.engine.execute(f"INSERT INTO {HEARD} VALUES ('', ?)", [self.now.now])
        return bool(self.engine.rows(f"SELECT 1 FROM {HEARD} WHERE customer_id = '' LIMIT 1"))

    def _told(self, first: int, upto: int) -> tuple[int, frozenset[str] | None]:
        """Of how many of these states of the facts it is known whose changed, and in which tables (None: in any)."""
        (said, any_table, tables), = self.engine.rows(
            "SELECT count(DISTINCT facts_version), coalesce(bool_or(tables IS NULL), false), "
            "list_distinct(flatten(list(tables))) FROM changed_customers WHERE facts_version BETWEEN ? AND ?",
            [first, upto])
        return said, None if any_table else frozenset(tables or ())

    def _turn(self, segments: Sequence[Standing], before: When) -> None:
        """Fill ``turned`` with those of whom a condition on attributes or rows by their own times turned, or who came
        to exist."""
        conditions = may_turn({c for s in segments for c in self.passing[s.name].attributes}, before, self.now)
        self.engine.execute(f"CREATE OR REPLACE TEMP TABLE {TURNED} (customer_id VARCHAR, came_to_exist BOOLEAN)")
        if before == self.now:
            return
        compiler, differs, came_to_exist = people_turned(conditions, before, self.now, self.vocabulary)
        sql = self._sql("turned", conditions, [before, self.now], compiler)
        self.engine.execute(f"INSERT INTO {TURNED} SELECT customer_id, {came_to_exist} FROM ({sql}) WHERE {differs}")
        for selection in {w for s in segments for w in self.passing[s.name].wheres}:
            expression = rows_turned(selection, before, self.now, self.vocabulary)
            self.engine.execute(f"INSERT INTO {TURNED} SELECT *, false FROM ({self.engine.compile(expression)})")

    def _find(self, edges: Sequence[Edge], before: When, facts: int | None) -> int:
        """Find everybody there is reason to look at; how many."""
        crossing = Crossing(self.engine, self.vocabulary, before)
        moved = crossing.with_rows(passed(edges, before, self.now))
        self.planned = self.agenda is not None and (self.agenda.covers(edges, before, self.now, facts) or
                                                    self.agenda.make(edges, self.vocabulary, before, self.now))
        if self.agenda is not None and self.planned:
            self.agenda.take(moved)
        else:
            kept, others = self.values.split(moved, before.now)
            crossing.find(others)
            self.values.cross(kept)
            if kept and self._anybody_heard():
                self._cross_anew(kept, before)
        return self._gather()

    def _cross_anew(self, kept: Sequence[Passed], before: When) -> None:
        """Of whose facts changed, what these edges passed is found in the facts as they are."""
        self.engine.execute(f"DELETE FROM {CROSSED} USING {HEARD} h WHERE {CROSSED}.customer_id = h.customer_id AND "
                            "edge IN (SELECT unnest(?::INTEGER[]))", [[p.number for p in kept]])
        Crossing(self.engine, self.vocabulary, before, HEARD).add(kept, CROSSED)

    def _anybody_heard(self) -> bool:
        return bool(self.engine.rows(f"SELECT 1 FROM {HEARD} LIMIT 1"))

    def _cross_heard(self, edges: Sequence[Edge], before: When, sources: dict[str, str]) -> None:
        """The agenda and the rows that crossed, of whose facts changed, from the facts as they are."""
        if self.agenda is not None and self.planned and self._anybody_heard():
            self.agenda.renew(HEARD, self.told, sources, self.vocabulary, before)
            self.agenda.take(passed(edges, before, self.now))

    def _gather(self) -> int:
        """Fill ``looked_at`` with everybody there is reason to look at; how many."""
        self.engine.execute(f"CREATE OR REPLACE TEMP TABLE {LOOKED_AT} AS SELECT customer_id FROM {HEARD} UNION "
                            f"SELECT customer_id FROM {CROSSED} UNION SELECT customer_id FROM {TURNED}")
        return int(self.engine.value(f"SELECT count(*) FROM {LOOKED_AT}"))

    def _whom_to_ask(self, segments: Sequence[Standing], edges: Sequence[Edge],
                     before: When) -> list[tuple[str, Sequence[Standing]]]:
        """Which segments to ask of whom: those that the passing of time can have moved of everybody looked at, the
        others of those alone whose facts changed, or who came to exist."""
        crossed = {edges[number] for number, in self.engine.rows(f"SELECT DISTINCT edge FROM {CROSSED}")}
        moved = {name for name, p in self.passing.items() if p.edges & crossed or p.wheres or
                 may_turn(p.attributes, before, self.now)}
        self.engine.execute(f"CREATE OR REPLACE TEMP TABLE {TOLD} AS SELECT customer_id FROM {HEARD} UNION SELECT "
                            f"customer_id FROM {TURNED} WHERE came_to_exist")
        told = bool(self.engine.rows(f"SELECT 1 FROM {TOLD} LIMIT 1"))
        parts = [(LOOKED_AT, [s for s in segments if s.name in moved]),
                 (TOLD, [s for s in segments if told and s.name not in moved])]
        return [(among, some) for among, some in parts if some]

    def _ask(self, segments: Sequence[Standing], trees: Mapping[str, Condition], among: str,
             sources: Mapping[str, str] = MappingProxyType({})) -> None:
        """Answer these segments, and add to ``look_moved`` whose answer is not their membership."""
        self.engine.execute("CREATE OR REPLACE TEMP TABLE look_answered AS "
                            f"{self._out_of_rows(segments, trees, among, sources)}")
        memberships.find_moved(self.engine, [(s.name, f"m{i}") for i, s in enumerate(segments)], "look_answered", among,
                               few=bool(sources) and not self.values.trees)

    def _ask_values(self, segments: Sequence[Standing], trees: Mapping[str, Condition]) -> None:
        """The same out of the values kept of those looked at."""
        self._answer_from(VALUES, LOOKED_AT, [trees[s.name] for s in segments])
        self.values.find_moved({s.name: f"m{i}" for i, s in enumerate(segments)}, "look_answered")
        self.values.find_kept()
        self.renewed = True
        memberships.find_standing(self.engine)

    def _answer_from(self, table: str, among: str, trees: Sequence[Condition]) -> None:
        """Answer these rules out of values kept in ``table``, for the customers in the table ``among``."""
        questions = {f"m{i}": Question(tree, self.now) for i, tree in enumerate(trees)}
        columns = self.values.columns
        compiler = Compiler(self.vocabulary, questions, frozenset(columns), table, only=among or None, columns=columns)
        self.engine.execute(f"CREATE OR REPLACE TEMP TABLE look_answered AS "
                            f"{self._sql(f'out of {table}', trees, [self.now], compiler)}")

    def _out_of_rows(self, segments: Sequence[Standing], trees: Mapping[str, Condition], among: str,
                     sources: Mapping[str, str]) -> str:
        """``sources`` says where the rows of fact tables are read instead."""
        questions = {f"m{i}": Question(trees[s.name], self.now) for i, s in enumerate(segments)}
        kept = frozenset[str]() if among else kept_features(self.engine)
        compiler = Compiler(self.vocabulary, questions, kept, only=among or None)
        sql = self.evaluator.sql(compiler.plan()) if kept else \
            self._sql(f"answer {among}", [trees[s.name] for s in segments], [self.now], compiler)
        return self.engine.staged(hiding(sources), f"FROM ({sql})")

    def _sql(self, key: str, rules: Sequence[Condition], whens: Sequence[When], compiler: Compiler) -> str:
        return COMPILED.sql(key, rules, self.vocabulary, whens, lambda: self.evaluator.sql(compiler.plan()))

    def _cross_moved(self, edges: Sequence[Edge], before: When) -> None:
        """The rows that crossed since the shop last learnt of everybody, of those alone who came or went."""
        heard = self.engine.value(f"SELECT max(heard) FROM {HEARD} WHERE customer_id = ''")
        self.engine.execute("CREATE OR REPLACE TEMP TABLE look_movers AS SELECT DISTINCT customer_id FROM look_moved")
        since = When(heard or before.now, before.zone)
        Crossing(self.engine, self.vocabulary, since, "look_movers").find(passed(edges, since, self.now))

    def _date(self, dating: Dating) -> None:
        """Fill ``look_dated`` with the moment of each who came or went: at once of those to whom nothing but facts
        happened."""
        self.engine.execute(
            "CREATE OR REPLACE TEMP TABLE look_turns AS SELECT m.segment, m.customer_id, m.inside, coalesce(h.heard, "
            f"(SELECT max(heard) FROM {HEARD} WHERE customer_id = '')) AS heard, customer_id IN (SELECT customer_id "
            f"FROM {CROSSED} UNION ALL SELECT customer_id FROM {TURNED}) AS by_time FROM look_moved m LEFT JOIN "
            f"{HEARD} h USING (customer_id)")
        self.engine.execute("INSERT INTO look_dated SELECT segment, customer_id, inside, heard, ? FROM look_turns "
                            "WHERE heard IS NOT NULL AND NOT by_time", [memberships.CHANGE])
        date_plain(self.engine, dating.edges, dating.passing, dating.before, self.now, memberships.CHANGE)
        turns = [Turn(*row) for row in self.engine.rows(
            f"SELECT t.segment, t.customer_id, t.inside, t.heard, CASE WHEN {KNOWN_SINCE} > ? THEN {KNOWN_SINCE} END "
            "FROM look_turns t ANTI JOIN look_dated USING (segment, customer_id) LEFT JOIN customers c USING "
            "(customer_id) ORDER BY ALL", [dating.before.now])]
        if turns:
            crossed = by_customer(self.engine.rows(
                f'SELECT customer_id, edge, "at" FROM {CROSSED} SEMI JOIN (FROM look_turns ANTI JOIN look_dated USING '
                "(segment, customer_id)) USING (customer_id)"))
            self._load(turns, dating.date(turns, crossed))

    def _load(self, turns: Sequence[Turn], moments: Sequence[datetime]) -> None:
        table = pa.table({"segment": [t.segment for t in turns], "customer_id": [t.customer_id for t in turns],
                          "inside": [t.inside for t in turns], "at": pa.array(moments, pa.timestamp("us"))})
        self.engine.register("look_dating", table)
        try:
            self.engine.execute("INSERT INTO look_dated SELECT *, ? FROM look_dating", [memberships.CHANGE])
        finally:
            self.engine.unregister("look_dating")

    def _at_large(self, segments: Sequence[Standing], trees: Mapping[str, Condition]) -> None:
        """Look at everybody; who came or went did so when it was noticed."""
        kept = [s for s in segments if s.name in self.values.ranked]
        others = [s for s in segments if s.name not in self.values.ranked]
        if others:
            self._ask(others, trees, "")
        if kept:
            self._answer_from(KEPT_NOW if self.renewed else TABLE, "", [trees[s.name] for s in kept])
            memberships.find_moved(self.engine, [(s.name, f"m{i}") for i, s in enumerate(kept)], "look_answered", "")
        for each in segments:
            why = memberships.FIRST_LOOK if each.looked_at is None else \
                memberships.CHANGE if each.looked_version == each.version else memberships.NEW_RULE
            self.engine.execute("INSERT INTO look_dated SELECT *, ?, ? FROM look_moved WHERE segment = ?",
                                [self.now.now, why, each.name])

    def _note(self, segments: Sequence[Standing], looked: Sequence[Standing]) -> None:
        names = [s.name for s in looked]
        ranked = [name for name, found in self.passing.items() if found.of_all]
        self.engine.execute("UPDATE segments SET by_schedule = name IN (SELECT unnest($1::VARCHAR[])) WHERE "
                            "by_schedule IS DISTINCT FROM (name IN (SELECT unnest($1::VARCHAR[])))", [ranked])
        self.engine.execute("UPDATE segments SET refreshed_at = ?, refreshed_facts = ?, refreshed_version = version, "
                            "failed = NULL WHERE name IN (SELECT unnest(?::VARCHAR[]))",
                            [self.now.now, self.facts, names])
        for each in segments:
            if each.failed:
                self.engine.execute("UPDATE segments SET failed = ? WHERE name = ?", [each.failed, each.name])
        if all(s.facts is not None for s in looked):
            self.engine.execute("DELETE FROM changed_customers WHERE facts_version <= (SELECT min(refreshed_facts) "
                                "FROM segments WHERE failed IS NULL)")

    def _movements(self, looked: Sequence[Standing]) -> list[Movement]:
        """How many came and went, and how many are in now."""
        counts = {name: (came, went) for name, came, went in self.engine.rows(
            "SELECT segment, count(*) FILTER (WHERE inside), count(*) FILTER (WHERE NOT inside) FROM look_dated "
            "GROUP BY 1")}
        found = []
        for each in looked:
            came, went = counts.get(each.name, (0, 0))
            before = memberships.count(self.engine, each.name) - came + went if each.members is None else each.members
            found.append(Movement(each.name, before + came - went, came, went))
        now = [m for m, each in zip(found, looked, strict=True) if m.members != each.members]
        if now:
            self.engine.execute("UPDATE segments SET members = n FROM (SELECT unnest(?::VARCHAR[]) AS moved, "
                                "unnest(?::BIGINT[]) AS n) WHERE name = moved",
                                [[m.segment for m in now], [m.members for m in now]])
        return sorted(found, key=lambda m: m.segment)


def refuse_going_back(engine: DuckDBEngine, now: datetime) -> None:
    """Raise `LookedAtLater` for a moment before the last look."""
    latest = engine.value("SELECT max(refreshed_at) FROM segments")
    if latest is not None and now < latest:
        raise LookedAtLater(
            why("Memberships are known up to {moment} UTC; they are not worked out again for an earlier moment.",
                moment=f"{latest:%Y-%m-%d %H:%M}"),
            hint=why("Ask for an earlier moment with --as-of. Where the clock of this machine ran ahead and is right "
                     "now, take the looks back; where it is wrong now, set it right."),
            command="regulars segment look-back")
