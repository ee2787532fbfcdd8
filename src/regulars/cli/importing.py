"""``regulars import``: files, or the rows of a query, each in whole or not at all, with a receipt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from regulars.cli import printing, progress, receipts
from regulars.cli.call import Call, Verb
from regulars.cli.options import LANG
from regulars.cli.printing import Figures, say
from regulars.errors import Refused, RegularsError
from regulars.intake.databases import Query
from regulars.intake.imports import RowsRefused
from regulars.intake.receipt import Receipt
from regulars.shop import Shop

TABLES = ("customers", "orders", "lines", "products", "messages", "visits", "checkouts", "tickets", "events", "answers",
          "accounts", "returns", "costs")
LOOKED_AT_TWICE = 50_000_000
"""Several files of so many bytes together are looked at before the first is taken in."""


@click.command("import", cls=Verb)
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option("--as", "as_", type=click.Choice(TABLES), metavar="TABLE",
              help=f"What its rows are: {', '.join(TABLES)}.")
@click.option("--as-source", metavar="NAME", help="Which export it is, such as shopify-orders.")
@click.option("--map", "mapping", multiple=True, metavar="COLUMN=FIELD",
              help="Which field a column is: 'Amt=orders.total', 'Due=' to leave it out, 'Day=orders.at:day-first' or"
                   " 'Day=day-first' to say how it is written. Remembered for these headers.")
@click.option("--dry-run", is_flag=True, help="Say what would come in, and keep nothing.")
@click.option("--good-rows", is_flag=True, help="Leave out the rows that cannot be used, in place of the whole file.")
@click.option("--drop-duplicates", is_flag=True, help="Leave out exact copies of a row.")
@click.option("--rates", type=click.Path(path_type=Path, exists=True), metavar="FILE",
              help="A table of currency, day and rate.  [default: rates.csv in the shop's folder, if there is one]")
@click.option("--query", metavar="SQL", help="FILE is the address of a database; import what this query gives.")
@click.option("--watermark", metavar="COLUMN", help="With --query: only rows from where the last import ended in it.")
@click.option("--whole", is_flag=True, help="With --watermark: all rows, once more.")
@LANG
def import_(call: Call, files: Sequence[str], mapping: Sequence[str], query: str | None, watermark: str | None,
            lang: str | None, **said: Any) -> None:
    """Bring files in: CSV, Excel, JSON lines, Parquet, a zip of these, or the rows of a database.

    An export of a known shop system, and a table whose columns bear the names of the shop's tables, need no option.
    """
    files, chosen = _read_mapping(files, mapping)
    _refuse_mixed(said, files, query, watermark)
    done: list[Receipt] = []
    with call.shop() as shop:
        figures = Figures(shop.settings, lang or "")
        as_said = query or chosen or said["as_"] or said["as_source"]
        for file in files if as_said else _lines_last(shop, files):
            source = Query(file, query, watermark=watermark) if query else Path(file)
            done += _take(call, shop, source, {**said, "mapping": chosen or None}, figures)
        if call.json:
            printing.tell(done)


def _lines_last(shop: Shop, files: Sequence[str]) -> list[str]:
    """Plain order lines after the orders they are of, which they would else be told to lack the dates of; files as they
    were named where they are too large to be looked at twice."""
    paths = [Path(file) for file in files]
    if len(files) < 2 or not all(p.is_file() for p in paths) or sum(p.stat().st_size for p in paths) > LOOKED_AT_TWICE:
        return [*files]
    return sorted(files, key=lambda file: _of_lines(shop, file))


def _of_lines(shop: Shop, file: str) -> bool:
    try:
        return any(table.of_lines for table in shop.imports.look(file))
    except RegularsError:
        return False


def _read_mapping(files: Sequence[str], said: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """``--map a=b c=d`` says two columns: what has an equals sign behind it and is no file belongs to it as well."""
    more = [f for f in files if said and "=" in f and not Path(f).exists() and "://" not in f]
    chosen: dict[str, str] = {}
    for each in (*said, *more):
        column, sign, field = each.rpartition("=")
        if not sign or not column:
            raise click.UsageError(f"--map takes COLUMN=FIELD, and {each!r} has no column and field.")
        chosen[column.strip()] = field.strip()
    return [f for f in files if f not in more], chosen


def _refuse_mixed(said: Mapping[str, Any], files: Sequence[str], query: str | None, watermark: str | None) -> None:
    if said["as_"] and said["as_source"]:
        raise click.UsageError("Say --as or --as-source, not both.")
    if not files:
        raise click.UsageError("Missing argument 'FILE…'.")
    if query is None and (watermark or said["whole"]):
        raise click.UsageError("--watermark and --whole go with --query.")
    if query is None and "://" in files[0]:
        raise click.UsageError("A database needs a query: --query 'SELECT …'.")


def _take(call: Call, shop: Shop, source: Query | Path, said: dict[str, Any], figures: Figures) -> list[Receipt]:
    whole, as_source = said.pop("whole"), said.pop("as_source")
    said["as_"] = said["as_"] or as_source
    name = source.name
    try:
        with progress.shown(figures, name) as report:
            if isinstance(source, Query):
                found = shop.import_query(source, whole=whole, progress=report, **said)
            else:
                found = shop.import_file(source, progress=report, **said)
    except RowsRefused as error:
        if not call.json:
            receipts.show_refused(error.receipt, figures)
        raise
    except KeyboardInterrupt:
        raise Refused(f"Stopped: nothing of {name} was imported, the shop is as it was.") from None
    if not call.json:
        for receipt in found:
            receipts.show(receipt, figures)
            say()
    return found
