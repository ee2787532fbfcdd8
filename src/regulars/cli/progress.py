"""Progress of a long step on one line of the terminal; nothing where nobody watches."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from regulars.cli.printing import Figures
from regulars.intake.prepared import Progress, Report

CLEAR = "\r\x1b[K"
EVERY = 0.1
"""Seconds between two looks at the line."""


@contextmanager
def shown(figures: Figures, what: str) -> Iterator[Report | None]:
    """In the block, what is reported stands on the last line of the terminal; gone at the end."""
    if not sys.stderr.isatty():
        yield None
        return
    last: dict[str, float] = {}

    def report(progress: Progress) -> None:
        now = time.monotonic()
        if now - last.get(progress.step, 0) < EVERY:
            return
        last[progress.step] = now
        sys.stderr.write(f"{CLEAR}{what}: {_line(progress, figures)}")
        sys.stderr.flush()
    try:
        yield report
    finally:
        sys.stderr.write(CLEAR)
        sys.stderr.flush()


def _line(progress: Progress, figures: Figures) -> str:
    parts = [progress.step]
    if progress.rows_done:
        total = f" of {figures.number(progress.rows_total)}" if progress.rows_total else ""
        parts.append(f"{figures.number(progress.rows_done)}{total} rows")
    if progress.rows_per_second:
        parts.append(f"{figures.number(round(progress.rows_per_second))} rows/s")
    return ", ".join(parts)
