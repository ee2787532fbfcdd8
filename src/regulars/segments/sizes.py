"""Sizes of segments by day, as kept in ``segment_sizes``: read for a glance, and worked out backwards once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from regulars.segments.saved import Segments, Size

PAST = timedelta(weeks=52)
A_WEEK = 7


def kept_sizes(segments: Segments) -> dict[str, list[Size]]:
    """Each segment's sizes, oldest first, as they were noted or worked out."""
    found: dict[str, list[Size]] = {}
    for segment, *size in segments.engine.rows('SELECT segment, day, members, entered, "left" FROM segment_sizes'
                                               " ORDER BY segment, day"):
        found.setdefault(segment, []).append(Size(*size))
    return found


def lacking(segments: Segments, now: datetime, sizes: Mapping[str, list[Size]]) -> list[str]:
    """Segments whose past year is not worked out."""
    return [s.name for s in segments.list() if not _known(sizes.get(s.name, []), now.date())]


def _known(sizes: list[Size], today: date) -> bool:
    return bool(sizes) and sizes[0].day <= today - PAST + timedelta(weeks=4)


def work_out_past(segments: Segments, name: str, now: datetime) -> list[Size]:
    """A size a week for the past year, from the facts as they are known today, in place of what was kept before."""
    segment = segments.get(name)
    past = segments.history(segment.rule, now=now, since=now.date() - PAST, step="week")
    with segments.engine.changing_memberships():
        segments.engine.execute("DELETE FROM segment_sizes WHERE segment = ?", [segment.name])
        for size in past:
            segments.engine.execute("INSERT INTO segment_sizes VALUES (?, ?, ?, ?, ?)",
                                    [segment.name, size.day, size.members, size.entered, size.left])
    return past
