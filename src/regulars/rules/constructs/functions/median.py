from statistics import median
from typing import Any

from regulars.model.types import Type
from regulars.rules.constructs.functions.base import Chosen, Function, Picked, need_numbers
from regulars.rules.subjects import When

STEPS = 10_000
"""Exact numbers are counted in their smallest steps: whole numbers, whose middle no double rounds."""


class Median(Function):
    """The middle of what is known, as a double; between the two middle ones where their number is even."""

    name = "median"
    needs_column = True

    def result(self, column: Type | None, text: str, position: int) -> Type:
        need_numbers(column, text, position)
        return Type.NUMBER

    def reduce(self, picked: Picked, when: When) -> Any:
        if not picked.column.type().is_decimal():
            return picked.column.cast("float64").median(where=picked.mask)
        return (picked.column * STEPS).cast("float64").median(where=picked.mask) / float(STEPS)

    def compute(self, chosen: Chosen) -> float | None:
        return float(median(chosen.values)) if chosen.values else None
