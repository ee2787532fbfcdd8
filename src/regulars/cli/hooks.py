"""``regulars hooks``: webhooks of Shopify, WooCommerce and Stripe, and those the shop sends."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from regulars.cli import printing
from regulars.cli.call import Call, Verbs
from regulars.cli.printing import clean, say
from regulars.errors import ShopInUse

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
        say(f"Webhook {number}. Have {clean(platform)} send to this path of the address of your pages:")
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
        raise ShopInUse(error.message, hint="While the pages are served, do it there: Bring in, Live, Tell another "
                                            "program. Or stop them first.") from error
    if call.json:
        printing.tell({"id": number, "secret": secret})
    else:
        say(f"Webhook {number} is told from now on, while the pages are served. What is sent is signed with:")
        say(secret)


@hooks.command("list")
def list_(call: Call) -> None:
    """The webhooks there are, without their secrets."""
    found = _terminal().listed(call.folder)
    if call.json:
        printing.tell(found)
    elif not found:
        say("There are no webhooks. Take some in with: regulars hooks receive shopify. Send some with: "
            "regulars hooks send URL")
    else:
        printing.table(("webhook", "of", "address", "made", "waiting", "given up", ""),
                       [(h.id, clean(h.other), clean(h.address), f"{h.made_at:%Y-%m-%d %H:%M} UTC", str(h.waiting),
                         str(h.given_up), "withdrawn" if h.withdrawn else "") for h in found], right=(4, 5))


@hooks.command()
@click.argument("number", metavar="WEBHOOK")
def withdraw(call: Call, number: str) -> None:
    """Let nothing come or go by a webhook any more."""
    _terminal().withdraw(call.folder, number)
    if call.json:
        printing.tell({"id": number, "withdrawn": True})
    else:
        say(f"Nothing comes or goes by webhook {clean(number)} any more.")
