"""What goes with which segment: how much more often its buyers buy an item than other buyers do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np

from regulars.insight.basket.items import ITEMS, LINES, PEOPLE
from regulars.insight.basket.mining import Rule, by_chance
from regulars.insight.common import Facts
from regulars.insight.common.groups import memberships
from regulars.insight.common.intervals import Z, corrected
from regulars.rules import Condition

MOST_ITEMS = 40
FEWEST = 20
"""Buyers a segment must have for its row."""
IN = "basket_in"


def segments_by_items(shop: Facts, rules: Mapping[str, str | Condition], now: datetime) -> list[dict[str, Any]]:
    """A row a segment and item, of the `MOST_ITEMS` items most people bought: buyers, their share of the segment's
    buyers, and times as often as other buyers with its 95% interval (Katz 1978, Biometrics 34:469), the p that chance
    would make it as often or more, and the q of that among all rows."""
    if not rules:
        return []
    shop.engine.register(IN, memberships(shop, rules, now))
    try:
        found = shop.engine.query(_counts()).to_pydict()
    finally:
        shop.engine.unregister(IN)
    names, rows = list(rules), []
    cells = list(zip(*(found[c] for c in ("grp", "item", "inside", "size", "buyers", "everybody")), strict=True))
    p = by_chance([Rule((), (), inside, of, both, everybody) for _, _, inside, of, both, everybody in cells])
    for (group, item, inside, of, both, everybody), own_p, q in zip(cells, p, corrected(p), strict=True):
        times, low, high = _times(inside, of, both - inside, everybody - of)
        rows.append({"segment": names[group], "item": item, "buyers": inside, "of": of, "share": inside / of,
                     "times": times, "low": low, "high": high, "p": float(own_p), "q": float(q)})
    return rows


def _counts() -> str:
    return f"""WITH bought AS (SELECT DISTINCT customer, item FROM {LINES} WHERE customer IS NOT NULL),
        everyone AS (SELECT DISTINCT customer FROM bought),
        most AS (SELECT item, count(*) AS buyers FROM bought GROUP BY item
            ORDER BY buyers DESC, item LIMIT {MOST_ITEMS}),
        mine AS (SELECT DISTINCT g.grp, w.customer FROM {IN} g JOIN {PEOPLE} w USING (customer_id) SEMI JOIN everyone b
            ON b.customer = w.customer),
        sizes AS (SELECT grp, count(*) AS size FROM mine GROUP BY grp HAVING count(*) >= {FEWEST}),
        cells AS (SELECT m.grp, b.item, count(*) AS inside FROM mine m JOIN bought b USING (customer) GROUP BY ALL)
        SELECT s.grp, n.name AS item, coalesce(c.inside, 0) AS inside, s.size, most.buyers,
            (SELECT count(*) FROM everyone) AS everybody
        FROM sizes s CROSS JOIN most JOIN {ITEMS} n ON n.item = most.item
        LEFT JOIN cells c ON c.grp = s.grp AND c.item = most.item ORDER BY s.grp, most.buyers DESC, most.item"""


def _times(inside: int, of: int, outside: int, others: int) -> tuple[float | None, float | None, float | None]:
    """The share inside over the share outside; nothing where nobody outside, or nobody inside, has it."""
    if not (inside and outside and others):
        return None, None, None
    times = inside / of / (outside / others)
    half = Z * np.sqrt(1 / inside - 1 / of + 1 / outside - 1 / others)
    return times, float(times * np.exp(-half)), float(times * np.exp(half))


__all__ = ["segments_by_items"]
