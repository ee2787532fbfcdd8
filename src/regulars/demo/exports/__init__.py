"""The demo shop as files of other systems: Shopify, WooCommerce, Square, Mailchimp, SurveyMonkey.

Importing them gives the shop back, as far as such a file can say it: Shopify's orders name people only by e-mail or
phone, a newsletter knows no orders.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from regulars.demo.exports.layout import Facts, opened
from regulars.demo.exports.mailchimp import mailchimp
from regulars.demo.exports.shopify import shopify
from regulars.demo.exports.square import square
from regulars.demo.exports.surveymonkey import surveymonkey
from regulars.demo.exports.woocommerce import woocommerce
from regulars.engines.duckdb import DuckDBEngine
from regulars.model.settings import Settings

WRITERS: Mapping[str, Callable[[DuckDBEngine, Path, Settings], list[Path]]] = {
    "shopify": shopify,
    "woocommerce": woocommerce,
    "square": square,
    "mailchimp": mailchimp,
    "surveymonkey": surveymonkey,
}


def write_exports(facts: Facts, folder: Path | str, settings: Settings) -> dict[str, list[Path]]:
    """Write every layout there are facts for into a folder of its own; returns the files by layout."""
    return {name: made for name in WRITERS if (made := write_export(name, facts, folder, settings))}


def write_export(name: str, facts: Facts, folder: Path | str, settings: Settings) -> list[Path]:
    """Write one layout (a name of `WRITERS`); nothing where the facts it needs are not there."""
    target = Path(folder) / name
    target.mkdir(parents=True, exist_ok=True)
    with opened(facts) as engine:
        return WRITERS[name](engine, target, settings)


__all__ = ["WRITERS", "write_export", "write_exports"]
