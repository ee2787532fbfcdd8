"""Files brought as far as their canonical rows: what the back half of intake would be handed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regulars.engines.duckdb import DuckDBEngine
from regulars.intake import reasons
from regulars.intake.prepare import prepare
from regulars.intake.prepared import Prepared
from regulars.model.settings import Settings


@dataclass(frozen=True)
class Seen:
    """One prepared table, with its canonical rows as dicts and its refused rows as (row, reason)."""

    prepared: Prepared
    tables: Mapping[str, list[dict[str, Any]]]
    refused: list[tuple[int, str]]

    def one(self, table: str) -> dict[str, Any]:
        rows = self.tables[table]
        assert len(rows) == 1, rows
        return rows[0]

    def column(self, table: str, name: str) -> list[Any]:
        return [r.get(name) for r in self.tables[table]]


def look(engine: DuckDBEngine, prepared: Prepared) -> Seen:
    tables = {t: engine.query(f"SELECT * FROM in_{t} ORDER BY _row").to_pylist() for t in prepared.tables}
    return Seen(prepared, tables, [(row, str(reasons.read(reason))) for row, reason in
                                  engine.rows("SELECT _row, reason FROM in_refused ORDER BY ALL")])


@contextmanager
def memory() -> Iterator[DuckDBEngine]:
    engine = DuckDBEngine.open(":memory:")
    try:
        yield engine
    finally:
        engine.close()


def bring(path: Path, *, engine: DuckDBEngine | None = None, **said: Any) -> list[Seen]:
    """Every table of the file; settings among ``said``: currency, timezone."""
    settings = Settings(**{k: said.pop(k) for k in ("currency", "timezone") if k in said})
    if engine is not None:
        return [look(engine, p) for p in prepare(engine, path, settings, **said)]
    with memory() as own:
        return [look(own, p) for p in prepare(own, path, settings, **said)]


def bring_text(folder: Path, text: str | bytes, *, name: str = "table.csv", **said: Any) -> Seen:
    """One table, from its text."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    found = bring(path, **said)
    assert len(found) == 1
    return found[0]
