"""What customers are worth in the coming year."""

from __future__ import annotations

from regulars.insight.common.analysis import Result
from regulars.insight.common.charts import Bar, Picture, bars, described
from regulars.insight.page.parts import Reading, Section, Table, Tile
from regulars.insight.page.words import text
from regulars.model.phrases import About, Sentence, Share

MOST = 10
NEARLY_ALL = 0.99
"""Where more than this part are still active, and priors held the fit, the orders do not tell who has left."""


def section(reading: Reading) -> Section:
    title = reading.say(text("What customers are worth"))
    found = reading.result("value")
    if found is None:
        return Section("worth", title, missing=reading.say(
            text("To foretell what customers will buy takes more orders of known customers, over a longer time.")))
    said = reading.all_said(found.findings)
    told = found.numbers["expected"]["active"] < NEARLY_ALL * found.n
    sure = found.numbers["fit"]["converged"] and (told or not found.numbers["fit"]["with_priors"])
    against = reading.all_said(found.caveats)
    return Section("worth", title, said[0] if said else "",
                   tiles=_tiles(reading, found)[:None if sure else -1],
                   pictures=[_fit(reading, found)], tables=[_best(reading, found)], notes=[] if sure else against,
                   caveats=[reading.say(found.method), *(against if sure else [])])


def _worth(found: Result) -> Sentence:
    """What worth is counted in."""
    if found.parameters["amount"] == "margin":
        return text("Expected margin, 12 months")
    return text("Expected spending, 12 months")


def _tiles(reading: Reading, found: Result) -> list[Tile]:
    """Worth where it is known, orders, and last those still active."""
    say, figures, expected, n = reading.say, reading.figures, found.numbers["expected"], found.n
    orders, worth = expected["orders_range"], expected["worth_range"]
    tiles = [Tile(say(text("Orders to come, 12 months")), say(round(expected["orders"])),
                  say(text("probably {low} to {high}", low=round(orders[0]), high=round(orders[1])))),
             Tile(say(text("Still active")), say(round(expected["active"])),
                  say(text("{share} of all who have bought", share=Share(expected["active"] / n))))]
    if expected.get("worth") is not None and worth:
        tiles.insert(0, Tile(say(_worth(found)), figures.about(expected["worth"]),
                             say(text("probably {low} to {high}", low=About(worth[0]), high=About(worth[1])))))
    return tiles


def _fit(reading: Reading, found: Result) -> Picture:
    """How many ordered again so often, and how many the model says should have."""
    rows = found.numbers["by_frequency"]
    off = sum(abs(r["actual"] - r["expected"]) for r in rows) / 2 / (sum(r["actual"] for r in rows) or 1)
    title = reading.say(text("How often customers order again is foretold right for {share} of them",
                             share=Share(1 - off)))
    alternative = reading.say(
        text("Customers by how often they ordered again; the line is the range the model expects."))
    svg = bars([Bar(r["repeat_orders"], r["actual"], reading.say(r["actual"]), *r["range"]) for r in rows],
               rtl=reading.rtl, labels=50)
    return Picture(title, alternative, described(svg, alternative),
                   tuple(reading.say(t) for t in (text("Orders after the first"), text("Customers"),
                                                  text("As expected"))),
                   tuple((r["repeat_orders"], reading.say(r["actual"]), reading.say(round(r["expected"])))
                         for r in rows), right=(1, 2))


def _best(reading: Reading, found: Result) -> Table:
    header = [reading.say(t) for t in (text("Customer"), text("Days with an order"), text("Still active"),
                                       text("Orders to come, 12 months"), _worth(found))]
    rows = [(r["name"] or r["customer_id"], reading.say(r["order_days"]), reading.figures.share(r["active"]),
             reading.figures.rounded(r["expected_orders"], 1), reading.figures.about(r["worth"]))
            for r in found.rows.to_pylist()[:MOST]]
    return Table(header, rows, right=(1, 2, 3, 4), title=reading.say(text("Who is expected to be worth most")))
