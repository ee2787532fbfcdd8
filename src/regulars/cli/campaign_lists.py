"""``regulars campaign files``, ``file``, ``calls`` and ``outcome``: campaigns that go out by hand."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from regulars.cli import printing
from regulars.cli.call import Call, Verb
from regulars.cli.printing import Figures, clean, say
from regulars.outreach import reasons

NAME = click.argument("name")


@click.command(cls=Verb)
@NAME
def files(call: Call, name: str) -> None:
    """What can be made of a campaign that goes by phone, post or upload, and when it was last made."""
    with call.shop() as shop:
        forms, taken, figures = shop.lists.forms(name), shop.lists.taken(name), Figures(shop.settings)
        size = shop.lists.size(name)
    if call.json:
        printing.tell([{"file": f.file, "on_list": size, "taken": asdict(taken[f.file]) if f.file in taken else None}
                       for f in forms])
    elif not forms:
        say("It goes out by itself: there is nothing to make of it.")
    else:
        say(f"{figures.number(size)} people are on the list.")
        printing.table(("file", "what", "last made"), [
            (f.file, figures.say(f.title), figures.moment(taken[f.file].at) if f.file in taken else "never")
            for f in forms])


@click.command(cls=Verb)
@NAME
@click.argument("file")
@click.option("--out", type=click.Path(path_type=Path), help="Where it is written.  [default: its name]")
@click.option("--new", is_flag=True, help="Only who was put on the list since it was last made.")
@click.option("--lang", default="", help="The language of what is printed.  [default: the shop's]")
def file(call: Call, name: str, file: str, out: Path | None, new: bool, lang: str) -> None:
    """Make FILE (labels.pdf, calls.csv …) of those on the list who may still be reached."""
    with call.shop() as shop:
        taken = shop.lists.taken(name).get(file)
        made = shop.lists.make(name, file, shop.moment(), after=taken.last if new and taken else 0, language=lang)
        figures = Figures(shop.settings)
    path = out or Path(made.name)
    path.write_bytes(made.data)
    if call.json:
        printing.tell({"file": str(path), "rows": made.rows, "passed_over": made.passed_over,
                       "left_out": made.left_out})
        return
    say(f"{clean(str(path))} tells of {figures.number(made.rows)} people.")
    rows = [("lack what it needs", made.passed_over)] if made.passed_over else []
    rows += [(figures.say(reasons.said(code)), n) for code, n in made.left_out.items()]
    if rows:
        printing.table(("left out of it", "people"), [(what, figures.number(n)) for what, n in rows], right=(1,))


@click.command(cls=Verb)
@NAME
@click.option("--most", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many are shown.")
def calls(call: Call, name: str, most: int) -> None:
    """Who is still to be called, with the number and the script."""
    with call.shop() as shop:
        found = shop.lists.to_call(name, shop.moment(), most)
    if call.json:
        printing.tell([{"delivery": c.parcel.delivery, "customer_id": c.parcel.customer_id, "name": c.parcel.name,
                        "phone": c.phone, "script": c.parcel.text, "outcome": c.outcome} for c in found])
    elif not found:
        say("Nobody is left to call.")
    else:
        printing.table(("delivery", "name", "phone", "say"), [
            (str(c.parcel.delivery), clean(c.parcel.name), clean(c.phone), clean(c.parcel.text)) for c in found])


@click.command(cls=Verb)
@NAME
@click.argument("delivery", type=int)
@click.argument("kind", metavar="replied|not_reached|redeemed|unsubscribed|bounced")
@click.option("--note", default="", help="A few words about the call.")
def outcome(call: Call, name: str, delivery: int, kind: str, note: str) -> None:
    """Write down what came of a call: a fact of the customer, and who wants no more calls gets none."""
    with call.shop() as shop:
        shop.lists.outcome(name, delivery, kind, shop.moment(), note)
        shop.campaigns.settle(shop.moment())
    if call.json:
        printing.tell({"delivery": delivery, "outcome": kind})
    else:
        say("It is written down.")
