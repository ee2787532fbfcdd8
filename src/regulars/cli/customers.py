"""``regulars customers``: the people, one by one."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

import click

from regulars.cli import asking, printing
from regulars.cli.call import Call, Verbs
from regulars.cli.options import AS_OF, IDS, LANG, ids_out, read_moment
from regulars.cli.printing import Figures, clean, say
from regulars.cli.same import same
from regulars.errors import Refused
from regulars.model.figures import NOTHING
from regulars.model.phrases import Money, Own, Sentence, phrases
from regulars.segments import memberships
from regulars.shop.customers import Membership, Order, Profile

text, counted = phrases("regulars.cli", "customers")
customers = Verbs("customers", help="Find, show, merge and erase customers.")


@customers.command()
@click.argument("wanted", metavar="TEXT")
@IDS
@LANG
def find(call: Call, wanted: str, ids: bool, lang: str | None) -> None:
    """Customers with TEXT in a name, an address or number, or with this id or order."""
    with call.shop() as shop:
        found, figures = shop.customers.find(wanted, now=shop.moment()), Figures(shop.settings, lang or "")
    if ids:
        ids_out(sorted(p.customer_id for p in found))
    elif call.json:
        printing.tell(found)
    elif not found:
        say(figures.say(text("Nobody has {wanted} in a name, an address or a number, and no customer or order has this "
                             "id.", wanted=Own(repr(clean(wanted))))))
    else:
        asking.show_people(found, figures)


@customers.command()
@click.argument("customer_id", metavar="CUSTOMER")
@AS_OF
@LANG
def show(call: Call, customer_id: str, as_of: str | None, lang: str | None) -> None:
    """All that is known of one customer: values, segments with since when, orders."""
    with call.shop() as shop:
        found = shop.customers.show(customer_id, now=read_moment(shop, as_of))
        figures = Figures(shop.settings, lang or "")
    if call.json:
        printing.tell(found)
    else:
        _show(found, figures)


def _since(membership: Membership, figures: Figures) -> str:
    """Whoever was in at the first look may have been in before."""
    if membership.why != memberships.FIRST_LOOK:
        return figures.moment(membership.since)
    return figures.say(text("{moment} or earlier", moment=membership.since))


def _show(found: Profile, figures: Figures) -> None:
    who = found.person
    printing.title(f"{clean(who.customer_id)}  {clean(who.name or who.email or '')}")
    say(figures.say(counted("{n} order, {spent}, the last {last}, as of {now}",
                            "{n} orders, {spent}, the last {last}, as of {now}", who.orders, spent=Money(who.spent),
                            last=who.last_order_at, now=found.now)))
    say()
    printing.pairs({clean(name): figures.value(value) for name, value in found.values.items()})
    if found.identities:
        say()
        printing.table(_headers(figures, text("known by"), text("value")),
                       [(clean(kind), clean(value)) for kind, value in found.identities])
    if found.segments:
        say()
        printing.table(_headers(figures, text("segment"), text("since"), text("until"), text("why")), [
            (clean(m.segment), _since(m, figures), figures.moment(m.until), figures.say(WHY.get(m.why, m.why)))
            for m in found.segments])
    _show_orders(found.orders, figures)
    for merge in found.merges:
        say(figures.say(text("{merge}: {absorbed} was merged into {kept} ({reason})", merge=Own(merge.merge_id),
                             absorbed=Own(merge.absorbed), kept=Own(merge.kept), reason=Own(merge.reason))))


def _show_orders(orders: Sequence[Order], figures: Figures) -> None:
    if not orders:
        return
    say()
    headers = _headers(figures, text("order"), text("when"), text("status"), text("channel"), text("pieces"),
                       text("total"))
    printing.table(headers, [
        (clean(o.order_id), figures.moment(o.at), _status(o, figures), clean(o.channel or NOTHING),
         figures.number(o.items), figures.money(o.total)) for o in orders], right=(4, 5))


def _status(order: Order, figures: Figures) -> str:
    status = order.status or NOTHING
    return status if order.counted else figures.say(text("{status} (not counted)", status=Own(status)))


def _headers(figures: Figures, *names: Sentence) -> list[str]:
    return [figures.say(name) for name in names]


WHY = {memberships.FIRST_LOOK: text("first look"), memberships.NEW_RULE: text("new rule"),
       memberships.CHANGE: text("facts or time")}
"""Why somebody became a member."""


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
        # The pages' framework takes half a second to load: other commands do without.
        import_module("regulars.app.customers.terminal").forget(shop.folder, shop.customers.ids(person.customer_id))
        done = shop.customers.erase(person.customer_id, now=shop.moment())
    if call.json:
        printing.tell(done)
        return
    gone = ", ".join(f"{n} {table}" for table, n in done.removed.items())
    kept = ", ".join(f"{n} {table}" for table, n in done.made_nobodys.items())
    say(f"{clean(done.customer_id)} is erased. Removed: {gone}. Kept as nobody's: {kept or 'nothing'}.")
    for name in done.files:
        say(f"! files/{clean(name)} may still name them: look, and delete it.", fg="yellow")
    if done.traces:
        say("! Bytes of theirs may be left in the free places of the facts' file, until the shop is next opened with "
            "nobody else at it and room on the disk.", fg="yellow")
    say("Earlier backups still hold them: erase there too, or delete those.")


customers.add_command(same)
