"""``regulars campaign goals`` and ``goal``: what a campaign is judged by, where that is no order."""

from __future__ import annotations

import click

from regulars.cli import printing
from regulars.cli.call import Call, Verb
from regulars.cli.printing import Figures, clean, say

GOAL = click.option("--goal", default="", metavar="RULE", help="What is to happen, if no order: see campaign goals.")
AN_ORDER = "order"


@click.command(cls=Verb)
def goals(call: Call) -> None:
    """Goals that this shop's facts can tell of; any other is written as a rule of any(…) without a window."""
    with call.shop() as shop:
        found, figures = shop.campaigns.goals(), Figures(shop.settings)
    if call.json:
        printing.tell([{"goal": each.rule or AN_ORDER, "said": figures.say(each.said)} for each in found])
    else:
        printing.table(("goal", "is"), [(clean(each.rule or AN_ORDER), clean(figures.say(each.said)))
                                        for each in found])


@click.command(cls=Verb)
@click.argument("name")
@click.argument("rule")
def goal(call: Call, name: str, rule: str) -> None:
    """Judge a draft by RULE, such as "any(events where name = 'Booked')"; order is an order again."""
    with call.shop() as shop:
        wanted = "" if rule.strip().casefold() == AN_ORDER else rule
        saved = shop.campaigns.goal(name, wanted, now=shop.moment())
        said = Figures(shop.settings).say(shop.campaigns.goals.said(saved.goal))
    if call.json:
        printing.tell(saved)
    else:
        say(f"{clean(saved.name)} is judged by {clean(said)}, within {saved.window_days} days.")


__all__ = ["AN_ORDER", "GOAL", "goal", "goals"]
