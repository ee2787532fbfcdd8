"""The named groups: a full partition of the scores, or segments with bounds from a file of which the first fits."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from regulars.engines.duckdb import literal
from regulars.errors import NotFound, Refused
from regulars.insight.common.refusals import why
from regulars.model.phrases import Own, Sentence, phrases

text, counted = phrases("regulars.insight", "rfm")

LABELS: Mapping[str, Sentence] = {
    "champions": text("Champions"),
    "loyal": text("Loyal customers"),
    "potential loyalists": text("Potential loyalists"),
    "new": text("Recent, little so far"),
    "promising": text("Promising"),
    "need attention": text("Need attention"),
    "about to sleep": text("About to sleep"),
    "at risk": text("Slipping away"),
    "cannot lose": text("Cannot lose them"),
    "hibernating": text("Hibernating"),
    "lost": text("Lost"),
    "others": text("Others"),
}
"""In order of what they are worth to the shop."""
QUIET = ("at risk", "cannot lose")
"""Bought well, and have not for long."""

NAMED = (
    ("lost", "lost", "at risk", "at risk", "cannot lose"),
    ("hibernating", "hibernating", "at risk", "at risk", "cannot lose"),
    ("about to sleep", "about to sleep", "need attention", "loyal", "loyal"),
    ("promising", "potential loyalists", "potential loyalists", "loyal", "champions"),
    ("new", "potential loyalists", "potential loyalists", "champions", "champions"),
)
"""By recency from 1 to 5, then by the mean of frequency and money, rounded down."""
NEEDED = ("name", "recency_lower", "recency_upper", "frequency_lower", "frequency_upper", "money_lower", "money_upper")
OTHERS = "others"


@dataclass(frozen=True)
class Bounds:
    """A segment of the scores: each between two bounds, both included."""

    name: str
    recency: tuple[int, int]
    frequency: tuple[int, int]
    money: tuple[int, int]

    @property
    def condition(self) -> str:
        return " AND ".join(f"{score} BETWEEN {low} AND {high}" for score, (low, high) in (
            ("recency", self.recency), ("frequency", self.frequency), ("money", self.money)))


def label(code: str) -> Sentence:
    """A group as it is said; a segment of the owner's own is said as it was named."""
    return LABELS[code] if code in LABELS else text("{name}", name=Own(code))


def read_bounds(path: str) -> tuple[Bounds, ...]:
    """Segments from a CSV file, in its order; raises `NotFound` and `Refused`."""
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise NotFound(why("The segments cannot be read from {path}.", path=path),
                       hint=why("Give a CSV file in UTF-8.")) from error
    if not rows:
        raise Refused(why("{path} holds no segments.", path=path),
                      hint=why("Its columns are {known}.", known=[*NEEDED]))
    return tuple(_bounds(row, number) for number, row in enumerate(rows, 2))


def _bounds(row: Mapping[str, str], number: int) -> Bounds:
    said = {str(k).strip().lower().replace("monetary", "money"): (v or "") for k, v in row.items()}
    missing = [name for name in NEEDED if not str(said.get(name, "")).strip()]
    if missing:
        raise Refused(why("Line {number} of the segments has no {missing}.", number=number, missing=missing[0]),
                      hint=why("Columns: {known}.", known=[*NEEDED]))
    recency, frequency, money = (_pair(said, score, number) for score in ("recency", "frequency", "money"))
    return Bounds(said["name"].strip(), recency, frequency, money)


def _pair(said: Mapping[str, str], score: str, number: int) -> tuple[int, int]:
    try:
        low, high = int(said[f"{score}_lower"]), int(said[f"{score}_upper"])
    except ValueError as error:
        raise Refused(why("Line {number} of the segments has a bound of {score} that is no whole number.",
                          number=number, score=score)) from error
    if not 1 <= low <= high <= 5:
        raise Refused(why("Line {number} of the segments has bounds of {score} that are not within 1 to 5, or fall.",
                          number=number, score=score))
    return low, high


def group_sql(bounds: tuple[Bounds, ...]) -> str:
    """The group as an expression over ``recency``, ``frequency`` and ``money``."""
    if not bounds:
        names = ", ".join(literal(name) for row in NAMED for name in row)
        return f"([{names}])[(recency - 1) * 5 + (frequency + money) // 2]"
    cases = " ".join(f"WHEN {b.condition} THEN {literal(b.name)}" for b in bounds)
    return f"CASE {cases} ELSE {literal(OTHERS)} END"


def in_order(bounds: tuple[Bounds, ...]) -> list[str]:
    """The groups as they are listed."""
    return [*dict.fromkeys(b.name for b in bounds), OTHERS] if bounds else list(LABELS)
