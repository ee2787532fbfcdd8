"""The one module that reads and writes memberships: who is in, who was, from when to when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import pyarrow as pa

from regulars.engines.duckdb import DuckDBEngine, literal
from regulars.model.clock import TICK
from regulars.segments.changes import LAST, last
from regulars.segments.kept import forget_features
from regulars.segments.kept_values import forget_values

FIRST_LOOK = "first look"
NEW_RULE = "new rule"
CHANGE = "facts or time"
REPAIR = "repair"
TAKEN_BACK = "taken back"
REMOVED = "segment removed"
ERASED = "customer erased"


@dataclass(frozen=True)
class Movement:
    """What one refresh found of one segment."""

    segment: str
    members: int
    entered: int
    left: int


def as_one(first: Sequence[Movement], then: Sequence[Movement]) -> list[Movement]:
    """Two looks, one just after the other, as one."""
    more = {m.segment: m for m in then}
    return [replace(m, members=more[m.segment].members, entered=m.entered + more[m.segment].entered,
                    left=m.left + more[m.segment].left) if m.segment in more else m for m in first]


def current(engine: DuckDBEngine, segment: str) -> pa.Table:
    """Who was in when the segment was last refreshed: customer_id, since, why."""
    return engine.query("SELECT customer_id, since, why FROM memberships WHERE segment = ? AND until IS NULL"
                        " ORDER BY customer_id", [segment])


def inside_at(engine: DuckDBEngine, segment: str, when: Mapping[str, datetime]) -> set[str]:
    """Who of these was in a segment, each at a moment of their own."""
    engine.register("inside_asked", pa.table({"customer_id": pa.array(when.keys(), pa.string()),
                                              "moment": pa.array(when.values(), pa.timestamp("us"))}))
    try:
        return {who for who, in engine.rows(
            "SELECT DISTINCT customer_id FROM memberships JOIN inside_asked USING (customer_id) WHERE segment = ? AND "
            "since <= moment AND (until IS NULL OR until > moment)", [segment])}
    finally:
        engine.unregister("inside_asked")


def count(engine: DuckDBEngine, segment: str) -> int:
    """How many are in now."""
    return int(engine.value("SELECT count(*) FROM memberships WHERE segment = ? AND until IS NULL", [segment]))


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


def find_moved(engine: DuckDBEngine, answered: Sequence[tuple[str, str]], table: str, among: str, *,
               few: bool = False) -> None:
    """Add to ``look_moved`` whose answer is not their membership.

    ``answered`` has a segment's name and its boolean column in ``table``; ``among`` names the table of the customers
    that were looked at, "" for everybody. To be called inside a transaction, of each segment once; for ``few``
    customers, once.
    """
    listed = ", ".join(f"CASE WHEN {column} THEN {literal(segment)} END" for segment, column in answered)
    engine.execute("CREATE OR REPLACE TEMP TABLE look_true AS SELECT segment, customer_id FROM (SELECT unnest("
                   f"[{listed}]) AS segment, customer_id FROM {table}) WHERE segment IS NOT NULL")
    names = ", ".join(literal(segment) for segment, _ in answered)
    held = f"SEMI JOIN {among} USING (customer_id)" if among else ""
    # Of a few customers whatever they are in is read: asking each row for its segment too costs a third more.
    named = "" if few else f"AND segment IN ({names})"
    engine.execute(f"INSERT INTO look_standing SELECT rowid, segment, customer_id, since, why FROM memberships {held} "
                   f"WHERE until IS NULL {named}")
    if few:
        engine.execute(f"DELETE FROM look_standing WHERE segment NOT IN ({names})")
    engine.execute("INSERT INTO look_moved SELECT segment, customer_id, true FROM look_true ANTI JOIN look_standing "
                   "USING (segment, customer_id) UNION ALL SELECT segment, customer_id, false FROM look_standing ANTI "
                   f"JOIN look_true USING (segment, customer_id) WHERE segment IN ({names})")


FEW_WENT = 50
"""So few are named outright: the engine reads only the blocks of their segment in which they can lie."""


def find_standing(engine: DuckDBEngine) -> None:
    """Fill ``look_standing`` with those who went by ``look_moved``."""
    went = engine.rows(f"SELECT segment, list(customer_id)[:{FEW_WENT + 1}] FROM look_moved WHERE NOT inside "
                       "GROUP BY 1")
    parts = []
    for segment, ids in went:
        whose = ", ".join(literal(i) for i in ids) if len(ids) <= FEW_WENT else \
            f"SELECT customer_id FROM look_moved WHERE NOT inside AND segment = {literal(segment)}"
        parts.append("SELECT rowid, segment, customer_id, since, why FROM memberships WHERE until IS NULL AND "
                     f"segment = {literal(segment)} AND customer_id IN ({whose})")
    if parts:
        engine.execute(f"INSERT INTO look_standing {' UNION ALL '.join(parts)}")


def make_dated(engine: DuckDBEngine) -> None:
    """Empty the temp tables ``look_moved``, who came (``inside``) or went, ``look_dated``, when and why they did, and
    ``look_standing``, who of those looked at was in before, and where that stands."""
    engine.execute("CREATE OR REPLACE TEMP TABLE look_moved (segment VARCHAR, customer_id VARCHAR, inside BOOLEAN)")
    engine.execute("CREATE OR REPLACE TEMP TABLE look_standing (place BIGINT, segment VARCHAR, customer_id VARCHAR, "
                   "since TIMESTAMP, why VARCHAR)")
    engine.execute("CREATE OR REPLACE TEMP TABLE look_dated (segment VARCHAR, customer_id VARCHAR, inside BOOLEAN, "
                   '"at" TIMESTAMP, why VARCHAR)')


def write(engine: DuckDBEngine, now: datetime) -> None:
    """Bring memberships in line with ``look_dated``, as found by a look at ``now``; what is no first look is told in
    ``changes``. To be called inside a transaction.
    """
    if not engine.rows("SELECT 1 FROM look_dated LIMIT 1"):
        return
    engine.execute('CREATE OR REPLACE TEMP TABLE look_ended AS SELECT s.*, d."at" FROM look_dated d JOIN look_standing '
                   "s USING (segment, customer_id) WHERE NOT d.inside")
    # Written at the end, not in place: the engine would write all rows anew among which one was changed.
    engine.execute("DELETE FROM memberships m USING look_ended e WHERE m.rowid = e.place")
    # Who came and went in one moment was never in.
    engine.execute('INSERT INTO memberships SELECT segment, customer_id, since, "at", why FROM look_ended WHERE "at" > '
                   "since ORDER BY segment, customer_id")
    engine.execute('INSERT INTO memberships SELECT segment, customer_id, "at", NULL, why FROM look_dated WHERE inside '
                   "ORDER BY segment, customer_id")
    engine.execute(f"INSERT INTO changes SELECT {LAST} + row_number() OVER "
                   "(ORDER BY \"at\", segment, customer_id), segment, customer_id, CASE WHEN inside THEN 'entered' "
                   "ELSE 'left' END, \"at\", ?, why FROM look_dated WHERE why <> ?", [now, FIRST_LOOK])


def note_sizes(engine: DuckDBEngine, moved: Sequence[Movement], day: date) -> None:
    """Add what a look found to the sizes of the day. To be called inside a transaction."""
    known = {name: (came, went) for name, came, went in engine.rows(
        'SELECT segment, entered, "left" FROM segment_sizes WHERE day = ?', [day])}
    others = [m for m in moved if m.entered or m.left or m.segment not in known]
    before = [known.get(m.segment, (0, 0)) for m in others]
    names = [m.segment for m in others]
    engine.execute("DELETE FROM segment_sizes WHERE day = ? AND segment IN (SELECT unnest(?::VARCHAR[]))", [day, names])
    engine.execute("INSERT INTO segment_sizes SELECT unnest(?::VARCHAR[]), ?, unnest(?::BIGINT[]), unnest(?::BIGINT[]),"
                   " unnest(?::BIGINT[])", [names, day, [m.members for m in others],
                                            [came + m.entered for (came, _), m in zip(before, others, strict=True)],
                                            [went + m.left for (_, went), m in zip(before, others, strict=True)]])


def rewind(engine: DuckDBEngine, moment: datetime, now: datetime) -> None:
    """As if nobody had come or gone by facts or time since ``moment``: the next refresh says who has by time alone.

    Whoever read on in ``changes`` is told of it there, at ``now``. To be called inside a transaction, by whoever brings
    the facts back to what they were then.
    """
    standing = "SELECT segment, customer_id FROM memberships WHERE until IS NULL"
    engine.execute(f"CREATE OR REPLACE TEMP TABLE look_standing AS {standing}")
    engine.execute("DELETE FROM memberships WHERE since >= ? AND why = ?", [moment, CHANGE])
    engine.execute("UPDATE memberships m SET until = NULL WHERE since < $1 AND until >= $1 AND NOT EXISTS (SELECT 1"
                   " FROM memberships o WHERE o.segment = m.segment AND o.customer_id = m.customer_id"
                   " AND o.until IS NULL)", [moment])
    # A version of the facts that never was: the next look is at everybody.
    engine.execute("UPDATE segments SET refreshed_at = ?, refreshed_facts = -1 WHERE refreshed_at >= ?", [moment] * 2)
    engine.execute("UPDATE segments s SET members = (SELECT count(*) FROM memberships m WHERE m.segment = s.name AND "
                   "m.until IS NULL) WHERE refreshed_at IS NOT NULL")
    both = "USING (segment, customer_id)"
    moved = (f"SELECT *, 'left' AS what FROM look_standing ANTI JOIN ({standing}) {both} UNION ALL "
             f"SELECT *, 'entered' FROM ({standing}) ANTI JOIN look_standing {both}")
    engine.execute(f"INSERT INTO changes SELECT {LAST} + row_number() OVER (ORDER "
                   f"BY segment, customer_id), segment, customer_id, what, $1, $1, $2 FROM ({moved})",
                   [now, TAKEN_BACK])


def forget_looks(engine: DuckDBEngine, moment: datetime, last_day: date, now: datetime) -> None:
    """As if nobody had looked after ``moment``, of which ``last_day`` is the day.

    Who was found in by a first look, or under a new rule, stays in until the next. To be called inside a transaction.
    """
    engine.execute("DELETE FROM memberships WHERE since >= ? AND until IS NOT NULL", [moment])
    engine.execute("UPDATE memberships SET since = $1 WHERE since >= $2 AND why <> $3", [moment - TICK, moment, CHANGE])
    rewind(engine, moment, now)
    engine.execute("DELETE FROM segment_sizes WHERE day > ?", [last_day])


def dissolve(engine: DuckDBEngine, segment: str, now: datetime) -> None:
    """Remove every trace of a segment; whoever reads on in ``changes`` is told that all who were in left, at ``now``.

    To be called inside a transaction.
    """
    engine.execute(f"INSERT INTO changes SELECT {LAST} + row_number() OVER (ORDER "
                   "BY customer_id), segment, customer_id, 'left', $1, $1, $2 FROM memberships WHERE segment = $3 AND "
                   "until IS NULL", [now, REMOVED, segment])
    forget(engine, [segment])


def forget_customer(engine: DuckDBEngine, customer_id: str, now: datetime) -> None:
    """Remove every trace of a person who is erased, but for what whoever reads on in ``changes`` has to be told: that
    they left, at ``now``.

    The newest row of ``changes`` stays whoever it is of: no number is given twice. To be called inside a transaction.
    """
    newest = last(engine)
    engine.execute("INSERT INTO changes SELECT $1 + row_number() OVER (ORDER BY segment), segment, customer_id, "
                   "'left', $2, $2, $3 FROM memberships WHERE customer_id = $4 AND until IS NULL",
                   [newest, now, ERASED, customer_id])
    engine.execute("DELETE FROM changes WHERE customer_id = $1 AND seq <= $2 AND seq < (SELECT max(seq) FROM changes)",
                   [customer_id, newest])
    engine.execute("UPDATE segments SET members = members - 1 WHERE name IN (SELECT segment FROM memberships WHERE "
                   "customer_id = ? AND until IS NULL)", [customer_id])
    engine.execute("DELETE FROM memberships WHERE customer_id = ?", [customer_id])
    forget_values(engine, customer_id)
    forget_features(engine, customer_id)


def forget(engine: DuckDBEngine, segments: Sequence[str]) -> None:
    """Remove every trace of segments that are no more."""
    for segment in segments:
        engine.execute("DELETE FROM memberships WHERE segment = ?", [segment])
        engine.execute("DELETE FROM segment_sizes WHERE segment = ?", [segment])


def forget_all(engine: DuckDBEngine, segments: Sequence[str]) -> None:
    """Remove who was ever in, as if none was looked at yet. To be called inside a transaction."""
    forget(engine, segments)
    engine.execute("UPDATE segments SET refreshed_at = NULL, refreshed_facts = NULL, refreshed_version = NULL, members "
                   "= NULL")
