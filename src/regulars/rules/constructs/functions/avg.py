from typing import Any

from regulars.model.types import Type
from regulars.rules.constructs.functions.base import Chosen, Function, Picked, need_numbers
from regulars.rules.subjects import When


class Avg(Function):
    """The mean of what is known, as a double; exact sums are divided once."""

    name = "avg"
    needs_column = True

    def result(self, column: Type | None, text: str, position: int) -> Type:
        need_numbers(column, text, position)
        return Type.NUMBER

    def reduce(self, picked: Picked, when: When) -> Any:
        total = picked.column.sum(where=picked.mask).cast("float64")
        return total / picked.column.count(where=picked.mask).nullif(0)

    def compute(self, chosen: Chosen) -> float | None:
        return float(sum(chosen.values)) / len(chosen.values) if chosen.values else None
