"""Complements that were left out: who took the one and not the other of what goes together, and what it is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from regulars.engines.duckdb import literal
from regulars.insight.basket.items import LINES, Items
from regulars.insight.common import Facts
from regulars.insight.common.intervals import wilson
from regulars.rules import format as canonical
from regulars.rules.tree import write_string

PAIRS = "basket_pairs"
MOST = 12
SHOWN = 20
COLUMNS = {"product": "product", "name": "product", "category": "category", "brand": "brand"}


@dataclass(frozen=True)
class Pair:
    """``both`` of ``lefts`` baskets with ``left`` hold ``right`` too."""

    left: int
    right: int
    both: int
    lefts: int


def missing(shop: Facts, items: Items, pairs: Sequence[Pair], level: str, segment: str | None, now: datetime,
            days: int) -> list[dict[str, Any]]:
    """For each of the first `MOST` pairs: the rule of whom it is true, how many, some of them, what it could bring.

    What comes by itself (``later``: of those who left it out, who took it in another order within the days) is no gain
    of a reminder: it brings at least nothing (``worth_low``) and at most what is taken at once (the confidence of the
    pair) less that (``worth_high``, each at its own 95% end, never below nothing), in margin where the item's is known
    and else in money; neither is known where no line says what the item comes to. Those worth most come first.
    """
    chosen = list(pairs)[:MOST]
    if not chosen:
        return []
    rules = {f"p{i}": _rule(items, pair, level, segment, days) for i, pair in enumerate(chosen)}
    answer = shop.evaluate_at(rules, now)
    later = _later(shop, chosen, now, days)
    found = []
    for i, pair in enumerate(chosen):
        who = answer["customer_id"].combine_chunks().filter(answer[f"p{i}"].combine_chunks())
        found.append(_worth(items, pair, rules[f"p{i}"], who, later.get((pair.left, pair.right), (0, 0))))
    return sorted((f for f in found if f["people"]), key=lambda f: -float(f["worth_high"] or 0))


def _rule(items: Items, pair: Pair, level: str, segment: str | None, days: int) -> str:
    def lines(item: int) -> str:
        return f"lines where {COLUMNS[level]} = {write_string(items.names[item])} in last {days} days"
    rule = f"any({lines(pair.left)}) and no({lines(pair.right)})"
    return f"({canonical(segment)}) and {rule}" if segment else rule


def _worth(items: Items, pair: Pair, rule: str, who: pa.Array, later: tuple[int, int]) -> dict[str, Any]:
    margin = items.margin[pair.right]
    each = margin if margin is not None else items.amount[pair.right]
    by_itself, left_out = later
    comes = float(wilson(by_itself, left_out)[0]) if left_out else 0.0
    more = max(float(wilson(pair.both, pair.lefts)[1]) - comes, 0.0)
    people = len(who)
    return {"has": items.names[pair.left], "lacks": items.names[pair.right], "people": people,
            "who": who.slice(0, SHOWN).to_pylist(), "rule": rule, "at_once": pair.both / pair.lefts,
            "later": by_itself / left_out if left_out else None, "each": each,
            "each_is": "amount" if margin is None else "margin",
            "worth_low": None if each is None else 0.0,
            "worth_high": None if each is None else round(people * more * max(each, 0.0), 2)}


def _later(shop: Facts, pairs: Sequence[Pair], now: datetime, days: int) -> dict[tuple[int, int], tuple[int, int]]:
    """Baskets with the left one only that are old enough, and of how many the right one came within the days."""
    table = pa.table({"a": pa.array([p.left for p in pairs], pa.int32()),
                      "b": pa.array([p.right for p in pairs], pa.int32())})
    shop.engine.register(PAIRS, table)
    try:
        rows = shop.engine.rows(
            f"WITH alone AS (SELECT p.a, p.b, l.customer, l.basket, l.\"at\" FROM {PAIRS} p JOIN {LINES} l ON l.item = "
            f"p.a ANTI JOIN {LINES} r ON r.basket = l.basket AND r.item = p.b WHERE l.customer IS NOT NULL AND "
            f"l.\"at\" <= TIMESTAMP {literal(str(now))} - to_days({days})), "
            f"came AS (SELECT DISTINCT o.a, o.b, o.basket FROM alone o JOIN {LINES} r ON r.customer = o.customer AND "
            f"r.item = o.b AND r.\"at\" > o.\"at\" AND r.\"at\" <= o.\"at\" + to_days({days})) "
            "SELECT a, b, count(DISTINCT came.basket), count(DISTINCT alone.basket) FROM alone LEFT JOIN came "
            "USING (a, b, basket) GROUP BY a, b")
    finally:
        shop.engine.unregister(PAIRS)
    return {(a, b): (k, n) for a, b, k, n in rows}


__all__ = ["MOST", "Pair", "missing"]
