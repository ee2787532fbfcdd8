from collections import defaultdict
from typing import Any

from regulars.errors import WrongType
from regulars.model.later import later
from regulars.model.types import Type
from regulars.rules.constructs.functions.base import Chosen, Function, Picked
from regulars.rules.refusals import why
from regulars.rules.subjects import fold

ibis = later("ibis")


class Favourite(Function):
    """The most frequent known value, text in its folded form; ties go to the most recent, then to the least."""

    name = "favourite"
    needs_column = True
    own_pass = True

    def result(self, column: Type | None, text: str, position: int) -> Type:
        if column is None or column in (Type.TEXTS, Type.JSON):
            raise WrongType(why("{text}: a list has no most frequent value.", text=text), position=position)
        return column

    def table(self, picked: Picked) -> Any:
        chosen = picked.chosen.filter(picked.column.notnull())
        counted = chosen.group_by(customer_id=chosen["customer_id"], value=picked.folded).aggregate(
            times=chosen.count(), newest=picked.at.max())
        order = [ibis.desc(counted["times"]), ibis.desc(counted["newest"]), counted["value"]]
        ranked = counted.mutate(nth=ibis.row_number().over(group_by=counted["customer_id"], order_by=order))
        return ranked.filter(ranked["nth"] == 0).select("customer_id", "value")

    def compute(self, chosen: Chosen) -> Any:
        moments: dict[Any, list[Any]] = defaultdict(list)
        for row in chosen.rows:
            value = row.get(chosen.column or "", chosen.when)
            if value is not None:
                moments[fold(value) if isinstance(value, str) else value].append(row.at)
        ordered = sorted(moments)
        return max(ordered, key=lambda v: (len(moments[v]), max(moments[v])), default=None)
