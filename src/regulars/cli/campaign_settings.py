"""``regulars campaign settings``: of the gate, and of each way out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from regulars.cli import printing
from regulars.cli.call import Call, Verb
from regulars.cli.printing import clean


@click.command(cls=Verb)
@click.argument("what", default="gate")
@click.option("--set", "values", multiple=True, metavar="NAME=VALUE",
              help="Change one; @FILE takes the text of a file.")
def settings(call: Call, what: str, values: Sequence[str]) -> None:
    """Those of WHAT: gate (who may be written to, how often, when), or a channel such as email."""
    said = dict(map(_pair, values))
    with call.shop() as shop:
        found = shop.campaigns.set(what, said) if said else shop.campaigns.settings(what)
    if call.json:
        printing.tell(found)
    else:
        printing.pairs({name: clean(str(value)) for name, value in found.items()})


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise click.UsageError(f"--set takes NAME=VALUE, not {text!r}.")
    if value.startswith("@"):
        path = Path(value[1:])
        if not path.is_file():
            raise click.UsageError(f"There is no file {path}.")
        value = path.read_text(encoding="utf-8")
    return name.strip(), value
