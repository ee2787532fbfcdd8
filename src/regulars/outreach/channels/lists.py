"""Channels whose messages go out by hand: people are put on a list, and forms are made of it when they are asked for.

Nothing about a person is kept for it. Each time, a form is composed anew of the deliveries that are on the list: who
may not be reached any more is left out, addresses are those of today, and after an erasure nothing is left behind.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from types import TracebackType
from typing import Any

from regulars.model.figures import Figures
from regulars.model.phrases import Said
from regulars.model.settings import Settings
from regulars.outreach.channels.base import Field, Line, Parcel, Receipt
from regulars.outreach.says import MESSAGE
from regulars.outreach.states import SENT

AT_ONCE = 400
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
DIALLED = frozenset("+0123456789 ().-")


@dataclass(frozen=True)
class Asked:
    """What a form is made for: ``channel`` are the channel's settings, ``share`` is that of the control group.

    ``tell`` is told how many of how many are written by now, by forms that take long.
    """

    campaign: str
    settings: Settings
    figures: Figures
    seed: str = ""
    share: float = 0.0
    channel: Mapping[str, Any] = field(default_factory=dict)
    tell: Callable[[int, int], object] = lambda done, total: None


@dataclass(frozen=True)
class Made:
    """A file: ``rows`` are told in it, ``passed_over`` are not, since what it needs is not known of them."""

    data: bytes
    rows: int
    passed_over: int = 0


@dataclass(frozen=True)
class Form:
    """A file that can be had of a list; ``make`` takes its people in the order in which they were put on it."""

    file: str
    title: Said
    mime: str
    make: Callable[[Sequence[Parcel], Asked], Made]


class OnList:
    """The line of such a channel: to be handed over is to be on the list."""

    def __enter__(self) -> OnList:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        return None

    def deliver(self, batch: Sequence[Parcel]) -> list[Receipt]:
        return [Receipt(parcel.delivery, SENT) for parcel in batch]


@dataclass(frozen=True)
class ListChannel:
    """A channel of which ``forms`` can be had; see `base.Channel` for the rest. ``by_area``: whoever lives in an area
    sees it or nobody does, so that no control group is drawn among people."""

    name: str
    title: Said
    consent: str
    address: str
    forms: tuple[Form, ...]
    settings: Sequence[Field] = ()
    at_once: int = AT_ONCE
    says: str = MESSAGE
    by_area: bool = False

    def open(self, settings: Mapping[str, Any], folder: Path) -> Line:
        return OnList()


def table(header: Sequence[str], rows: Iterable[Sequence[object]], *, plain: bool = False) -> bytes:
    """CSV in UTF-8 with a byte order mark, by which spreadsheets know it; no cell is run there as a formula.

    ``plain``: for programs, without either.
    """
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([str("" if c is None else c) if plain else cell(c) for c in row] for row in rows)
    return text.getvalue().encode("utf-8" if plain else "utf-8-sig")


def cell(value: object) -> str:
    """A value as a spreadsheet shows it; a phone number may begin with a plus."""
    text = "" if value is None else str(value)
    return "'" + text if text.startswith(FORMULA) and not set(text) <= DIALLED else text


def said(parcel: Parcel, column: str) -> str:
    """A column of the person, "" where it is not known."""
    value = parcel.person.get(column)
    return "" if value is None else str(value).strip()
