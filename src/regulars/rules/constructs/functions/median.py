from statistics import median
from typing import Any

from regulars.model.types import Type
from regulars.rules.constructs.functions.base import Chosen, Function, Picked, need_numbers
from regulars.rules.subjects import When


class Median(Function):
    """The middle of what is known, as a double; between the two middle ones where their number is even."""

    name = "median"
    needs_column = True

    def result(self, column: Type | None, text: str, position: int) -> Type:
        need_numbers(column, text, position)
        return Type.NUMBER

    def reduce(self, picked: Picked, when: When) -> Any:
        return picked.column.cast("float64").median(where=picked.mask)

    def compute(self, chosen: Chosen) -> float | None:
        return float(median(float(v) for v in chosen.values)) if chosen.values else None
