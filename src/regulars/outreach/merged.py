"""Who was merged into whom: what was sent to, and said by, who is no customer any more is of the one they are now."""

from __future__ import annotations

from collections.abc import Sequence

from regulars.engines.duckdb import DuckDBEngine


def parts(engine: DuckDBEngine, customers: Sequence[str]) -> list[tuple[str, str]]:
    """Each of them with their own id, and with that of everybody who was merged into them, by whatever way."""
    return engine.rows(
        "WITH RECURSIVE part AS (SELECT who, who AS part FROM (SELECT unnest($1::VARCHAR[]) AS who) UNION SELECT who, "
        "absorbed FROM part JOIN merges ON kept = part WHERE undone_at IS NULL) FROM part", [list(customers)])
