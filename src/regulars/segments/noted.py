"""What segments note of themselves in ``meta``: one text under each key."""

from __future__ import annotations

from regulars.engines.duckdb import DuckDBEngine


def noted(engine: DuckDBEngine, key: str) -> str:
    """The text under the key, "" where there is none."""
    return engine.value("SELECT value FROM meta WHERE key = ?", [key]) or ""


def note(engine: DuckDBEngine, key: str, text: str) -> None:
    """Put the text in the place of what was noted before. To be called inside a transaction."""
    engine.execute("DELETE FROM meta WHERE key = ?", [key])
    engine.execute("INSERT INTO meta VALUES (?, ?)", [key, text])
