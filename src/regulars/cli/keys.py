"""``regulars keys``: who may use the HTTP API, and for what."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from regulars.cli import printing
from regulars.cli.call import Call, Verbs
from regulars.cli.printing import clean, say

keys = Verbs("keys", help="Make and withdraw keys of the HTTP API.")


def _terminal() -> Any:
    # The pages' framework takes half a second to load: other commands do without.
    return import_module("regulars.app.api.terminal")


@keys.command()
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, required=True, metavar="SCOPE",
              help="What it may do, such as segments:read; may be given several times.")
def add(call: Call, name: str, scopes: tuple[str, ...]) -> None:
    """Make a key, and print it this once."""
    number, token = _terminal().add(call.folder, name, scopes)
    if call.json:
        printing.tell({"id": number, "name": name, "scopes": sorted(set(scopes)), "key": token})
    else:
        say(f"Key {number}, {clean(name)}. It is shown this once; send it as: Authorization: Bearer KEY")
        say(token)


@keys.command("list")
def list_(call: Call) -> None:
    """The keys there are, without what to send as them."""
    found = _terminal().listed(call.folder)
    if call.json:
        printing.tell(found)
    elif not found:
        say("There are no keys. Make one with: regulars keys add NAME --scope segments:read")
    else:
        printing.table(("key", "name", "may", "made", ""),
                       [(str(k.id), clean(k.name), ", ".join(k.scopes), f"{k.made_at:%Y-%m-%d %H:%M} UTC",
                         "withdrawn" if k.withdrawn else "") for k in found])


@keys.command()
@click.argument("number", type=int, metavar="KEY")
def withdraw(call: Call, number: int) -> None:
    """Let a key open nothing any more."""
    _terminal().withdraw(call.folder, number)
    if call.json:
        printing.tell({"id": number, "withdrawn": True})
    else:
        say(f"Key {number} opens nothing any more.")
