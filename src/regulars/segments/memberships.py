"""The one module that reads and writes memberships: who is in, who was, from when to when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from regulars.engines.duckdb import DuckDBEngine

FIRST_LOOK = "first look"
NEW_RULE = "new rule"
CHANGE = "facts or time"


@dataclass(frozen=True)
class Movement:
    """What one refresh found of one segment."""

    segment: str
    members: int
    entered: int
    left: int


def current(engine: DuckDBEngine, segment: str) -> pa.Table:
    """Who was in when the segment was last refreshed: customer_id, since, why."""
    return engine.query("SELECT customer_id, since, why FROM memberships WHERE segment = ? AND until IS NULL"
                        " ORDER BY customer_id", [segment])


def of_customer(engine: DuckDBEngine, customer_id: str) -> pa.Table:
    """Every membership a customer has or had: segment, since, until, why."""
    return engine.query("SELECT segment, since, until, why FROM memberships WHERE customer_id = ?"
                        " ORDER BY since DESC, segment", [customer_id])


def entered(engine: DuckDBEngine, segment: str, since: datetime) -> pa.Table:
    """Who entered after a moment: customer_id, since, until, why. A first look is no entering."""
    return engine.query("SELECT customer_id, since, until, why FROM memberships WHERE segment = ? AND since > ?"
                        " AND why <> ? ORDER BY since, customer_id", [segment, since, FIRST_LOOK])


def left(engine: DuckDBEngine, segment: str, since: datetime) -> pa.Table:
    """Who left after a moment: customer_id, since, until."""
    return engine.query("SELECT customer_id, since, until FROM memberships WHERE segment = ? AND until > ?"
                        " ORDER BY until, customer_id", [segment, since])


def in_none(engine: DuckDBEngine, among: str) -> pa.Table:
    """Who of ``among`` (SQL: ``customer_id``) was in no segment when they were last refreshed, sorted."""
    return engine.query(f"SELECT customer_id FROM ({among}) WHERE customer_id NOT IN"
                        " (SELECT customer_id FROM memberships WHERE until IS NULL) ORDER BY customer_id")


def together(engine: DuckDBEngine, most: int) -> list[tuple[list[str], int]]:
    """Which segments people were in together at the last refresh, and how many: each customer counted once."""
    return [(names, people) for names, people in engine.rows(
        "SELECT names, count(*) AS people FROM (SELECT list(segment ORDER BY segment) AS names FROM memberships"
        " WHERE until IS NULL GROUP BY customer_id) GROUP BY names ORDER BY people DESC, names LIMIT ?", [most])]


def write(engine: DuckDBEngine, answer: str, columns: Mapping[str, str], why: Mapping[str, str],
          now: datetime) -> list[Movement]:
    """Bring memberships in line with ``answer`` (SQL: customer_id and a boolean ``columns[segment]`` each) at ``now``.

    To be called inside a transaction.
    """
    engine.execute(f"CREATE OR REPLACE TEMP TABLE answered AS {answer}")
    try:
        return [_write_one(engine, segment, column, why.get(segment, CHANGE), now)
                for segment, column in columns.items()]
    finally:
        engine.execute("DROP TABLE answered")


def _write_one(engine: DuckDBEngine, segment: str, column: str, why: str, now: datetime) -> Movement:
    members = engine.value(f"SELECT count(*) FROM answered WHERE {column}")
    gone = engine.value(
        f"SELECT count(*) FROM memberships WHERE segment = ? AND until IS NULL AND customer_id NOT IN"
        f" (SELECT customer_id FROM answered WHERE {column})", [segment])
    if gone:
        engine.execute(
            f"UPDATE memberships SET until = ? WHERE segment = ? AND until IS NULL AND customer_id NOT IN"
            f" (SELECT customer_id FROM answered WHERE {column})", [now, segment])
    still = members - (engine.value("SELECT count(*) FROM memberships WHERE segment = ? AND until IS NULL", [segment]))
    if still:
        engine.execute(
            f"INSERT INTO memberships SELECT ?, customer_id, ?, NULL, ? FROM answered WHERE {column} AND customer_id"
            f" NOT IN (SELECT customer_id FROM memberships WHERE segment = ? AND until IS NULL)",
            [segment, now, why, segment])
    return Movement(segment, members, still, gone)


def rewind(engine: DuckDBEngine, moment: datetime) -> None:
    """As if nobody had come or gone by facts or time since ``moment``: the next refresh says who has by time alone.

    To be called inside a transaction, by whoever brings the facts back to what they were then.
    """
    engine.execute("DELETE FROM memberships WHERE since >= ? AND why = ?", [moment, CHANGE])
    engine.execute("UPDATE memberships m SET until = NULL WHERE since < $1 AND until >= $1 AND NOT EXISTS (SELECT 1"
                   " FROM memberships o WHERE o.segment = m.segment AND o.customer_id = m.customer_id"
                   " AND o.until IS NULL)", [moment])


def forget(engine: DuckDBEngine, segments: Sequence[str]) -> None:
    """Remove every trace of segments that are no more."""
    for segment in segments:
        engine.execute("DELETE FROM memberships WHERE segment = ?", [segment])
        engine.execute("DELETE FROM segment_sizes WHERE segment = ?", [segment])
