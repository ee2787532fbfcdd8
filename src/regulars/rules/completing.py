"""What may come next in a rule that is being written: words of the grammar, names of the shop.

The text before the cursor is read as far as it goes; what the grammar would accept there says which words, and the
innermost open bracket says whose names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from lark import UnexpectedInput

from regulars.errors import RuleError
from regulars.model.clock import UNITS
from regulars.rules.constructs.functions import FUNCTIONS
from regulars.rules.parser import LONGEST, grammar
from regulars.rules.subjects import fold
from regulars.rules.vocabulary import Fact, Vocabulary

MOST = 60
WORD = re.compile(r"[^\W\d][\w.]*$|'[^']*$|\"[^\"]*$")
TOKEN = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|(?:--|#)[^\n]*|[()]|[^\W\d][\w.]*|[^\s\w()'\"]+|\d+")
VERBS = ("any", "no", "stopped", "restarted", "regularly", "sequence")
KEYWORDS: Mapping[str, tuple[str, ...]] = {
    "_OR": ("or",), "_AND": ("and",), "_NOT": ("not",), "_WHERE": ("where",), "_IS": ("is known", "is not known"),
    "_BETWEEN": ("between",), "TEXT_TEST": ("contains", "starts with", "ends with", "matches"), "_FOR": ("for",),
    "COMPARISON": ("=", "!=", ">=", "<=", ">", "<"), "_LAST": ("last",), "_NEXT": ("next",), "_AGO": ("ago",),
    "_MORE": ("more than",), "_LESS": ("less than",), "_THAN": ("than",), "_BEFORE": ("before",), "_AFTER": ("after",),
    "_SINCE": ("since",), "_FROM": ("from",), "_TO": ("to",), "_EVERY": ("every",), "_OF": ("of",), "_THEN": ("then",),
    "_WITHIN": ("within",), "_BY": ("by",), "_KNOWN": ("known",), "TODAY": ("today",), "YESTERDAY": ("yesterday",),
    "NOW": ("now",), "TRUE": ("true",), "FALSE": ("false",), "THIS_PERIOD": ("this week", "this month", "this year"),
    "LAST_PERIOD": ("last week", "last month", "last year"), "UNIT": tuple(f"{u}s" for u in UNITS),
    "DISTANCE_UNIT": ("km", "mi"), "WITHIN": ("within 10 km of",), "IN_SEGMENT": ("in segment",),
    "RANK": ("top 10% by", "bottom 10% by"), "SAMPLE": ("sample 10%",), "EVERYONE": ("everyone",),
    "ANNIVERSARY": ("anniversary(",), "ANY": ("any(",), "NO": ("no(",), "STOPPED": ("stopped(",),
    "RESTARTED": ("restarted(",), "REGULARLY": ("regularly(",), "SEQUENCE": ("sequence(",)}


@dataclass(frozen=True)
class Completion:
    """``text`` takes the place of the last ``replaces`` characters before the cursor; ``kind`` says what it is."""

    text: str
    kind: str
    note: str = ""
    replaces: int = 0


@dataclass(frozen=True)
class Asked:
    """What stands before the cursor: the ``fact`` whose columns are spoken of, the ``name`` a value is wanted for."""

    fact: str | None = None
    selecting: bool = False
    name: str | None = None
    segment: bool = False
    place: bool = False


def completions(text: str, vocabulary: Vocabulary) -> tuple[list[Completion], Asked]:
    """What may stand at the end of ``text``, and what values (of the data) are wanted there, if any."""
    if len(text) > LONGEST:
        return [], Asked()
    word = (WORD.search(text) or [""])[0]
    before = text[:len(text) - len(word)]
    asked = _asked(before, vocabulary)
    accepted = _accepted(before)
    found = list(_names(accepted, asked, vocabulary)) if not word.startswith(("'", '"')) else []
    if "STRING" in accepted and asked.segment:
        found = [Completion(_quoted(name), "segment") for name in vocabulary.segments]
    elif not word.startswith(("'", '"')):
        found += [Completion(w, "word") for w in _words(accepted, asked)]
    begun = fold(word.strip("'\""))
    chosen = [c for c in found if fold(c.text.strip("'")).startswith(begun)]
    chosen += [c for c in found if begun and begun in fold(c.text) and c not in chosen]
    return [Completion(c.text, c.kind, c.note, len(word)) for c in chosen[:MOST]], asked


def _accepted(before: str) -> set[str]:
    """The terminals the grammar would take after ``before``; empty where it is wrong already."""
    reading = grammar().parse_interactive(before)
    try:
        for _ in reading.iter_parse():
            pass
        return set(reading.accepts())  # type: ignore[no-untyped-call]
    except (UnexpectedInput, RuleError):
        return set()


def _words(accepted: Iterable[str], asked: Asked) -> Iterator[str]:
    terminals = set(accepted)
    for terminal, words in KEYWORDS.items():
        if terminal in terminals and not (asked.fact and not asked.selecting and terminal in OF_CUSTOMERS):
            yield from words
    if "_IN" in terminals:
        yield from ("in last 30 days",) if "_MORE" in terminals else ()
        yield from ("in (",)


OF_CUSTOMERS = frozenset({"ANY", "NO", "STOPPED", "RESTARTED", "REGULARLY", "SEQUENCE", "ANNIVERSARY", "WITHIN",
                          "IN_SEGMENT", "RANK", "SAMPLE", "EVERYONE"})
"""What has no place inside ``where``."""


def _names(accepted: set[str], asked: Asked, vocabulary: Vocabulary) -> Iterator[Completion]:
    if "NAME" not in accepted:
        return
    if asked.selecting:
        for fact in vocabulary.facts.values():
            yield Completion(fact.name, "fact")
            yield from (Completion(f"{fact.name}.{c}", "column", f.note) for c, f in fact.columns.items() if c != "at")
    elif asked.fact:
        columns = vocabulary.fact(asked.fact).columns
        yield from (Completion(name, "column", field.note) for name, field in columns.items())
    else:
        yield from (Completion(f"{name}(", "function") for name in FUNCTIONS)
        yield from (Completion(name, "attribute", field.note) for name, field in vocabulary.attributes.items())


def _asked(before: str, vocabulary: Vocabulary) -> Asked:
    """Read the tokens once: a stack of open brackets, each with the fact it selects from, once it is named."""
    tokens = [m[0] for m in TOKEN.finditer(before) if not m[0].startswith(("--", "#"))]
    open_: list[Asked] = [Asked()]
    for i, token in enumerate(tokens):
        word, last = token.lower(), tokens[i - 1].lower() if i else ""
        if token == "(":
            open_.append(Asked(selecting=True) if last in VERBS or last in FUNCTIONS else Asked(open_[-1].fact))
        elif token == ")":
            open_ = open_[:-1] or [Asked()]
        elif open_[-1].selecting and _fact(word, vocabulary) is not None:
            open_[-1] = Asked(word.partition(".")[0])
        elif word == "then":
            open_[-1] = Asked(selecting=True)
    return _wanted(tokens, open_[-1]) if tokens else Asked()


def _wanted(tokens: list[str], inside: Asked) -> Asked:
    """Whether a value, a segment's name or a place is what comes next."""
    last, before_last = tokens[-1].lower(), tokens[-2].lower() if len(tokens) > 1 else ""
    if last == "segment" and before_last == "in":
        return Asked(inside.fact, segment=True)
    if last == "of" and before_last in ("km", "mi"):
        return Asked(inside.fact, place=True)
    if last in ("=", "!=") or last in ("contains", "matches") or (last == "with" and before_last in ("starts", "ends")):
        return Asked(inside.fact, name=_subject(tokens, last))
    if last in ("(", ",") and "in" in [t.lower() for t in tokens]:
        return Asked(inside.fact, name=_listed(tokens))
    return inside


def _subject(tokens: list[str], last: str) -> str | None:
    rest = [t for t in tokens[:-2 if last == "with" else -1] if t.lower() != "not"]
    return rest[-1] if rest and re.fullmatch(r"[^\W\d][\w.]*", rest[-1]) else None


def _listed(tokens: list[str]) -> str | None:
    """The name before ``in (`` of a list that is still open."""
    for i in range(len(tokens) - 1, 0, -1):
        if tokens[i] == "(":
            known = tokens[i - 1].lower() == "in"
            rest = [t for t in tokens[:i - 1] if t.lower() != "not"]
            return rest[-1] if known and rest else None
        if tokens[i] == ")":
            return None
    return None


def _fact(word: str, vocabulary: Vocabulary) -> Fact | None:
    return vocabulary.facts.get(word.partition(".")[0])


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
