"""When something that was refused is tried again: at growing pauses."""

from __future__ import annotations

from datetime import datetime, timedelta

PAUSES = tuple(timedelta(seconds=s) for s in (5, 30, 120, 600))
"""After the first, the second … refusal; after each later one as after the last."""


class Again:
    """What was refused, by number. ``now`` is naive UTC; a clock that is set back holds nothing up."""

    def __init__(self) -> None:
        self._refused: dict[int, tuple[int, datetime]] = {}

    def due(self, number: int, now: datetime) -> bool:
        """Whether it may be tried."""
        times, at = self._refused.get(number, (0, now))
        return not times or not timedelta() <= now - at < PAUSES[min(times, len(PAUSES)) - 1]

    def refused(self, number: int, now: datetime) -> None:
        self._refused[number] = (self._refused.get(number, (0, now))[0] + 1, now)

    def forget(self, number: int) -> None:
        """It is tried at once when its time comes next."""
        self._refused.pop(number, None)
