"""The folder that is a shop: making it, opening it, and bringing it up to date."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from shlex import quote

from regulars.engines.duckdb import DuckDBEngine
from regulars.errors import NotAShop, Refused, ShopDamaged, ShopTooNew, ShopTooOld
from regulars.intake.traces import remove_traces
from regulars.model.books import BOOKS, SCHEMA_VERSION
from regulars.model.settings import FILE, Settings, checked, dump, load
from regulars.model.tables import TABLES
from regulars.shop.refusals import why

FACTS = "facts.duckdb"
APP = "app.sqlite3"
FILES = "files"
INBOX = "inbox"
TEMPORARY = "tmp"
DEFAULT_MEMORY = "3GB"


def make(folder: Path, settings: Settings) -> None:
    """Make an empty shop at ``folder``; raises `Refused` where one stands already."""
    checked(settings)
    if (folder / FILE).exists() or (folder / FACTS).exists():
        raise Refused(why("{folder} is a shop already.", folder=folder))
    (folder / FILES).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".making-", dir=folder) as scratch:
        made = Path(scratch)
        engine = open_facts(made)
        try:
            with engine.transaction():
                make_tables(engine)
        finally:
            engine.close()
        (made / FILE).write_text(dump(settings), encoding="utf-8")
        # shop.toml last: what has one is a shop, and whole.
        for name in (FACTS, FILE):
            os.replace(made / name, folder / name)


def make_tables(engine: DuckDBEngine) -> None:
    """Every table of the model, empty, and the schema version."""
    for table in (*TABLES.values(), *BOOKS.values()):
        engine.create_table(table.name, {c.name: c.type.value for c in table.columns})
    engine.execute("INSERT INTO meta VALUES ('schema_version', ?), ('facts_version', '0')", [str(SCHEMA_VERSION)])


def open_facts(folder: Path) -> DuckDBEngine:
    """The engine on the folder's facts, with its memory held to ``REGULARS_MEMORY`` (3GB unless said)."""
    temporary = folder / TEMPORARY
    return DuckDBEngine.open(folder / FACTS, memory_limit=os.environ.get("REGULARS_MEMORY", DEFAULT_MEMORY),
                             temp=temporary)


def open_existing(folder: Path) -> tuple[Settings, DuckDBEngine]:
    """Settings and engine of a shop of this version; raises `NotAShop`, `ShopTooOld`, `ShopTooNew`, `ShopDamaged`.

    What an erasure could not remove from the file's free places while others read it is removed now.
    """
    settings = load(folder)
    if not (folder / FACTS).exists():
        raise NotAShop(why("{folder} has no {facts}.", folder=folder, facts=FACTS), hint=why("Restore a backup."),
                       command="regulars restore")
    engine = open_facts(folder)
    try:
        _refuse_other_versions(engine, folder)
        remove_traces(engine)
    except BaseException:
        engine.close()
        raise
    return settings, engine


def settle(folder: Path, settings: Settings) -> None:
    """Write ``shop.toml`` anew, whole or not at all; raises `Refused` for settings that cannot be."""
    text = dump(checked(settings))
    half = folder / f".{FILE}.part"
    half.write_text(text, encoding="utf-8")
    os.replace(half, folder / FILE)


def has_facts(engine: DuckDBEngine) -> bool:
    """Whether anything was ever brought in: amounts and moments are read by the settings of then."""
    return bool(engine.value("SELECT count(*) FROM (SELECT 1 FROM customers LIMIT 1)"))


def schema_version(engine: DuckDBEngine) -> int:
    """The version the facts were made or upgraded to; raises `ShopDamaged` where they do not say."""
    if "meta" not in engine.tables():
        raise ShopDamaged(why("The facts do not say which version they are: this is no shop's file."))
    return int(engine.value("SELECT value FROM meta WHERE key = 'schema_version'"))


def _refuse_other_versions(engine: DuckDBEngine, folder: Path) -> None:
    version = schema_version(engine)
    if version > SCHEMA_VERSION:
        raise ShopTooNew(why("{folder} was made by a newer Regulars (schema {version}, this one knows "
                             "{known}).", folder=folder, version=version, known=SCHEMA_VERSION),
                         hint=why("Install the newer Regulars."))
    if version < SCHEMA_VERSION:
        raise ShopTooOld(why("{folder} is of an older Regulars (schema {version}, this one is {known}).",
                             folder=folder, version=version, known=SCHEMA_VERSION),
                         hint=why("Bring it up to date."), command=upgrade_command(folder))


def upgrade_command(folder: Path) -> str:
    """What brings a shop up to date, whole: with the shop it is about, and where it is kept as it was."""
    return f"regulars upgrade --shop {quote(str(folder))} --backup-to {quote(f'{folder.name}-before.zip')}"
