"""Segments as the pages list them: size, where it is going, how fresh."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from regulars.segments.earning import Earned
from regulars.segments.freshness import State
from regulars.segments.saved import Segment, Size

A_MONTH = timedelta(days=30)


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


def change(segment: Segment, sizes: Sequence[Size], today: date) -> int | None:
    """How many more or fewer than a month ago."""
    before = [size for size in sizes if size.day <= today - A_MONTH]
    return segment.members - before[-1].members if before and segment.members is not None else None
