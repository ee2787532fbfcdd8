from typing import Any

from regulars.model.types import Type
from regulars.rules.constructs.functions.base import Chosen, Function, Picked
from regulars.rules.subjects import When


class Count(Function):
    """How many rows; 0 of nothing."""

    name = "count"
    nothing = 0

    def result(self, column: Type | None, text: str, position: int) -> Type:
        return Type.WHOLE

    def reduce(self, picked: Picked, when: When) -> Any:
        return picked.rows.count(where=picked.mask)

    def compute(self, chosen: Chosen) -> int:
        return len(chosen.rows)
