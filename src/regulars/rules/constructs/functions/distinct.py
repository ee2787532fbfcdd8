from typing import Any

from regulars.errors import WrongType
from regulars.model.later import later
from regulars.model.types import Type
from regulars.rules.constructs.functions.base import Chosen, Function, Picked
from regulars.rules.expressions import bit_count
from regulars.rules.refusals import why
from regulars.rules.subjects import When, fold

ibis = later("ibis")


class Distinct(Function):
    """The number of different known values, text compared as text is; 0 where rows lie in the window but none is
    known, unknown of nothing."""

    name = "distinct"
    needs_column = True

    def result(self, column: Type | None, text: str, position: int) -> Type:
        if column in (Type.TEXTS, Type.JSON):
            raise WrongType(why("{text}: a list has no different values to count.", text=text), position=position)
        return Type.WHOLE

    def reduce(self, picked: Picked, when: When) -> Any:
        return (picked.rows.count(where=picked.mask) > 0).ifelse(_different(picked), None)

    def compute(self, chosen: Chosen) -> int | None:
        return len({fold(v) if isinstance(v, str) else v for v in chosen.values}) if chosen.rows else None


def _different(picked: Picked) -> Any:
    """How many values; those with a bit of their own are counted by it, which costs a fifth of telling them apart."""
    if picked.coded is None:
        return picked.folded.nunique(where=picked.mask)
    bits, rest = picked.coded.bit.bit_or(where=picked.mask), picked.coded.rest
    others = rest.notnull() if picked.mask is None else picked.mask & rest.notnull()
    return ibis.coalesce(bit_count(bits), 0) + rest.nunique(where=others)
