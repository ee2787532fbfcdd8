"""What the commands print: aligned tables, numbers and moments as the shop's people write them, plain JSON."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from math import isfinite
from typing import Any

import click

from regulars.errors import Message, said
from regulars.model import figures
from regulars.model.catalogs import ISOLATE, POP
from regulars.model.phrases import Sentence, phrases

text, counted = phrases("regulars.cli", "printing")
WIDEST = 60
"""A cell is cut to so many columns, the last of a row excepted."""
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Control and direction signs: in a person's text they could redraw the terminal."""
UNSEEN_APART = re.compile(UNSEEN.pattern.replace(r"\u2066-\u2069", r"\u2066\u2067"))


class Figures(figures.Figures):
    """With what only a terminal shows."""

    def say(self, sentence: Message) -> str:
        """A sentence in the language of the figures, safe for a terminal."""
        return spoken(said(sentence, self))

    def value(self, value: Any) -> str:
        """Whatever a customer's column or a condition holds."""
        if value is None:
            return self.say(text("not known"))
        if isinstance(value, bool):
            return self.say(text("yes") if value else text("no"))
        if isinstance(value, datetime):
            return self.moment(value)
        if isinstance(value, date):
            return self.day(value)
        if isinstance(value, int | float | Decimal):
            return self.number(value)
        return clean(", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value))


def clean(text: str) -> str:
    """A person's text, safe for a terminal: what could redraw it is shown as a mark."""
    return UNSEEN.sub("\N{REPLACEMENT CHARACTER}", text)


def spoken(sentence: str) -> str:
    """A sentence of ours, safe for a terminal: signs that keep a person's text apart stay where they pair."""
    depth = 0
    for sign in re.findall(f"[{ISOLATE}{POP}]", sentence):
        depth += 1 if sign == ISOLATE else -1
        if depth < 0:
            break
    return clean(sentence) if depth else UNSEEN_APART.sub("\N{REPLACEMENT CHARACTER}", sentence)


def width(text: str) -> int:
    """The columns a text takes on a terminal."""
    return sum(0 if unicodedata.combining(c) or unicodedata.category(c) == "Cf" else
               2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in click.unstyle(text))


def table(headers: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int] = ()) -> None:
    """Rows under headers, columns aligned; those in ``right`` to the right, as numbers are."""
    lines = [[_cut(cell, last=i == len(row) - 1) for i, cell in enumerate(row)] for row in rows]
    widths = [max(map(width, column)) for column in zip(headers, *lines, strict=True)]
    click.echo(click.style(_line(headers, widths, right), bold=True))
    for line in lines:
        click.echo(_line(line, widths, right))


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[int]) -> str:
    padded = [" " * (w - width(c)) + c if i in right else c + " " * (w - width(c))
              for i, (c, w) in enumerate(zip(cells, widths, strict=True))]
    return "  ".join(padded).rstrip()


def _cut(text: str, last: bool) -> str:
    return text if last or width(text) <= WIDEST else text[:WIDEST - 1] + "…"


def pairs(rows: Mapping[str, str] | Iterable[tuple[str, str]]) -> None:
    """A name and what it is, a line each."""
    listed = list(rows.items()) if isinstance(rows, Mapping) else list(rows)
    widest = max((width(name) for name, _ in listed), default=0)
    for name, value in listed:
        click.echo(f"  {name}{' ' * (widest - width(name))}  {value}".rstrip())


def as_of(moment: datetime, figures: Figures) -> None:
    """The moment (naive UTC) of which what was said is true."""
    say(figures.say(text("As of {moment}.", moment=moment)))


def say(text: str = "", **style: Any) -> None:
    """A line of output; colours only where a terminal reads it."""
    click.echo(click.style(text, **style) if style else text)


def title(text: str) -> None:
    say(text, bold=True)


def tell(data: Any) -> None:
    """``data`` as JSON on standard output."""
    click.echo(json.dumps(plain(data), ensure_ascii=False, indent=2))


def plain(data: Any) -> Any:
    """What JSON can hold: moments are ISO in UTC with a Z, exact numbers stay exact (text where no double is)."""
    if isinstance(data, Sentence):
        return str(data)
    if is_dataclass(data) and not isinstance(data, type):
        return {each.name: plain(getattr(data, each.name)) for each in fields(data)}
    if isinstance(data, Mapping):
        return {str(k): plain(v) for k, v in data.items()}
    if isinstance(data, list | tuple | set | frozenset):
        return [plain(v) for v in data]
    if isinstance(data, datetime):
        naive = data if data.tzinfo is None else data.astimezone(UTC).replace(tzinfo=None)
        return naive.isoformat() + "Z"
    if isinstance(data, date):
        return data.isoformat()
    if isinstance(data, Decimal):
        return _exact(data)
    if hasattr(data, "tolist"):
        return plain(data.tolist())  # of numpy
    if isinstance(data, float) and not isfinite(data):
        return None
    return data if data is None or isinstance(data, str | bool | int | float) else str(data)


def _exact(number: Decimal) -> int | float | str:
    if number == number.to_integral_value() and abs(number) < 2**53:
        return int(number)
    return float(number) if Decimal(repr(float(number))) == number else str(number)
