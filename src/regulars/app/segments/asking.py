"""A rule as it is being written: what it means, how many it is true of, or what is wrong with it and where."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from regulars.app.refusals import why
from regulars.errors import RuleError, said
from regulars.model.figures import Figures
from regulars.model.phrases import Sentence
from regulars.rules import When, from_json, to_json
from regulars.rules.never import never
from regulars.rules.tree import Condition
from regulars.segments.evaluate import Preview
from regulars.shop import Shop
from regulars.shop.customers import Person

AROUND = 30
"""Characters shown on either side of what is wrong."""


@dataclass(frozen=True)
class Wrong:
    """What is wrong: the ``word`` it concerns with a little of the text around it, "" where it has no place."""

    message: str
    hint: str
    position: int
    length: int
    before: str = ""
    word: str = ""
    after: str = ""


@dataclass(frozen=True)
class Asked:
    """An answered rule, or a wrong one: then only ``text`` and ``wrong`` are there. ``never``: why nobody can be in."""

    text: str
    wrong: Wrong | None = None
    canonical: str = ""
    sentence: str = ""
    tree: Any = None
    preview: Preview | None = None
    people: tuple[Person, ...] = ()
    never: Sentence | None = None


def asked(shop: Shop, text: str, now: datetime, figures: Figures, *, count: bool = True) -> Asked:
    """Read the rule and, with ``count``, ask it of the shop; a wrong one raises nothing."""
    try:
        evaluator = shop.segments.evaluator
        tree = evaluator.read(text, evaluator.vocabulary())
        preview = evaluator.preview(tree, now, earned=True) if count else None
        people = tuple(shop.customers.people(preview.sample, now=now)) if preview else ()
        return Asked(text, None, tree.text(), shop.sentence(tree, figures.locale), to_json(tree), preview, people,
                     never(tree, When(now, shop.settings.zone)))
    except RuleError as error:
        return Asked(text, wrong(error, text, figures))


def of_tree(shop: Shop, data: str, figures: Figures) -> Asked:
    """The rule of a tree in JSON; one that is no tree, or does not fit the shop, is wrong."""
    try:
        tree: Condition = from_json(json.loads(data))
    except RuleError as error:
        return Asked("", wrong(error, "", figures))
    except (ValueError, RecursionError):
        return Asked("", Wrong(said(why("This is not the tree of a rule."), figures), "", 0, 0))
    return asked(shop, tree.text(), shop.moment(), figures, count=False)


def wrong(error: RuleError, text: str, figures: Figures) -> Wrong:
    """The error with the word it concerns."""
    message, hint = said(error.message, figures), said(error.hint, figures)
    if error.position is None or error.position < 0 or not text:
        return Wrong(message, hint, -1, 0)
    start = min(error.position, len(text))
    end = min(start + max(error.length, 1), len(text))
    return Wrong(message, hint, start, end - start, text[max(start - AROUND, 0):start],
                 text[start:end] or " ", text[end:end + AROUND])
