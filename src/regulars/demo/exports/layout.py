"""What every layout is written with: the facts opened for reading, its columns in order, and how it says a moment."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import pyarrow as pa

from regulars.engines.duckdb import DuckDBEngine, literal, quoted
from regulars.model.settings import Settings

Facts = Mapping[str, pa.Table | Path]
"""Canonical tables by name: Arrow tables, or Parquet files of them."""

HEADERS: dict[str, list[str]] = tomllib.loads(files(__package__).joinpath("exports.toml").read_text(encoding="utf-8"))
STAMP = "%Y-%m-%d %H:%M:%S"
YES_NO = "CASE WHEN {0} THEN 'yes' WHEN NOT {0} THEN 'no' END"


@contextmanager
def opened(facts: Facts) -> Iterator[DuckDBEngine]:
    """The facts as views of an engine in memory."""
    engine = DuckDBEngine.open(":memory:")
    try:
        for name, table in facts.items():
            if isinstance(table, Path):
                engine.execute(f"CREATE TEMP VIEW {quoted(name)} AS FROM read_parquet({literal(str(table))})")
            else:
                engine.register(name, table)
        yield engine
    finally:
        engine.close()


def has(engine: DuckDBEngine, *tables: str) -> bool:
    """Whether all these tables are among the facts."""
    found = {r[0] for r in engine.rows("SELECT view_name FROM duckdb_views() WHERE NOT internal")}
    return found >= set(tables)


def copy(engine: DuckDBEngine, select: str, target: Path) -> Path:
    """Write a select as CSV; returns ``target``."""
    engine.execute(f"COPY ({select}) TO {literal(str(target))} (FORMAT csv, HEADER)")
    return target


def laid_out(layout: str, cells: Mapping[str, str], source: str, more: str = "") -> str:
    """A select of every column of the layout in its order, empty where ``cells`` does not fill it."""
    body = ", ".join(f"{cells.get(h, 'NULL')} AS {quoted(h)}" for h in HEADERS[layout])
    return f"SELECT {body}{more} FROM {source}"


def local(moment: str, settings: Settings, form: str = STAMP) -> str:
    """A column of UTC moments as text, in the shop's wall time."""
    return f"strftime(timezone({literal(settings.timezone)}, timezone('UTC', {moment})), {literal(form)})"
