"""``regulars campaign offer`` and ``guard``: what a campaign gives, and who would buy without it."""

from __future__ import annotations

import click

from regulars.cli import printing, progress
from regulars.cli.call import Call, Verb
from regulars.cli.options import LANG
from regulars.cli.printing import Figures, clean, say
from regulars.outreach.campaign import OFFERS, Guard, Offer
from regulars.outreach.guard import GuardBox
from regulars.outreach.guard.saying import caveats, findings, table


@click.command(cls=Verb)
@click.argument("name")
@click.argument("kind", type=click.Choice([*OFFERS, "none"]))
@click.argument("value", default="0")
@click.option("--code", default="", help="One code for all.")
@click.option("--single", is_flag=True, help="A code of their own for each, good once.")
@click.option("--valid-days", type=click.IntRange(0), default=0, help="For how many days.  [default: for ever]")
def offer(call: Call, name: str, kind: str, value: str, code: str, single: bool, valid_days: int) -> None:
    """What a campaign gives: KIND and VALUE, such as percent 10, amount 5, gift 3 (what it costs); or none."""
    given = None if kind == "none" else Offer(kind, value, code, single, valid_days)
    with call.shop() as shop:
        saved = shop.campaigns.offer(name, given, now=shop.moment())
    if call.json:
        printing.tell(saved)
    else:
        say(f"{clean(saved.name)} is version {saved.version} now. See who would buy without it with: "
            f"regulars campaign guard {saved.name!r}" if given else f"{clean(saved.name)} offers nothing now.")


@click.command(cls=Verb)
@click.argument("name")
@LANG
@click.option("--leave-out/--keep", default=None, help="Leave them out of it from now on, or do not.")
@click.option("--from", "threshold", type=click.FloatRange(1, 100), metavar="PERCENT",
              help="Who is so likely to buy anyway.  [default: where leaving out begins to pay]")
def guard(call: Call, name: str, lang: str | None, leave_out: bool | None, threshold: float | None) -> None:
    """Who would buy without a campaign's offer, and what leaving them out saves and risks."""
    with call.shop() as shop:
        figures = Figures(shop.settings, lang or "")
        with progress.shown(figures, name) as report:
            box = shop.campaigns.guard(name, shop.moment(), report or (lambda _: None))
        if threshold is not None:
            box = box.with_threshold(threshold / 100)
        if leave_out is not None:
            decided = Guard(leave_out, box.threshold, proposed=threshold is None)
            shop.campaigns.change(name, now=shop.moment(), guard=decided)
            box = shop.campaigns.guard(name, shop.moment())
    if call.json:
        printing.tell({"people": box.people, "days": box.days, "weighed": box.weighed, "groups": box.groups,
                       "findings": [s.say(figures) for s in findings(box)],
                       "caveats": [s.say(figures) for s in caveats(box)]})
        return
    show(box, figures)
    if leave_out is not None:
        say("They are left out of it now." if leave_out else "Nobody is left out of it for that.")


def show(box: GuardBox, figures: Figures) -> None:
    """What is said of it, other thresholds, and what to hold against it."""
    for sentence in findings(box):
        say(figures.say(sentence))
    found = table(box, figures)
    say()
    printing.table(tuple(map(printing.spoken, found.head)), [tuple(map(clean, row)) for row in found.rows],
                   right=(1, 2, 3))
    say()
    for sentence in caveats(box):
        say(f"! {figures.say(sentence)}", fg="yellow")


__all__ = ["guard", "offer", "show"]
