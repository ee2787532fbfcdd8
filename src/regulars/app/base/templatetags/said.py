"""Figures and sentences in templates, in the reader's language: ``{% money amount %}``, ``{% say finding %}``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django import template
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from regulars.app.answers import while_facts_stand
from regulars.app.base import pictures
from regulars.app.doors import browsers
from regulars.app.facts import the_shop
from regulars.errors import Message, said
from regulars.insight.page import STALE, newest_fact
from regulars.model.catalogs import isolated
from regulars.model.figures import Figures
from regulars.segments.saved import Size
from regulars.shop.answers import SOURCE as ANSWERS

register = template.Library()
Amount = Decimal | float | int | None
A_WHILE = timedelta(minutes=10)


@dataclass(frozen=True)
class Old:
    """``newest`` is the newest fact's moment; everything is judged at ``stands``, None where by the clock."""

    newest: datetime
    stands: datetime | None


def _figures(context: Context) -> Figures:
    figures: Figures = context["figures"]
    return figures


def _apart(context: Context, figure: str) -> str:
    """A figure that keeps its sign, percent or currency on its own side among letters that run the other way."""
    return isolated(figure, _figures(context).locale)


@register.simple_tag(takes_context=True)
def number(context: Context, value: Amount, decimals: int = 0) -> str:
    """Grouped; a dash where unknown."""
    return _apart(context, _figures(context).rounded(value, decimals))


@register.simple_tag(takes_context=True)
def money(context: Context, value: Amount) -> str:
    """To the currency's own decimals."""
    return _apart(context, _figures(context).money(value))


@register.filter
def source(name: str) -> str:
    """What came in by itself in the reader's words; a file by its own name."""
    return _("answers to campaigns") if name == ANSWERS else name


@register.simple_tag(takes_context=True)
def about(context: Context, value: Amount) -> str:
    """An estimated amount: three significant digits."""
    return _apart(context, _figures(context).about(value))


@register.simple_tag(takes_context=True)
def percent(context: Context, value: float | None) -> str:
    """A share of 0 to 1, with a decimal."""
    return _apart(context, _figures(context).percent(value))


@register.simple_tag(takes_context=True)
def share(context: Context, value: float | None) -> str:
    """A share of 0 to 1, in whole percents."""
    return _apart(context, _figures(context).share(value))


@register.simple_tag(takes_context=True)
def moment(context: Context, value: datetime | None) -> SafeString:
    """Naive UTC in the shop's wall time, readable by machines too."""
    return format_html('<time datetime="{}Z">{}</time>', value.isoformat(timespec="seconds"),
                       _figures(context).moment(value)) if value else SafeString(_figures(context).moment(None))


@register.simple_tag(takes_context=True)
def old_facts(context: Context) -> Old | None:
    """What is to be said of a shop whose newest fact lies long back; nothing of any other."""
    clock = the_shop().moment()
    newest = while_facts_stand("newest fact", lambda: newest_fact(the_shop(), clock), clock.date())
    if newest is None or clock - newest <= STALE:
        return None
    now: datetime = context["request"].now
    return Old(newest, now if clock - now > A_WHILE else None)


@register.simple_tag(takes_context=True)
def aware(context: Context, value: datetime | None) -> SafeString:
    """The same of one of Django's moments, which carry their zone."""
    return moment(context, value and value.astimezone(UTC).replace(tzinfo=None))


@register.simple_tag(takes_context=True)
def day(context: Context, value: date | None) -> str:
    return _figures(context).day(value)


@register.simple_tag(takes_context=True)
def say(context: Context, value: Message | None) -> str:
    """A sentence or an error of the core, or a text as it is."""
    return said(value, _figures(context))


@register.simple_tag(takes_context=True)
def stop(context: Context) -> str:
    """The sign that ends a sentence."""
    return "۔" if _figures(context).locale == "ur" else "."


@register.simple_tag
def spark(values: list[float], title: str) -> SafeString:
    """A sparkline; ``title`` says what it shows."""
    return pictures.sparkline(values, title)


@register.simple_tag(takes_context=True)
def plot(context: Context, sizes: Sequence[Size]) -> SafeString:
    """Sizes over time; the picture's words say from how many to how many."""
    figures = _figures(context)
    title = _("From %(first)s people on %(begun)s to %(last)s on %(ended)s") % {
        "first": figures.number(sizes[0].members), "begun": figures.day(sizes[0].day),
        "last": figures.number(sizes[-1].members), "ended": figures.day(sizes[-1].day)}
    return pictures.plot([s.day for s in sizes], [s.members for s in sizes], title)


@register.simple_tag
def beside(value: float, other: float) -> SafeString:
    """A bar for a share of 0 to 1, and a thinner one for what it is held against."""
    return pictures.beside(value, other)


@register.filter
def as_json(value: Any) -> SafeString:
    """JSON that can stand inside a ``script`` element of data: no sign of it can close the element."""
    return SafeString(json.dumps(value).translate({ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}))


@register.filter
def ruled(table: Mapping[str, Any]) -> list[tuple[Sequence[str], str, str]]:
    """The rows of a table as it is kept, each with the rule of who is in it, "" where there is none, and its name."""
    rules = table.get("rules") or [""] * len(table["rows"])
    names = table.get("names") or [row[0] for row in table["rows"]]
    return list(zip(table["rows"], rules, names, strict=True))


@register.filter
def typed(value: Any) -> SafeString:
    """What a person typed, in whatever direction it runs."""
    return format_html('<bdi dir="auto">{}</bdi>', value)


@register.filter
def browser(user_agent: str) -> str:
    """What a browser calls itself, as its owner knows it."""
    return browsers.said(user_agent)
