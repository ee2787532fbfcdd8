"""What the grammar would have taken next, in a person's words."""

from __future__ import annotations

from collections.abc import Iterable

WORDS = {
    "a name": {"NAME"},
    "a number": {"NUMBER"},
    "a text in quotes": {"STRING"},
    "true or false": {"TRUE", "FALSE"},
    "a date such as 2026-11-22": {"MOMENT", "NOW"},
    "a comparison such as = or >=": {"COMPARISON"},
    "contains": {"TEXT_TEST"},
    "a window such as in last 30 days": {"_LESS", "_MORE", "_BEFORE", "_SINCE", "_FROM", "THIS_PERIOD", "LAST_PERIOD"},
    "in (…)": {"_IN"},
    "between": {"_BETWEEN"},
    "is known": {"_IS"},
    "known": {"_KNOWN"},
    "where": {"_WHERE"},
    "and": {"_AND"},
    "or": {"_OR"},
    "not": {"_NOT"},
    "(": {"_LPAR"},
    ")": {"_RPAR"},
    ",": {"_COMMA"},
    "%": {"_PERCENT"},
    "by": {"_BY"},
    "of": {"_OF"},
    "for": {"_FOR"},
    "after": {"_AFTER_A"},
    "every": {"_EVERY"},
    "then": {"_THEN"},
    "within": {"_WITHIN"},
    "ago": {"_AGO"},
    "than": {"_THAN"},
    "to": {"_TO"},
    "last": {"_LAST"},
    "next": {"_NEXT"},
    "a unit such as days": {"UNIT"},
    "km or mi": {"DISTANCE_UNIT"},
    "the end of the rule": {"$END"},
}
A_CONDITION = {"ANY", "STOPPED", "WITHIN", "RANK", "IN_SEGMENT"}
MOST = 7


def in_words(terminals: Iterable[str]) -> tuple[str, ...]:
    """At most seven expectations, the most telling first."""
    names = set(terminals)
    if names >= A_CONDITION:
        return ("a condition such as count(orders) >= 10",)
    return tuple(words for words, kinds in WORDS.items() if kinds & names)[:MOST]
