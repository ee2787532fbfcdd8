from typing import Any

from regulars.errors import WrongType
from regulars.model.types import Type
from regulars.rules.constructs.functions.base import Chosen, Function, Picked
from regulars.rules.subjects import When, fold


class Distinct(Function):
    """The number of different known values, text compared as text is; 0 where rows lie in the window but none is
    known, unknown of nothing."""

    name = "distinct"
    needs_column = True

    def result(self, column: Type | None, text: str, position: int) -> Type:
        if column in (Type.TEXTS, Type.JSON):
            raise WrongType(f"{text}: a list has no different values to count.", position=position)
        return Type.WHOLE

    def reduce(self, picked: Picked, when: When) -> Any:
        different = picked.folded.nunique(where=picked.mask)
        return (picked.rows.count(where=picked.mask) > 0).ifelse(different, None)

    def compute(self, chosen: Chosen) -> int | None:
        return len({fold(v) if isinstance(v, str) else v for v in chosen.values}) if chosen.rows else None
