"""What is wrong with a text, and what the grammar would have taken next, in a person's words."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from lark import UnexpectedCharacters, UnexpectedInput

from regulars.errors import RuleError, RuleSyntaxError, UnknownName
from regulars.model.clock import UNITS
from regulars.model.phrases import Said, Sentence
from regulars.rules.refusals import why

WORDS: tuple[tuple[Said, set[str]], ...] = (
    (why("a name"), {"NAME"}),
    (why("a number"), {"NUMBER"}),
    (why("a text in quotes"), {"STRING"}),
    ("true or false", {"TRUE", "FALSE"}),
    (why("a date such as 2026-11-22"), {"MOMENT", "NOW"}),
    (why("a comparison such as = or >="), {"COMPARISON"}),
    ("contains", {"TEXT_TEST"}),
    (why("a window such as {rule}", rule="in last 30 days"),
     {"_LESS", "_MORE", "_BEFORE", "_SINCE", "_FROM", "THIS_PERIOD", "LAST_PERIOD"}),
    ("in (…)", {"_IN"}),
    ("between", {"_BETWEEN"}),
    ("is known", {"_IS"}),
    ("known", {"_KNOWN"}),
    ("where", {"_WHERE"}),
    ("and", {"_AND"}),
    ("or", {"_OR"}),
    ("not", {"_NOT"}),
    ("(", {"_LPAR"}),
    (")", {"_RPAR"}),
    (",", {"_COMMA"}),
    ("%", {"_PERCENT"}),
    ("by", {"_BY"}),
    ("of", {"_OF"}),
    ("for", {"_FOR"}),
    ("after", {"_AFTER_A"}),
    ("every", {"_EVERY"}),
    ("then", {"_THEN"}),
    ("within", {"_WITHIN"}),
    ("ago", {"_AGO"}),
    ("than", {"_THAN"}),
    ("to", {"_TO"}),
    ("last", {"_LAST"}),
    ("next", {"_NEXT"}),
    (why("a unit such as {rule}", rule="days"), {"UNIT"}),
    ("km or mi", {"DISTANCE_UNIT"}),
    (why("the end of the rule"), {"$END"}),
)
A_CONDITION = {"ANY", "STOPPED", "WITHIN", "RANK", "IN_SEGMENT"}
MOST = 7


def in_words(terminals: Iterable[str]) -> tuple[Said, ...]:
    """At most seven expectations, the most telling first."""
    names = set(terminals)
    if names >= A_CONDITION:
        return (why("a condition such as {rule}", rule="count(orders) >= 10"),)
    return tuple(words for words, kinds in WORDS if kinds & names)[:MOST]


UNIT_NAMES = {"UNIT": (*UNITS, *(f"{unit}s" for unit in UNITS)), "DISTANCE_UNIT": ("km", "mi")}
WRITTEN_ELSEWHERE = {"==": "=", "<>": "!=", "=<": "<=", "=>": ">="}
A_PERIOD = re.compile(r"\bin\s+((?:last|this)\s+(?:week|month|quarter|year))", re.IGNORECASE)
A_DATE = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}")


def explained(error: UnexpectedInput, text: str, accepted: set[str]) -> RuleError:
    """The error as a person is told it: where, what was expected of the ``accepted``, and the nearest known unit."""
    position = error.pos_in_stream if error.pos_in_stream is not None else len(text)
    expected = in_words(accepted)
    token = getattr(error, "token", None)
    if not isinstance(error, UnexpectedCharacters) and (token is None or token.type == "$END"):
        return RuleSyntaxError(why("The rule ends too early."), position=len(text), expected=expected,
                               hint=_expecting(expected))
    if isinstance(error, UnexpectedCharacters) and text[position] in "'\"":
        return RuleSyntaxError(why("The text that begins at position {position} is not closed.",
                                   position=position + 1), position=position, length=len(text) - position,
                               expected=expected)
    word = re.match(r"\w+", text[position:])
    found = str(token) if token is not None else text[position]
    unit = _unknown_unit(word[0], position, accepted) if word else None
    return unit or RuleSyntaxError(why("{found} at position {position} cannot stand here.", found=_shown(found),
                                       position=position + 1), position=position, length=len(found),
                                   expected=expected, hint=_hint(text, position, found, accepted))


def _shown(found: str) -> Said:
    return repr(found[:40]) if found.isprintable() else why("The character {code}", code=f"U+{ord(found[0]):04X}")


def _unknown_unit(word: str, position: int, accepted: set[str]) -> UnknownName | None:
    """Where a unit could stand, a word that is nearly one, or that could be nothing else."""
    for kind, names in UNIT_NAMES.items():
        near = difflib.get_close_matches(word.lower(), names, n=1) if kind in accepted else []
        if near or accepted == {kind}:
            expected = UNITS if kind == "UNIT" else names
            hint = why("Did you mean {near}?", near=near[0]) if near else why("Write one of {known}.", known=expected)
            return UnknownName(why("There is no unit called '{word}'.", word=word[:40]), position=position,
                               length=len(word), expected=expected, hint=hint)
    return None


def _hint(text: str, position: int, found: str, accepted: set[str]) -> Sentence | None:
    if any(m.start() <= position < m.end() for m in A_DATE.finditer(text)):
        return why("Write a date as year-month-day, such as 2026-11-22.")
    if text[max(position - 1, 0):position + 1] in WRITTEN_ELSEWHERE:
        return why("Write {rule}.", rule=WRITTEN_ELSEWHERE[text[position - 1:position + 1]])
    period = A_PERIOD.search(text, 0, position + len(found))
    if period and period.end() == position + len(found):
        return why("Write {rule}.", rule=period[1].lower())
    if "STRING" in accepted and re.fullmatch(r"[^\W\d][\w.]*", found):
        return why("Write text in quotes: '{text}'.", text=found[:40])
    return _expecting(in_words(accepted))


def _expecting(expected: tuple[Said, ...]) -> Sentence | None:
    if not expected:
        return None
    *others, last = expected
    return why("Expected {others} or {last}.", others=others, last=last) if others else why("Expected {last}.",
                                                                                            last=last)
