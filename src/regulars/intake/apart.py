"""Pairs that a person said are two: by taking a merge back, or by saying so of a suggestion."""

from __future__ import annotations

from regulars.engines.duckdb import DuckDBEngine

APART = """
WITH RECURSIVE went(was, now) AS (SELECT absorbed, kept FROM merges WHERE undone_at IS NULL UNION
        SELECT w.was, m.kept FROM went w JOIN merges m ON m.absorbed = w.now AND m.undone_at IS NULL),
    said AS (SELECT kept AS one, absorbed AS other FROM merges WHERE undone_at IS NOT NULL UNION
        SELECT one, other FROM same_decided WHERE what = 'apart'),
    ends AS (SELECT was, now FROM went WHERE now NOT IN (SELECT was FROM went)),
    led AS (SELECT coalesce(a.now, one) AS one, coalesce(b.now, other) AS other FROM said
        LEFT JOIN ends a ON a.was = one LEFT JOIN ends b ON b.was = other)
SELECT DISTINCT least(one, other) AS one, greatest(one, other) AS other FROM (FROM said UNION FROM led)
WHERE one <> other"""
"""Of whoever was merged into another since, it is said of that other too."""


def apart(engine: DuckDBEngine) -> set[frozenset[str]]:
    """Pairs that nothing but a person joins."""
    return {frozenset(pair) for pair in engine.rows(APART)}
