"""Pictures: small Altair specifications drawn to SVG here, without a browser and without a network.

A picture is drawn at one width and grows with the page; its colours are the page's own (`COLOURS`, as CSS variables),
so that one drawing serves light and dark; its text takes the page's typeface. Whatever it says comes in already said:
labels and numbers in the reader's language. In languages written from right to left it is mirrored.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape
from itertools import count
from typing import TYPE_CHECKING, Any, TypeAlias

from regulars.model.later import later

if TYPE_CHECKING:
    import altair as alt
    import vl_convert
else:
    alt, vl_convert = later("altair"), later("vl_convert")

WIDTH = 360
"""The drawn width in pixels: text of 12 stays readable on a phone, where it is shown at nine tenths."""
COLOURS: Mapping[str, str] = {"ink": "#010101", "soft": "#020202", "line": "#030303", "accent": "#040404",
                              "other": "#050505", "paper": "#060606", "warn": "#070707"}
"""Stand-ins that no drawing has by chance, replaced by ``var(--ink)`` and so on."""
SAID = "said"
SHADES = [0.05, 0.5]
"""From the least to the most: at half of the accent the ink on it still has a contrast of 4.5, in light and dark."""

Chart: TypeAlias = Any
"""Altair's charts compose by operators whose types its stubs do not carry."""
Row: TypeAlias = Mapping[str, Any]
Number: TypeAlias = Callable[[float], str]


@dataclass(frozen=True)
class Picture:
    """A drawing with what it found for a title, its text alternative, and the table it shows."""

    title: str
    alt: str
    svg: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: tuple[int, ...] = ()
    rules: tuple[str, ...] = ()
    """Who is in each row, as a rule; none where rows are not people."""
    names: tuple[str, ...] = ()
    """What each row's segment would be called, where its first cell does not say it."""


@dataclass(frozen=True)
class Bar:
    """``value`` in any unit, written as ``said``; ``low`` and ``high`` bound an estimate; ``marked`` stands out."""

    label: str
    value: float
    said: str
    low: float | None = None
    high: float | None = None
    marked: bool = True


@dataclass(frozen=True)
class Cell:
    """One field of a heat map; columns and rows by position."""

    column: int
    row: int
    value: float
    said: str


def bars(data: Sequence[Bar], *, rtl: bool = False, labels: int = 130, linked: bool = False) -> str:
    """Horizontal bars in the order given, each with its number, and its interval where it has one.

    Where ``linked`` the bar at position 2 is a link that ends in ``#row2``: whoever shows it says where that leads.
    """
    top = max([b.high or b.value for b in data] + [b.value for b in data], default=0) or 1
    rows = [{"at": i, "label": b.label, "value": b.value, SAID: b.said, "low": b.low, "high": b.high,
             "end": max(b.high or 0, b.value), "to": f"#row{i}", "colour": COLOURS["accent" if b.marked else "other"]}
            for i, b in enumerate(data)]
    room = 70
    x = alt.X("value:Q", axis=None, scale=alt.Scale(domain=[0, top], reverse=rtl))
    chart = alt.Chart(_values(rows), width=WIDTH - labels - room, height=alt.Step(26))
    y = _names(rows, "label", labels, rtl)
    leads = {"href": "to:N"} if linked else {}
    layers = [chart.mark_bar(height=14).encode(x=x, y=y, color=alt.Color("colour:N", scale=None), **leads),
              chart.mark_text(align="right" if rtl else "left", dx=-6 if rtl else 6, color=COLOURS["ink"]).encode(
                  x=alt.X("end:Q", axis=None), y=y, text="said:N")]
    if any(b.low is not None for b in data):
        layers.append(chart.mark_rule(color=COLOURS["ink"], strokeWidth=1.5).encode(x="low:Q", x2="high:Q", y=y))
    return draw(alt.layer(*layers))


def intervals(data: Sequence[Bar], *, rtl: bool = False, labels: int = 130) -> str:
    """Differences in the order given, each as a point with its interval, beside a line where there is none."""
    rows = [{"at": i, "label": b.label, "value": b.value, SAID: b.said, "low": b.low, "high": b.high, "none": 0,
             "colour": COLOURS["accent" if b.marked else "other"]} for i, b in enumerate(data)]
    edges = [0.0, *(x for b in data for x in (b.value, b.low, b.high) if x is not None)]
    scale = alt.Scale(domain=[min(edges), max(edges) or 1], reverse=rtl, nice=False)
    y = _names(rows, "label", labels, rtl)
    chart = alt.Chart(_values(rows), width=WIDTH - labels - 80, height=alt.Step(28))
    colour = alt.Color("colour:N", scale=None)
    return draw(alt.layer(
        chart.mark_rule(color=COLOURS["line"], strokeDash=[4, 4]).encode(x=alt.X("none:Q", axis=None, scale=scale)),
        chart.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q", axis=None, scale=scale), x2="high:Q", y=y, color=colour),
        chart.mark_point(filled=True, size=70, opacity=1).encode(x=alt.X("value:Q", axis=None, scale=scale), y=y,
                                                                 color=colour),
        chart.mark_text(align="right" if rtl else "left", dx=-8 if rtl else 8, color=COLOURS["ink"]).encode(
            x=alt.value(0 if rtl else WIDTH - labels - 80), y=y, text="said:N")))


