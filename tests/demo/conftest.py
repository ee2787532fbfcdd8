"""One demo shop of 3,000 customers, made once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb
import pytest

from regulars.demo import Demo, make_demo

NOW = datetime(2026, 11, 22, 14, 30)


@dataclass(frozen=True)
class Made:
    """The demo, its truth, and a connection in which each file is a table."""

    demo: Demo
    truth: dict[str, Any]
    facts: duckdb.DuckDBPyConnection

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.facts.execute(sql).fetchall()

    def value(self, sql: str) -> Any:
        return self.rows(sql)[0][0]


def look_at(demo: Demo) -> Made:
    facts = duckdb.connect()
    for name, path in {**demo.files, "truth": demo.truth_of_customers}.items():
        facts.execute(f"CREATE TABLE {name} AS FROM read_parquet('{path}')")
    return Made(demo, json.loads(demo.truth_of_shop.read_text(encoding="utf-8")), facts)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    found = look_at(make_demo(tmp_path_factory.mktemp("demo"), 3000, 7, now=NOW))
    yield found
    found.facts.close()
