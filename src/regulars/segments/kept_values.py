"""What is kept of each customer's rows from look to look, so that a look reads only the rows that can have changed it.

The values stand in a table of their own, a row a customer and a column a feature, as of the last look: that moment and
that state of the facts. A look works out anew only the features whose tables' facts changed, or of which an edge of
their own passed a row (`regulars.rules.lasting`). Where they are of another moment or state, or a segment asks what is
not among them, it is asked of the rows as if nothing were kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from itertools import groupby

from regulars.engines.duckdb import DuckDBEngine, literal
from regulars.rules import Compiler, Condition, Plan, Vocabulary, When
from regulars.rules.expressions import BITS
from regulars.rules.lasting import Lasting, lasting
from regulars.rules.passing import Edge, Passing
from regulars.segments.compiled import COMPILED
from regulars.segments.crossed import CROSSED, Passed, list_edges, lying_in
from regulars.segments.extracting import hiding
from regulars.segments.noted import note, noted

FEW_CUSTOMERS = 50_000
"""Of so few the rows are read as quickly."""
TABLE, KEY = "kept_values", "segments.values"
VALUES, AGAIN, INSIDE = "look_values", "look_again", "look_inside"
"""Temp tables: what is known now of those looked at, of whom anything is worked out anew, and where they are in."""
KEPT_NOW = "look_kept"
"""A view: what is kept of everybody once `keep` is done."""


@dataclass(frozen=True)
class KeptValues:
    """The values as the look at ``before`` left them, for one look at ``now``.

    ``features`` are those at hand, by column. ``trees`` are the rules of the segments that ask no others, ``ranked``
    those by rank that ask no others. ``places`` says which bit of the numbers ``in_0``, ``in_1`` … says who was in
    which.
    """

    engine: DuckDBEngine
    vocabulary: Vocabulary
    now: When
    trees: Mapping[str, Condition] = field(default_factory=dict)
    ranked: Mapping[str, Condition] = field(default_factory=dict)
    features: Mapping[str, Lasting] = field(default_factory=dict)
    places: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def at_hand(cls, engine: DuckDBEngine, vocabulary: Vocabulary, before: When, facts: int | None, now: When,
                trees: Mapping[str, Condition], passing: Mapping[str, Passing]) -> KeptValues:
        """Those of ``before`` and of that state of the facts; none where they are of others, or are asked by ranks
        alone: what only ranks ask is not kept up."""
        columns, places = _known(engine, before.now, facts)
        features: dict[str, Lasting] = {}
        answered: dict[str, Condition] = {}
        for name, tree in trees.items() if columns else ():
            asked = lasting(tree, vocabulary, now)
            if asked.keys() <= columns and name in places and not passing[name].wheres:
                features |= asked
                answered[name] = tree
        ranked = {name: tree for name, tree in answered.items() if passing[name].of_all}
        steady = {name: tree for name, tree in answered.items() if name not in ranked}
        if not features or not steady:
            return cls(engine, vocabulary, now)
        return cls(engine, vocabulary, now, steady, ranked, features, {name: places[name] for name in answered})

    @cached_property
    def columns(self) -> dict[str, str]:
        """The column of each feature, by the feature's name."""
        return {f.feature.name: column for column, f in self.features.items()}

    @property
    def edges(self) -> frozenset[Edge]:
        return frozenset[Edge]().union(*(f.edges for f in self.features.values()))

    @cached_property
    def _groups(self) -> list[tuple[frozenset[str], dict[str, Lasting]]]:
        """The features by the tables they hang on, those of all rows apart from those of a window."""
        found: dict[tuple[tuple[str, ...], bool], dict[str, Lasting]] = {}
        for column, each in sorted(self.features.items()):
            of_window = any(e.length != timedelta() for e in each.edges)
            found.setdefault((tuple(sorted(each.tables)), of_window), {})[column] = each
        return [(frozenset(tables), kept) for (tables, _), kept in sorted(found.items(), key=lambda pair: pair[0])]

    def split(self, moved: Sequence[Passed], before: datetime) -> tuple[list[Passed], list[Passed]]:
        """The edges of which only the newest row matters whose moment is a value kept here, and the others."""
        kept = [p for p in moved if p.edge.newest and p.edge.column == "at" and p.upto <= before and self._last(p)]
        return kept, [p for p in moved if p not in kept]

    def _last(self, each: Passed) -> str:
        """The column of the moment of the newest row that the edge is of, "" where it is not kept."""
        return self._by_key.get(f"last({each.edge.selection.text()})", "")

    @cached_property
    def _by_key(self) -> dict[str, str]:
        return {f.feature.key: column for column, f in self.features.items()}

    def cross(self, moved: Sequence[Passed]) -> None:
        """Add to `CROSSED` the newest rows that these edges passed, as they were known at the look before."""
        for column, group in groupby(sorted(moved, key=self._last), key=self._last):
            some = list(group)
            with list_edges(self.engine, some):
                self.engine.execute(
                    f"INSERT INTO {CROSSED} SELECT customer_id, edge, moment FROM (SELECT customer_id, {column} AS "
                    f"moment FROM {TABLE} WHERE {lying_in(column, some)}) JOIN look_edges e ON moment > e.after AND "
                    "moment <= e.upto")

    def find_changed(self, edges: Sequence[Edge], heard: str, told: frozenset[str] | None) -> dict[str, str]:
        """Fill a table a group, and `AGAIN`, with those of whom its features may be others now; returns the fact tables
        whose rows have to be read for that, each with the table of whose.

        ``heard`` are those whose facts changed, in the tables ``told`` (None: in any).
        """
        number_of = {edge: number for number, edge in enumerate(edges)}
        read: dict[str, list[str]] = {}
        for nth, (tables, kept) in enumerate(self._groups):
            numbers = sorted(number_of[e] for e in {e for f in kept.values() for e in f.edges})
            parts = [f"SELECT DISTINCT customer_id FROM {CROSSED} WHERE edge IN ({', '.join(map(str, numbers))})"]
            parts += [f"SELECT customer_id FROM {heard}"] if told is None or told & tables else []
            self.engine.execute(f"CREATE OR REPLACE TEMP TABLE {AGAIN}_{nth} AS {' UNION '.join(parts)}")
            if self.engine.rows(f"SELECT 1 FROM {AGAIN}_{nth} LIMIT 1"):
                for table in tables:
                    read.setdefault(table, []).append(f"{AGAIN}_{nth}")
        self._unite(AGAIN, [f"{AGAIN}_{nth}" for nth in range(len(self._groups))])
        for table, groups in read.items():
            self._unite(f"{AGAIN}_{table}", groups)
        return {table: f"{AGAIN}_{table}" for table in read}

    def _unite(self, name: str, groups: Sequence[str]) -> None:
        every = " UNION ".join(f"SELECT customer_id FROM {group}" for group in groups)
        self.engine.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {every}")

    def renew(self, whom: str, sources: Mapping[str, str]) -> None:
        """Fill `VALUES` for the customers in ``whom``, with what may be another value worked out anew.

        ``sources`` says where the rows of fact tables are read instead.
        """
        fresh = [nth for nth in range(len(self._groups)) if self._work_out(nth, sources)]
        columns = [self._value(column, nth if nth in fresh else None)
                   for nth, (_, kept) in enumerate(self._groups) for column in kept]
        columns += [f"coalesce(k.{number}, 0) AS {number}" for number in self._numbers]
        joins = " ".join(f"LEFT JOIN look_fresh_{nth} g{nth} ON g{nth}.customer_id = w.customer_id" for nth in fresh)
        with self.engine.seeking():
            self.engine.execute(
                f"CREATE OR REPLACE TEMP TABLE {VALUES} AS SELECT w.customer_id, k.customer_id IS NULL AS is_new, "
                f"{', '.join(columns)} FROM {whom} w LEFT JOIN (FROM {TABLE} SEMI JOIN {whom} USING (customer_id)) k "
                f"ON k.customer_id = w.customer_id {joins}")

    @cached_property
    def _numbers(self) -> dict[str, dict[str, int]]:
        """Which bit of which number says who was in which segment."""
        found: dict[str, dict[str, int]] = {}
        for name in self.trees:
            found.setdefault(f"in_{self.places[name] // BITS}", {})[name] = self.places[name] % BITS
        return found

    def find_moved(self, answered: Mapping[str, str], table: str) -> None:
        """Add to ``look_moved`` whose answer is not where they were; ``answered`` has the column of each segment in
        ``table``. Whoever has no row there is in none."""
        columns = ["v.customer_id", "v.is_new"]
        for number, bits in self._numbers.items():
            now = " | ".join(f"CASE WHEN a.{answered[name]} THEN {1 << bit} ELSE 0 END" for name, bit in bits.items())
            known = sum(1 << bit for bit in bits.values())
            columns += [f"{now} AS {number}", f"xor({now}, v.{number} & {known}) AS moved_{number}"]
        self.engine.execute(f"CREATE OR REPLACE TEMP TABLE {INSIDE} AS SELECT {', '.join(columns)} FROM {VALUES} v "
                            f"LEFT JOIN {table} a ON a.customer_id = v.customer_id")
        for number, bits in self._numbers.items():
            self.engine.execute(
                f"INSERT INTO look_moved SELECT s.segment, i.customer_id, (i.{number} >> s.bit) & 1 = 1 FROM {INSIDE} "
                f"i JOIN (SELECT unnest(?::VARCHAR[]) AS segment, unnest(?::INTEGER[]) AS bit) s ON (i.moved_{number} "
                f">> s.bit) & 1 = 1 WHERE i.moved_{number} <> 0", [list(bits), list(bits.values())])

    def find_kept(self) -> None:
        """Fill `AGAIN` with whom `keep` is for, whose row is another now: of whom anything is worked out anew, who came
        or went, or was not there. `KEPT_NOW` has everybody's."""
        moved = " OR ".join(f"moved_{number} <> 0" for number in self._numbers)
        self.engine.execute(f"INSERT INTO {AGAIN} SELECT customer_id FROM {INSIDE} WHERE is_new OR {moved}")
        self.engine.execute(f"CREATE OR REPLACE TEMP VIEW {KEPT_NOW} AS FROM {TABLE} ANTI JOIN {AGAIN} USING "
                            f"(customer_id) UNION ALL BY NAME {self._of_now}")

    @property
    def _of_now(self) -> str:
        """The rows of those in `AGAIN`; none of who is no customer any more."""
        now = ", ".join(f"i.{number} AS {number}" for number in self._numbers)
        return (f"SELECT v.* EXCLUDE (is_new) REPLACE ({now}) FROM {VALUES} v JOIN {INSIDE} i USING (customer_id) SEMI "
                f"JOIN {AGAIN} USING (customer_id) SEMI JOIN customers USING (customer_id)")

    def keep(self) -> None:
        """Keep what `find_kept` found."""
        with self.engine.seeking():
            self.engine.execute(f"DELETE FROM {TABLE} USING {AGAIN} a WHERE {TABLE}.customer_id = a.customer_id")
        self.engine.execute(f"INSERT INTO {TABLE} BY NAME {self._of_now}")

    def _work_out(self, nth: int, sources: Mapping[str, str]) -> bool:
        """The features of a group of whoever they may have changed of; whether there is anybody."""
        whom, kept = f"{AGAIN}_{nth}", self._groups[nth][1]
        if not self.engine.rows(f"SELECT 1 FROM {whom} LIMIT 1"):
            return False
        rules = [*self.trees.values(), *self.ranked.values()]
        sql = COMPILED.sql(("values", whom, *kept), rules, self.vocabulary, [self.now],
                           lambda: _sql(self.engine, plan_of(kept, whom, self.vocabulary)), of_rows=True)
        self.engine.execute(f"CREATE OR REPLACE TEMP TABLE look_fresh_{nth} AS "
                            f"{self.engine.staged(hiding(sources), f'FROM ({sql})')}")
        return True

    def _value(self, column: str, fresh: int | None) -> str:
        nothing = self.features[column].feature.nothing
        kept = f"k.{column}" if nothing is None else f"coalesce(k.{column}, {nothing})"
        if fresh is None:
            return f"{kept} AS {column}"
        return f"CASE WHEN g{fresh}.customer_id IS NULL THEN {kept} ELSE g{fresh}.{column} END AS {column}"

    def note(self, facts: int) -> None:
        """The values are those of this look now."""
        if self.features:
            _note(self.engine, self.now.now, facts, self.features, self.places)


