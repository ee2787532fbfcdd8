"""``regulars live``: messages that came in live and wait, or were set aside."""

from __future__ import annotations

import click

from regulars.cli import printing
from regulars.cli.call import Call, Verbs
from regulars.cli.printing import Figures, clean, say
from regulars.cli.trouble import figures_of
from regulars.intake.live.settling import Settled
from regulars.model.phrases import Own, Sentence, phrases

text, counted = phrases("regulars.cli", "live")
live = Verbs("live", help="Messages that came in live: those that wait, and those set aside.")
NUMBER = click.argument("number", type=int, metavar="[NUMBER]", required=False)
ALL = click.option("--all", "everything", is_flag=True, help="All that are set aside, in place of one.")


def _check(number: int | None, everything: bool) -> None:
    """Raises `click.UsageError` unless one is named or all are meant."""
    if (number is None) != everything:
        raise click.UsageError("Name one by its NUMBER, or say --all.")


@live.command()
def state(call: Call) -> None:
    """How many messages wait, and how many were set aside."""
    with call.shop() as shop:
        found, figures = shop.live.state(), Figures(shop.settings)
    if call.json:
        printing.tell(found)
    else:
        say(figures.say(text("Messages that wait to be settled: {waiting}. Set aside: {aside}.",
                             waiting=found.waiting, aside=found.set_aside)))


@live.command()
def settle(call: Call) -> None:
    """Bring what waits into the facts: the pages do so by themselves while they are served."""
    with call.shop() as shop:
        done, figures = shop.live.settle(shop.moment()), Figures(shop.settings)
    if call.json:
        printing.tell(done)
    else:
        say(figures.say(_settled(done)))


def _settled(done: Settled) -> Sentence:
    return text("Came into the facts: {new}. There already: {repeated}. Set aside: {aside}.",
                new=done.new, repeated=done.repeated, aside=done.aside)


@live.command()
def aside(call: Call) -> None:
    """The messages that were set aside, each with its reason."""
    with call.shop() as shop:
        found, figures = shop.live.aside.list(), Figures(shop.settings)
    if call.json:
        printing.tell(found)
    elif not found:
        say(figures.say(text("Nothing is set aside.")))
    else:
        headers = (text("number"), text("received"), text("by"), text("reason"))
        printing.table([figures.say(h) for h in headers],
                       [(str(a.number), figures.moment(a.received_at), clean(a.origin), clean(figures.say(a.reason)))
                        for a in found])


@live.command()
@NUMBER
@ALL
def again(call: Call, number: int | None, everything: bool) -> None:
    """Settle one that was set aside once more, when what ailed it is mended."""
    _check(number, everything)
    with call.shop() as shop:
        if number is None:
            shop.live.aside.again_all()
        else:
            shop.live.aside.again(number)
        done = shop.live.settle(shop.moment())
    figures = figures_of(call.folder, None)
    if call.json:
        printing.tell(done)
    elif number is None:
        say(figures.say(_settled(done)))
    elif done.aside:
        say(figures.say(text("Message {number} was set aside again. See why with: {command}",
                             number=Own(str(number)), command=Own("regulars live aside"))))
    else:
        say(figures.say(text("Message {number} is in the facts.", number=Own(str(number)))))


@live.command()
@NUMBER
@ALL
def discard(call: Call, number: int | None, everything: bool) -> None:
    """Throw one that was set aside away."""
    _check(number, everything)
    with call.shop() as shop:
        if number is None:
            count = shop.live.aside.discard_all()
        else:
            shop.live.aside.discard(number)
    if call.json:
        printing.tell({"discarded": count} if number is None else {"number": number, "discarded": True})
    elif number is None:
        say(figures_of(call.folder, None).say(text("Thrown away: {count}.", count=count)))
    else:
        say(figures_of(call.folder, None).say(text("Message {number} is thrown away.", number=Own(str(number)))))
