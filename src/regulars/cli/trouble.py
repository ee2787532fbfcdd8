"""How an error is told: one line of what happened, one of what to do; on a terminal a rule's error is pointed at."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from regulars.cli.printing import clean, width
from regulars.errors import RegularsError, RuleError

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


def tell_of_rule(found: InRule) -> None:
    """On a terminal the rule with a caret under what is wrong; else the place as a number."""
    error, position = found.error, found.error.position
    if position is None or not 0 <= position <= len(found.rule):
        tell_of(error)
    elif sys.stderr.isatty():
        _point(found.rule, position, error.length)
        tell_of(error)
    else:
        said = "" if "position" in error.message else f" (at character {position + 1})"
        tell_of(f"{error.message}{said}", error.hint)


def tell_of(error: RegularsError | str, hint: str | None = None) -> None:
    """Tell of an error on standard error: one line, and one more where there is something to do about it."""
    said = error
    if isinstance(error, RegularsError):
        said, hint = error.message, error.hint
    click.echo(f"{click.style('Error:', fg='red', bold=True)} {_one_line(str(said))}", err=True)
    if hint:
        click.echo(f"{' ' * 7}{_one_line(hint)}", err=True)


def _one_line(text: str) -> str:
    return clean(" ".join(text.split()))


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
