"""Whether memberships are true of the facts as they are."""

from __future__ import annotations

from regulars.engines.duckdb import DuckDBEngine


def stale(engine: DuckDBEngine) -> dict[str, bool]:
    """For each segment, whether facts or its rule have changed since it was last looked at."""
    return {name: bool(old) for name, old in engine.rows(
        "SELECT name, refreshed_at IS NULL OR changed_at > refreshed_at OR refreshed_facts IS DISTINCT FROM"
        " (SELECT value::BIGINT FROM meta WHERE key = 'facts_version') FROM segments")}
