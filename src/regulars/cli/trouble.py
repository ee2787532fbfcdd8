"""How an error is told: one line of what happened, one of what to do; on a terminal a rule's error is pointed at."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from regulars.cli.printing import Figures, clean, width
from regulars.errors import RegularsError, RuleError
from regulars.model.phrases import Sentence, phrases
from regulars.model.settings import Settings, load

text, counted = phrases("regulars.cli", "trouble")
AROUND = 60
"""So many characters of a long rule are shown on each side of the wrong word."""


class InRule(Exception):
    """A rule's error together with the text it speaks of."""

    def __init__(self, rule: str, error: RuleError) -> None:
        super().__init__(str(error))
        self.rule = rule
        self.error = error


@contextmanager
def reading(rule: str) -> Iterator[None]:
    """In the block, errors of a rule are those of this text."""
    try:
        yield
    except RuleError as error:
        raise InRule(rule, error) from error


def figures_of(folder: Path, language: str | None) -> Figures:
    """The shop's, in the language asked for, else the shop's own; English where there is no shop."""
    try:
        return Figures(load(folder), language or "")
    except RegularsError:
        return Figures(Settings(), language or "")


ENGLISH = Figures(Settings())


def tell_of_rule(found: InRule, figures: Figures = ENGLISH) -> None:
    """On a terminal the rule with a caret under what is wrong; else the place as a number."""
    error, position = found.error, found.error.position
    if position is None or not 0 <= position <= len(found.rule):
        tell_of(error, figures)
    elif sys.stderr.isatty():
        _point(found.rule, position, error.length)
        tell_of(error, figures)
    elif isinstance(error.message, Sentence) and "position" in error.message.parts:
        tell_of(error, figures)
    else:
        what = text("{error} (at character {position})", error=error.message, position=position + 1)
        tell_of(RegularsError(what, hint=error.hint, command=error.command), figures)


def tell_of(error: RegularsError, figures: Figures = ENGLISH) -> None:
    """Tell of an error on standard error: one line, and one more where there is something to do about it."""
    prefix = figures.say(text("Error:"))
    _echo(f"{click.style(prefix, fg='red', bold=True)} {_one_line(figures.say(error.message))}")
    then = [figures.say(error.hint)] if error.hint else []
    if error.command:
        then.append(figures.say(text("With: {command}", command=clean(error.command))))
    if then:
        _echo(f"{' ' * (width(prefix) + 1)}{_one_line(' '.join(then))}")


def _echo(line: str) -> None:
    click.echo(line, err=True)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _point(rule: str, position: int, length: int) -> None:
    """The line of the rule that is wrong, and a caret under each wrong character."""
    begin = rule.rfind("\n", 0, position) + 1
    line = rule[begin:].split("\n", 1)[0]
    at = position - begin
    first = max(0, at - AROUND)
    shown = clean(line[first:at + AROUND])
    dots = "… " if first else ""
    before = dots + clean(line[first:at])
    carets = "^" * max(1, min(width(clean(line[at:at + length])), width(shown) - width(clean(line[first:at])) or 1))
    click.echo(f"  {dots}{shown}", err=True)
    click.echo(f"  {' ' * width(before)}{click.style(carets, fg='red', bold=True)}", err=True)
