"""Segments as the pages list them: size, where it is going, how fresh."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import inf

from django.utils.translation import gettext_noop

from regulars.segments.earning import Earned
from regulars.segments.freshness import State
from regulars.segments.saved import Segment, Size

A_MONTH = timedelta(days=30)
ORDERS = {"": gettext_noop("name"), "people": gettext_noop("people"), "change": gettext_noop("growth"),
          "profit": gettext_noop("profit")}
"""By what the list can be put in order: what the address says, and what it is called."""


@dataclass(frozen=True)
class Row:
    """``change`` is against the size a month before, None where that is not known; ``state`` how far it is known."""

    segment: Segment
    sizes: Sequence[int]
    change: int | None
    state: State | None
    earned: Earned | None = None


def rows(segments: Sequence[Segment], sizes: Mapping[str, Sequence[Size]], today: date,
         states: Mapping[str, State], earned: Mapping[str, Earned]) -> list[Row]:
    """One row a segment, in order of name."""
    return [Row(s, [size.members for size in sizes.get(s.name, ())], change(s, sizes.get(s.name, ()), today),
                states.get(s.name), earned.get(s.name)) for s in segments]


def ordered(rows: Sequence[Row], by: str) -> list[Row]:
    """The most first, what is not known last; by name unless ``by`` is one of `ORDERS`."""
    measure = MEASURES.get(by)
    return sorted(rows, key=lambda row: -measure(row)) if measure else [*rows]


MEASURES: Mapping[str, Callable[[Row], float]] = {
    "people": lambda row: _known(row.segment.members), "change": lambda row: _known(row.change),
    "profit": lambda row: _known(row.earned.profit if row.earned else None)}


def _known(value: Decimal | int | None) -> float:
    return -inf if value is None else float(value)


def change(segment: Segment, sizes: Sequence[Size], today: date) -> int | None:
    """How many more or fewer than a month ago."""
    before = [size for size in sizes if size.day <= today - A_MONTH]
    return segment.members - before[-1].members if before and segment.members is not None else None
