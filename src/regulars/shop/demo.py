"""Making a demo shop whole: its files, their import, and a dozen segments to look at."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from regulars.demo.exports import write_exports
from regulars.demo.make import SETTINGS, make_demo
from regulars.engines.duckdb import literal
from regulars.errors import Refused
from regulars.intake.imports import Imports
from regulars.intake.prepared import Progress, Report
from regulars.intake.receipt import Receipt
from regulars.model.settings import Settings
from regulars.shop.folder import FILES
from regulars.shop.refusals import why
from regulars.shop.shop import Shop

MAKING = "demo"
"""Where the files are made, and where the truth stays."""
UNFINISHED = ".unfinished"

SEGMENTS: Mapping[str, tuple[str, str]] = {
    "VIP": ("count(orders) >= 10", "Ten orders or more: thank them, and never with a discount."),
    "Engaged, 30 days": ("any(engagements in last 30 days)",
                         "Opened or clicked lately: the best days to write to them."),
    "Unengaged, 120 days": ("any(messages where type = 'sent') and stopped(engagements for 120 days)",
                            "Write less often, or ask whether they still want to hear from us."),
    "One-time buyers": ("count(orders) = 1", "The second order is the hardest to win."),
    "Subscribed, not bought yet": ("no(orders) and email_consent", "They read, and have not bought."),
    "First order in the last 30 days": ("first(orders) in last 30 days", "Welcome them while they remember us."),
    "Lapsed regulars": ("count(orders) >= 4 and last(orders) more than 180 days ago", "Were regulars, and are gone."),
    "Only with a code": ("count(orders) >= 2 and share(orders where promo_code is known) = 1",
                         "Have never bought without a promo code."),
    "Bricks, no sand": ("any(lines where category = 'Bricks' in last 60 days)"
                        " and no(lines where category = 'Sand' in last 60 days)",
                        "Bricks need sand: call before they buy it elsewhere."),
    "Occasion gifts in the store": ("count(orders where channel = 'store' and occasion is known) >= 2"
                                    " and share(orders where occasion is known) >= 0.8",
                                    "Come before a feast or a birthday."),
    "Costly to serve": ("sum(tickets.minutes in last 1 year) >= 60 and count(tickets in last 1 year) >= 3",
                        "An hour of service or more in a year: see what it is about."),
    "Talk about us": ("social_followers >= 1_000 or count(events where name = 'Shared Product' in last 1 year) >= 3",
                      "Others listen to them."),
    "Trade, by phone": ("account_id is known and favourite(orders.channel) = 'phone'", "Builders who order by phone."),
    "Garden Club": ("plan = 'Garden Club' and plan_status = 'active'", "Members of the plan."),
    "Promoters": ("answer.nps >= 9", "Would recommend us: ask them to."),
    "Birthday in two weeks": ("anniversary(birth_date) in next 14 days", "A card comes in time."),
    "Left a checkout, 7 days": ("any(checkouts where completed = false in last 7 days)"
                                " and no(orders in last 7 days)", "Something kept them from finishing."),
}
"""Name -> rule and note."""


def make_demo_shop(folder: Path | str, *, now: datetime, customers: int = 5000, seed: int = 1,
                   settings: Settings = SETTINGS, progress: Report | None = None,
                   exports: bool = False) -> Shop:
    """A shop at ``folder`` with everything in it, opened; the truth about its customers is in its ``demo`` folder.

    With ``exports`` the same shop also lies in ``demo/exports`` as files of other systems. ``now`` is UTC without zone.
    Nothing is left at ``folder`` where this is stopped half-way. Raises `Refused` where something stands there already.
    """
    target = Path(folder)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Refused(why("{target} is not empty.", target=target), hint=why("Name a folder that is not there yet."))
    unfinished = target.with_name(target.name + UNFINISHED)
    if unfinished.exists():
        raise Refused(why("{unfinished} is in the way: another demo shop is being made there, or was stopped.",
                          unfinished=unfinished), hint=why("Remove it if nothing is running."))
    try:
        _make(unfinished, now, customers, seed, settings, progress, exports)
        if target.exists():
            target.rmdir()
        unfinished.rename(target)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    return Shop.open(target)


def _make(folder: Path, now: datetime, customers: int, seed: int, settings: Settings, progress: Report | None,
          exports: bool) -> None:
    with Shop.create(folder, settings) as shop:
        fill_with_demo(shop, now=now, customers=customers, seed=seed, progress=progress, exports=exports)


def fill_with_demo(shop: Shop, *, now: datetime, customers: int = 5000, seed: int = 1,
                   progress: Report | None = None, exports: bool = False) -> list[Receipt]:
    """Made-up customers, all they did, and segments of them, in a shop's own currency and country.

    Run again after it was stopped half-way it brings what is still missing. ``now`` is UTC without zone.
    """
    def tell(done: int, to_do: int) -> None:
        if progress:
            progress(Progress("making customers", done, to_do))
    demo = make_demo(shop.folder / MAKING, customers, seed, now=now, settings=shop.settings, progress=tell)
    if exports:
        write_exports(demo.files, shop.folder / MAKING / "exports", shop.settings)
    imports = Imports(shop.engine, shop.settings, shop.folder / FILES)
    receipts: list[Receipt] = []
    for table, path in demo.files.items():
        receipts += imports.run(path, now=now, as_=table, progress=progress)
        path.unlink()
    save_segments(shop, now)
    return receipts


def save_segments(shop: Shop, now: datetime) -> None:
    """The segments every demo shop has, and one of those who live near its largest city; refreshed."""
    there = {segment.name for segment in shop.segments.list()}
    for name, (rule, note) in SEGMENTS.items():
        if name not in there:
            shop.segments.add(name, rule, now=now, note=note, by="demo")
    near = shop.engine.value("SELECT mode(city ORDER BY city) FROM customers")
    if near and f"Near {near}" not in there:
        rule = f"within 15 km of {literal(near)} and email_consent"
        shop.segments.add(f"Near {near}", rule, now=now, note="Could come by the store.", by="demo")
    shop.segments.refresh(now)
