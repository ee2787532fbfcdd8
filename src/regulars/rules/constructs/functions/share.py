from typing import Any

from regulars.model.types import Type
from regulars.rules.constructs.functions.base import Chosen, Function, Picked
from regulars.rules.subjects import When


class Share(Function):
    """Of the fact's rows in the window, the fraction (0 to 1) that meets ``where``."""

    name = "share"
    whole_window = True

    def result(self, column: Type | None, text: str, position: int) -> Type:
        return Type.NUMBER

    def reduce(self, picked: Picked, when: When) -> Any:
        met = picked.rows.count(where=picked.mask).cast("float64")
        return met / picked.rows.count(where=picked.in_window).nullif(0)

    def compute(self, chosen: Chosen) -> float | None:
        return len(chosen.rows) / chosen.in_window if chosen.in_window else None
