"""The shop as a whole: make it, copy it, bring it back, look it over."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click

from regulars.cli import printing
from regulars.cli.call import Call, Verb
from regulars.cli.printing import Figures, say
from regulars.model import countries
from regulars.model.settings import LANGUAGES, Settings
from regulars.shop import Shop
from regulars.shop.backup import Backup
from regulars.shop.check import Checked

BACKUP = click.Path(path_type=Path)
UNITS = ("bytes", "kB", "MB", "GB", "TB")


@click.command(cls=Verb)
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option("--name", help="What the shop is called.")
@click.option("--currency", help="Three letters; amounts are kept in it.  [default: EUR]")
@click.option("--timezone", help="Such as Asia/Jakarta; days and months are those of it.  [default: UTC]")
@click.option("--country", help="Two letters; telephone numbers and places are read by it."
              "  [default: that of the time zone]")
@click.option("--language", type=click.Choice(LANGUAGES),
              help="In which sentences and numbers are shown.  [default: en]")
def init(call: Call, folder: Path | None, **said: Any) -> None:
    """Make an empty shop at FOLDER."""
    known = {k: v for k, v in said.items() if v is not None}
    for code in ("currency", "country"):
        if code in known:
            known[code] = known[code].upper()
    of_zone = countries.of_zone(known.get("timezone", ""))
    if of_zone and "country" not in known:
        known["country"] = of_zone
    settings = replace(Settings(), **known)
    with Shop.create(folder or call.folder, settings) as shop:
        if call.json:
            printing.tell({"folder": str(shop.folder), **asdict(settings)})
            return
        say(f"{shop.folder} is a shop now: {settings.name}, in {settings.currency}, {settings.timezone}, "
            f"{settings.country}.")
        if "country" not in known:
            say(f"No country was said: telephone numbers and places are read as those of {settings.country}. "
                "To change it, edit shop.toml before files come in.")
        say(f"Bring files in with: regulars import FILE --shop {shop.folder}")


@click.command(cls=Verb)
@click.argument("target", type=BACKUP)
def backup(call: Call, target: Path) -> None:
    """Copy the shop to TARGET, a folder or a file that ends in .zip, and read the copy back."""
    with call.shop() as shop:
        made = shop.backup(target)
        if call.json:
            printing.tell(made)
        else:
            say(f"Backed up to {made.target}: {_contents(made, Figures(shop.settings))}, read back and whole.")


@click.command(cls=Verb)
@click.argument("source", type=BACKUP)
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Give up the shop that stands there.")
def restore(call: Call, source: Path, folder: Path | None, replace: bool) -> None:
    """Make FOLDER the shop that was backed up at SOURCE."""
    target = folder or call.folder
    found = Shop.restore(source, target, replace=replace)
    if call.json:
        printing.tell({"folder": str(target), "backup": found})
        return
    with Shop.open(target) as shop:
        say(f"{target} is the shop of {source}: {_contents(found, Figures(shop.settings))}.")


@click.command(cls=Verb)
@click.pass_context
def check(context: click.Context, call: Call) -> None:
    """See whether the facts are whole and agree with each other; exit 1 where something does not hold."""
    with call.shop() as shop:
        found = shop.check()
        if call.json:
            printing.tell({"consistent": found.consistent, **asdict(found)})
        else:
            _show_checked(found, Figures(shop.settings))
    if not found.consistent:
        context.exit(1)


@click.command(cls=Verb)
@click.option("--backup-to", type=BACKUP, metavar="FOLDER-OR-ZIP", help="Where the shop as it is is kept.")
def upgrade(call: Call, backup_to: Path | None) -> None:
    """Bring a shop of an older Regulars up to date, after a backup."""
    done = Shop.upgrade(call.folder, backup_to)
    if call.json:
        printing.tell(done)
    elif done.backup is None:
        say(f"{call.folder} is up to date: schema {done.to_version}.")
    else:
        say(f"{call.folder} went from schema {done.from_version} to {done.to_version}. "
            f"As it was: {done.backup.target}.")


def _contents(made: Backup, figures: Figures) -> str:
    counts = [figures.counted(made.tables.get(f"{one}s", 0), one) for one in ("customer", "order", "segment")]
    return f"{', '.join(counts)}, {_bytes(made.size, figures)}"


def _bytes(size: float, figures: Figures) -> str:
    at = 0
    while size >= 1000 and at < len(UNITS) - 1:
        size, at = size / 1000, at + 1
    return f"{figures.number(round(size, 1))} {UNITS[at]}"


def _show_checked(found: Checked, figures: Figures) -> None:
    filled = [(name, figures.number(count)) for name, count in found.counts.items() if count]
    printing.table(("table", "rows"), filled, right=(1,))
    say()
    printing.table(("sum", "amount"), [(n, figures.money(a)) for n, a in found.sums.items()], right=(1,))
    say()
    for problem in found.problems:
        example = printing.clean(problem.example)
        say(f"✗ {figures.number(problem.rows)} {problem.what}, for example {example}.", fg="red")
    if found.consistent:
        say("✓ The facts are whole: keys, references, settled columns and sums hold.", fg="green")
    else:
        say("Restore the last backup with: regulars restore, or take the last import back with: regulars imports undo")
