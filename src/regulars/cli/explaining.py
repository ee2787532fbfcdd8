"""An explanation as a person reads it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import click

from regulars.cli.printing import Figures, clean, say
from regulars.rules.explain import Explanation
from regulars.shop.customers import Person

STEP = "  "


def show(found: Explanation, person: Person, moment: datetime, figures: Figures) -> None:
    """Whether the rule is true of the customer, then each condition with its value, since when, and what comes."""
    who = clean(f"{person.customer_id} {person.name or ''}".strip())
    say(f"{'True' if found.holds else 'Not true'} of {who}, as of {figures.moment(moment)}:", bold=True)
    for line in _lines(found, figures, 1):
        say(line)


def _lines(found: Explanation, figures: Figures, depth: int) -> Iterator[str]:
    sign = click.style("✓ true ", fg="green") if found.holds else click.style("✗ false", fg="red")
    yield f"{STEP * depth}{sign}  {clean(found.sentence)}"
    yield f"{STEP * depth}{' ' * 9}{'; '.join(_facts(found, figures))}"
    for part in found.parts:
        yield from _lines(part, figures, depth + 1)


def _facts(found: Explanation, figures: Figures) -> Iterator[str]:
    # A plain "true" says no more than the sign in front of it.
    if not found.parts and not isinstance(found.value, bool):
        yield f"value: {figures.value(found.value)}"
    if found.hangs_on_others:
        yield "since when, and until when, hangs on what others do"
        return
    yield f"since {figures.moment(found.since)}" if found.since else "always so"
    yield (f"becomes {'false' if found.holds else 'true'} on {figures.moment(found.changes_at)} by time alone"
           if found.changes_at else "time alone does not change it")
