"""``regulars demo-shop``."""

from __future__ import annotations

from pathlib import Path

import click

from regulars.cli import printing, progress
from regulars.cli.call import Call, Verb
from regulars.cli.printing import Figures, say
from regulars.demo.make import SETTINGS
from regulars.shop import Shop
from regulars.shop.demo import make_demo_shop
from regulars.shop.shop import this_moment


@click.command("demo-shop", cls=Verb)
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option("--customers", type=click.IntRange(1), default=5000, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed makes the same shop.")
@click.option("--exports", is_flag=True, help="Also write it as exports of Shopify, WooCommerce, Square and others.")
def demo_shop(call: Call, folder: Path | None, customers: int, seed: int, exports: bool) -> None:
    """Make a believable shop at FOLDER to try things on."""
    figures = Figures(SETTINGS)
    with make(folder or call.folder, customers, seed, exports=exports) as shop:
        found = shop.segments.list()
    if call.json:
        printing.tell({"folder": str(shop.folder), "customers": customers, "seed": seed, "segments": found})
        return
    say(f"{shop.folder} is a shop of {figures.number(customers)} customers now, with {len(found)} segments.")
    if exports:
        say(f"Its exports, as other systems write them, are in {shop.folder}/demo/exports.")
    say(f"Look at them with: regulars segment list --shop {shop.folder}")


def make(folder: Path, customers: int, seed: int, *, exports: bool = False) -> Shop:
    """The demo shop, opened, its making shown."""
    with progress.shown(Figures(SETTINGS), "demo shop") as report:
        return make_demo_shop(folder, now=this_moment(), customers=customers, seed=seed, progress=report,
                              exports=exports)
