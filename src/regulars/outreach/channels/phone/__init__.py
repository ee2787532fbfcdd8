"""Calls: a list with the script for each, to be worked through on the screen or on paper.

What came of a call is entered by hand, and is a fact like a click: see `OUTCOMES`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from regulars.model.phrases import Sentence
from regulars.outreach import ways
from regulars.outreach.channels.base import Parcel
from regulars.outreach.channels.lists import Asked, Form, ListChannel, Made, said, table
from regulars.outreach.channels.numbers import e164
from regulars.outreach.says import SPOKEN

OUTCOMES: Mapping[str, Sentence] = {
    "replied": ways.REACHED, "not_reached": ways.NOT_REACHED, "redeemed": ways.BOUGHT,
    "unsubscribed": ways.UNWANTED, "bounced": ways.WRONG}
"""The kind of response a call ends in, and how it is said."""
PAPER = """<!doctype html><html lang="{language}" dir="{direction}"><meta charset="utf-8"><title>{title}</title><style>
body{{font:11pt/1.45 system-ui,"Noto Sans","Noto Naskh Arabic",sans-serif;margin:1.5cm}}h1{{font-size:15pt}}
article{{break-inside:avoid;border-block-start:1px solid #777;padding-block:.5em}}h2{{font-size:11pt;margin:0}}
pre{{font:inherit;white-space:pre-wrap;margin-block:.3em}}p{{margin-block:.3em}}b{{font-weight:600}}
@page{{margin:1.2cm}}@media print{{body{{margin:0}}}}</style><h1>{title}</h1>{calls}</html>"""
CALL = """<article><h2 dir="auto">{number}. {name} <bdi>{phone}</bdi></h2><p dir="auto">{city}</p>
<pre dir="auto">{script}</pre>
<p>{outcomes} &nbsp; {date}: ____________</p></article>"""
RIGHT_TO_LEFT = "ur"


def dialled(parcel: Parcel, asked: Asked) -> str:
    """The number as the world dials it, else as it was written."""
    return e164(parcel.to, parcel.person, asked.settings.country) or parcel.to


def calls_table(parcels: Sequence[Parcel], asked: Asked) -> Made:
    """A row each, with empty columns for what came of it."""
    rows = [[p.delivery, p.customer_id, p.name, dialled(p, asked), said(p, "city"), p.language, p.text, "", ""]
            for p in parcels]
    header = ("delivery", "customer_id", "name", "phone", "city", "language", "script", "outcome", "called_on")
    return Made(table(header, rows), len(rows))


def calls_page(parcels: Sequence[Parcel], asked: Asked) -> Made:
    """A page of HTML that stands by itself: prints with no call torn over two sheets."""
    figures = asked.figures
    outcomes = " &nbsp; ".join(f"☐ {escape(each.say(figures))}" for each in OUTCOMES.values())
    calls = "".join(CALL.format(
        number=figures.number(i), name=escape(p.name or p.customer_id), phone=escape(dialled(p, asked)),
        city=escape(said(p, "city")), script=escape(p.text), outcomes=outcomes, date=escape(ways.DATE.say(figures)))
        for i, p in enumerate(parcels, 1))
    page = PAPER.format(language=figures.locale, direction="rtl" if figures.locale == RIGHT_TO_LEFT else "ltr",
                        title=escape(ways.calls_of(asked.campaign).say(figures)), calls=calls)
    return Made(page.encode(), len(parcels))


CHANNEL = ListChannel("phone", ways.PHONE, "phone", "phone", (
    Form("calls.html", ways.CALLS_PAGE, "text/html", calls_page),
    Form("calls.csv", ways.CALLS_TABLE, "text/csv", calls_table)), says=SPOKEN)
