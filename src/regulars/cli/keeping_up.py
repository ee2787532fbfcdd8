"""``regulars segment advance``, ``rebuild``, ``look-back``, ``states``, ``expected``: who is in as time moves on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import click

from regulars.cli import printing
from regulars.cli.call import Call, Verb
from regulars.cli.options import AS_OF, read_moment
from regulars.cli.printing import Figures, clean, say
from regulars.intake.in_order import put_in_order
from regulars.segments.memberships import Movement


@click.command(cls=Verb)
@AS_OF
def advance(call: Call, as_of: str | None) -> None:
    """Bring every segment up to date, looking only at whom new facts or the passing of time can have moved.

    Where the pages are open this happens by itself, every few seconds.
    """
    with call.shop() as shop:
        moved, figures = shop.segments.advance(read_moment(shop, as_of)), Figures(shop.settings)
    if call.json:
        printing.tell(moved)
    elif not moved:
        say("There are no segments yet. Save one with: regulars segment add NAME RULE")
    else:
        show_moved(moved, figures)


def show_moved(moved: Sequence[Movement], figures: Figures) -> None:
    """A row a segment: members, entered, left."""
    printing.table(("segment", "members", "entered", "left"), [
        (clean(m.segment), *(figures.number(n) for n in (m.members, m.entered, m.left))) for m in moved],
        right=(1, 2, 3))


@click.command(cls=Verb)
@AS_OF
def rebuild(call: Call, as_of: str | None) -> None:
    """Look at everybody, and repair what differs from what was kept: there should be nothing.

    Rows of large tables are put in order too, by customer. Where the pages are open both happen every night.
    """
    with call.shop() as shop:
        done, figures = shop.segments.rebuild(read_moment(shop, as_of)), Figures(shop.settings)
        put_in_order(shop.engine)
    if call.json:
        printing.tell({"at": done.at, "differences": done.differences, "by_segment": done.by_segment})
    elif not done.differences:
        say(f"Everybody was looked at as of {figures.moment(done.at)}: no difference.")
    else:
        say(f"Everybody was looked at as of {figures.moment(done.at)}: {figures.number(done.differences)} differed and "
            "are put right.")
        printing.table(("segment", "differed"), [(clean(name), figures.number(number)) for name, number in
                                                 done.by_segment.items()], right=(1,))


@click.command("look-back", cls=Verb)
@click.option("--to", metavar="MOMENT", help="As if nobody had looked after this moment.  [default: now]")
def look_back(call: Call, to: str | None) -> None:
    """Take back looks that a clock made which ran ahead, and look again: nobody can until the clock is past them."""
    with call.shop() as shop:
        now, figures = shop.moment(), Figures(shop.settings)
        shop.segments.look_back(read_moment(shop, to) if to else now, now)
        moved = shop.segments.advance(now)
    if call.json:
        printing.tell(moved)
    else:
        show_moved(moved, figures)


@click.command(cls=Verb)
@AS_OF
def states(call: Call, as_of: str | None) -> None:
    """How far who is in each segment is known: fresh, updating, stale or failed, and as of when."""
    with call.shop() as shop:
        found, figures = shop.segments.states(read_moment(shop, as_of)), Figures(shop.settings)
    if call.json:
        printing.tell(list(found.values()))
    elif not found:
        say("There are no segments yet. Save one with: regulars segment add NAME RULE")
    else:
        printing.table(("segment", "state", "as of", "because of"), [
            (clean(s.segment), s.state, figures.moment(s.as_of), clean(figures.say(s.reason))) for s in found.values()])


@click.command(cls=Verb)
@click.argument("name")
@click.option("--until", metavar="MOMENT", help="Up to this moment.  [default: a day on]")
@AS_OF
def expected(call: Call, name: str, until: str | None, as_of: str | None) -> None:
    """Who will come and go by time alone, if nothing else happens."""
    with call.shop() as shop:
        now, figures = read_moment(shop, as_of), Figures(shop.settings)
        found = shop.segments.expected(name, now, read_moment(shop, until) if until else now + timedelta(days=1))
    if call.json:
        printing.tell(found)
        return
    say(f"Until {figures.moment(found.until)}, by time alone: {figures.number(found.joining)} will come, "
        f"{figures.number(found.leaving)} will go.")
    rows = _listed("comes", found.first_joining, figures) + _listed("goes", found.first_leaving, figures)
    if rows:
        printing.table(("customer", "", "when"), rows)


def _listed(what: str, people: Sequence[tuple[str, datetime]], figures: Figures) -> list[tuple[str, str, str]]:
    return [(clean(who), what, figures.moment(at)) for who, at in people]


COMMANDS = (advance, rebuild, look_back, states, expected)
