from typing import Any

from regulars.model.types import Type
from regulars.rules.constructs.functions.base import Chosen, Function, Picked
from regulars.rules.subjects import When


class First(Function):
    """The moment of the first row."""

    name = "first"

    def result(self, column: Type | None, text: str, position: int) -> Type:
        return Type.MOMENT

    def reduce(self, picked: Picked, when: When) -> Any:
        return picked.at.min(where=picked.mask)

    def compute(self, chosen: Chosen) -> Any:
        return min(chosen.moments, default=None)


class Last(Function):
    """The moment of the newest row."""

    name = "last"

    def result(self, column: Type | None, text: str, position: int) -> Type:
        return Type.MOMENT

    def reduce(self, picked: Picked, when: When) -> Any:
        return picked.at.max(where=picked.mask)

    def compute(self, chosen: Chosen) -> Any:
        return max(chosen.moments, default=None)
