"""Asking one rule: who it is true of, what it means, why it is true of somebody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from regulars.cli import explaining, printing
from regulars.cli.call import Call, Verb
from regulars.cli.options import AS_OF, IDS, LANG, aware, ids_out, read_moment
from regulars.cli.printing import Figures, clean, say, spoken
from regulars.cli.trouble import reading
from regulars.model.phrases import Own, phrases
from regulars.rules import format as canonical
from regulars.rules import parse, to_json

if TYPE_CHECKING:
    from regulars.shop.customers import Person

text, counted = phrases("regulars.cli", "asking")


@click.command(cls=Verb)
@click.argument("rule")
@AS_OF
@IDS
@LANG
def preview(call: Call, rule: str, as_of: str | None, ids: bool, lang: str | None) -> None:
    """How many a rule is true of, and ten of them."""
    with call.shop() as shop, reading(rule):
        moment = read_moment(shop, as_of)
        if ids:
            ids_out(shop.members(rule, now=aware(moment))["customer_id"].to_pylist())
            return
        seen, figures = shop.preview(rule, now=aware(moment)), Figures(shop.settings, lang or "")
        people, sentence = shop.customers.people(seen.sample, now=moment), shop.sentence(rule, lang)
    if call.json:
        printing.tell({"rule": seen.rule, "sentence": sentence, "as_of": moment, "count": seen.count,
                       "everyone": seen.everyone, "share": seen.share, "sample": people})
        return
    say(figures.say(text("{sentence}.", sentence=Own(spoken(sentence)))))
    say(figures.say(counted("{some} of {n} customer ({share}), as of {moment}",
                            "{some} of {n} customers ({share}), as of {moment}", seen.everyone, some=seen.count,
                            share=figures.percent(seen.share), moment=moment)), bold=True)
    if people:
        say()
        show_people(people, figures)


def show_people(people: Sequence[Person], figures: Figures) -> None:
    """A line each: who, where, what they bought."""
    if people:
        headers = (text("customer"), text("name"), text("city"), text("orders"), text("spent"), text("last order"))
        printing.table([figures.say(header) for header in headers], [
            (clean(p.customer_id), clean(p.name or p.email or ""), clean(p.city or ""), figures.number(p.orders),
             figures.money(p.spent), figures.moment(p.last_order_at)) for p in people], right=(3, 4))


@click.command(cls=Verb)
@click.argument("rule")
@click.option("--customer", metavar="ID", help="Why it is true of this customer, or is not.")
@LANG
@AS_OF
def explain(call: Call, rule: str, customer: str | None, lang: str | None, as_of: str | None) -> None:
    """What a rule means, as a sentence; with --customer, each condition with its value and since when."""
    with call.shop() as shop, reading(rule):
        moment, figures = read_moment(shop, as_of), Figures(shop.settings, lang or "")
        sentence = shop.sentence(rule, lang)
        if customer is None:
            if call.json:
                printing.tell({"rule": canonical(rule), "sentence": sentence})
            else:
                say(spoken(sentence))
            return
        person = shop.customers.people([shop.customers.id_of(customer, now=moment)], now=moment)[0]
        found = shop.explain(rule, person.customer_id, now=aware(moment), language=lang)
    if call.json:
        printing.tell({"customer_id": person.customer_id, "as_of": moment, **found.to_json()})
    else:
        explaining.show(found, person, moment, figures)


@click.command("format", cls=Verb)
@click.argument("rule")
def format_(call: Call, rule: str) -> None:
    """The canonical text of a rule."""
    with reading(rule):
        text = canonical(rule)
    if call.json:
        printing.tell({"rule": text})
    else:
        click.echo(text)


@click.command(cls=Verb)
@click.argument("rule")
def tree(call: Call, rule: str) -> None:
    """The tree of a rule as JSON."""
    with reading(rule):
        printing.tell(to_json(parse(rule)))
