"""Keeping scores: one row a customer in ``scores``, each score named in ``fields``, so that rules can ask of it.

What each analysis kept, and when, stands in ``meta`` under ``scored.<analysis>``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from regulars.engines.duckdb import SQL_TYPES, DuckDBEngine, quoted
from regulars.errors import Refused, TooLittleData
from regulars.insight.common.analysis import Facts, Result, Scores
from regulars.insight.common.finding import analysis, names
from regulars.insight.common.refusals import why

NOTE = "scored."
INCOMING, FRESH = "incoming_scores", "fresh_scores"


@dataclass(frozen=True)
class Scored:
    """What is kept of an analysis: its attributes, the moment they are true of (naive UTC), no facts came since."""

    analysis: str
    names: tuple[str, ...]
    as_of: datetime
    current: bool


@dataclass(frozen=True)
class Refreshed:
    """All scores worked out anew, and the analyses that had too little data for it."""

    kept: tuple[Result, ...]
    left_out: Mapping[str, TooLittleData]


def refreshed(shop: Facts, now: datetime) -> Refreshed:
    """Run every analysis that has scores, as it is without parameters; keeps nothing yet."""
    kept, left_out = [], {}
    for name in names():
        kind = analysis(name)
        try:
            kept += [kind().run(shop, now)] if kind.keeps else []
        except TooLittleData as error:
            left_out[name] = error
    return Refreshed(tuple(kept), left_out)


def keep(engine: DuckDBEngine, results: Sequence[Result]) -> None:
    """Keep the scores of these results, all or nothing; what these analyses kept before is given up.

    A customer without a row, or with nothing in it, has no score. Kept features are worked out anew after this; what
    other analyses kept is as current as it was. Raises `Refused` for a result without scores, or of a segment only.
    """
    for result in results:
        if result.parameters.get("segment"):
            raise Refused(why("Scores are of everybody, and {analysis} looked only at a segment.",
                              analysis=result.analysis), hint=why("Work them out of everybody."))
        if result.scores is None or result.scores.otherwise:
            raise Refused(why("{analysis} has no scores to keep.", analysis=result.analysis),
                          hint=why("Ask without parameters that change what its scores mean."))
    with engine.changing_facts():
        notes = [s for s in scored(engine) if s.current and s.analysis not in {r.analysis for r in results}]
        for result in results:
            if result.scores is not None:
                _replace(engine, result.analysis, result.scores)
                notes.append(Scored(result.analysis, tuple(result.scores.types), result.now, True))
        engine.execute("UPDATE meta SET value = (value::BIGINT + 1)::VARCHAR WHERE key = 'facts_version'")
        for note in notes:
            _note(engine, note)


def scored(engine: DuckDBEngine) -> list[Scored]:
    """What is kept of each analysis, by name."""
    version = _facts_version(engine)
    rows = engine.rows("SELECT key, value FROM meta WHERE starts_with(key, ?) ORDER BY key", [NOTE])
    said = [(key.removeprefix(NOTE), json.loads(value)) for key, value in rows]
    return [Scored(name, tuple(note["names"]), datetime.fromisoformat(note["as_of"]), note["facts"] == version)
            for name, note in said]


def _facts_version(engine: DuckDBEngine) -> int:
    return int(engine.value("SELECT value FROM meta WHERE key = 'facts_version'"))


def _note(engine: DuckDBEngine, note: Scored) -> None:
    said = {"names": note.names, "as_of": note.as_of.isoformat(), "facts": _facts_version(engine)}
    engine.execute("DELETE FROM meta WHERE key = ?", [NOTE + note.analysis])
    engine.execute("INSERT INTO meta VALUES (?, ?)", [NOTE + note.analysis, json.dumps(said)])


def _replace(engine: DuckDBEngine, analysis: str, scores: Scores) -> None:
    """The table anew, with this analysis' columns as they are now: quicker than updating most of its rows."""
    given_up = {name for (name,) in engine.rows("SELECT name FROM fields WHERE table_name = 'scores' AND source = ?",
                                                [analysis])}
    others = [c for c in engine.columns("scores") if c not in given_up | {"customer_id"} | set(scores.types)]
    columns = [f"s.{quoted(c)}" for c in others]
    columns += [f"CAST(i.{quoted(c)} AS {SQL_TYPES[t.value]}) AS {quoted(c)}" for c, t in scores.types.items()]
    engine.register(INCOMING, scores.table)
    try:
        engine.execute(f"CREATE TABLE {FRESH} AS SELECT customer_id, {', '.join(columns)} FROM scores s FULL JOIN "
                       f"{INCOMING} i USING (customer_id) ORDER BY customer_id")
    finally:
        engine.unregister(INCOMING)
    engine.execute("DROP TABLE scores")
    engine.execute(f"ALTER TABLE {FRESH} RENAME TO scores")
    _name(engine, analysis, scores)


def _name(engine: DuckDBEngine, analysis: str, scores: Scores) -> None:
    engine.execute("DELETE FROM fields WHERE table_name = 'scores' AND (source = ? OR list_contains(?, name))",
                   [analysis, list(scores.types)])
    for name, type_ in scores.types.items():
        engine.execute("INSERT INTO fields (table_name, name, type, label, source) VALUES ('scores', ?, ?, ?, ?)",
                       [name, type_.value, scores.labels[name], analysis])
