"""``regulars imports``: what came in, and the way back."""

from __future__ import annotations

import click

from regulars.cli import printing, receipts
from regulars.cli.call import Call, Verbs
from regulars.cli.options import LANG
from regulars.cli.printing import Figures, clean, say

imports = Verbs("imports", help="What came in, and how to take it back.")


@imports.command("list")
def list_(call: Call) -> None:
    """Every import there was, the newest first."""
    with call.shop() as shop:
        found, figures = shop.imports.receipts(), Figures(shop.settings)
    if call.json:
        printing.tell(found)
    elif not found:
        say("Nothing came in yet. Bring a file in with: regulars import FILE")
    else:
        printing.table(("import", "when", "recognised as", "rows", "added", "changed", "customers", "file"),
                       [(r.import_id + (" (taken back)" if r.undone_at else ""), figures.moment(r.began_at),
                         r.recognised_as, *(figures.number(n) for n in (r.rows.read, r.added, r.changed)),
                         f"{figures.number(r.customers.new)} new", clean(r.file_name)) for r in found],
                       right=(3, 4, 5, 6))


@imports.command()
@click.argument("import_id", metavar="IMPORT")
@LANG
def show(call: Call, import_id: str, lang: str | None) -> None:
    """The receipt of one import."""
    with call.shop() as shop:
        found = shop.imports.receipt(import_id)
        if call.json:
            printing.tell(found)
        else:
            receipts.show(found, Figures(shop.settings, lang or ""))


@imports.command()
@click.argument("import_id", metavar="IMPORT")
def undo(call: Call, import_id: str) -> None:
    """Take one import back: what it added goes, what it changed is again as it was."""
    with call.shop() as shop:
        done = shop.undo_import(import_id)
        figures = Figures(shop.settings)
    if call.json:
        printing.tell(done)
        return
    say(f"Import {done.import_id} is taken back.")
    names = sorted({*done.removed, *done.restored})
    if names:
        printing.table(("table", "removed", "as before"), [
            (n, figures.number(done.removed.get(n, 0)), figures.number(done.restored.get(n, 0))) for n in names],
            right=(1, 2))
