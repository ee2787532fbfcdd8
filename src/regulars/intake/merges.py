"""Two customers that prove to be one, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from regulars.engines.duckdb import DuckDBEngine, literal, quoted
from regulars.errors import NotFound, Refused
from regulars.intake.identities import Merge
from regulars.intake.people import CONSENTS, RANK
from regulars.intake.refusals import why
from regulars.intake.rows import from_json, make_temp, remember, row_json, row_key
from regulars.model.tables import FACT_TABLES

MOVED = (*(t.name for t in FACT_TABLES), "returns", "identities")
BY_HAND = "by hand"
EARLIEST = ("at", "signed_up_at", "first_seen")


@dataclass(frozen=True)
class Merged:
    """A merge as it stands in the shop's books."""

    merge_id: str
    kept: str
    absorbed: str
    reason: str


def merge_all(engine: DuckDBEngine, merges: Sequence[Merge], source: str, now: datetime) -> list[Merged]:
    """Move everything of the absorbed customers to those that stay, and keep what is needed to take it back."""
    if not merges:
        return []
    first = int(engine.value("SELECT coalesce(max(substr(merge_id, 2)::BIGINT), 0) FROM merges"))
    done = [Merged(f"m{first + i:06d}", m.kept, m.absorbed, m.reason) for i, m in enumerate(merges, 1)]
    engine.register("loading", pa.table({c: pa.array([getattr(m, c) for m in done], pa.string())
                                         for c in ("merge_id", "kept", "absorbed", "reason")}))
    try:
        make_temp(engine, "merging", "SELECT * FROM loading")
    finally:
        engine.unregister("loading")
    if source != BY_HAND:
        remember(engine, source, "customers", "FROM customers t WHERE customer_id IN (SELECT unnest([kept, absorbed]) "
                 f"FROM merging) AND t.source IS DISTINCT FROM {literal(source)}")
    kept_row, absorbed_row = row_json(engine, "customers", "k"), row_json(engine, "customers", "a")
    engine.execute("INSERT INTO merges SELECT m.merge_id, ?, m.kept, m.absorbed, m.reason, ?, json_object('absorbed', "
                   f"{absorbed_row}, 'kept', {kept_row}), NULL FROM merging m JOIN customers k ON k.customer_id "
                   f"= m.kept "
                   "JOIN customers a ON a.customer_id = m.absorbed", [now, source])
    for table in MOVED:
        _move(engine, table)
    _fill_in(engine)
    engine.execute("DELETE FROM customers WHERE customer_id IN (SELECT absorbed FROM merging)")
    engine.execute("DELETE FROM same_decided WHERE (one, other) IN (SELECT (least(kept, absorbed), greatest(kept, "
                   "absorbed)) FROM merging)")
    engine.execute("DELETE FROM scores WHERE customer_id IN (SELECT absorbed FROM merging)")
    engine.execute("INSERT INTO touched_orders SELECT order_id FROM orders WHERE customer_id IN (SELECT kept "
                   "FROM merging)")
    for whom in ("touched", "redated"):
        engine.execute(f"INSERT INTO {whom} SELECT kept FROM merging UNION SELECT absorbed FROM merging")
    return done


def _move(engine: DuckDBEngine, table: str) -> None:
    key = row_key(table, "t")
    engine.execute(f"INSERT INTO merge_moves SELECT m.merge_id, {literal(table)}, {key} FROM {quoted(table)} t "
                   "JOIN merging m ON m.absorbed = t.customer_id")
    engine.execute(f"UPDATE {quoted(table)} t SET customer_id = m.kept FROM merging m WHERE m.absorbed = t.customer_id")


def _fill_in(engine: DuckDBEngine) -> None:
    """The one who stays learns what only the others knew; of moments the earliest, of consents the newest."""
    columns = [c for c in engine.columns("customers") if c not in ("customer_id", "source")]
    best = {c: f"arg_min(a.{quoted(c)}, m.merge_id)" for c in columns}
    best.update({c: f"min(a.{quoted(c)})" for c in EARLIEST})
    for channel in CONSENTS:
        best.update(_newest(f"{channel}_consent"))
    best["described"] = "bool_or(a.described)"
    best["kind"] = f"arg_max(a.kind, {RANK.format(x='a.kind')})"
    make_temp(engine, "learned", f"SELECT m.kept, {', '.join(f'{sql} AS {quoted(c)}' for c, sql in best.items())} "
              "FROM merging m JOIN customers a ON a.customer_id = m.absorbed GROUP BY m.kept")
    changes = {c: f"coalesce(t.{quoted(c)}, f.{quoted(c)})" for c in columns}
    changes.update({c: f"least(t.{quoted(c)}, f.{quoted(c)})" for c in EARLIEST})
    changes["described"] = "coalesce(t.described, false) OR coalesce(f.described, false)"
    changes["kind"] = (f"CASE WHEN ({RANK.format(x='f.kind')}) > ({RANK.format(x='t.kind')}) THEN f.kind ELSE "
                       f"t.kind END")
    for channel in CONSENTS:
        changes.update(_consent(f"{channel}_consent"))
    listed = ", ".join(f"{quoted(c)} = {sql}" for c, sql in changes.items())
    engine.execute(f"UPDATE customers t SET {listed} FROM learned f WHERE f.kept = t.customer_id")


def _consent(column: str) -> dict[str, str]:
    """The newest word; undated or of the same moment, the "no"."""
    newer = f"t.{column} IS NULL OR (f.{column} IS NOT NULL AND {_weight('f', column)} > {_weight('t', column)})"
    return {c: f"CASE WHEN {newer} THEN f.{c} ELSE t.{c} END" for c in _parts(column)}


