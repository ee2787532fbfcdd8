"""A region of the grid of recency by frequency as a rule, and the grid as rules see it: by the kept scores."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from regulars.engines.duckdb import DuckDBEngine
from regulars.insight.common.sql import NET

Cell = tuple[int, int]
"""Recency and frequency, 1 to 5 each."""
STEPS = range(1, 6)
RECENCY, FREQUENCY = "rfm.recency", "rfm.frequency"


@dataclass(frozen=True)
class Field:
    """A cell of the grid with its customers and what they paid, net of refunds."""

    recency: int
    frequency: int
    customers: int
    paid: Decimal

    @property
    def cell(self) -> Cell:
        return self.recency, self.frequency


def grid(engine: DuckDBEngine, now: datetime) -> list[Field]:
    """All 25 cells by the kept scores, the most recent first, with what was paid until ``now`` (naive UTC).

    Empty where no scores are kept.
    """
    if not {RECENCY, FREQUENCY} <= set(engine.columns("scores")):
        return []
    paid = f'SELECT customer_id, sum({NET}) AS paid FROM orders WHERE counted AND "at" <= ? GROUP BY 1'
    rows = engine.rows(
        f"SELECT r, f, count(s.customer_id), coalesce(sum(paid), 0) FROM range(1, 6) a(r) CROSS JOIN range(1, 6) b(f)"
        f' LEFT JOIN scores s ON s."{RECENCY}" = r AND s."{FREQUENCY}" = f LEFT JOIN ({paid}) USING (customer_id)'
        " GROUP BY r, f ORDER BY r DESC, f",
        [now],
    )
    return [Field(*row) for row in rows]


def rule_of(cells: Iterable[Cell]) -> str:
    """The rule that is true of whoever is in one of these cells; "" for none.

    Rows of the grid with the same frequencies are said together, so that a rectangle is two conditions.
    """
    chosen, same = set(cells), dict[tuple[int, ...], list[int]]()
    for recency in STEPS:
        frequencies = tuple(f for f in STEPS if (recency, f) in chosen)
        if frequencies:
            same.setdefault(frequencies, []).append(recency)
    parts = [
        _both(_among(RECENCY, recencies), _among(FREQUENCY, frequencies)) for frequencies, recencies in same.items()
    ]
    return parts[0] if len(parts) == 1 else " or ".join(f"({part})" for part in parts)


def _both(one: str, other: str) -> str:
    return " and ".join(part for part in (one, other) if part) or f"{RECENCY} is known"


def _among(name: str, steps: Sequence[int]) -> str:
    """That a score is one of ``steps`` (sorted); "" where it may be any."""
    if steps[-1] - steps[0] == len(steps) - 1:
        return _run(name, steps[0], steps[-1])
    return f"{name} in ({', '.join(map(str, steps))})"


def _run(name: str, low: int, high: int) -> str:
    if low == high:
        return f"{name} = {low}"
    if high == STEPS[-1]:
        return "" if low == STEPS[0] else f"{name} >= {low}"
    return f"{name} <= {high}" if low == STEPS[0] else f"{name} between {low} and {high}"


def holds(cells: Collection[Cell], fields: Iterable[Field]) -> tuple[int, Decimal]:
    """How many customers are in these cells, and what they paid."""
    inside = [field for field in fields if field.cell in cells]
    return sum(f.customers for f in inside), sum((f.paid for f in inside), Decimal(0))
