"""Rows that a transaction adds are seen in it and after it, whatever was added to the table before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from regulars.engines.duckdb import DuckDBEngine

NOTHING = "INSERT INTO facts SELECT a FROM source WHERE a % 7 = 9{}"
MANY = "INSERT INTO facts SELECT a FROM source{}"
SORTED = " ORDER BY a"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[DuckDBEngine]:
    engine = DuckDBEngine.open(tmp_path / "facts.duckdb", threads=2)
    engine.execute("CREATE TABLE source AS SELECT range AS a FROM range(300000)")
    yield engine
    engine.close()


@pytest.mark.parametrize("kept", ["TABLE", "TEMP TABLE"])
@pytest.mark.parametrize("before", [0, 1_000, 300_000])
@pytest.mark.parametrize("statements", [
    [NOTHING.format(SORTED), MANY.format(SORTED)], [NOTHING.format(""), MANY.format("")],
    [MANY.format(""), NOTHING.format(""), MANY.format("")],
    [NOTHING.format(""), NOTHING.format(""), MANY.format(SORTED), NOTHING.format(SORTED), MANY.format(SORTED)],
])
def test_rows_that_were_added_are_seen(engine: DuckDBEngine, kept: str, before: int, statements: list[str]) -> None:
    engine.execute(f"CREATE {kept} facts AS SELECT a FROM source WHERE a < {before}")
    expected = before + 300_000 * sum("WHERE" not in s for s in statements)
    with engine.transaction():
        for statement in statements:
            engine.execute(statement)
        assert engine.rows("SELECT count(*), count(a) FROM facts") == [(expected, expected)]
    assert engine.rows("SELECT count(*), count(a) FROM facts") == [(expected, expected)]


@pytest.mark.parametrize("kept", ["TABLE", "TEMP TABLE"])
@pytest.mark.parametrize("how", ["", SORTED])
def test_rows_are_seen_of_a_table_made_out_of_nothing(engine: DuckDBEngine, kept: str, how: str) -> None:
    with engine.transaction():
        engine.execute(f"CREATE OR REPLACE {kept} facts AS SELECT a FROM source WHERE a % 7 = 9{how}")
        engine.execute(f'INSERT INTO "facts" SELECT a FROM source{how}')
        assert engine.value("SELECT count(a) FROM facts") == 300_000
    assert engine.value("SELECT count(a) FROM facts") == 300_000


def test_the_fault_is_still_there_to_be_kept_away(engine: DuckDBEngine) -> None:
    """When this fails, the engine has been mended and `regulars.engines.unseen` can go."""
    engine.execute("CREATE TABLE facts (a BIGINT)")
    for statement in ("BEGIN", NOTHING.format(SORTED), MANY.format(SORTED), "COMMIT"):
        engine.execute(statement)
    assert engine.value("SELECT count(*) FROM facts") == 0
