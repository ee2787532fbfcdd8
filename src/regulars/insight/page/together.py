"""What sells together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from regulars.insight.basket.tables import FALSE_SHARE
from regulars.insight.page.parts import Reading, Section, Table
from regulars.insight.page.words import text
from regulars.model.phrases import About, Own, Sentence, Share

MOST = 8
TWICE = 2


def section(reading: Reading) -> Section:
    title = reading.say(text("What sells together"))
    found = reading.result("basket")
    if found is None:
        return Section("together", title, missing=reading.say(
            text("To see what sells together, bring in orders that name the products on them.")))
    pairs = _pairs([r for r in found.rows.to_pylist() if r["q"] < FALSE_SHARE])
    if not pairs:
        return Section("together", title, reading.say(text("No two products go together more than chance makes them.")))
    return Section("together", title, _lead(reading, pairs[0]),
                   tables=[_table(reading, pairs), *_missing(reading, found.numbers.get("missing", ()))],
                   caveats=[reading.say(found.method), *reading.all_said(found.caveats)])


def _pairs(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """One to one, each pair once in its surer direction, surest first."""
    best: dict[frozenset[str], Mapping[str, Any]] = {}
    for row in rows:
        if len(row["antecedents"]) == len(row["consequents"]) == 1:
            pair = frozenset((*row["antecedents"], *row["consequents"]))
            if pair not in best or row["confidence"] > best[pair]["confidence"]:
                best[pair] = row
    ranked = sorted(best.values(), key=lambda r: (-r["confidence_low"] * r["support"] ** 0.5, r["antecedents"]))
    return _varied(ranked, lambda r: (r["antecedents"][0], r["consequents"][0]))


def _varied(rows: Sequence[Mapping[str, Any]],
            products: Callable[[Mapping[str, Any]], tuple[str, ...]]) -> list[Mapping[str, Any]]:
    """The first rows in which no product stands more than twice."""
    seen: Counter[str] = Counter()
    chosen: list[Mapping[str, Any]] = []
    for row in rows:
        if len(chosen) < MOST and all(seen[p] < TWICE for p in products(row)):
            chosen.append(row)
            seen.update(products(row))
    return chosen


def _lead(reading: Reading, row: Mapping[str, Any]) -> str:
    return reading.say(text("{share} of the orders with {one} hold {other} too: {times} times as many as chance makes.",
                            share=Share(row["confidence"]), one=Own(row["antecedents"][0]),
                            other=Own(row["consequents"][0]), times=round(row["lift"], 1)))


def _table(reading: Reading, pairs: Sequence[Mapping[str, Any]]) -> Table:
    header = [reading.say(t) for t in (text("Who buys"), text("also takes"), text("so often"), text("times chance"),
                                       text("orders"))]
    rows = [(r["antecedents"][0], r["consequents"][0],
             reading.say(text("{share} ({low} to {high})", share=Share(r["confidence"]),
                              low=Share(r["confidence_low"]), high=Share(r["confidence_high"]))),
             reading.say(round(r["lift"], 1)), reading.say(r["baskets"])) for r in pairs]
    return Table(header, rows, right=(2, 3, 4))


def _missing(reading: Reading, missing: Sequence[Mapping[str, Any]]) -> list[Table]:
    """Who took the one and left out the other."""
    if not missing:
        return []
    header = [reading.say(t) for t in (text("Bought lately"), text("and not"), text("people"), text("worth"))]
    chosen = _varied(missing, lambda m: (m["has"], m["lacks"]))
    rows = [(m["has"], m["lacks"], reading.say(m["people"]), reading.say(_worth(m))) for m in chosen]
    return [Table(header, rows, right=(2, 3), title=reading.say(text("Left out of the basket")),
                  rules=[m["rule"] or "" for m in chosen], names=[f"{m['has']} → {m['lacks']}" for m in chosen])]


def _worth(found: Mapping[str, Any]) -> Sentence:
    if found["worth_high"] is None:
        return text("not known")
    return text("{low} to {high}", low=About(found["worth_low"]), high=About(found["worth_high"]))
