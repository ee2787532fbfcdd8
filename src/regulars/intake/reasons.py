"""Why rows are refused: kept beside them as a code and what it speaks of, said later in any language.

``in_refused.reason`` is a JSON list of lists: ``[["unreadable", "Date", "31/31/2026", "date"]]``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from regulars.engines.duckdb import literal
from regulars.intake.findings import kind_of_cell
from regulars.model.phrases import Own, Said, Sentence, phrases

text, counted = phrases("regulars.intake", "reasons")

REASONS: dict[str, Callable[..., Sentence]] = {
    "unreadable": lambda header, cell, kind: text("{column}: {cell} is no {kind}", column=Own(header), cell=Own(cell),
                                                  kind=kind_of_cell(kind)),
    "no-key": lambda column: text("no {column}", column=Own(column)),
    "no-date": lambda: text("no date"),
    "no-rate": lambda currency: text("the amount is in {currency} and rates.csv has no rate for its day",
                                     currency=Own(currency)),
    "width": lambda line, cells, width: text("line {line} has {cells} cells where the header names {width}",
                                             line=int(line), cells=int(cells), width=int(width)),
}


def as_sql(code: str, *parts: str) -> str:
    """An expression for one reason; ``parts`` are expressions of text."""
    return f"[{', '.join([literal(code), *parts])}]"


def all_of(reasons: Sequence[str]) -> str:
    """An expression for a row's reasons, those left out that are NULL."""
    return f"CAST(to_json(list_filter([{', '.join(reasons)}], x -> x IS NOT NULL)) AS VARCHAR)"


def as_json(code: str, *parts: object) -> str:
    return json.dumps([[code, *map(str, parts)]])


def read(reason: str) -> Said:
    """The reasons of a row as one saying; a text that is no list of them stands as it is."""
    if not reason.startswith("[["):
        return reason
    found = [REASONS[code](*parts) for code, *parts in json.loads(reason)]
    return found[0] if len(found) == 1 else text("{all}", all=found)


def currency_without_rate(reason: Said) -> str | None:
    """The currency a row was refused for."""
    found = reason.parts.get("currency") if isinstance(reason, Sentence) else None
    return found.value if isinstance(found, Own) else None
