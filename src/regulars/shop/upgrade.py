"""Bringing a shop of an older version up to date: a step for each version, all of them or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from regulars.engines.duckdb import DuckDBEngine
from regulars.errors import NotAShop, Refused, ShopTooNew, ShopTooOld
from regulars.intake.rows import is_empty
from regulars.intake.settle import count_change, make_room, select_orders, settle_orders
from regulars.model.books import BOOKS, SCHEMA_VERSION
from regulars.model.settings import load
from regulars.model.tables import TABLES
from regulars.shop.backup import Backup, backup
from regulars.shop.folder import FACTS, open_facts, schema_version, upgrade_command
from regulars.shop.refusals import why

Migration = Callable[[DuckDBEngine], None]


def add_what_is_missing(engine: DuckDBEngine) -> None:
    """Make the tables and columns of the model that an older shop has not got, empty."""
    there = engine.tables()
    for table in (*TABLES.values(), *BOOKS.values()):
        columns = {c.name: c.type.value for c in table.columns}
        if table.name not in there:
            engine.create_table(table.name, columns)
            continue
        known = engine.columns(table.name)
        for name, kind in columns.items():
            if name not in known:
                engine.add_column(table.name, name, kind)


def settle_discounts(engine: DuckDBEngine) -> None:
    """What an order states was taken off, beside what was taken off in all."""
    add_what_is_missing(engine)
    engine.execute("UPDATE orders SET discount_stated = discount WHERE discount IS NOT NULL")
    engine.execute("UPDATE orders t SET discount = f.discount, discounted = f.discounted FROM "
                   f"({select_orders()}) f WHERE f.order_id = t.order_id AND (f.discounted IS NOT NULL OR "
                   "t.discount IS DISTINCT FROM f.discount)")


def settle_what_came_back(engine: DuckDBEngine) -> None:
    """Settle orders of which something came back: lines used to pass over what a return says was given back."""
    make_room(engine)
    engine.execute("INSERT INTO touched_orders SELECT DISTINCT order_id FROM returns WHERE order_id IS NOT NULL")
    if not is_empty(engine, "touched_orders"):
        settle_orders(engine)


def to_third(engine: DuckDBEngine) -> None:
    settle_discounts(engine)
    settle_what_came_back(engine)
    count_change(engine, None, everybody=True)


def date_what_came(engine: DuckDBEngine) -> None:
    """Live messages came at the latest when the last import was written: the day of each was not kept."""
    add_what_is_missing(engine)
    engine.execute("UPDATE arrived SET day = coalesce((SELECT max(ended_at)::DATE FROM imports), DATE '1970-01-01') "
                   "WHERE day IS NULL")


MIGRATIONS: Mapping[int, Migration] = {1: add_what_is_missing, 2: to_third, 3: add_what_is_missing,
                                        4: add_what_is_missing, 5: date_what_came,
                                        6: add_what_is_missing}
"""Version -> what makes the next version of it, inside a transaction. Version 1 is the first there was."""


@dataclass(frozen=True)
class Upgrade:
    """``backup`` is None where nothing had to be done."""

    from_version: int
    to_version: int
    backup: Backup | None


def upgrade(folder: Path, backup_to: Path | None, now: datetime, *, migrations: Mapping[int, Migration] = MIGRATIONS,
            to_version: int = SCHEMA_VERSION) -> Upgrade:
    """Bring the shop at ``folder`` to ``to_version``, after a backup to ``backup_to``.

    Raises `Refused` without a place for the backup, `ShopTooNew` for a version unknown here, `ShopTooOld` where no way
    leads up from it. The shop is then as it was.
    """
    load(folder)
    if not (folder / FACTS).exists():
        raise NotAShop(why("{folder} has no {facts}.", folder=folder, facts=FACTS), hint=why("Restore a backup."),
                       command="regulars restore")
    engine = open_facts(folder)
    try:
        version = schema_version(engine)
        steps = _steps(folder, version, migrations, to_version)
        if not steps:
            return Upgrade(version, version, None)
        if backup_to is None:
            raise Refused(why("{folder} is of schema {version} and would become {to_version}: back it up first.",
                              folder=folder, version=version, to_version=to_version), hint=why("Say where to."),
                          command=upgrade_command(folder))
        kept = backup(engine, folder, backup_to, now, schema=version)
        with engine.transaction():
            for step in steps:
                step(engine)
            engine.execute("UPDATE meta SET value = ? WHERE key = 'schema_version'", [str(to_version)])
        return Upgrade(version, to_version, kept)
    finally:
        engine.close()


def _steps(folder: Path, version: int, migrations: Mapping[int, Migration], to_version: int) -> list[Migration]:
    if version > to_version:
        raise ShopTooNew(why("{folder} was made by a newer Regulars (schema {version}, this one knows {known}).",
                             folder=folder, version=version, known=to_version),
                         hint=why("Install the newer Regulars."))
    missing = [v for v in range(version, to_version) if v not in migrations]
    if missing:
        raise ShopTooOld(why("{folder} is of schema {version}, from which no way leads to {to_version}.",
                             folder=folder, version=version, to_version=to_version),
                         hint=why("Upgrade it with an earlier Regulars first."))
    return [migrations[v] for v in range(version, to_version)]
