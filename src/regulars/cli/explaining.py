"""An explanation as a person reads it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import click

from regulars.cli.printing import Figures, clean, say, spoken, width
from regulars.model.phrases import Own, Sentence, phrases
from regulars.rules.explain import Explanation

if TYPE_CHECKING:
    from regulars.shop.customers import Person

text, counted = phrases("regulars.cli", "explaining")
STEP = "  "


def show(found: Explanation, person: Person, moment: datetime, figures: Figures) -> None:
    """Whether the rule is true of the customer, then each condition with its value, since when, and what comes."""
    who = Own(clean(f"{person.customer_id} {person.name or ''}".strip()))
    say(figures.say(text("True of {who}, as of {moment}:", who=who, moment=moment) if found.holds else
                    text("Not true of {who}, as of {moment}:", who=who, moment=moment)), bold=True)
    for line in _lines(found, figures, 1):
        say(line)


def _lines(found: Explanation, figures: Figures, depth: int) -> Iterator[str]:
    signs = {holds: f"{mark} {figures.say(word)}" for holds, mark, word in
             ((True, "✓", text("true")), (False, "✗", text("false")))}
    widest = max(map(width, signs.values()))
    sign = signs[found.holds] + " " * (widest - width(signs[found.holds]))
    yield f"{STEP * depth}{click.style(sign, fg='green' if found.holds else 'red')}  {spoken(found.sentence)}"
    yield f"{STEP * depth}{' ' * (widest + 2)}{'; '.join(figures.say(fact) for fact in _facts(found, figures))}"
    for part in found.parts:
        yield from _lines(part, figures, depth + 1)


def _facts(found: Explanation, figures: Figures) -> Iterator[Sentence]:
    # A plain "true" says no more than the sign in front of it.
    if not found.parts and not isinstance(found.value, bool):
        yield text("value: {value}", value=figures.value(found.value))
    if found.hangs_on_others:
        yield text("since when, and until when, hangs on what others do")
        return
    if found.since_unknown:
        yield text("since when is not looked into: there are too many facts")
    else:
        yield text("since {moment}", moment=found.since) if found.since else text("always so")
    if found.change_unknown:
        yield text("when time alone changes it is not looked into: there are too many facts")
    elif not found.changes_at:
        yield text("time alone does not change it")
    elif found.holds:
        yield text("becomes false on {moment} by time alone", moment=found.changes_at)
    else:
        yield text("becomes true on {moment} by time alone", moment=found.changes_at)