def heat(cells: Sequence[Cell], columns: Sequence[str], rows: Sequence[str], *, rtl: bool = False, labels: int = 100,
         height: int = 34, column_title: str = "", shown: bool = True) -> str:
    """A grid in shades of the accent; every field bears its number where ``shown``."""
    top = max((c.value for c in cells), default=0) or 1
    data = [{"c": c.column, "r": c.row, "share": c.value / top, SAID: c.said if shown else ""} for c in cells]
    x = alt.X("c:O", title=column_title or None, sort="descending" if rtl else "ascending",
              axis=alt.Axis(orient="top", labelAngle=0, labelExpr=_lookup(columns), domain=False, ticks=False))
    y = alt.Y("r:O", title=None, axis=_axis(_lookup(rows), labels, rtl))
    chart = alt.Chart(_values(data), width=WIDTH - labels - 10, height=height * len(rows))
    fields = chart.mark_rect(color=COLOURS["accent"], stroke=COLOURS["paper"], strokeWidth=2).encode(
        x=x, y=y, fillOpacity=alt.FillOpacity("share:Q", scale=alt.Scale(domain=[0, 1], range=SHADES), legend=None))
    words = chart.mark_text(color=COLOURS["ink"]).encode(x=x, y=y, text="said:N")
    return draw(alt.layer(fields, words))


def curve(points: Sequence[tuple[float, float]], share: Number, *, across: str, up: str, rtl: bool = False,
          marked: tuple[float, float] | None = None, links: Mapping[int, tuple[float, float]] | None = None) -> str:
    """Two shares against each other from 0 to 1, such as of people and of what they bring, over the even line.

    ``links`` are points that lead somewhere, by the row of the table that they stand for; see `bars`.
    """
    data = [{"x": x, "y": y} for x, y in points]
    scale_x = alt.Scale(domain=[0, 1], reverse=rtl, nice=False)
    low = min([0.0, *(y for _, y in points)])
    scale_y = alt.Scale(domain=[low, max([1.0, *(y for _, y in points)])], nice=False)
    ticks = (0, 0.2, 0.4, 0.6, 0.8, 1)
    x = alt.X("x:Q", scale=scale_x, title=across, axis=alt.Axis(  # Nastaliq rises above its line
        values=list(ticks), labelExpr=_said(ticks, share), titlePadding=16 if rtl else 8))
    y = alt.Y("y:Q", scale=scale_y, title=None, axis=alt.Axis(
        values=list(ticks), labelExpr=_said(ticks, share), orient="right" if rtl else "left"))
    chart = alt.Chart(_values(data), width=WIDTH - 60, height=210, title=_quiet(up, rtl))
    even = alt.Chart(_values([{"x": 0, "y": 0}, {"x": 1, "y": 1}])).mark_line(
        color=COLOURS["line"], strokeDash=[4, 4]).encode(x=x, y=y)
    layers = [even, chart.mark_area(color=COLOURS["accent"], opacity=0.12).encode(x=x, y=y),
              chart.mark_line(color=COLOURS["accent"], strokeWidth=2.5).encode(x=x, y=y)]
    if marked:
        spot = alt.Chart(_values([{"x": marked[0], "y": marked[1]}]))
        layers.append(spot.mark_point(color=COLOURS["accent"], filled=True, size=90, opacity=1).encode(x=x, y=y))
    if links:
        layers.append(_leading([{"x": px, "y": py, "to": f"#row{row}"} for row, (px, py) in links.items()], x, y))
    return draw(alt.layer(*layers))


