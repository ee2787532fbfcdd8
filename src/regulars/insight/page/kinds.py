"""What kinds of customers there are: buckets, and a persona of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from regulars.insight.page.parts import Card, Reading, Section
from regulars.insight.page.words import counted, text
from regulars.model.phrases import Share


def section(reading: Reading) -> Section:
    title = reading.say(text("What kinds of customers there are"))
    found = reading.result("buckets")
    if found is None:
        return Section("kinds", title, missing=reading.say(
            text("It takes at least 60 customers to look for kinds among them: bring in more.")))
    said = reading.all_said(found.findings)
    rows = found.rows.to_pylist()
    return Section("kinds", title, said[0] if said else "", cards=[_card(reading, row) for row in rows],
                   lines=[] if rows else said[1:],
                   caveats=[reading.say(found.method), *reading.all_said(found.caveats)])


def _card(reading: Reading, row: Mapping[str, Any]) -> Card:
    language = reading.figures.locale
    people = text("{people}, {share} of all", people=counted("{n} person", "{n} people", row["people"]),
                  share=Share(row["share"]))
    return Card(row["name"], figures=[(reading.say(text("In it")), reading.say(people)),
                                      (reading.say(text("May be written to")), reading.say(row["reachable"]))],
                rule=row["rule"], text=reading.shop.sentence(row["short"], language))
