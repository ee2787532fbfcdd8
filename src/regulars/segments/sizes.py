"""Sizes of segments by day, as kept in ``segment_sizes``: read for a glance, and worked out backwards once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from regulars.errors import RuleError
from regulars.model.clock import local_day
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
    """Segments whose past year is not worked out; of one whose rule asks scores there is none to be worked out."""
    return [s.name for s in segments.list() if not _known(sizes.get(s.name, []), now.date())
            and not (sizes.get(s.name) and _begins(segments, s.name))]


def _begins(segments: Segments, name: str) -> date | None:
    """From when on the size of a segment can be known, where not always; None too where its rule fits no more."""
    try:
        return segments.known_from(name)
    except RuleError:
        return None


def _known(sizes: list[Size], today: date) -> bool:
    return bool(sizes) and sizes[0].day <= today - PAST + timedelta(weeks=4)


def work_out_past(segments: Segments, name: str, now: datetime) -> list[Size]:
    """A size a week for the past year, from the facts as they are known today, in place of what was kept before.

    Where the rule asks scores, what was noted day by day under it stays.
    """
    segment = segments.get(name)
    begins = segments.known_from(name) or date.min
    written = local_day(segment.changed_at, segments.settings.zone) if begins > date.min else date.max
    past = segments.history(segment.rule, now=now, since=now.date() - PAST, step="week")
    with segments.engine.changing_memberships():
        segments.engine.execute("DELETE FROM segment_sizes WHERE segment = ? AND (day >= ? OR day < ?)",
                                [segment.name, begins, written])
        for size in past:
            segments.engine.execute("INSERT INTO segment_sizes VALUES (?, ?, ?, ?, ?)",
                                    [segment.name, size.day, size.members, size.entered, size.left])
    return past
