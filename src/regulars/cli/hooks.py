"""``regulars hooks``: webhooks of Shopify, WooCommerce and Stripe, and those the shop sends."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from regulars.cli import printing
from regulars.cli.call import Call, Verbs
from regulars.cli.printing import Figures, clean, say
from regulars.cli.trouble import figures_of
from regulars.errors import ShopInUse
from regulars.model.phrases import Own, phrases

text, counted = phrases("regulars.cli", "hooks")
hooks = Verbs("hooks", help="Webhooks that come in from Shopify, WooCommerce and Stripe, and those that go out.")


def _terminal() -> Any:
    # The pages' framework takes half a second to load: other commands do without.
    return import_module("regulars.app.live.terminal")


@hooks.command()
@click.argument("platform")
@click.option("--secret", prompt=True, hide_input=True, help="What the platform signs with; asked for where not said.")
def receive(call: Call, platform: str, secret: str) -> None:
    """Take a platform's webhooks in: prints the address to give to it."""
    number, path = _terminal().receive(call.folder, platform, secret)
    if call.json:
        printing.tell({"id": number, "path": path})
    else:
        say(figures_of(call.folder, None).say(text(
            "Webhook {number}. Have {platform} send to this path of the address of your pages:", number=Own(number),
            platform=Own(platform))))
        say(path)


@hooks.command()
@click.argument("url")
@click.option("--segment", "segments", multiple=True, metavar="NAME",
              help="Tell of this segment; may be given several times. Every segment where not said.")
def send(call: Call, url: str, segments: tuple[str, ...]) -> None:
    """Tell another program who enters and leaves: prints the secret that what is sent is signed with.

    While the pages are served, do it there: Bring in, Live.
    """
    try:
        with call.shop() as shop:
            number, secret = _terminal().send(shop, url, segments)
    except ShopInUse as error:
        raise ShopInUse(error.message, hint=text("While the pages are served, do it there: Bring in, Live, Tell "
                                                 "another program. Or stop them first.")) from error
    if call.json:
        printing.tell({"id": number, "secret": secret})
    else:
        say(figures_of(call.folder, None).say(text(
            "Webhook {number} is told from now on, while the pages are served. What is sent is signed with:",
            number=Own(number))))
        say(secret)


@hooks.command("list")
def list_(call: Call) -> None:
    """The webhooks there are, without their secrets."""
    found, figures = _terminal().listed(call.folder), figures_of(call.folder, None)
    if call.json:
        printing.tell(found)
    elif not found:
        say(figures.say(text("There are no webhooks. Take some in with: {receive}. Send some with: {send}",
                             receive=Own("regulars hooks receive shopify"), send=Own("regulars hooks send URL"))))
    else:
        _show(found, figures)


def _show(found: Sequence[Any], figures: Figures) -> None:
    headers = (text("webhook"), text("of"), text("address"), text("made"), text("waiting"), text("given up"))
    withdrawn = figures.say(text("withdrawn"))
    printing.table((*map(figures.say, headers), ""),
                   [(h.id, clean(figures.say(h.other)), clean(h.address), figures.moment(h.made_at),
                     figures.number(h.waiting), figures.number(h.given_up), withdrawn if h.withdrawn else "")
                    for h in found], right=(4, 5))


@hooks.command()
@click.argument("number", metavar="WEBHOOK")
def withdraw(call: Call, number: str) -> None:
    """Let nothing come or go by a webhook any more."""
    _terminal().withdraw(call.folder, number)
    if call.json:
        printing.tell({"id": number, "withdrawn": True})
    else:
        say(figures_of(call.folder, None).say(text("Nothing comes or goes by webhook {number} any more.",
                                                   number=Own(number))))
