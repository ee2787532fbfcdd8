from datetime import timedelta
from typing import Any

from regulars.model.types import Type
from regulars.rules.constructs.functions.base import DAY_IN_MICROSECONDS, Chosen, Function, Picked
from regulars.rules.subjects import When


class Gap(Function):
    """Average days between consecutive rows; unknown with fewer than two."""

    name = "gap"

    def result(self, column: Type | None, text: str, position: int) -> Type:
        return Type.NUMBER

    def reduce(self, picked: Picked, when: When) -> Any:
        spanned = picked.at.max(where=picked.mask).delta(picked.at.min(where=picked.mask), unit="microsecond")
        steps = picked.rows.count(where=picked.mask) - 1
        return (steps > 0).ifelse(spanned.cast("float64") / (steps * DAY_IN_MICROSECONDS).cast("float64"), None)

    def compute(self, chosen: Chosen) -> float | None:
        steps = len(chosen.rows) - 1
        if steps < 1:
            return None
        spanned = (max(chosen.moments) - min(chosen.moments)) // timedelta(microseconds=1)
        return float(spanned) / float(steps * DAY_IN_MICROSECONDS)
