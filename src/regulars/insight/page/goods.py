"""What each product brings, who buys it most, and who is due to buy it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from regulars.insight.basket.tables import FALSE_SHARE
from regulars.insight.page.parts import Card, Reading, Section, Table
from regulars.insight.page.words import counted, text
from regulars.model.phrases import About, Own
from regulars.rules.services import is_service
from regulars.rules.tree import write_string

MOST, MOST_AGAIN, MOST_LEFT_OUT = 15, 8, 5
YEAR = timedelta(days=365)
SOLD = """
WITH sold AS (SELECT coalesce(p.name, l.product_name, l.product_id) AS product, l.customer_id, l.amount, l.margin,
    l.quantity - coalesce(l.returned_quantity, 0) AS pieces FROM lines l LEFT JOIN products p USING (product_id)
    WHERE l.counted AND l."at" > ? AND l."at" <= ?)
SELECT product, sum(pieces) AS pieces, sum(amount) AS sales, CASE WHEN count(margin) = count(*) THEN sum(margin) END
    AS margin, count(DISTINCT customer_id) AS people, count(*) - count(amount) AS unpriced
FROM sold WHERE product IS NOT NULL GROUP BY product
ORDER BY margin DESC NULLS LAST, sales DESC NULLS LAST, product"""
Row = Mapping[str, Any]


def section(reading: Reading) -> Section:
    """Products by what is left of them after the goods' own cost, of the last 12 months; postage and fees are none."""
    return _section(reading, services=False)


def whole(reading: Reading) -> Section:
    """As `section`, with what stands on orders and is no product."""
    return replace(_section(reading, services=True), key="all_goods")


def _section(reading: Reading, *, services: bool) -> Section:
    title = reading.say(text("What each product brings"))
    rows, left_out = _sold(reading, services)
    if not rows:
        return Section("goods", title, missing=reading.say(
            text("To see what products bring, bring in your orders with their lines.")))
    whom = _whom(reading)
    header = [reading.say(t) for t in (text("Product"), text("Pieces"), text("Sales"), text("Left after the goods"),
                                       text("of the sales"), text("People"), text("Bought more often by"))]
    table = Table(header, [_row(reading, row, whom.get(row["product"], "–")) for row in rows], right=(1, 2, 3, 4, 5),
                  rules=[_buyers(row["product"]) for row in rows])
    unknown = sum(row["margin"] is None for row in rows)
    notes = [reading.say(counted("Of {n} product here it is not known what it cost.",
                                 "Of {n} products here it is not known what they cost.", unknown))] if unknown else []
    notes += _unpriced(reading, sum(row["unpriced"] for row in rows))
    if left_out:
        notes.append(reading.say(text("Left out, for they look like no products: {items}.",
                                      items=[Own(name) for name in left_out[:MOST_LEFT_OUT]])))
    return Section("goods", title, _lead(reading, rows[0]), tables=[table], notes=notes)


def _unpriced(reading: Reading, lines: int) -> list[str]:
    said = counted("{n} order line of these does not say what was paid: its pieces count, and its sales do not.",
                   "{n} order lines of these do not say what was paid: their pieces count, and their sales do not.",
                   lines)
    return [reading.say(said)] if lines else []


def _sold(reading: Reading, services: bool) -> tuple[list[Row], list[str]]:
    """The products that bring most, and the names of what is left out for being none."""
    table = reading.shop.engine.query(SOLD, [reading.now - YEAR, reading.now])
    names = table.column("product").to_pylist()
    none = set() if services else {i for i, name in enumerate(names) if is_service(name)}
    first = [i for i in range(len(names)) if i not in none][:MOST]
    return table.take(pa.array(first, pa.int64())).to_pylist(), [names[i] for i in sorted(none)]


def _lead(reading: Reading, row: Row) -> str:
    product = Own(row["product"])
    if row["margin"] is None:
        return reading.say(text("{product} sells most: {sales} in 12 months.", product=product,
                                sales=About(row["sales"])))
    return reading.say(text("{product} leaves most: {margin} of {sales} in 12 months.", product=product,
                            margin=About(row["margin"]), sales=About(row["sales"])))


def _row(reading: Reading, row: Row, whom: str) -> list[str]:
    figures = reading.figures
    share = row["margin"] / row["sales"] if row["margin"] is not None and row["sales"] else None
    return [row["product"], figures.rounded(row["pieces"], 0), figures.about(row["sales"]),
            figures.about(row["margin"]), figures.share(float(share)) if share is not None else "–",
            reading.say(row["people"]), whom]


def _buyers(product: str) -> str:
    return f"any(lines where product = {write_string(product)} in last 1 year)"


def _whom(reading: Reading) -> dict[str, str]:
    """Product to the saved segment that buys it most beyond the others, where that is more than chance."""
    basket = reading.result("basket")
    rows = [r for r in (basket.numbers.get("segments", ()) if basket else ())
            if r["q"] is not None and r["q"] < FALSE_SHARE and r["low"] and r["low"] > 1]
    best: dict[str, Row] = {}
    for row in rows:
        if row["item"] not in best or row["times"] > best[row["item"]]["times"]:
            best[row["item"]] = row
    return {item: reading.say(text("{segment}, {times} times", segment=Own(row["segment"]),
                                   times=round(row["times"], 1))) for item, row in best.items()}


def again(reading: Reading) -> Section:
    """Who is due to buy again what is bought again and again, each a rule."""
    title = reading.say(text("Who is due to buy it again"))
    basket = reading.result("basket")
    items = [i for i in (basket.numbers.get("replenish", ()) if basket else ()) if round(i["high"]) > round(i["low"])]
    rules = {i["item"]: _due(i) for i in items[:MOST_AGAIN]}
    people = _counted(reading, rules)
    return Section("again", title, cards=[_card(reading, i, people[i["item"]], rules[i["item"]])
                                          for i in items[:MOST_AGAIN] if people[i["item"]]])


def _due(item: Row) -> str:
    """Bought twice or more, the last time about as long ago as those who come back wait."""
    product = write_string(item["item"])
    return (f"count(lines where product = {product}) >= 2 and last(lines where product = {product}) between"
            f" {max(1, round(item['low']))} and {round(item['high'])} days ago")


def _counted(reading: Reading, rules: Mapping[str, str]) -> dict[str, int]:
    if not rules:
        return {}
    names = {f"r{i}": item for i, item in enumerate(rules)}
    answers = reading.shop.evaluate_at({name: rules[item] for name, item in names.items()}, reading.now)
    return {item: int(pc.sum(answers.column(name)).as_py() or 0) for name, item in names.items()}


def _card(reading: Reading, item: Row, people: int, rule: str) -> Card:
    said = text("Half of those who buy it again do so after {low} to {high} days.", low=max(1, round(item["low"])),
                high=round(item["high"]))
    due = counted("{n} person last bought it so long ago.", "{n} people last bought it so long ago.", people)
    return Card(item["item"], lines=[reading.say(due), reading.say(said)], rule=rule)


__all__ = ["again", "section", "whole"]
