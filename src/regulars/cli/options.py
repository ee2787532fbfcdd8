"""Options that several verbs share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import click

from regulars.errors import Refused
from regulars.model.settings import LANGUAGES
from regulars.shop import Shop

AS_OF = click.option("--as-of", metavar="MOMENT", help="Judge at this moment, such as 2026-11-22T14:30; a bare date is"
                     " its first moment.  [default: now]")
LANG = click.option("--lang", type=click.Choice(LANGUAGES), help="The language to answer in.  [default: the shop's]")
IDS = click.option("--ids", is_flag=True, help="One customer id a line, sorted, and nothing else.")


def read_moment(shop: Shop, text: str | None) -> datetime:
    """A moment as it was written, in naive UTC; one that is none is wrong use."""
    try:
        return shop.moment(text)
    except Refused as error:
        raise click.UsageError(str(error)) from error


def aware(moment: datetime) -> datetime:
    """The same for `Shop`'s own methods, which read a datetime without zone as the shop's wall time."""
    return moment.replace(tzinfo=UTC)


def ids_out(who: Iterable[str]) -> None:
    """One a line."""
    text = "\n".join(who)
    if text:
        click.echo(text)
