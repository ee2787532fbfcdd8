"""What kinds of customers there are: buckets, and a persona of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from regulars.errors import TooLittleData
from regulars.insight.buckets import ENOUGH
from regulars.insight.page.parts import Card, Reading, Section
from regulars.insight.page.words import counted, text
from regulars.insight.personas import Personas, label, sentence
from regulars.model.phrases import Sentence, Share
from regulars.rules import Condition

BY_DEGREE: Mapping[str, tuple[str, Sentence, tuple[str, ...]]] = {
    "best": ("top 20% by sum(orders.total)", text("The fifth who spent most"), ("bought",)),
    "once": ("count(orders) = 1", text("Those who ordered once"), ("bought", "again")),
    "quiet": ("count(orders) >= 3 and last(orders) more than 180 days ago", text("Regulars who have gone quiet"),
              ("bought", "again", "recent")),
}
"""Where there are no kinds to tell apart: groups that every shop has, by how much and how often; and the statements
that only say their rule over again."""
TELLING, DO, AVOID = 5, 3, 2
Row = Mapping[str, Any]


def section(reading: Reading) -> Section:
    title = reading.say(text("What kinds of customers there are"))
    found = reading.result("buckets")
    if found is None:
        return Section("kinds", title, missing=reading.say(
            text("It takes at least {n} customers to look for kinds among them: bring in more.", n=ENOUGH)))
    said, rows = reading.all_said(found.findings), found.rows.to_pylist()
    shown = rows or found.numbers["by_degree"]
    if shown:
        told = _told(reading, {r["name"]: r["rule"] for r in shown})
        cards = [_card(reading, row, told.get(row["name"], ())) for row in shown]
    else:
        cards = _by_degree(reading)
    by_degree = [] if rows or not shown else [reading.say(text(
        "So they are divided by degree: where one group ends and the next begins is a choice, but other customers of "
        "the same kind would have been divided alike."))]
    return Section("kinds", title, said[0] if said else "", cards=cards, lines=by_degree,
                   caveats=[reading.say(found.method), *([] if rows else said[1:2]), *reading.all_said(found.caveats)])


def _told(reading: Reading, rules: Mapping[str, str | Condition]) -> dict[str, list[Row]]:
    """Group -> the sentences of its persona; nothing where there are too few people for any.

    They are rows that every language says in its own words, so they are worked out once for all of them.
    """
    asked = f"personas of {[(name, str(rule)) for name, rule in rules.items()]}"
    try:
        found = reading.once(asked, lambda: Personas().of(reading.shop, reading.now, rules))
    except TooLittleData:
        return {}
    rows: list[Row] = found.rows.to_pylist()
    return {name: [r for r in rows if r["persona"] == name] for name in rules}


def _card(reading: Reading, row: Row, told: Sequence[Row]) -> Card:
    people = text("{people}, {share} of all", people=counted("{n} person", "{n} people", row["people"]),
                  share=Share(row["share"]))
    figures = [(reading.say(text("In it")), reading.say(people)),
               (reading.say(text("May be written to")), reading.say(row["reachable"]))]
    return Card(row["name"], _telling(reading, told), figures, rule=row["rule"],
                text=reading.shop.sentence(row["short"], reading.figures.locale), lead=_called(reading, told),
                groups=_advice(reading, told), more=_all(reading, told))


def _by_degree(reading: Reading) -> list[Card]:
    told = _told(reading, {code: rule for code, (rule, _, _) in BY_DEGREE.items()})
    told = {code: [r for r in own if r["code"] not in BY_DEGREE[code][2]] for code, own in told.items()}
    return [Card(reading.say(name), _telling(reading, told[code]), [(reading.say(text("In it")), reading.say(
                counted("{n} person", "{n} people", told[code][0]["n"])))], rule=rule,
                 text=reading.shop.sentence(rule, reading.figures.locale), groups=_advice(reading, told[code]),
                 more=_all(reading, told[code]))
            for code, (rule, name, _) in BY_DEGREE.items() if told.get(code)]


def _say(reading: Reading, row: Row) -> str:
    return reading.say(sentence(row))


def _called(reading: Reading, told: Sequence[Row]) -> str:
    """What to call one of them, and that they are few where they are."""
    return " ".join(_say(reading, r) for r in told if r["code"] in ("name", "few"))


def _telling(reading: Reading, told: Sequence[Row]) -> list[str]:
    """What they do most unlike everybody else, and what an order of theirs is like."""
    unlike = [r for r in told if r["differs"] == "more" and r["kind"] in ("word", "yes", "rate")]
    unlike.sort(key=lambda r: -abs(r["value"] - (r["others"] or 0.0)))
    orders = [r for r in told if r["topic"] == "amounts"][:1]
    return [_say(reading, r) for r in (*unlike[:TELLING], *orders)]


def _advice(reading: Reading, told: Sequence[Row]) -> list[tuple[str, list[str]]]:
    found = [(reading.say(label(topic)), [_say(reading, r) for r in told if r["topic"] == topic][:most])
             for topic, most in (("do", DO), ("avoid", AVOID))]
    return [(heading, lines) for heading, lines in found if lines]


def _all(reading: Reading, told: Sequence[Row]) -> list[tuple[str, list[str]]]:
    """Every sentence of the card under its topic."""
    topics = dict.fromkeys(r["topic"] for r in told if r["topic"] not in ("head", "do", "avoid"))
    return [(reading.say(label(topic)), [_say(reading, r) for r in told if r["topic"] == topic]) for topic in topics]
