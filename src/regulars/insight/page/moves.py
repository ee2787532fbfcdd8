"""The five moves of the week."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from regulars.errors import TooLittleData
from regulars.insight.moves import Moves, label, todo, why
from regulars.insight.page.parts import Card, Reading, Section
from regulars.insight.page.words import counted, text
from regulars.model.phrases import About, Sentence, Share


def section(reading: Reading) -> Section:
    title = reading.say(text("Five moves for this week"))
    basket, profit = reading.result("basket"), reading.result("profit")
    try:
        found = reading.once("moves", lambda: Moves().of(reading.shop, reading.now, basket.numbers if basket else {},
                                                         profit.numbers if profit else {}))
    except TooLittleData:
        return Section("moves", title, missing=reading.say(
            text("There are too few orders of known customers to propose anything: bring in more orders.")))
    rows = found.rows.to_pylist()
    lead = text("In order of what is likely to be left of them.") if rows else text("No move is worth its cost now.")
    days = found.parameters["days"]
    return Section("moves", title, reading.say(lead), cards=[_card(reading, row, days) for row in rows],
                   notes=reading.all_said(found.caveats), caveats=[reading.say(found.method)],
                   numbered=True)


def _card(reading: Reading, row: Mapping[str, Any], days: int) -> Card:
    return Card(reading.say(label(row)), [reading.say(why(row)), reading.say(todo(row))], _figures(reading, row),
                rule=row["rule"], text=reading.shop.sentence(row["rule"], reading.figures.locale),
                facts={"move": row["move"], "usual": row["usual"], "days": days, "way": row["way"]})


def _figures(reading: Reading, row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """People, what it may bring, what it costs, what they do anyway."""
    people = counted("{n} person", "{n} people", row["people"])
    if row["reachable"] is not None:
        people = text("{people}, {reachable} may be written to", people=people, reachable=row["reachable"])
    brings = text("{amount} ({low} to {high})", amount=About(row["amount"]), low=About(row["low"]),
                  high=About(row["high"]))
    told = [(text("For"), people), (text("May bring"), brings), (text("Costs"), _cost(row)),
            (text("Left after goods and cost") if row["goods_known"] else
             text("Left after its cost, goods not known"), About(row["profit"]))]
    if row["usual"] is not None:
        told.append((text("Anyway"), text("{share} of such people ordered within 30 days by themselves",
                                          share=Share(row["usual"]))))
    return [(reading.say(name), reading.say(value)) for name, value in told]


def _cost(row: Mapping[str, Any]) -> Sentence | About:
    """With the way it goes: a letter costs many times an e-mail."""
    way = BY.get(row["way"] or "") if row["cost"] else None
    return text("{cost} ({way})", cost=About(row["cost"]), way=way) if way else About(row["cost"])


BY = {"email": text("by e-mail"), "sms": text("by text message"), "phone": text("by telephone"),
      "post": text("by post")}
