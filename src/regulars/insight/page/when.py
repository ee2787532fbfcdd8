"""When people buy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from regulars.insight.common.charts import Bar, Picture, bars, described
from regulars.insight.page.parts import Reading, Section
from regulars.insight.page.words import text
from regulars.insight.seasons import FEW_ORDERS, MONTH, WEEKDAY, label
from regulars.model.phrases import Sentence, Share


def section(reading: Reading) -> Section:
    title = reading.say(text("When people buy"))
    found = reading.result("seasons")
    if found is None:
        return Section("when", title, missing=reading.say(
            text("It takes at least {n} orders to speak of seasons: bring in more orders.", n=FEW_ORDERS)))
    rows = [r for r in found.rows.to_pylist() if r["segment"] is None]
    said = reading.all_said(found.findings)
    return Section("when", title, said[0], pictures=[_spread(reading, rows, kind) for kind in (MONTH, WEEKDAY)],
                   lines=said[1:4], caveats=reading.all_said(found.caveats))


def _busiest(kind: str, best: Mapping[str, Any]) -> Sentence:
    """By orders a day, as it was chosen, where that is sure; where there is one value only, by its share."""
    when: Any = label(kind, best["value"])
    if best["times"] is None:
        return text("{when}: {share} of orders", when=when, share=Share(best["share"]))
    if not best["certain"]:
        return text("No {kind} is surely busier than the others", kind=label(kind))
    return text("{when} is the busiest: {times} times as many orders a day as otherwise", when=when,
                times=best["times"])


def _spread(reading: Reading, rows: Sequence[Mapping[str, Any]], kind: str) -> Picture:
    """Orders a day, as the title tells them; shares where there is one value only, with nothing beside it."""
    there = [r for r in rows if r["dimension"] == kind]
    best = max(there, key=lambda r: r["times"] or 0)
    title = reading.say(_busiest(kind, best))
    if best["times"] is None:
        drawn = [Bar(reading.say(label(kind, r["value"])), r["share"], reading.figures.share(r["share"]))
                 for r in there]
        alternative = reading.say(text("Share of orders by {kind}.", kind=label(kind)))
    else:
        drawn = [Bar(reading.say(label(kind, r["value"])), r["times"], reading.figures.rounded(r["times"], 2), r["low"],
                     r["high"], marked=r["times"] > 1) for r in there if r["times"] is not None]
        alternative = reading.say(text("Orders a day by {kind}, as a multiple of the other days; the dark ones have "
                                       "more than those, and the line is the range.", kind=label(kind)))
    svg = bars(drawn, rtl=reading.rtl, labels=110)
    return Picture(title, alternative, described(svg, alternative),
                   (reading.say(label(kind)), reading.say(text("Orders")), reading.say(text("Share")),
                    reading.say(text("Times other days"))),
                   tuple((reading.say(label(kind, r["value"])), reading.say(r["orders"]),
                          reading.figures.share(r["share"]), reading.figures.rounded(r["times"], 2)) for r in there))
