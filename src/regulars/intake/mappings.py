"""Which column is which field, as a person says it, and how the choice is kept for a set of headers."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from regulars.engines.duckdb import DuckDBEngine, literal
from regulars.errors import NotFound, Refused
from regulars.intake.refusals import why
from regulars.intake.stage import Stage, normalise_header
from regulars.intake.values_dates import DAY_FIRST, MONTH_FIRST
from regulars.intake.values_numbers import COMMA, POINT
from regulars.model.tables import TABLES
from regulars.model.types import Type

SHOP_CURRENCY = "shop-currency"
HINTS = frozenset({DAY_FIRST, MONTH_FIRST, POINT, COMMA, SHOP_CURRENCY})


@dataclass(frozen=True)
class Choice:
    """What a person said of one column: ``field`` is None where only its shape was told, empty to leave it out."""

    header: str
    field: str | None
    hints: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return ":".join([self.field or "", *sorted(self.hints)])


Choices = Mapping[str, Choice]
"""By normalised header."""


def read(mapping: Mapping[str, str] | None) -> dict[str, Choice]:
    """Read ``column -> [table.]field[:shape]``; raises `Refused` naming a shape that is none."""
    return {normalise_header(h): _choice(h, text) for h, text in (mapping or {}).items()}


def _choice(header: str, text: str) -> Choice:
    field, *hints = [part.strip() for part in text.split(":")]
    if not hints and field in HINTS:
        return Choice(header, None, frozenset({field}))
    for hint in hints:
        if hint not in HINTS:
            raise Refused(why("'{hint}', said of column '{header}', is no shape of a column.", hint=hint,
                              header=header), hint=why("Use one of {known}.", known=[*sorted(HINTS)]))
    if field == "FIELD" or (hints and not field):
        return Choice(header, None, frozenset(hints))
    return Choice(header, field, frozenset(hints))


def hints(choices: Choices) -> dict[str, frozenset[str]]:
    return {key: c.hints for key, c in choices.items() if c.hints}


def check(choices: Choices, stage: Stage) -> None:
    """Raise `NotFound`, with the nearest column, where a choice speaks of a column that is not there."""
    known = {c.key for c in stage.columns}
    for key, choice in choices.items():
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            raise NotFound(why("{file} has no column '{header}'.", file=stage.file_name, header=choice.header),
                           hint=why("Did you mean '{near}'?", near=near[0]) \
                                if near else why("It has {known}.", known=[*stage.headers[:12]]))


def header_hash(headers: Iterable[str]) -> str:
    """The fingerprint of a set of headers, whatever their order."""
    joined = "\x1f".join(sorted({normalise_header(h) for h in headers}))
    return hashlib.blake2b(joined.encode(), digest_size=16).hexdigest()


def recall(engine: DuckDBEngine, stage: Stage) -> tuple[str | None, dict[str, Choice]]:
    """The table kind or source, and the choices, that a person left for these headers the last time."""
    if "mappings" not in engine.tables() or not stage.header_given:
        return None, {}
    found = engine.rows("SELECT source_name, mapping FROM mappings WHERE header_hash = ?", [header_hash(stage.headers)])
    if not found:
        return None, {}
    return found[0][0], read(json.loads(found[0][1]))


def save(engine: DuckDBEngine, hashed: str, as_: str | None, choices: Mapping[str, str], now: str) -> None:
    """Keep what a person chose, inside the import's transaction; ``now`` is an ISO moment."""
    engine.execute("DELETE FROM mappings WHERE header_hash = ?", [hashed])
    engine.execute(f"INSERT INTO mappings VALUES (?, CAST({literal(now)} AS TIMESTAMP), ?, ?)",
                   [hashed, as_, json.dumps(dict(choices), ensure_ascii=False)])


def reader_of(table: str, name: str) -> str:
    """The method of `Stage` that reads a field; raises `Refused` where the table has no such field."""
    column = TABLES[table].column(name) if table in TABLES else None
    if column is None or column.settled:
        raise Refused(why("{table}.{name} is no field that a file can fill.", table=table, name=name))
    if column.type is Type.TEXT:
        return "key" if name.endswith("_id") or name in ("phone", "postcode") else "text"
    return READERS[column.type]


READERS = {Type.MONEY: "money", Type.DECIMAL: "number", Type.WHOLE: "whole", Type.NUMBER: "real", Type.YESNO: "yesno",
           Type.MOMENT: "moment", Type.DATE: "day", Type.TEXTS: "texts", Type.JSON: "text"}
