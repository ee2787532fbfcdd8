"""Saying how far a long statement of the engine has come, while it runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from regulars.engines.duckdb import DuckDBEngine
from regulars.intake.prepared import Progress, Report

EVERY = 0.5


@contextmanager
def watched(engine: DuckDBEngine, report: Report | None, step: str, rows: int | None = None) -> Iterator[None]:
    """Report rows done and rows a second, twice a second, until the block ends; ``rows`` is how many there may be."""
    if report is None:
        yield
        return
    over = threading.Event()
    teller = threading.Thread(target=_tell, args=(engine, report, step, rows, over), daemon=True)
    teller.start()
    try:
        yield
    finally:
        over.set()
        teller.join()


def _tell(engine: DuckDBEngine, report: Report, step: str, rows: int | None, over: threading.Event) -> None:
    began = time.monotonic()
    while not over.wait(EVERY):
        done = int((engine.progress() or 0.0) * (rows or 0))
        report(Progress(step, done, rows, done / (time.monotonic() - began)))