def line(points: Sequence[tuple[str, float, float | None, float | None]], number: Number, *, up: str = "",
         rtl: bool = False, from_nought: bool = True, top: float | None = None, linked: bool = False) -> str:
    """A line over positions (label, value, low, high), its interval as a band; a handful of labels across.

    Where ``linked`` every position is a link, as in `bars`.
    """
    data = [{"i": i, "y": y, "low": low, "high": high} for i, (_, y, low, high) in enumerate(points)]
    every = max(1, round(len(points) / 6))
    ticks = [i for i in range(len(points)) if i % every == 0]
    high = top or max((p[3] if p[3] is not None else p[1]) for p in points)
    low = 0 if from_nought else min((p[2] if p[2] is not None else p[1]) for p in points)
    up_ticks = _round_ticks(low, high)
    x = alt.X("i:Q", title=None, scale=alt.Scale(domain=[0, max(len(points) - 1, 1)], nice=False, reverse=rtl),
              axis=alt.Axis(values=ticks, labelExpr=_lookup([p[0] for p in points]), grid=False))
    y = alt.Y("y:Q", title=None, scale=alt.Scale(domain=[min(low, up_ticks[0]), max(high, up_ticks[-1])], nice=False),
              axis=alt.Axis(values=up_ticks, labelExpr=_said(up_ticks, number), orient="right" if rtl else "left"))
    chart = alt.Chart(_values(data), width=WIDTH - 60, height=170, title=_quiet(up, rtl))
    layers = [chart.mark_line(color=COLOURS["accent"], strokeWidth=2.5).encode(x=x, y=y)]
    if any(p[2] is not None for p in points):
        layers.insert(0, chart.mark_area(color=COLOURS["accent"], opacity=0.18).encode(x=x, y="low:Q", y2="high:Q"))
    if linked:
        layers.append(_leading([{**row, "to": f"#row{row['i']}"} for row in data], x, y))
    return draw(alt.layer(*layers))


def _leading(rows: Sequence[Row], x: alt.X, y: alt.Y) -> Chart:
    """Points that are links."""
    return alt.Chart(_values(rows)).mark_point(color=COLOURS["accent"], filled=True, size=55, opacity=1).encode(
        x=x, y=y, href="to:N")


def waterfall(steps: Sequence[tuple[str, float, str]], total: tuple[str, str], *, rtl: bool = False,
              labels: int = 130) -> str:
    """From the first step (what came in) through what was taken off to the total: label, amount, number as said."""
    rows: list[dict[str, Any]] = []
    at = 0.0
    for i, (label, amount, said) in enumerate(steps):
        rows.append({"at": i, "label": label, "from": at, "to": at + amount, SAID: said, "end": max(at, at + amount),
                     "colour": COLOURS["accent" if i == 0 else "warn" if amount < 0 else "other"]})
        at += amount
    rows.append({"at": len(steps), "label": total[0], "from": 0, "to": at, SAID: total[1], "end": max(at, 0),
                 "colour": COLOURS["accent"]})
    edges = [r[k] for r in rows for k in ("from", "to")]
    x = alt.X("from:Q", axis=None, scale=alt.Scale(domain=[min(edges), max(edges) or 1], reverse=rtl))
    y = _names(rows, "label", labels, rtl)
    chart = alt.Chart(_values(rows), width=WIDTH - labels - 70, height=alt.Step(26))
    return draw(alt.layer(
        chart.mark_bar(height=14).encode(x=x, x2="to:Q", y=y, color=alt.Color("colour:N", scale=None)),
        chart.mark_text(align="right" if rtl else "left", dx=-6 if rtl else 6, color=COLOURS["ink"]).encode(
            x=alt.X("end:Q", axis=None), y=y, text="said:N")))