def _newest(column: str) -> dict[str, str]:
    """The same among several who are absorbed, its moment and origin with it even where they are not known."""
    return {c: f"arg_max_null(a.{c}, {_weight('a', column)}) FILTER (a.{column} IS NOT NULL)" for c in _parts(column)}


def _weight(row: str, column: str) -> str:
    undated = f"CASE WHEN {row}.{column} THEN TIMESTAMP '-infinity' ELSE TIMESTAMP 'infinity' END"
    return f"{{'moment': coalesce({row}.{column}_at, {undated}), 'refused': NOT {row}.{column}}}"


def _parts(column: str) -> tuple[str, ...]:
    return column, f"{column}_at", f"{column}_origin"


def ids_of(engine: DuckDBEngine, customer: str) -> list[str]:
    """The customer's own id first, then of all who were merged into them, by whatever way."""
    return [who for (who,) in engine.rows(
        "WITH RECURSIVE part AS (SELECT ?::VARCHAR AS who UNION SELECT absorbed FROM part JOIN merges ON kept = who "
        "WHERE undone_at IS NULL) FROM part ORDER BY who <> ?, who", [customer] * 2)]


def find_merge(engine: DuckDBEngine, merge_id: str) -> Merged:
    rows = engine.rows("SELECT merge_id, kept, absorbed, reason, undone_at FROM merges WHERE merge_id = ?", [merge_id])
    if not rows:
        raise NotFound(why("There is no merge {number}.", number=merge_id), hint=why("See which there are."),
                       command="regulars customers show CUSTOMER")
    if rows[0][4] is not None:
        raise Refused(why("Merge {number} was taken back already, on {moment}.", number=merge_id, moment=rows[0][4]))
    return Merged(*rows[0][:4])


def unmerge_one(engine: DuckDBEngine, merge: Merged, now: datetime | None) -> None:
    """Take a merge back: rows, identities and what was learned from the other return to whom they came from, but for
    what was said since to be somebody else's.

    ``now`` None forgets that it ever was, as an import does that is undone; else no file joins the two again.
    """
    later = engine.rows("SELECT merge_id FROM merges WHERE absorbed = ? AND undone_at IS NULL AND merge_id > ?",
                        [merge.kept, merge.merge_id])
    if later:
        raise Refused(why("{kept} was itself merged into another customer later.", kept=merge.kept),
                      hint=why("Take back {later} first.", later=later[0][0]))
    json = "json_extract(absorbed_row, '/absorbed')"
    engine.execute(f"INSERT INTO customers SELECT {from_json(engine, 'customers', json)} FROM merges WHERE "
                   f"merge_id = ?",
                   [merge.merge_id])
    _forget_learned(engine, merge)
    for table in MOVED:
        engine.execute(f"UPDATE {quoted(table)} t SET customer_id = ? WHERE customer_id = ? AND {row_key(table, 't')} "
                       "IN (SELECT row_key FROM merge_moves WHERE merge_id = ? AND table_name = ?)",
                       [merge.absorbed, merge.kept, merge.merge_id, table])
    engine.execute("UPDATE replaced r SET before = json_merge_patch(before, json_object('customer_id', $1)) FROM "
                   "merge_moves v, merges m, imports i WHERE v.merge_id = $3 AND m.merge_id = $3 AND i.import_id = "
                   "r.import_id AND r.table_name = v.table_name AND r.row_key = v.row_key AND CASE WHEN m.source = $4 "
                   "THEN i.began_at >= m.\"at\" ELSE r.import_id > m.source END AND "
                   "json_extract_string(r.before, '/customer_id') = $2",
                   [merge.absorbed, merge.kept, merge.merge_id, BY_HAND])
    engine.execute("INSERT INTO touched_orders SELECT order_id FROM orders WHERE customer_id IN (?, ?)",
                   [merge.kept, merge.absorbed])
    engine.execute("INSERT INTO touched VALUES (?), (?)", [merge.kept, merge.absorbed])
    engine.execute("DELETE FROM merge_moves WHERE merge_id = ?", [merge.merge_id])
    if now is None:
        engine.execute("DELETE FROM merges WHERE merge_id = ?", [merge.merge_id])
    else:
        engine.execute("UPDATE merges SET undone_at = ?, absorbed_row = NULL WHERE merge_id = ?", [now, merge.merge_id])


def _forget_learned(engine: DuckDBEngine, merge: Merged) -> None:
    """Where the one who stayed still says what it learned from the other, it says again what it said before."""
    make_temp(engine, "was_kept", f"SELECT {from_json(engine, 'customers', _json('kept'))} FROM merges "
              f"WHERE merge_id = {literal(merge.merge_id)}")
    make_temp(engine, "was_absorbed", f"SELECT {from_json(engine, 'customers', _json('absorbed'))} FROM merges "
              f"WHERE merge_id = {literal(merge.merge_id)}")
    columns = [quoted(c) for c in engine.columns("customers") if c not in ("customer_id", "source")]
    changes = ", ".join(f"{c} = CASE WHEN t.{c} IS NOT DISTINCT FROM a.{c} THEN k.{c} ELSE t.{c} END" for c in columns)
    engine.execute(f"UPDATE customers t SET {changes} FROM was_kept k, was_absorbed a "
                   f"WHERE t.customer_id = {literal(merge.kept)}")


def _json(which: str) -> str:
    return f"json_extract(absorbed_row, '/{which}')"
