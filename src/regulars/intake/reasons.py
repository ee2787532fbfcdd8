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
    "no-object": lambda: text("it is no JSON object"),
    "unknown-type": lambda kind, known: text("its type is {kind}, and may be {known}", kind=Own(kind),
                                             known=Own(known)),
    "unknown-channel": lambda channel, known: text("its channel is {channel}, and may be {known}", channel=Own(channel),
                                                   known=Own(known)),
    "nobody": lambda: text("it has neither userId nor anonymousId"),
    "odd-id": lambda name: text("its {name} is neither text nor a number", name=Own(name)),
    "too-long": lambda longest: text("an id or a name in it is longer than {longest} characters", longest=int(longest)),
    "lacks": lambda kind, what: text("a {kind} needs {what}", kind=Own(kind), what=Own(what)),
    "not-object": lambda name: text("its {name} are no JSON object", name=Own(name)),
    "items-not-object": lambda name: text("not each of its {name} is a JSON object", name=Own(name)),
    "too-deep": lambda deepest: text("it is nested more than {deepest} deep", deepest=int(deepest)),
    "no-amount": lambda column, cell: text("{column} is no amount: {cell}", column=Own(column), cell=Own(cell)),
    "below-nothing": lambda column, cell: text("{column} of what came back is less than nothing: {cell}",
                                               column=Own(column), cell=Own(cell)),
    "no-moment": lambda cell: text("its timestamp is no moment: {cell}", cell=Own(cell)),
    "too-old": lambda: text("its timestamp is before 1900"),
    "not-come": lambda: text("it speaks of an order that has not come yet"),
    "deleted-again": lambda: text("it deletes an order that was deleted before and has come back since, so it may be "
                                  "that old deletion sent once more; try it again only if the order is gone"),
    "damaged": lambda: text("what the disk gave back is not what was written"),
    "engine": lambda message: text("the engine cannot take it: {message}", message=Own(message)),
    "topic": lambda topic, error: text("{topic} cannot be read: {error}", topic=Own(topic), error=Own(error)),
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