def calendar(days: Mapping[date, float], weekdays: Sequence[str], month: Callable[[int], str], *,
             rtl: bool = False) -> str:
    """A field a day in shades of the accent: weeks across from the first day's, Monday to Sunday down."""
    if not days:
        return ""
    first, top = min(days), max(days.values()) or 1
    monday = first - timedelta(days=first.weekday())
    data = [{"w": (d - monday).days // 7, "d": d.weekday(), "share": v / top} for d, v in sorted(days.items())]
    starts = {(d - monday).days // 7: month(d.month) for d in sorted(days) if d.day == 1}
    x = alt.X("w:O", title=None, sort="descending" if rtl else "ascending", axis=alt.Axis(
        orient="top", values=sorted(starts), labelExpr=_lookup(starts), labelAngle=0, domain=False, ticks=False,
        labelOverlap="greedy", labelAlign="right" if rtl else "left", labelFontSize=10))
    y = alt.Y("d:O", title=None, axis=_axis(_lookup(weekdays), 40, rtl))
    weeks = max(r["w"] for r in data) + 1
    chart = alt.Chart(_values(data), width=(WIDTH - 50), height=7 * max(5, min(12, (WIDTH - 50) // weeks)))
    return draw(chart.mark_rect(color=COLOURS["accent"], stroke=COLOURS["paper"], strokeWidth=0.5).encode(
        x=x, y=y, fillOpacity=alt.FillOpacity("share:Q", scale=alt.Scale(domain=[0, 1], range=SHADES), legend=None)))


def sparkline(values: Sequence[float], *, rtl: bool = False, width: int = 96, height: int = 24) -> str:
    """A line without anything to read on it, its last point marked."""
    data = [{"i": i, "y": v} for i, v in enumerate(values)]
    x = alt.X("i:Q", axis=None, scale=alt.Scale(reverse=rtl, nice=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(zero=False, nice=False))
    chart = alt.Chart(_values(data), width=width, height=height)
    last = alt.Chart(_values(data[-1:])).mark_point(filled=True, size=22, opacity=1, color=COLOURS["accent"])
    return draw(alt.layer(chart.mark_line(color=COLOURS["accent"], strokeWidth=1.5).encode(x=x, y=y),
                          last.encode(x=x, y=y)))


def described(svg: str, alternative: str) -> str:
    """The drawing as one image to whoever listens."""
    return svg.replace("<svg ", f'<svg role="img" aria-label="{escape(alternative)}" ', 1)


def draw(chart: Chart) -> str:
    """The SVG of a chart: the page's colours and typeface, ids of its own, nothing that says how it was made."""
    spec = chart.configure(
        background="transparent", padding=2, font="sans-serif", aria=False,
        view=alt.ViewConfig(stroke=None), axis=alt.AxisConfig(
            labelColor=COLOURS["soft"], titleColor=COLOURS["soft"], gridColor=COLOURS["line"], gridOpacity=0.6,
            domainColor=COLOURS["line"], tickColor=COLOURS["line"], labelFontSize=12, titleFontSize=12,
            titleFontWeight="normal", labelPadding=6),
        text=alt.MarkConfig(fontSize=12)).to_dict()
    return _cleaned(vl_convert.vegalite_to_svg(spec))


_drawn = count(1)
NOISE = re.compile(r' (?:role|aria-[a-z]+|class|pointer-events|xmlns:xlink|version|font-family)="[^"]*"')
EMPTY = re.compile(r'<path(?: [a-z-]+="[^"]*")* d="(?:M0,0h0v[\d.]+h0Z)?"(?: [a-z-]+="[^"]*")*/>')
SIZE = re.compile(r'<svg xmlns="[^"]*" width="([\d.]+)" height="([\d.]+)"')


def _cleaned(svg: str) -> str:
    svg = EMPTY.sub("", NOISE.sub("", svg))
    svg = re.sub(r"(\d\.\d\d)\d+", r"\1", svg)
    for name, stand_in in COLOURS.items():
        svg = svg.replace(f'"{stand_in}"', f'"var(--{name})"')
    number = next(_drawn)
    svg = re.sub(r"\b(clip|gradient_)(\d+)", rf"p{number}\1\2", svg)
    return SIZE.sub(r'<svg style="--w:\1"', svg)


def _values(rows: Sequence[Row]) -> alt.InlineData:
    return alt.InlineData(values=[dict(r) for r in rows])


def _names(rows: Sequence[Row], column: str, width: int, rtl: bool) -> alt.Y:
    """An axis of names in the rows' order, equal names apart."""
    return alt.Y("at:O", title=None, axis=_axis(_lookup([r[column] for r in rows]), width, rtl))


def _axis(labels: str, width: int, rtl: bool) -> alt.Axis:
    return alt.Axis(labelExpr=labels, domain=False, ticks=False, grid=False, labelLimit=width - 8,
                    minExtent=width - 4, maxExtent=width - 4, orient="right" if rtl else "left")


def _quiet(text: str, rtl: bool) -> alt.TitleParams:
    """What goes up the side, written above it instead of along it."""
    return alt.TitleParams(text, anchor="end" if rtl else "start", fontSize=12, fontWeight="normal",
                           color=COLOURS["soft"], offset=8)


def _lookup(labels: Sequence[str] | Mapping[int, str]) -> str:
    """A Vega expression that gives the label of a position."""
    pairs = labels.items() if isinstance(labels, Mapping) else enumerate(labels)
    return "{" + ",".join(f"'{i}':{_quoted(label)}" for i, label in pairs) + "}[datum.value]"


def _said(values: Sequence[float], say: Number) -> str:
    """The same of numbers that are compared as they are."""
    return " : ".join(f"abs(datum.value - {v}) < {abs(v) * 1e-9 + 1e-12} ? {_quoted(say(v))}" for v in values) + " : ''"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", " ").replace("\r", " ")
    return f"'{escaped}'"


def _round_ticks(low: float, high: float, about: int = 4) -> list[float]:
    """A few round numbers, the first at most low, the last at least high."""
    span = max(high - low, 1e-9)
    power = 10.0 ** math.floor(math.log10(span / about))
    step = next(power * m for m in (1, 2, 2.5, 5, 10) if span / (power * m) <= about + 1e-9)
    first = math.floor(low / step + 1e-9)
    return [round(step * i, 12) for i in range(first, math.ceil(high / step - 1e-9) + 1)]
