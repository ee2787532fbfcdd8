"""``regulars customers same``: who may be the same person, and what is to be done about it."""

from __future__ import annotations

import click

from regulars.cli import printing, progress
from regulars.cli.call import Call, Verbs
from regulars.cli.options import LANG
from regulars.cli.printing import Figures, clean, say
from regulars.errors import Refused
from regulars.intake.same import saying
from regulars.intake.same.kept import Pair
from regulars.intake.same.kinds import KINDS
from regulars.model.phrases import phrases
from regulars.shop import Shop
from regulars.shop.customers import Person

text, counted = phrases("regulars.cli", "same")
same = Verbs("same", help="Who may be the same person: look, and say what they are.")
KIND = click.Choice([k.code for k in KINDS])
JOIN, APART = "regulars customers merge KEPT ABSORBED", "regulars customers same apart ONE OTHER"
CERTAIN = click.Choice([k.code for k in KINDS if k.certain])


@same.command("list")
@click.option("--kind", type=KIND, default=None, help="Only those of one kind.")
@click.option("--customer", default="", metavar="CUSTOMER", help="Only those with one customer.")
@click.option("--most", type=click.IntRange(1), default=20, show_default=True, help="How many at most.")
@LANG
def list_(call: Call, kind: str | None, customer: str, most: int, lang: str | None) -> None:
    """Look, and list pairs that may be one person, the surest first, with what speaks for and against it."""
    with call.shop() as shop:
        figures, now = Figures(shop.settings, lang or ""), shop.moment()
        with progress.shown(figures, "customers") as report:
            shop.customers.same.look(now, report, join=False)
        whose = shop.customers.id_of(customer, now=now) if customer else ""
        found = shop.customers.same.list(now, kind=kind or "", customer=whose, most=most)
        every = sum(c.pairs for c in shop.customers.same.counts(now) if c.kind == (kind or c.kind))
        people = {p.customer_id: p for p in shop.customers.people([c for p in found for c in (p.one, p.other)],
                                                                  now=now)}
    if call.json:
        printing.tell([{**printing.plain(pair), "grade": pair.grade} for pair in found])
    elif not found:
        say(figures.say(text("No two customers look like one person.")))
    else:
        for pair in found:
            _show(pair, people, figures)
        if not customer:
            say(figures.say(counted("{n} pair in all.", "{n} pairs in all.", every)))
        say(figures.say(text("To join two: {join}. They are two: {apart}.", apart=APART, join=JOIN)))


def _show(pair: Pair, people: dict[str, Person], figures: Figures) -> None:
    printing.title(f"{_named(people[pair.one])} · {_named(people[pair.other])} · "
                   f"{figures.say(saying.grade(pair))}")
    say(f"  {figures.say(saying.kind(pair.kind))} ({pair.kind})")
    for sentence in saying.evidence(pair):
        say(f"  {figures.say(sentence)}")


def _named(person: Person) -> str:
    known = person.name or person.email or person.phone
    return clean(f"{person.customer_id} ({known})" if known else person.customer_id)


@same.command()
@LANG
def look(call: Call, lang: str | None) -> None:
    """Look at everybody, and join pairs of the kinds that are joined by themselves."""
    with call.shop() as shop:
        figures, now = Figures(shop.settings, lang or ""), shop.moment()
        with progress.shown(figures, "customers") as report:
            done = shop.customers.same.look(now, report)
        counts = shop.customers.same.counts(now)
    if call.json:
        printing.tell({"looked": done, "kinds": counts})
        return
    headers = [figures.say(h) for h in (text("kind"), text("what"), text("almost certain"), text("likely"),
                                        text("possible"), text("by itself"))]
    printing.table(headers, [
        (c.kind, figures.say(saying.kind(c.kind)), figures.number(c.sure), figures.number(c.likely),
         figures.number(c.possible), figures.value(c.by_itself if c.certain else None) if c.certain else "–")
        for c in counts], right=(2, 3, 4))
    if done.joined:
        say(figures.say(counted("{n} customer was joined to another.", "{n} customers were joined to others.",
                                done.joined)))
    if done.left_out:
        say(figures.say(counted("{n} name, number or address is shared by too many to say anything.",
                                "{n} names, numbers or addresses are shared by too many to say anything.",
                                done.left_out)))


@same.command()
@click.argument("one")
@click.argument("other")
def apart(call: Call, one: str, other: str) -> None:
    """ONE and OTHER are two: they are not suggested again, and no file joins them."""
    _decide(call, one, other, "apart")


@same.command()
@click.argument("one")
@click.argument("other")
def later(call: Call, one: str, other: str) -> None:
    """Ask about ONE and OTHER again in a month."""
    _decide(call, one, other, "later")


def _decide(call: Call, one: str, other: str, what: str) -> None:
    with call.shop() as shop:
        getattr(shop.customers.same, what)(one, other, shop.moment(), by="command line")
        figures = Figures(shop.settings)
    if call.json:
        printing.tell({"one": one, "other": other, "what": what})
    else:
        say(figures.say(text("They are two, and are not suggested again.") if what == "apart"
                        else text("They are suggested again in a month.")))


@same.command("join-all")
@click.argument("kind", type=CERTAIN)
@click.option("--yes", is_flag=True, help="Do not ask.")
def join_all(call: Call, kind: str, yes: bool) -> None:
    """Join all pairs of a KIND that are almost certain; each can be taken back."""
    with call.shop() as shop:
        figures, now = Figures(shop.settings), shop.moment()
        shop.customers.same.look(now, join=False)
        _ask(shop, kind, yes, figures)
        done = shop.customers.same.join_all(kind, now)
    if call.json:
        printing.tell(done)
    else:
        say(figures.say(counted("{n} customer was joined to another.", "{n} customers were joined to others.",
                                len(done))))
        for each in done[:5]:
            say(f"{clean(each.absorbed)} → {clean(each.kept)}   regulars customers unmerge {each.merge_id}")


def _ask(shop: Shop, kind: str, yes: bool, figures: Figures) -> None:
    """Raises `Refused` where the person would rather not."""
    ready = next(c.ready for c in shop.customers.same.counts(shop.moment()) if c.kind == kind)
    if ready and not yes and not click.confirm(figures.say(counted("Join {n} pair?", "Join {n} pairs?", ready)),
                                               err=True):
        raise Refused(text("Nobody was joined."))


@same.command()
@click.argument("kind", type=CERTAIN)
@click.option("--on/--off", default=True, help="From now on, or no more.  [default: on]")
def rule(call: Call, kind: str, on: bool) -> None:
    """Have pairs of a KIND that are almost certain joined by themselves, at each look, or no more."""
    with call.shop() as shop:
        figures, now = Figures(shop.settings), shop.moment()
        if on:
            shop.customers.same.look(now, join=False)
        shop.customers.same.rule(kind, on, now, by="command line")
        done = shop.customers.same.join_all(kind, now) if on else ()
    if call.json:
        printing.tell({"kind": kind, "on": on, "joined": done})
    elif on:
        say(figures.say(counted("They are joined by themselves from now on; {n} customer was joined now.",
                                "They are joined by themselves from now on; {n} customers were joined now.",
                                len(done))))
    else:
        say(figures.say(text("They are joined by themselves no more.")))
