"""Stopping what a connection is doing, as whoever stops the server does."""

from __future__ import annotations

from threading import Timer

import pytest

from regulars.engines.duckdb import DuckDBEngine

ENDLESS = "SELECT count(*) FROM range(100_000_000_000) t(i) WHERE i % 7 = 3"


@pytest.mark.parametrize("ask", [DuckDBEngine.execute, DuckDBEngine.rows, DuckDBEngine.query])
def test_what_is_stopped_is_no_statement_that_the_engine_refuses(ask: object) -> None:
    # A segment of which a statement is refused is said to have failed.
    assert callable(ask)
    engine = DuckDBEngine.open(":memory:")
    nudges = [Timer(after, engine.interrupt) for after in (0.2, 0.6, 1.2)]
    for nudge in nudges:
        nudge.start()
    with pytest.raises(KeyboardInterrupt):
        ask(engine, ENDLESS)
    for nudge in nudges:
        nudge.join()
    engine.close()
