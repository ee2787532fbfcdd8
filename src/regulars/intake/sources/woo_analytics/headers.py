"""The columns of WooCommerce's Analytics reports, in the languages an admin may use."""

from __future__ import annotations

import tomllib
from importlib.resources import files

from regulars.intake.stage import Stage, normalise_header

Columns = dict[str, tuple[str, ...]]


def _read() -> dict[str, Columns]:
    text = files(__package__).joinpath("headers.toml").read_text(encoding="utf-8")
    return {
        report: {name: tuple(called) for name, called in columns.items()}
        for report, columns in tomllib.loads(text).items()
    }


_REPORTS = _read()
ORDERS, CUSTOMERS = _REPORTS["orders"], _REPORTS["customers"]


def columns_found(headers: frozenset[str], columns: Columns) -> set[str]:
    """The names of the columns that are there in any of the languages."""
    return {name for name, called in columns.items() if any(normalise_header(h) in headers for h in called)}


def mapping(stage: Stage, columns: Columns, fields: dict[str, str]) -> dict[str, str]:
    """Header as written -> ``table.field``."""
    shown = ((fields[name], called) for name, called in columns.items() if name in fields)
    return {c.header: field for field, called in shown for c in stage.found(called)[:1]}
