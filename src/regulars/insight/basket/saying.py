"""What a person is told of baskets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from regulars.insight.basket.items import Items
from regulars.model.phrases import About, Own, Sentence, Share, phrases

text, counted = phrases("regulars.insight", "basket")

SOURCE = ("Agrawal & Srikant 1994, VLDB 20:487; Zaki 2000, IEEE TKDE 12:372; Brin, Motwani, Ullman & Tsur 1997, "
          "SIGMOD; next product: Sarwar, Karypis, Konstan & Riedl 2001, WWW 10:285")
METHODS: Mapping[str, Callable[[int], Sentence]] = {
    "order": lambda days: text("Items that stand on one order together more often than chance would have it."),
    "customer": lambda days: counted(
        "Items bought in a later order within {n} day of the first purchase of another, against any other first "
        "purchase.", "Items bought in a later order within {n} days of the first purchase of another, against any "
        "other first purchase.", days),
}
TOLD = 3
FALSE_SHARE = 0.05
MOST_SERVICES = 10


def findings(by: str, rows: pa.Table, numbers: Mapping[str, Any], days: int) -> list[Sentence]:
    """Most important first."""
    said = [_rule(by, row, days) for row in _different(rows)]
    said += [_missing(m, days) for m in numbers.get("missing", [])[:TOLD] if m["worth_high"]]
    said += _next(numbers.get("next", {}))
    said += [_due(r) for r in numbers.get("replenish", [])[:TOLD] if r["due_now"]]
    return said + _segments(numbers.get("segments", []))


def _different(rows: pa.Table) -> list[Mapping[str, Any]]:
    """The first rules that are surely more than chance, one a set of items."""
    first: dict[frozenset[str], Mapping[str, Any]] = {}
    for row in rows.filter(pc.less(rows["q"], FALSE_SHARE)).slice(0, 10 * TOLD).to_pylist():
        first.setdefault(frozenset((*row["antecedents"], *row["consequents"])), row)
    return list(first.values())[:TOLD]


def _due(found: Mapping[str, Any]) -> Sentence:
    return counted("{n} customer is due for {item}: it is bought again after {days} days, half of the time after {low} "
                   "to {high}.", "{n} customers are due for {item}: it is bought again after {days} days, half of the "
                   "time after {low} to {high}.", found["due_now"], item=Own(found["item"]), days=round(found["days"]),
                   low=round(found["low"]), high=round(found["high"]))


def _rule(by: str, row: Mapping[str, Any], days: int) -> Sentence:
    parts = {"left": [Own(n) for n in row["antecedents"]], "right": [Own(n) for n in row["consequents"]],
             "share": Share(row["confidence"]), "times": round(row["lift"], 1), "both": row["baskets"],
             "of": row["of_antecedents"]}
    if by == "order":
        return text("{share} of the orders with {left} also have {right} ({both} of {of}): {times} times as many as "
                    "chance would make.", **parts)
    return text("{share} of those who first buy {left} buy {right} within {days} days ({both} of {of}): {times} times "
                "as many as after other first purchases.", days=days, **parts)


def _missing(found: Mapping[str, Any], days: int) -> Sentence:
    return counted("{n} customer bought {has} in the last {days} days and no {lacks}: a reminder could bring {low} to "
                   "{high}.", "{n} customers bought {has} in the last {days} days and no {lacks}: a reminder could "
                   "bring {low} to {high}.", found["people"], has=Own(found["has"]), lacks=Own(found["lacks"]),
                   days=days, low=About(found["worth_low"]), high=About(found["worth_high"]))


def _next(found: Mapping[str, Any]) -> list[Sentence]:
    if "likeness" not in found:
        return []
    return [text("Of {of} customers who bought something new in the last {days} days, five suggestions by what they "
                 "had bought before would have named it to {share}; the five most bought products to {other}.",
                 of=found["tested"], days=found["days"], share=Share(found["likeness"]),
                 other=Share(found["popularity"]))]


def _segments(rows: Sequence[Mapping[str, Any]]) -> list[Sentence]:
    best: dict[str, Mapping[str, Any]] = {}
    for row in sorted((r for r in rows if r["q"] < FALSE_SHARE and (r["low"] or 0) > 1), key=lambda r: -r["low"]):
        best.setdefault(row["segment"], row)
    sure = list(best.values())[:TOLD]
    return [text("Buyers in “{segment}” buy {item} {times} times as often as others ({both} of {of}).",
                 segment=Own(r["segment"]), item=Own(r["item"]), times=round(r["times"], 1), both=r["buyers"],
                 of=r["of"]) for r in sure]


def caveats(by: str, level: str, items: Items, rows: pa.Table, numbers: Mapping[str, Any]) -> list[Sentence]:
    """What to hold against it."""
    said = []
    if not rows.num_rows:
        said.append(text("Nothing reaches these thresholds: ask for a lower support or confidence."))
    elif not _different(rows):
        said.append(text("Of so many looked at, none of these is surely more than chance."))
    if items.left_out:
        said.append(text("Left out, for they look like no products: {items}. With services they count too.",
                         items=[Own(name) for name in items.left_out[:MOST_SERVICES]]))
    if items.services:
        said.append(text("On orders stand items that look like no products; leave them out with exclude: {items}.",
                         items=[Own(items.names[i]) for i in items.services[:MOST_SERVICES]]))
    if items.nobodys:
        said.append(counted("{n} order has no customer; it counts for what sells together, and for nobody's advice.",
                            "{n} orders have no customer; they count for what sells together, and for nobody's advice.",
                            items.nobodys))
    if by == "customer":
        said.append(text("Who buys more, buys more of everything: a sequence says when to offer, not that one causes "
                         "the other."))
    tested = numbers.get("next", {})
    if tested and "likeness" not in tested:
        said.append(counted("Only {n} customer bought something new lately: the advice could not be tested.",
                            "Only {n} customers bought something new lately: the advice could not be tested.",
                            tested["tested"]))
    elif tested and tested["likeness_low"] <= tested["popularity"]:
        said.append(text("The advice is not surely better than naming the most bought products."))
    if numbers.get("missing"):
        said.append(text("What a reminder brings is a range: from nothing to what others take at once, less what "
                         "comes later by itself."))
    if level in ("category", "brand"):
        said.append(text("Products without a category or brand are left out."))
    return said


__all__ = ["METHODS", "SOURCE", "caveats", "findings", "text"]
