"""What the visual builder is drawn from: kinds of nodes and the shop's names, each called as sentences call it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from regulars.errors import WrongType
from regulars.model.types import Type
from regulars.rules import Vocabulary
from regulars.rules.constructs.functions import FUNCTIONS, Function
from regulars.rules.schema import PERIODS, schema
from regulars.rules.vocabulary import Fact
from regulars.rules.words import Words

KINDS = {
    "compare": gettext_noop("a value compared"), "between": gettext_noop("a value between two"),
    "in_list": gettext_noop("a value among several"), "text_test": gettext_noop("a text that contains"),
    "known": gettext_noop("a value that is known"), "flag": gettext_noop("yes or no"),
    "in_window": gettext_noop("a moment in a time"), "any": gettext_noop("has any"), "no": gettext_noop("has no"),
    "stopped": gettext_noop("stopped"), "restarted": gettext_noop("came back"),
    "regularly": gettext_noop("does so regularly"), "sequence": gettext_noop("one after another"),
    "anniversary": gettext_noop("a yearly day"), "near": gettext_noop("lives near"),
    "in_segment": gettext_noop("is in a segment"), "rank": gettext_noop("is in the top or bottom"),
    "sample": gettext_noop("a stable sample"), "everyone": gettext_noop("everyone"),
    "and": gettext_noop("all of these"), "or": gettext_noop("any of these"), "not": gettext_noop("not"),
    "attribute": gettext_noop("known of the customer"), "aggregate": gettext_noop("counted from rows"),
    "in_last": gettext_noop("in the last"), "in_next": gettext_noop("in the next"),
    "between_ago": gettext_noop("between … ago"), "more_than_ago": gettext_noop("more than … ago"),
    "less_than_ago": gettext_noop("less than … ago"), "before": gettext_noop("before"), "after": gettext_noop("after"),
    "since_moment": gettext_noop("since"), "from_to": gettext_noop("from … to"), "period": gettext_noop("a period"),
    "place": gettext_noop("a place by name"), "point": gettext_noop("latitude and longitude"),
}
"""What each kind of node is called where one is chosen; one without a name is called by its kind."""
CHOICES = {
    "count": gettext_noop("number of"), "sum": gettext_noop("sum of"), "avg": gettext_noop("average of"),
    "min": gettext_noop("lowest"), "max": gettext_noop("highest"), "median": gettext_noop("median of"),
    "first": gettext_noop("earliest"), "last": gettext_noop("most recent"),
    "distinct": gettext_noop("number of different"), "favourite": gettext_noop("most frequent"),
    "share": gettext_noop("share of"), "gap": gettext_noop("average days between"),
    "since": gettext_noop("days since"), "minute": gettext_noop("minutes"), "hour": gettext_noop("hours"),
    "day": gettext_noop("days"), "week": gettext_noop("weeks"), "month": gettext_noop("months"),
    "year": gettext_noop("years"), "km": gettext_noop("km"), "mi": gettext_noop("miles"),
    "top": gettext_noop("top"), "bottom": gettext_noop("bottom"), "contains": gettext_noop("contains"),
    "starts with": gettext_noop("starts with"), "ends with": gettext_noop("ends with"),
    "matches": gettext_noop("matches the pattern"), "=": "=", "!=": "≠", ">=": "≥", "<=": "≤", ">": ">", "<": "<",
}
PARTS = {
    "negated": gettext_noop("not so"), "without": gettext_noop("and then none"), "where": gettext_noop("only where"),
    "window": gettext_noop("when"), "then": gettext_noop("then"), "first": gettext_noop("first"),
    "last": gettext_noop("last"), "low": gettext_noop("from"), "high": gettext_noop("to"),
    "duration": gettext_noop("how long"), "amount": gettext_noop("how many"), "unit": gettext_noop("unit"),
    "least": gettext_noop("at least"), "periods": gettext_noop("of the last"), "percent": gettext_noop("percent"),
    "salt": gettext_noop("name of the sample"), "distance": gettext_noop("distance"), "place": gettext_noop("of"),
    "value": gettext_noop("value"), "operator": gettext_noop("comparison"), "literal": gettext_noop("with"),
    "items": gettext_noop("these"), "item": gettext_noop("what"), "pattern": gettext_noop("text"),
    "test": gettext_noop("how"), "end": gettext_noop("which end"), "selection": gettext_noop("rows"),
    "fact": gettext_noop("kind of rows"), "column": gettext_noop("column"), "name": gettext_noop("name"),
    "function": gettext_noop("function"), "moment": gettext_noop("moment"), "latitude": gettext_noop("latitude"),
    "longitude": gettext_noop("longitude"), "nearest": gettext_noop("from"), "farthest": gettext_noop("to"),
    "word": gettext_noop("moment"), "at": gettext_noop("day"),
}
TEXTS = {
    "and": gettext_noop("and"), "or": gettext_noop("or"),
    "add": gettext_noop("Add a condition"), "group": gettext_noop("Add brackets"), "remove": gettext_noop("Remove"),
    "condition": gettext_noop("Condition"), "kind": gettext_noop("Kind of condition"), "yes": gettext_noop("yes"),
    "no": gettext_noop("no"), "always": gettext_noop("at any time"), "all": gettext_noop("all of them"),
    "another": gettext_noop("Another"), "negate": gettext_noop("Not"), "a day": gettext_noop("a day"),
    "an instant": gettext_noop("a day and time"), "removed": gettext_noop("The condition is removed."),
    "completions": gettext_noop("What may come next"), "at least one": gettext_noop("A rule needs a condition."),
}


def drawn_from(vocabulary: Vocabulary, language: str) -> dict[str, Any]:
    """Everything the builder's script needs, in the reader's language, JSON-able."""
    words, instant = Words(language, vocabulary), TEXTS["an instant"]
    return {
        "kinds": [asdict(kind) | {"label": _(KINDS.get(kind.kind, kind.kind))} for kind in schema()],
        "choices": {word: _(label) for word, label in CHOICES.items()} | {p: words.phrase(p) for p in PERIODS}
        | {"now": words.phrase("now"), "instant": _(instant)},
        "parts": {name: _(label) for name, label in PARTS.items()},
        "texts": {name: _(label) for name, label in TEXTS.items()},
        "attributes": [{"name": name, "label": words.name(name), "type": field.type.value}
                       for name, field in vocabulary.attributes.items()],
        "facts": [_fact(fact, words) for fact in vocabulary.facts.values()],
        "functions": {name: {"column": does.needs_column, "gives": _gives(does)} for name, does in FUNCTIONS.items()},
        "segments": list(vocabulary.segments),
    }


def _gives(does: Function) -> str:
    """The type of what a function of rows gives: "column" where it is the column's own."""
    if not does.needs_column:
        return does.result(None, does.name, 0).value
    try:
        return "column" if does.result(Type.DATE, does.name, 0) is Type.DATE else "number"
    except WrongType:
        return "number"


def _fact(fact: Fact, words: Words) -> dict[str, Any]:
    inside = words.inside(fact.name)
    return {"name": fact.name, "label": words.rows(fact.name),
            "columns": [{"name": name, "label": inside.name(name), "type": field.type.value}
                        for name, field in fact.columns.items()]}
