from typing import Any

from regulars.errors import WrongType
from regulars.model.types import Type
from regulars.rules.constructs.functions.base import Chosen, Function, Picked
from regulars.rules.refusals import why
from regulars.rules.subjects import When


class Min(Function):
    """The least of what is known."""

    name = "min"
    needs_column = True

    def result(self, column: Type | None, text: str, position: int) -> Type:
        return _ordered(column, text, position)

    def reduce(self, picked: Picked, when: When) -> Any:
        return picked.column.min(where=picked.mask)

    def compute(self, chosen: Chosen) -> Any:
        return min(chosen.values, default=None)


class Max(Function):
    """The greatest of what is known."""

    name = "max"
    needs_column = True

    def result(self, column: Type | None, text: str, position: int) -> Type:
        return _ordered(column, text, position)

    def reduce(self, picked: Picked, when: When) -> Any:
        return picked.column.max(where=picked.mask)

    def compute(self, chosen: Chosen) -> Any:
        return max(chosen.values, default=None)


def _ordered(column: Type | None, text: str, position: int) -> Type:
    if column is None or not (column.numeric or column.temporal):
        raise WrongType(why("{text}: least and greatest are asked of numbers and moments.", text=text),
                        position=position)
    return column
