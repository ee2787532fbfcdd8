"""Whose rows an edge of a window has passed between two moments: one scan a fact table, by time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

import pyarrow as pa

from regulars.engines.duckdb import DuckDBEngine, literal, quoted
from regulars.rules import Vocabulary, When
from regulars.rules.passing import Edge
from regulars.rules.vocabulary import Fact

CROSSED = "look_crossed"
"""The temp table: ``customer_id``, ``edge`` (its number) and ``at``, the moment of the row that crossed."""


KNOWN_SINCE = 'coalesce(c."at", c.signed_up_at, CASE WHEN NOT coalesce(c.described, false) THEN c.first_seen END)'
"""Since when a customer ``c`` exists (docs/decisions/0001), NULL: always."""


@dataclass(frozen=True)
class Passed:
    """An edge by its number, and (after, up to] where it has passed rows."""

    number: int
    edge: Edge
    after: datetime
    upto: datetime


def passed(edges: Sequence[Edge], before: When, now: When) -> list[Passed]:
    """Those of the edges that moved."""
    spans = [(number, edge, edge.passed(before, now)) for number, edge in enumerate(edges)]
    return [Passed(number, edge, span[0], span[1]) for number, edge, span in spans if span and span[0] is not None]


def find_crossed(engine: DuckDBEngine, vocabulary: Vocabulary, moved: Sequence[Passed], only: str = "",
                 sources: Mapping[str, str] | None = None) -> None:
    """Fill the temp table `CROSSED`; ``only`` names a table of the customers to look at (everybody, unless said),
    ``sources`` where the rows of a fact table are read instead."""
    engine.execute(f'CREATE OR REPLACE TEMP TABLE {CROSSED} (customer_id VARCHAR, edge INTEGER, "at" TIMESTAMP)')
    with list_edges(engine, moved):
        for rows in crossing_rows(moved, vocabulary, only, sources or {}):
            engine.execute(f"INSERT INTO {CROSSED} {rows}")


@contextmanager
def list_edges(engine: DuckDBEngine, moved: Sequence[Passed]) -> Iterator[None]:
    """The edges as a table ``look_edges``: edge, fact, after, upto."""
    engine.register("look_edges", pa.table({
        "edge": pa.array([p.number for p in moved], pa.int32()),
        "fact": pa.array([p.edge.fact for p in moved], pa.string()),
        "after": pa.array([p.after for p in moved], pa.timestamp("us")),
        "upto": pa.array([p.upto for p in moved], pa.timestamp("us"))}))
    try:
        yield
    finally:
        engine.unregister("look_edges")


def crossing_rows(moved: Sequence[Passed], vocabulary: Vocabulary, only: str,
                  sources: Mapping[str, str]) -> Iterator[str]:
    """A SELECT of customer_id, edge, moment for each column of moments that edges pass; reads ``look_edges``."""
    for (table, column), group in groupby(sorted(moved, key=lambda p: _place(p, vocabulary)),
                                          key=lambda p: _place(p, vocabulary)):
        yield _scan(sources.get(table, table), column, list(group), vocabulary, only)


def _place(each: Passed, vocabulary: Vocabulary) -> tuple[str, str]:
    return vocabulary.fact(each.edge.fact).table, each.edge.column


def _scan(table: str, column: str, moved: Sequence[Passed], vocabulary: Vocabulary, only: str) -> str:
    facts = {p.edge.fact: vocabulary.fact(p.edge.fact) for p in moved}
    typed = ", type, coalesce(machine, false) AS machine" if any(f.types for f in facts.values()) else ""
    held = f"SEMI JOIN {only} USING (customer_id)" if only else ""
    moment = f"t.{quoted(column)}"
    spans = " OR ".join(f"{moment} > {_moment(a)} AND {moment} <= {_moment(u)}" for a, u in _merged(moved))
    counted = " AND t.counted" if any(f.counted_only for f in facts.values()) else ""
    named = " OR ".join(_of_fact(name, fact) for name, fact in facts.items())
    return ("SELECT r.customer_id, e.edge, r.moment FROM "
            f"(SELECT customer_id, {moment} AS moment{typed} FROM {table} t "
            f'{held} WHERE customer_id IS NOT NULL AND t."at" IS NOT NULL{counted} AND ({spans})) r '
            f"JOIN look_edges e ON r.moment > e.after AND r.moment <= e.upto AND ({named})")


def _of_fact(name: str, fact: Fact) -> str:
    """Which rows are rows of the fact."""
    types = f" AND r.type IN ({', '.join(map(literal, fact.types))}) AND NOT r.machine" if fact.types else ""
    return f"(e.fact = {literal(name)}{types})"


def _merged(moved: Iterable[Passed]) -> Iterator[tuple[datetime, datetime]]:
    """The spans of time, those that touch as one."""
    spans = sorted((p.after, p.upto) for p in moved)
    after, upto = spans[0]
    for begin, end in spans[1:]:
        if begin > upto:
            yield after, upto
            after, upto = begin, end
        upto = max(upto, end)
    yield after, upto


def _moment(moment: datetime) -> str:
    return f"TIMESTAMP {literal(moment.isoformat(sep=' ', timespec='microseconds').zfill(26))}"
