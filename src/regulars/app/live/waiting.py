"""How long the oldest message that is not settled has waited: by a clock that nobody sets."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import timedelta

APART = 1.0
"""Seconds from one mark to the next, so that they stay few however many messages wait."""


class Waiting:
    """A mark a second of how far the log was; ``clock`` counts seconds and only goes on."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._marks: deque[tuple[float, int]] = deque()
        self._lock = threading.Lock()

    def came(self, last: int) -> None:
        """Messages up to this number are in the log."""
        now = self._clock()
        with self._lock:
            begun = self._marks.pop()[0] if self._marks and now - self._marks[-1][0] < APART else now
            self._marks.append((begun, last))

    def waited(self, settled: int) -> timedelta:
        """How long the oldest after this number has, to a second; none where there is none."""
        with self._lock:
            while self._marks and self._marks[0][1] <= settled:
                self._marks.popleft()
            return timedelta(seconds=self._clock() - self._marks[0][0]) if self._marks else timedelta()
