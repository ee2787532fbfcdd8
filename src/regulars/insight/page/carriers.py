"""Who carries the shop: what the best customers bring, and what is left of it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pyarrow.compute as pc

from regulars.errors import RuleError
from regulars.insight.common.charts import Picture, curve, described, waterfall
from regulars.insight.page.parts import Reading, Section
from regulars.insight.page.words import text
from regulars.model.phrases import Sentence, Share

FEWEST = 20
TAKEN_OFF: tuple[tuple[str, Sentence], ...] = (
    ("returns", text("Given back")), ("tax", text("Tax")), ("goods_cost", text("Goods")),
    ("payment", text("Payment fees")), ("shipping", text("Sending")), ("service", text("Service")),
    ("messages", text("Messages")), ("campaigns", text("Campaigns")))


def section(reading: Reading) -> Section:
    title = reading.say(text("Who carries the shop"))
    found = reading.result("profit")
    carried = found.numbers["concentration"] if found else {}
    if found is None or carried["buyers"] < FEWEST:
        return Section("carriers", title, missing=reading.say(
            text("It takes at least {n} customers with an order in the last 12 months: bring in more orders.",
                 n=FEWEST)))
    if "curve" not in carried:
        return Section("carriers", title, missing=reading.say(
            text("Those who bought cost as much as they brought: there is nothing to share out.")))
    of_customers = next(r for r in found.numbers["statement"] if r["group"] == "asked")
    said = reading.all_said(found.findings)
    pictures = [_curve(reading, carried)]
    if of_customers["profit"] is not None:
        pictures.append(left(reading, of_customers))
    return Section("carriers", title, said[0] if said else "", pictures=pictures, lines=said[1:6],
                   caveats=[reading.say(found.method), *reading.all_said(found.caveats)])


def _curve(reading: Reading, carried: Mapping[str, Any]) -> Picture:
    profit = carried["basis"] == "profit"
    points = [(p["customers"], p["share"]) for p in carried["curve"]]
    fifth = min(points, key=lambda p: abs(p[0] - 0.2))
    title = (text("A fifth of those who bought bring {share} of their profit", share=Share(fifth[1])) if profit else
             text("A fifth of those who bought bring {share} of sales", share=Share(fifth[1])))
    alternative = reading.say(
        text("A curve: those who bought from the best to the least across, the share of their profit they bring "
             "upwards.")
        if profit else
        text("A curve: those who bought from the best to the least across, the share of all sales they bring upwards."))
    up = reading.say(text("of their profit of 12 months") if profit else text("of the sales of 12 months"))
    shown = [p for p in points if abs(p[0] * 10 - round(p[0] * 10)) < 1e-9]
    rules = _best(reading, carried) if reading.linked else ()
    svg = curve(points, reading.figures.share, across=reading.say(text("of those who bought, best first")), up=up,
                rtl=reading.rtl, marked=fifth, links={i: shown[i] for i, rule in enumerate(rules) if rule})
    rows = tuple((reading.figures.share(p[0]), reading.figures.share(p[1])) for p in shown)
    names = tuple(reading.say(text("The best {share} of those who bought", share=Share(p[0]))) for p in shown)
    return Picture(reading.say(title), alternative, described(svg, alternative),
                   (reading.say(text("Those who bought, best first")), up), rows, right=(0, 1), rules=rules,
                   names=names if rules else ())


def _best(reading: Reading, carried: Mapping[str, Any]) -> tuple[str, ...]:
    """Who the best nought to ten tenths are; "" where no rule holds just them, such as of people who bring alike."""
    value = "profit.last_12_months" if carried["basis"] == "profit" else "sum(orders.total in last 12 months)"
    tenths = {f"t{i}": tenth for i, tenth in enumerate(carried["tenths"])}
    rules = {name: f"any(orders in last 12 months) and {value} >= {tenth['least']}" for name, tenth in tenths.items()}
    rules["t9"] = "any(orders in last 12 months)"
    try:
        found = reading.shop.evaluate_at(rules, reading.now)
    except RuleError:
        return ()
    return ("", *(rules[name] if pc.sum(found.column(name)).as_py() == tenth["people"] else ""
                  for name, tenth in tenths.items()))


def left(reading: Reading, whole: Mapping[str, Any]) -> Picture:
    """From what was charged to what is left, through every cost that is known."""
    figures = reading.figures
    steps = [(reading.say(text("Charged")), float(whole["revenue"]), figures.about(whole["revenue"]))]
    steps += [(reading.say(name), -float(whole[code]), figures.about(-whole[code]))
              for code, name in TAKEN_OFF if whole[code]]
    share = whole["profit"] / whole["revenue"] if whole["revenue"] else Decimal(0)
    title = reading.say(text("Of every 100 charged, {left} are left", left=round(100 * share)))
    alternative = reading.say(text("Bars from what was charged through each cost to what is left."))
    total = (reading.say(text("Left")), figures.about(whole["profit"]))
    svg = waterfall(steps, total, rtl=reading.rtl, labels=110)
    table = [(name, figures.money(amount)) for name, amount, _ in steps]
    return Picture(title, alternative, described(svg, alternative),
                   (reading.say(text("Of 12 months")), reading.say(text("Amount"))),
                   (*table, (total[0], figures.money(whole["profit"]))), right=(1,))
