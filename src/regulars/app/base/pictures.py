"""Small pictures drawn on the server as SVG: they take their colours from the style sheet by class."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, HEIGHT, EDGE = 96, 24, 2


def sparkline(values: Sequence[float], title: str, width: int = WIDTH, height: int = HEIGHT) -> SafeString:
    """A line through the values, oldest first, from their least to their largest; ``title`` says what it shows."""
    if len(values) < 2:
        return SafeString("")
    points = _points(values, width, height)
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    x, y = points[-1]
    return format_html(
        '<svg class="spark" viewBox="0 0 {} {}" width="{}" height="{}" role="img" aria-label="{}">'
        '<polyline class="spark-line" points="{}"/><circle class="spark-end" cx="{}" cy="{}" r="2"/></svg>',
        width, height, width, height, title, line, f"{x:.1f}", f"{y:.1f}")


def _points(values: Sequence[float], width: int, height: int) -> list[tuple[float, float]]:
    low, high = min(values), max(values)
    step, span = (width - 2 * EDGE) / (len(values) - 1), (high - low) or 1
    middle = high == low
    return [(EDGE + i * step, height / 2 if middle else height - EDGE - (v - low) / span * (height - 2 * EDGE))
            for i, v in enumerate(values)]


PLOT_WIDTH, PLOT_HEIGHT, PLOT_EDGE = 480, 140, 6


def plot(days: Sequence[date], values: Sequence[float], title: str) -> SafeString:
    """An area from nought through the values, each at its day; ``title`` says what it finds."""
    if len(values) < 2:
        return SafeString("")
    span, most = (days[-1] - days[0]).days or 1, max(values) or 1
    room = PLOT_HEIGHT - 2 * PLOT_EDGE
    points = [((day - days[0]).days / span * PLOT_WIDTH, PLOT_HEIGHT - PLOT_EDGE - value / most * room)
              for day, value in zip(days, values, strict=True)]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    floor = PLOT_HEIGHT - PLOT_EDGE
    return format_html(
        '<svg class="plot" viewBox="0 0 {} {}" role="img" aria-label="{}"><polygon class="plot-area" points="0,{} {} '
        '{},{}"/><line class="plot-axis" x1="0" x2="{}" y1="{}" y2="{}"/><polyline class="plot-line" points="{}"/>'
        "</svg>", PLOT_WIDTH, PLOT_HEIGHT, title, floor, line, PLOT_WIDTH, floor, PLOT_WIDTH, floor, floor, line)


def beside(value: float, other: float) -> SafeString:
    """Two shares of 0 to 1 as bars one above the other; the numbers stand beside it."""
    return format_html(
        '<svg class="bar beside" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="bar-all" width="100" height="12"/><rect class="bar-part" width="{}" height="7"/>'
        '<rect class="bar-other" y="8" width="{}" height="4"/></svg>', f"{100 * value:.1f}", f"{100 * other:.1f}")


ROW, LABELS = 22, 96


def dots(rows: Sequence[tuple[str, Sequence[datetime]]], ends: tuple[str, str], title: str, *,
         rtl: bool = False) -> SafeString:
    """A row a name with a dot for each of its moments, all on one scale; ``ends`` are the first and last as written.

    Time runs as the reader reads: ``rtl`` from right to left, the names at the right.
    """
    moments = [moment for _, row in rows for moment in row]
    first, span = min(moments), (max(moments) - min(moments)).total_seconds() or 1
    room, foot = PLOT_WIDTH - LABELS - 2 * PLOT_EDGE, len(rows) * ROW

    def across(x: float) -> str:
        return f"{PLOT_WIDTH - x if rtl else x:.1f}"
    start, end = ("end", "start") if rtl else ("start", "end")
    names = format_html_join("", '<text x="{}" y="{}" text-anchor="{}">{}</text>', (
        (across(0), i * ROW + 15, start, name) for i, (name, _) in enumerate(rows)))
    marks = format_html_join("", '<circle cx="{}" cy="{}" r="4"/>', (
        (across(LABELS + PLOT_EDGE + (moment - first).total_seconds() / span * room), i * ROW + 11)
        for i, (_, row) in enumerate(rows) for moment in row))
    return format_html(
        '<svg class="plot dots" viewBox="0 0 {} {}" role="img" aria-label="{}">{}<g class="plot-dots">{}</g>'
        '<line class="plot-axis" x1="{}" x2="{}" y1="{}" y2="{}"/><text x="{}" y="{}" text-anchor="{}">{}</text>'
        '<text x="{}" y="{}" text-anchor="{}">{}</text></svg>', PLOT_WIDTH, foot + 20, title, names, marks,
        across(LABELS), across(PLOT_WIDTH), foot, foot, across(LABELS), foot + 15, start, ends[0], across(PLOT_WIDTH),
        foot + 15, end, ends[1])
