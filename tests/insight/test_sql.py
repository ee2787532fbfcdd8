"""Days of a shop's zone by its offsets are those of the engine's calendar."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from regulars.engines.duckdb import DuckDBEngine
from regulars.insight.common.sql import local_day, number, offsets

ZONES = ("UTC", "Asia/Jakarta", "Europe/Amsterdam", "America/New_York", "Asia/Karachi", "Europe/Moscow",
         "Australia/Lord_Howe", "Pacific/Apia", "America/Sao_Paulo", "Asia/Kathmandu")


@pytest.mark.parametrize("name", ZONES)
def test_days_are_those_of_the_engines_calendar(name: str) -> None:
    """Every 41 minutes of 1989 to 2030, which comes near every change of clocks and every midnight."""
    zone, engine = ZoneInfo(name), DuckDBEngine.open(":memory:")
    wrong = engine.value(
        f"""SELECT count(*) FROM (SELECT unnest(generate_series(TIMESTAMP '1989-01-01', TIMESTAMP '2030-01-01',
        INTERVAL 41 MINUTE)) AS t) WHERE {local_day('t', zone)} <> timezone('{name}', t::TIMESTAMPTZ)::DATE""")
    engine.close()
    assert wrong == 0


def test_a_change_of_clocks_is_found_to_the_second() -> None:
    assert [(str(at), s) for at, s in offsets(ZoneInfo("Europe/Amsterdam")) if at.year == 2026] == [
        ("2026-10-25 01:00:00", 3600), ("2026-03-29 01:00:00", 7200)]


def test_a_double_in_sql_is_a_double() -> None:
    engine = DuckDBEngine.open(":memory:")
    assert engine.rows(f"SELECT typeof({number(0.1)}), {number(0.1)} = 0.1::DOUBLE, {number(1e300)}") == [
        ("DOUBLE", True, 1e300)]
    engine.close()
