"""Who buys how often and how recently: the RFM grid and its named groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from regulars.insight.common.analysis import Result
from regulars.insight.common.charts import Bar, Cell, Picture, bars, described, heat
from regulars.insight.page.parts import Reading, Section
from regulars.insight.page.words import text
from regulars.insight.rfm import FEWEST
from regulars.insight.rfm.groups import label
from regulars.model.phrases import Share
from regulars.rules.tree import write_string


def section(reading: Reading) -> Section:
    title = reading.say(text("How recently, how often, for how much"))
    found = reading.result("rfm")
    if found is None:
        return Section("recency", title, missing=reading.say(
            text("It takes at least {n} customers with an order: bring in more orders.", n=FEWEST)))
    said = reading.all_said(found.findings)
    return Section("recency", title, said[0] if said else "",
                   pictures=[_grid(reading, found), _groups(reading, found.rows.to_pylist())],
                   lines=said[1:], caveats=[reading.say(found.method), *reading.all_said(found.caveats)])


def _grid(reading: Reading, found: Result) -> Picture:
    cells = found.numbers["grid"]
    whole = sum(c["customers"] for c in cells) or 1
    best = sum(c["customers"] for c in cells if c["recency"] >= 4 and c["frequency"] >= 4)
    title = reading.say(text("{share} buy both often and lately", share=Share(best / whole)))
    alternative = reading.say(text("A grid of five by five: how recently down the rows, how often across the columns, "
                                   "the number of customers in each."))
    rows = [reading.say(t) for t in (text("lately"), "4", "3", "2", text("long ago"))]
    columns = [reading.say(t) for t in (text("seldom"), "2", "3", "4", text("often"))]
    svg = heat([Cell(c["frequency"] - 1, 5 - c["recency"], c["customers"], reading.say(c["customers"])) for c in cells],
               columns, rows, rtl=reading.rtl, labels=86, height=38)
    return Picture(title, alternative, described(svg, alternative),
                   tuple(reading.say(t) for t in (text("Recently, 1 to 5"), text("Often, 1 to 5"), text("Customers"),
                                                  text("Spent"))),
                   tuple((str(c["recency"]), str(c["frequency"]), reading.say(c["customers"]),
                          reading.figures.money(c["money"])) for c in cells))


def _groups(reading: Reading, rows: Sequence[Mapping[str, Any]]) -> Picture:
    there = [r for r in rows if r["customers"]]
    largest = max(there, key=lambda r: r["customers"])
    title = reading.say(text("{group} are the largest group: {share} of customers", group=label(largest["group"]),
                             share=Share(largest["share"])))
    svg = bars([Bar(reading.say(label(r["group"])), r["customers"], reading.say(r["customers"]),
                    marked=r["share_of_money"] > r["share"]) for r in there], rtl=reading.rtl, labels=140,
               linked=reading.linked)
    alternative = reading.say(text("Customers by group; the dark ones bring more than their share of sales."))
    return Picture(title, alternative, described(svg, alternative),
                   tuple(reading.say(t) for t in (text("Group"), text("Customers"), text("Share"),
                                                  text("Share of sales"), text("Days since the last order"))),
                   tuple((reading.say(label(r["group"])), reading.say(r["customers"]),
                          reading.figures.share(r["share"]), reading.figures.share(r["share_of_money"]),
                          reading.say(round(r["days_since_last"] or 0))) for r in there),
                   rules=tuple(f"rfm.group = {write_string(r['group'])}" for r in there))
