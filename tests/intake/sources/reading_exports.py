"""Reads an export the way an import does, up to its canonical tables."""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from regulars.engines.duckdb import DuckDBEngine, quoted
from regulars.intake import reading
from regulars.intake.sources import Source, all_sources
from regulars.model.phrases import Said
from regulars.model.settings import Settings

EXPORTS = Path(__file__).resolve().parents[3] / "data" / "exports"
BERLIN = Settings(currency="EUR", timezone="Europe/Berlin", country="DE")
NEW_YORK = Settings(currency="USD", timezone="America/New_York", country="US")
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Understood:
    source: Source
    scores: dict[str, float]
    mapping: dict[str, str]
    tables: dict[str, Rows]
    own: dict[str, str]
    labels: dict[str, str]
    cautions: tuple[Said, ...]
    unreadable: list[tuple[str, int]]

    def rows(self, table: str) -> Rows:
        return self.tables[table]

    def by(self, table: str, key: str) -> dict[str, dict[str, Any]]:
        found = {r[key]: r for r in self.tables[table]}
        assert len(found) == len(self.tables[table])
        return found

    def total(self, table: str, column: str) -> Decimal:
        return sum((Decimal(r[column]) for r in self.tables[table] if r[column] is not None), Decimal(0))


def read(path: Path | str, settings: Settings = BERLIN) -> Understood:
    """The one table of a file; ``path`` may be relative to the fixtures."""
    [found] = read_all(path, settings)
    return found


def read_all(path: Path | str, settings: Settings = BERLIN) -> list[Understood]:
    engine = DuckDBEngine.open(":memory:")
    try:
        with (
            reading.scratch_folder() as scratch,
            closing(reading.stages(engine, EXPORTS / path, settings, scratch, {})) as stages,
        ):
            return [_understand(engine, stage, settings) for stage in stages]
    finally:
        engine.close()


def _understand(engine: DuckDBEngine, stage: Any, settings: Settings) -> Understood:
    scores = {s.name: s.recognises(stage.header_set, stage.file_name) for s in all_sources()}
    source = next(s for s in all_sources() if s.name == max(scores, key=lambda n: scores[n]))
    assert scores[source.name] > 0, stage.file_name
    tables = {
        name: engine.query(f"SELECT * FROM ({sql}) ORDER BY ALL").to_pylist()
        for name, sql in source.canonical(stage, settings).items()
    }
    fields = getattr(source, "own_fields", lambda _: ())(stage)
    unreadable = [
        (r.header, row)
        for r in stage.reads.values()
        for (row,) in engine.rows(
            f"SELECT _row FROM {quoted(stage.name)} WHERE {r.raw} IS NOT NULL AND {r.parsed} IS NULL AND _row > ?",
            [getattr(source, "header_rows", 1) - 1],
        )
    ]
    return Understood(
        source=source,
        scores=scores,
        mapping=source.mapping(stage),
        tables=tables,
        own={f.name: f.type.name for f in fields},
        labels={f.name: f.label for f in fields},
        cautions=getattr(source, "cautions", lambda _: ())(stage),
        unreadable=unreadable,
    )


def records(path: Path | str) -> list[list[str]]:
    with (EXPORTS / path).open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def write(path: Path, table: Sequence[Sequence[str]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(table)
    return path


def shuffled(path: Path | str, target: Path, seed: int) -> Path:
    """The same table with its columns in another order."""
    table = records(path)
    order = list(range(len(table[0])))
    random.Random(seed).shuffle(order)
    return write(target, [[row[i] for i in order] for row in table])
