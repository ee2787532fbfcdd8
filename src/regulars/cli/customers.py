"""``regulars customers``: the people, one by one."""

from __future__ import annotations

import click

from regulars.cli import asking, printing
from regulars.cli.call import Call, Verbs
from regulars.cli.options import AS_OF, IDS, ids_out, read_moment
from regulars.cli.printing import Figures, clean, say
from regulars.errors import Refused
from regulars.model.figures import NOTHING
from regulars.shop.customers import Profile

customers = Verbs("customers", help="Find, show, merge and erase customers.")


@customers.command()
@click.argument("text")
@IDS
def find(call: Call, text: str, ids: bool) -> None:
    """Customers with TEXT in a name, an address or number, or with this id or order."""
    with call.shop() as shop:
        found, figures = shop.customers.find(text, now=shop.moment()), Figures(shop.settings)
    if ids:
        ids_out(sorted(p.customer_id for p in found))
    elif call.json:
        printing.tell(found)
    elif not found:
        say(f"Nobody has {clean(text)!r} in a name, an address or a number, and no customer or order has this id.")
    else:
        asking.show_people(found, figures)


@customers.command()
@click.argument("customer_id", metavar="CUSTOMER")
@AS_OF
def show(call: Call, customer_id: str, as_of: str | None) -> None:
    """All that is known of one customer: values, segments with since when, orders."""
    with call.shop() as shop:
        found = shop.customers.show(customer_id, now=read_moment(shop, as_of))
        figures = Figures(shop.settings)
    if call.json:
        printing.tell(found)
    else:
        _show(found, figures)


def _show(found: Profile, figures: Figures) -> None:
    who = found.person
    printing.title(f"{clean(who.customer_id)}  {clean(who.name or who.email or '')}")
    say(f"{figures.counted(who.orders, 'order')}, {figures.money(who.spent)}, "
        f"the last {figures.moment(who.last_order_at)}, as of {figures.moment(found.now)}")
    say()
    printing.pairs({clean(name): figures.value(value) for name, value in found.values.items()})
    if found.identities:
        say()
        printing.table(("known by", "value"), [(clean(kind), clean(value)) for kind, value in found.identities])
    if found.segments:
        say()
        printing.table(("segment", "since", "until", "why"), [
            (clean(m.segment), figures.moment(m.since), figures.moment(m.until), m.why) for m in found.segments])
    if found.orders:
        say()
        printing.table(("order", "when", "status", "channel", "pieces", "total"), [
            (clean(o.order_id), figures.moment(o.at), (o.status or NOTHING) + ("" if o.counted else " (not counted)"),
             clean(o.channel or NOTHING), figures.number(o.items), figures.money(o.total)) for o in found.orders],
            right=(4, 5))
    for merge in found.merges:
        say(f"{merge.merge_id}: {clean(merge.absorbed)} was merged into {clean(merge.kept)} ({clean(merge.reason)})")


@customers.command()
@click.argument("kept")
@click.argument("absorbed")
def merge(call: Call, kept: str, absorbed: str) -> None:
    """Make one of two: KEPT gets all that is ABSORBED's."""
    with call.shop() as shop:
        done = shop.customers.merge(kept, absorbed, now=shop.moment())
    if call.json:
        printing.tell(done)
    else:
        say(f"{clean(done.absorbed)} is part of {clean(done.kept)} now. To take it back: "
            f"regulars customers unmerge {done.merge_id}")


@customers.command()
@click.argument("merge_id", metavar="MERGE")
def unmerge(call: Call, merge_id: str) -> None:
    """Take a merge back, by its id or by the customer who was absorbed."""
    with call.shop() as shop:
        done = shop.customers.unmerge(merge_id, now=shop.moment())
    if call.json:
        printing.tell(done)
    else:
        say(f"{clean(done.absorbed)} and {clean(done.kept)} are two customers again.")


@customers.command()
@click.argument("customer_id", metavar="CUSTOMER")
@click.option("--yes", is_flag=True, help="Do not ask: this cannot be taken back.")
def erase(call: Call, customer_id: str, yes: bool) -> None:
    """Remove a person everywhere, and keep anonymous totals."""
    with call.shop() as shop:
        person = shop.customers.show(customer_id, now=shop.moment()).person
        who = f"{person.customer_id} ({person.name or person.email or 'no name'})"
        if not yes and not click.confirm(f"Erase {clean(who)} everywhere? This cannot be taken back", err=True):
            raise Refused(f"{who} was not erased.")
        done = shop.customers.erase(person.customer_id)
    if call.json:
        printing.tell(done)
        return
    gone = ", ".join(f"{n} {table}" for table, n in done.removed.items())
    kept = ", ".join(f"{n} {table}" for table, n in done.made_nobodys.items())
    say(f"{clean(done.customer_id)} is erased. Removed: {gone}. Kept as nobody's: {kept or 'nothing'}.")
    for name in done.files:
        say(f"! files/{clean(name)} may still name them: look, and delete it.", fg="yellow")
    say("Earlier backups still hold them: erase there too, or delete those.")


@customers.command()
def suggestions(call: Call) -> None:
    """Pairs that may be one person, for you to judge."""
    with call.shop() as shop:
        found = shop.customers.suggestions()
    if call.json:
        printing.tell([{"customers": [a, b], "both": both} for a, b, both in found])
    elif not found:
        say("No two customers look like one person.")
    else:
        printing.table(("customer", "customer", "both are"), [tuple(map(clean, row)) for row in found])
        say("To join two: regulars customers merge KEPT ABSORBED")
