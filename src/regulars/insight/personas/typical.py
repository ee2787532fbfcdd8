"""The member nearest to the middle of a group (its medoid): a real customer, shown without name or number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import numpy as np
import pyarrow as pa

from regulars.insight.buckets.features import Feature, offered
from regulars.insight.buckets.found import LOOKED_AT, values_of
from regulars.insight.buckets.space import balanced, column, measured
from regulars.insight.common import Facts
from regulars.insight.personas.counting import Statement
from regulars.insight.personas.drawing import GROUPS
from regulars.insight.personas.extracting import PEOPLE

MEMBERS = 400
"""So many of a group are looked at."""


def typical(shop: Facts, groups: Sequence[int], now: datetime) -> dict[int, list[Statement]]:
    """What is told of the medoid of each of the groups that were `drawn`, in the space that buckets are found in."""
    rows = shop.engine.query(
        f"SELECT id AS customer_id, grp FROM {GROUPS} JOIN {PEOPLE} USING (customer_id) WHERE grp >= 0 QUALIFY"
        " row_number() OVER (PARTITION BY grp ORDER BY place, id) <= ? ORDER BY id", [MEMBERS])
    if not rows.num_rows:
        return {}
    ids = rows.group_by("customer_id").aggregate([]).select(["customer_id"])
    shop.engine.register(LOOKED_AT, ids)
    try:
        features = offered(shop, LOOKED_AT, now)
        values = values_of(shop, features, now, LOOKED_AT)
    finally:
        shop.engine.unregister(LOOKED_AT)
    points = balanced(measured(values, features), [f.block for f in features])
    at = {name: i for i, name in enumerate(values.column("customer_id").to_pylist())}
    found: dict[int, list[Statement]] = {}
    for group in groups:
        mine = [at[c] for c, g in zip(*(rows.column(n).to_pylist() for n in ("customer_id", "grp")), strict=True)
                if g == group]
        if mine:
            away = np.linalg.norm(points[mine] - points[mine].mean(axis=0), axis=1)
            found[group] = list(_told(values, features, mine[int(away.argmin())]))
    return found


def _told(values: pa.Table, features: Sequence[Feature], row: int) -> Iterator[Statement]:
    def known(name: str) -> float:
        return float(column(values, name)[row])
    orders = int(known("count(orders)"))
    money, since = known("avg(orders.total)"), known("since(orders)")
    if orders == 0 or np.isfinite([money, since]).all():
        yield Statement("typical", "typical", "typical", "", orders, orders, money if orders else 0.0,
                        since if orders else 0.0, 0.0, None, None)
    for block, code in (("category", "typical_taste"), ("channel", "typical_channel")):
        shares = [(known(f.value), f.word) for f in features if f.block == block]
        most, word = max(shares, default=(0.0, ""))
        if most >= 0.5:
            yield Statement(code, "typical", "typical", word, orders, orders, most, most, most, None, None)
