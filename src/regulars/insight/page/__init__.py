"""A page about a shop that stands by itself: pictures, text and style in one file, nothing loaded from anywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template

from regulars.insight.common.analysis import Facts
from regulars.insight.page import carriers, kinds, moves, numbers, recency, together, when, worth
from regulars.insight.page.parts import Reading, Section, Spoken
from regulars.insight.page.words import text
from regulars.model.clock import TICK, day_start, local_day
from regulars.model.figures import Figures
from regulars.model.tables import FACT_TABLES

SECTIONS: Sequence[Callable[[Reading], Section]] = (
    numbers.section, moves.section, kinds.section, recency.section, carriers.section,
    worth.section, together.section, when.section)
STALE = timedelta(days=31)
"""Older facts than this are judged as of the day of the newest one: judged today, everybody would seem gone."""

Progress = Callable[[int, int], None]


def newest_fact(shop: Facts, now: datetime) -> datetime | None:
    """The moment of the newest fact that is not of the future."""
    parts = " UNION ALL ".join(f'SELECT max("at") AS newest FROM {t.name} WHERE "at" <= $now' for t in FACT_TABLES)
    found: datetime | None = shop.engine.value(
        f"SELECT max(newest) FROM ({parts.replace('$now', '?')})", [now] * len(FACT_TABLES))
    return found


def moment_for(shop: Facts, now: datetime) -> datetime:
    """``now``, or the end of the day of the newest fact where the data is older than `STALE`."""
    newest = newest_fact(shop, now)
    if newest is None or now - newest <= STALE:
        return now
    zone = shop.settings.zone
    return min(now, day_start(local_day(newest, zone) + timedelta(days=1), zone) - TICK)


def page(shop: Facts, now: datetime, figures: Figures, *, today: datetime | None = None,
         progress: Progress | None = None) -> str:
    """The report of a shop as of ``now``; where ``today`` is later, it says that the data is old."""
    reading = Reading(Spoken(shop, figures.locale), now, figures)
    return written(reading, read(reading, progress), today)


def read(reading: Reading, progress: Progress | None = None) -> list[Section]:
    """What each section has to say; ``progress`` is told sections done and to do."""
    sections = []
    for done, section in enumerate(SECTIONS):
        if progress:
            progress(done, len(SECTIONS))
        sections.append(section(reading))
    return sections


def written(reading: Reading, sections: Sequence[Section], today: datetime | None = None) -> str:
    """The page of these sections."""
    words = {name: reading.say(said) for name, said in WORDS.items()}
    as_of = reading.say(text("As of {moment}", moment=reading.now))
    return _template().render(
        sections=sections, name=reading.shop.settings.name, as_of=as_of,
        stale=_stale(reading, today), language=reading.figures.locale, direction="rtl" if reading.rtl else "ltr",
        style=_read("report.css"), **words)


WORDS = {
    "title": text("Customer report"), "table_word": text("Table"), "rule": text("Rule"), "contents": text("Contents"),
    "all_said": text("All that is known of them"),
    "how": text("How this was worked out, and what to hold against it"),
    "foot": text("Made by Regulars on your own machine. This file loads nothing from the network.")}


def _stale(reading: Reading, today: datetime | None) -> str:
    if today is None or reading.now >= today:
        return ""
    return reading.say(text("The newest fact is of {day}: everything is judged as of then, not as of today.",
                            day=local_day(reading.now, reading.shop.settings.zone)))


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_read("report.html"))


def _read(name: str) -> str:
    return files("regulars.insight.page").joinpath(name).read_text(encoding="utf-8")


__all__ = ["moment_for", "newest_fact", "page", "read", "written"]
