"""The sections of the pages: those of the report, and groups and stages as cards that can be adopted as segments."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from html import escape
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from regulars.insight.common.charts import Picture
from regulars.insight.interests import concerned
from regulars.insight.lifecycle import label as stage_label
from regulars.insight.page import carriers, goods, kinds, moves, numbers, recency, together, when, worth
from regulars.insight.page.parts import Card, Reading, Section
from regulars.insight.page.words import by_recency, by_stage, gist, would_like
from regulars.insight.rfm.groups import label as group_label
from regulars.model.phrases import Share, phrases

text, counted = phrases("regulars.insight", "page")
STYLE = re.compile(r' style="[^"]*"')
LEADS = re.compile(r'<a xlink:href="[^"]*#row(\d+)"')
ANALYSES = ("rfm", "lifecycle", "value", "profit", "basket", "buckets")
"""In the order they are worked out: quick ones first."""


def recent(reading: Reading) -> Section:
    """As in the report, but that the grid is the page's own, whose fields can be picked: its finding is a line here."""
    full = recency.section(reading)
    return replace(full, pictures=full.pictures[1:], lines=[*(p.title for p in full.pictures[:1]), *full.lines])


def groups(reading: Reading) -> Section:
    """The named RFM groups, each a rule over the kept score."""
    found = reading.result("rfm")
    rows = [row for row in found.rows.to_pylist() if row["customers"]] if found else []
    return Section("groups", "", cards=[_card(
        reading, reading.say(group_label(row["group"])), row["customers"], row["share"],
        f"rfm.group = '{row['group']}'", reading.say(by_recency(group_label(row["group"]))))
        for row in rows])


def stages(reading: Reading) -> Section:
    """The stages of life as a customer, each a rule over the kept score."""
    found = reading.result("lifecycle")
    rows = [row for row in found.rows.to_pylist() if row["customers"]] if found else []
    return Section("stages", "", lines=reading.all_said(found.findings) if found else (), cards=[_card(
        reading, reading.say(stage_label(row["stage"])), row["customers"], row["share"],
        f"lifecycle.stage = '{row['stage']}'", reading.say(by_stage(stage_label(row["stage"]))))
        for row in rows],
        caveats=[reading.say(found.method), *reading.all_said(found.caveats)] if found else ())


def _card(reading: Reading, name: str, people: int, share: float, rule: str, saved_as: str) -> Card:
    """``saved_as`` is its name as a segment: two sections may call other people by one name."""
    said = text("{people}, {share} of all", people=counted("{n} person", "{n} people", people), share=Share(share))
    return Card(name, lines=[reading.say(said)], rule=rule, facts={"name": saved_as})


def found_kinds(reading: Reading) -> Section:
    """The kinds found in the data with their sizes and rules; who they are is told by the personas."""
    full = personas(reading)
    return replace(full, cards=[Card(c.title, lead=c.facts["gist"], figures=c.figures, rule=c.rule, text=c.text)
                                for c in full.cards])


def personas(reading: Reading) -> Section:
    """Who they are; each says the whole rule that it becomes a segment by, where the gist of it is shorter."""
    full = kinds.section(reading)
    return replace(full, cards=[_whole(reading, card) for card in full.cards])


def _whole(reading: Reading, card: Card) -> Card:
    rule = reading.shop.sentence(card.rule, reading.figures.locale)
    short = "" if rule == card.text else reading.say(gist(card.text))
    return replace(card, text=rule, facts={**card.facts, "gist": short})


def complements(reading: Reading) -> Section:
    """Who bought the one and lacks the other, each a rule."""
    found = reading.result("basket")
    missing = found.numbers.get("missing", ()) if found else ()
    return Section("complements", "", cards=[_complement(reading, row) for row in missing[:12] if row.get("rule")])


def _complement(reading: Reading, row: Mapping[str, Any]) -> Card:
    people = reading.say(counted("{n} person", "{n} people", row["people"]))
    return Card(f"{row['has']} → {row['lacks']}", lines=[people], rule=row["rule"])


def releases(reading: Reading) -> Section:
    """What is new, and who keeps buying of that brand or maker and has not got it, each a rule."""
    found = reading.result("interests")
    new = [row for row in found.numbers["releases"] if row["people"]] if found else []
    return Section("releases", "", cards=[_release(reading, row) for row in new])


def _release(reading: Reading, row: Mapping[str, Any]) -> Card:
    figures = [(reading.say(text("May be written to")), reading.say(row["reachable"]))]
    return Card(row["name"], lines=[reading.say(concerned(row))], figures=figures, rule=row["rule"],
                facts={"name": reading.say(would_like(row["name"]))})


SECTIONS: Mapping[str, Callable[[Reading], Section]] = {
    "numbers": numbers.section, "moves": moves.section, "recency": recent, "groups": groups, "stages": stages,
    "kinds": found_kinds, "worth": worth.section, "carriers": carriers.section, "goods": goods.section,
    "all_goods": goods.whole,
    "again": goods.again, "together": together.section, "complements": complements,
    "releases": releases, "when": when.section,
    "personas": personas}


def as_json(section: Section) -> dict[str, Any]:
    """The section as it is kept; its pictures without the style that the pages' policy forbids."""
    plain = replace(section, pictures=[plainly(p) if isinstance(p, Picture) else p for p in section.pictures])
    return asdict(plain)


def plainly(picture: Picture) -> Picture:
    """A picture as the pages show it."""
    return replace(picture, svg=_led(picture))


def _led(picture: Picture) -> str:
    """The drawing without what the policy forbids, its parts leading to the editor with the rule of their row."""
    def lead(found: re.Match[str]) -> str:
        row = int(found[1])
        name, rule = picture.names[row] if picture.names else picture.rows[row][0], picture.rules[row]
        address = f"{reverse('segments:new')}?{urlencode({'name': name, 'rule': rule})}"
        return f'<a href="{escape(address)}" aria-label="{escape(name)}"'
    svg = STYLE.sub("", picture.svg)
    return LEADS.sub(lead, svg).replace(' role="img"', ' role="group"', 1) if LEADS.search(svg) else svg