def plan_of(kept: Mapping[str, Lasting], whom: str, vocabulary: Vocabulary, *, everybody: bool = False) -> Plan:
    """The values of the customers in the table ``whom``; ``everybody``: that nobody else has rows."""
    compiler = Compiler(vocabulary, {}, only=None if everybody else whom)
    return compiler.columns_plan({column: each.feature for column, each in kept.items()}, whom)


def keep_values(engine: DuckDBEngine, vocabulary: Vocabulary, trees: Mapping[str, Condition], now: When,
                facts: int) -> None:
    """Work out anew, for everybody, the values that these segments ask at ``now``, of these facts, and who is in; not
    for so few customers that their rows are read as quickly: what was kept of more is given up."""
    kept = {column: each for tree in trees.values() for column, each in lasting(tree, vocabulary, now).items()}
    if not kept or engine.value("SELECT count(*) FROM customers") <= FEW_CUSTOMERS:
        note(engine, KEY, "{}")
        return
    places = {name: place for place, name in enumerate(sorted(trees))}
    inside = ", ".join(
        f"coalesce(bit_or({_bit_of(name for name, place in places.items() if place // BITS == n)}), 0) AS in_{n}"
        for n in range(len(places) // BITS + 1))
    values = _sql(engine, plan_of(kept, "customers", vocabulary, everybody=True))
    members = f"SELECT customer_id, {inside} FROM memberships WHERE until IS NULL GROUP BY customer_id"
    engine.keep(TABLE, f"SELECT v.*, m.* EXCLUDE (customer_id) FROM ({values}) v LEFT JOIN ({members}) m "
                "USING (customer_id)", "customer_id")
    _note(engine, now.now, facts, kept, places)


def _bit_of(names: Iterable[str]) -> str:
    whens = " ".join(f"WHEN {literal(name)} THEN {1 << nth}::BIGINT" for nth, name in enumerate(sorted(names)))
    return f"CASE segment {whens} ELSE 0 END" if whens else "0::BIGINT"


def forget_values(engine: DuckDBEngine, customer_id: str) -> None:
    """Nothing is kept of somebody who is erased."""
    if engine.columns(TABLE):
        engine.execute(f"DELETE FROM {TABLE} WHERE customer_id = ?", [customer_id])


def _sql(engine: DuckDBEngine, plan: Plan) -> str:
    return plan.sql(engine.compile, engine.staged)


def _known(engine: DuckDBEngine, at: datetime, facts: int | None) -> tuple[frozenset[str], dict[str, int]]:
    """The columns that are true of this moment and state of the facts, and the place of each segment's bit."""
    said = json.loads(noted(engine, KEY) or "{}")
    fits = said and said["at"] == at.isoformat() and said["facts"] == facts
    return (frozenset(said["columns"]), said["places"]) if fits else (frozenset(), {})


def _note(engine: DuckDBEngine, at: datetime, facts: int, columns: Iterable[str], places: Mapping[str, int]) -> None:
    note(engine, KEY, json.dumps({"at": at.isoformat(), "facts": facts, "columns": sorted(columns),
                                  "places": dict(places)}))
