"""What is left of the erased in free places of the facts' file, and its removal: asked whenever a shop is opened."""

from __future__ import annotations

from regulars.engines.duckdb import DuckDBEngine, literal
from regulars.errors import DiskFull

TRACES = "erased.traces"


def remove_traces(engine: DuckDBEngine) -> bool:
    """Write the facts' file anew where somebody was erased since it last was; whether nothing is left to do.

    A row that is gone leaves its bytes behind until something is written over them. Where the disk has no room for a
    second file, or others are connected, the first one stays as it is, and this can be asked again.
    """
    if not engine.rows("SELECT 1 FROM meta WHERE key = ?", [TRACES]):
        return True
    try:
        return engine.rewrite(f"DELETE FROM copy_target.meta WHERE key = {literal(TRACES)}")
    except DiskFull:
        return False
