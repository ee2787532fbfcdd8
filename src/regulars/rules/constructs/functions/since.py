from datetime import timedelta
from typing import Any

from regulars.model.types import Type
from regulars.rules.constructs.functions.base import DAY_IN_MICROSECONDS, Chosen, Function
from regulars.rules.expressions import moment_literal
from regulars.rules.subjects import When


class Since(Function):
    """Days since the newest row, with their fraction."""

    name = "since"
    of = "last"

    def result(self, column: Type | None, text: str, position: int) -> Type:
        return Type.NUMBER

    def derive(self, column: Any, when: When) -> Any:
        passed = moment_literal(when.now).delta(column, unit="microsecond")
        return passed.cast("float64") / float(DAY_IN_MICROSECONDS)

    def compute(self, chosen: Chosen) -> float | None:
        if not chosen.rows:
            return None
        passed = (chosen.when.now - max(chosen.moments)) // timedelta(microseconds=1)
        return float(passed) / float(DAY_IN_MICROSECONDS)
