from typing import Any

from regulars.model.types import Type
from regulars.rules.constructs.functions.base import Chosen, Function, Picked, need_numbers
from regulars.rules.subjects import When


class Sum(Function):
    """The sum of what is known; 0 of nothing. Money adds up exactly."""

    name = "sum"
    needs_column = True
    nothing = 0

    def result(self, column: Type | None, text: str, position: int) -> Type:
        return need_numbers(column, text, position)

    def reduce(self, picked: Picked, when: When) -> Any:
        return picked.column.sum(where=picked.mask)

    def compute(self, chosen: Chosen) -> Any:
        return sum(chosen.values)
