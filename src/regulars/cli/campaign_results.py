"""``regulars campaign results`` and ``learned``: what one campaign brought, and what all of a kind did."""

from __future__ import annotations

import click

from regulars.cli import printing
from regulars.cli.call import Call, Verb
from regulars.cli.options import AS_OF, LANG, read_moment
from regulars.cli.printing import Figures, clean, say
from regulars.model.figures import NOTHING
from regulars.outreach.results import CampaignResult, telling
from regulars.outreach.results.history import History
from regulars.outreach.results.judging import ORDERS, REACHED
from regulars.outreach.results.learning import Learned, Lift
from regulars.outreach.results.saying import Table, caveats, findings, signed, tables, to_json


@click.command(cls=Verb)
@click.argument("name", required=False)
@click.option("--segment", metavar="SEGMENT", help="Of the people of a segment: campaign by campaign, and together.")
@AS_OF
@LANG
def results(call: Call, name: str | None, segment: str | None, as_of: str | None, lang: str | None) -> None:
    """What a campaign brought, beside those who by chance did not get it; without a name: all of them together."""
    if name and segment:
        raise click.UsageError("Say a campaign or a segment, not both.")
    with call.shop() as shop:
        figures, now = Figures(shop.settings, lang or ""), read_moment(shop, as_of)
        if segment:
            _tell_history(call, shop.campaigns.of_segment(segment, now), figures)
            return
        found = shop.campaigns.results(name, now) if name else shop.campaigns.brought_by_all(now)
    if call.json:
        printing.tell(to_json(found, figures))
    else:
        show(found, figures)


def show(found: CampaignResult, figures: Figures) -> None:
    """What may be said, the tables, and what to hold against it."""
    for sentence in findings(found):
        say(figures.say(sentence))
    for table in tables(found, figures):
        _table(table)
    say()
    for sentence in caveats(found):
        say(f"! {figures.say(sentence)}", fg="yellow")
    printing.as_of(found.now, figures)


def _table(found: Table) -> None:
    say()
    printing.title(printing.spoken(found.title))
    printing.table(tuple(map(printing.spoken, found.head)), [tuple(map(clean, row)) for row in found.rows],
                   right=tuple(range(1, len(found.head))))


def _tell_history(call: Call, found: History, figures: Figures) -> None:
    """The campaigns to a segment, the latest first, and what they say together."""
    if call.json:
        printing.tell(telling.to_json(found, figures))
        return
    for sentence in telling.findings(found):
        say(figures.say(sentence))
    if found.chapters:
        _table(telling.table(found, figures))
    say()
    for sentence in telling.caveats(found):
        say(f"! {figures.say(sentence)}", fg="yellow")
    printing.as_of(found.now, figures)


@click.command(cls=Verb)
@AS_OF
def learned(call: Call, as_of: str | None) -> None:
    """What campaigns of a kind brought together, and what to expect of the next one."""
    with call.shop() as shop:
        figures = Figures(shop.settings)
        found = shop.campaigns.learned(read_moment(shop, as_of))
    if call.json:
        printing.tell(found)
    elif not any(found.values()):
        say("Nothing is learned yet: it takes a campaign with a control group whose time is over.")
    else:
        printing.table(("of", "campaigns", "people", "a person brought", "from", "to", "more to expect"), [
            (clean(each.kind), figures.number(each.campaigns), figures.number(each.people), *_together(each, figures),
             _lift(each.lift, figures)) for kinds in found.values() for each in kinds], right=(1, 2, 3, 4, 5))


def _together(found: Learned, figures: Figures) -> tuple[str, str, str]:
    """In money of profit, or of what was paid where costs are not known; of a goal in people of a hundred."""
    if found.together is None or found.goal == ORDERS:
        return NOTHING, NOTHING, NOTHING
    if found.goal == REACHED:
        mean, least, most = (f"{signed(x, figures, True)} of 100" for x in (found.together.mean, found.together.low,
                                                                            found.together.high))
        return mean, least, most
    value, low, high = (figures.money(x) for x in (found.together.mean, found.together.low, found.together.high))
    return value, low, high


def _lift(found: Lift, figures: Figures) -> str:
    return f"{_signed(found.value, figures)} ({_signed(found.low, figures)} to {_signed(found.high, figures)})"


def _signed(share: float, figures: Figures) -> str:
    return f"{'−' if share < 0 else '+'}{figures.share(abs(share))}"


__all__ = ["learned", "results", "show"]
