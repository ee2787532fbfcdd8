"""``regulars report``: from a shop, or from nothing but its exports, to one page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from regulars.cli import printing, progress
from regulars.cli.call import Call, Verb
from regulars.cli.options import AS_OF, LANG, aware, read_moment
from regulars.cli.printing import Figures, clean, say
from regulars.errors import NotFound
from regulars.model.settings import Settings, checked
from regulars.shop import Shop
from regulars.shop.report import Brought, brought, is_shop, with_texts


@click.command(cls=Verb)
@click.argument("sources", nargs=-1, type=click.Path(path_type=Path, exists=True), metavar="[SHOP|FILE…]")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), default=Path("report.html"),
              show_default=True, help="Where the page is written.")
@LANG
@AS_OF
@click.option("--name", help="Of files: what the shop is called.  [default: as the first file]")
@click.option("--currency", help="Of files: three letters.  [default: as the files say]")
@click.option("--timezone", help="Of files: such as Asia/Jakarta.  [default: UTC]")
@click.option("--country", help="Of files: two letters, for its holidays.  [default: that of most customers]")
def report(call: Call, sources: Sequence[Path], output: Path, lang: str | None, as_of: str | None,
           **said: str | None) -> None:
    """Write one page about a shop that works offline and prints: ten numbers, five moves, kinds of customers and more.

    Give a shop's folder (else --shop), or nothing but exports: these are brought into a shop that is gone afterwards.
    Where the newest fact is over a month old, the page is as of that fact's day.
    """
    if not output.absolute().parent.is_dir():
        raise NotFound(f"There is no folder {output.parent} to write the report in.")
    known = {k: v for k, v in said.items() if v is not None}
    if not sources or is_shop(sources[0]):
        if known or len(sources) > 1:
            raise click.UsageError("A report is of one shop, or of files; a shop has its own name and settings.")
        with Shop.open(sources[0] if sources else call.folder) as shop:
            _write(call, shop, output, lang, as_of, None)
        return
    with progress.shown(Figures(Settings()), "report") as told, \
            brought(sources, _settings(known), progress=told) as new:
        _write(call, new.shop, output, lang, as_of, new)


def _settings(said: Mapping[str, str]) -> dict[str, str]:
    """As they were said, codes in capitals; raises `Refused` for what cannot be."""
    found = {k: v.upper() if k in ("currency", "country") else v for k, v in said.items()}
    checked(with_texts(Settings(), found))
    return found


def _write(call: Call, shop: Shop, output: Path, lang: str | None, as_of: str | None, new: Brought | None) -> None:
    moment = None if as_of is None else aware(read_moment(shop, as_of))
    figures = Figures(shop.settings)
    with progress.shown(figures, "report") as told:
        page = shop.report(moment, lang, progress=told)
    output.write_text(page, encoding="utf-8")
    if call.json:
        printing.tell({"report": str(output), "bytes": len(page.encode()), "rows_refused": new.refused if new else 0})
        return
    say(f"The report is in {output}: open it in a browser.")
    if new and new.refused:
        say(f"! {figures.counted(new.refused, 'row')} of the files could not be used: "
            f"{clean(_reason(new))} See them with: regulars import", fg="yellow")


def _reason(new: Brought) -> str:
    return next((f"row {r.row}: {r.reason}." for receipt in new.receipts for r in receipt.refused), "")
