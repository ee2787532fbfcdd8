"""How a rule is said: whole phrases with places for their parts, so that each language orders them its own way.

The English phrases in the constructs and in this module are the message ids. Translations stand in
``locale/<language>/LC_MESSAGES/rules.po``, read as they are. Contexts (``msgctxt``):

- none            phrases of the constructs, with ``{places}``
- ``duration``    a length of time in one kind of phrase, plural by ``{n}``: "in the last {n} day"
- ``rows``        the name of a kind of fact, as it stands in "number of {rows}" (Russian: genitive plural)
- ``rows present`` the same as it stands in "has {rows}" (Russian: nominative plural)
- ``distance``    a number of miles, plural by ``{n}``, as it stands in "lives within {distance}"
- ``aggregate``   a function of rows
- ``attribute``   the name of something known of a customer
- ``column``      the name of a column of a fact
- ``comparison``  "{what} is at least {value}"
- ``value``       a value that is a word of the model, as it stands in quotes

``messages()`` lists every message there is; a test holds the catalogs to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, localcontext
from functools import reduce
from typing import Any

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from regulars.model.catalogs import Catalog, isolated, read_catalog
from regulars.model.clock import UNITS
from regulars.model.settings import LANGUAGES
from regulars.rules.labels import (
    AGGREGATES,
    ATTRIBUTES,
    COLUMNS,
    COMPARISONS,
    DURATIONS,
    MILES,
    MOMENT_COMPARISONS,
    PHRASES,
    ROWS,
    VALUES,
)
from regulars.rules.scores import TOLD_AS
from regulars.rules.tree import Literal, Moment
from regulars.rules.vocabulary import Vocabulary


@dataclass(frozen=True)
class Words:
    """One language, and where names are looked up."""

    language: str
    vocabulary: Vocabulary
    fact: str | None = None
    rows_context: str = "rows"

    def present(self) -> Words:
        """The words where rows are said to be there, as in "has {rows}"."""
        return replace(self, rows_context="rows present")

    def inside(self, fact: str) -> Words:
        """The words inside a selection of ``fact``."""
        return replace(self, fact=fact)

    def phrase(self, message: str, **parts: str) -> str:
        return self._said(message, None).format(**parts)

    def name(self, name: str) -> str:
        """An attribute, or inside a selection a column; what the shop named itself is said as the shop wrote it."""
        if self.fact is not None:
            label, context = COLUMNS.get(name), "column"
        else:
            label, context = self._told_as(name) or ATTRIBUTES.get(name), "attribute"
        return self._said(label, context) if label else self._own(name)

    def _told_as(self, name: str) -> str | None:
        """What the analysis that kept a score calls it, where that says more than the score's name."""
        known = self.vocabulary.attributes.get(name)
        return known.note if known and known.note in TOLD_AS else None

    def _own(self, name: str) -> str:
        known = self.vocabulary.attributes.get(name) if self.fact is None else None
        return self.isolated(known.note if known and known.note else name.replace("_", " "))

    def rows(self, fact: str) -> str:
        return self._said(ROWS[fact], self.rows_context)

    def selection(self, fact: str, where: str | None, window: str | None) -> str:
        if where is None:
            return self.phrase("{rows} {window}", rows=self.rows(fact), window=window) if window else self.rows(fact)
        if window is None:
            return self.phrase("{rows} where {where}", rows=self.rows(fact), where=where)
        return self.phrase("{rows} {window} where {where}", rows=self.rows(fact), window=window, where=where)

    def aggregate(self, function: str, column: str | None, rows: str) -> str:
        return self._said(AGGREGATES[function], "aggregate").format(rows=rows, column=column)

    def comparison(self, sign: str, what: str, literal: Literal, column: str = "") -> str:
        """``column`` is what is compared, where it is one of a fact."""
        if isinstance(literal, bool) and sign in ("=", "!="):
            return self.phrase("{what}: yes" if literal is (sign == "=") else "{what}: no", what=what)
        said = MOMENT_COMPARISONS.get(sign) if isinstance(literal, Moment) else None
        phrase = self._said(said or COMPARISONS[sign], "comparison")
        return phrase.format(what=what, value=self.literal(literal, column))

    def duration(self, kind: str, amount: Decimal, unit: str, low: Decimal | None = None) -> str:
        """A length of time in one of the ``DURATIONS``' phrases."""
        one, many = duration_message(kind, unit)
        return self._plural(one, many, amount, "duration").format(
            n=self.number(amount), low=None if low is None else self.number(low))

    def all_of(self, conditions: Sequence[str], bracketed: Sequence[bool]) -> str:
        return self._joined("{one} and {other}", conditions, bracketed)

    def any_of(self, conditions: Sequence[str], bracketed: Sequence[bool]) -> str:
        return self._joined("{one} or {other}", conditions, bracketed)

    def either_item(self, items: Sequence[str]) -> str:
        return reduce(lambda one, other: self.phrase("{one}, {other}", one=one, other=other), items)

    def _joined(self, message: str, conditions: Sequence[str], bracketed: Sequence[bool]) -> str:
        said = [self.group(c) if b else c for c, b in zip(conditions, bracketed, strict=True)]
        return reduce(lambda one, other: self.phrase(message, one=one, other=other), said)

    def group(self, condition: str) -> str:
        return f"({condition})"

    def quote(self, text: str) -> str:
        """A person's own text, kept apart from the direction of the sentence around it."""
        return self.phrase("“{text}”", text=self.isolated(text))

    def isolated(self, text: str) -> str:
        return isolated(text, self.language)

    def number(self, number: Decimal) -> str:
        with localcontext(prec=60):  # Babel rounds in the context it finds; the language has numbers of 28 digits
            return str(format_decimal(number, locale=self.language, decimal_quantization=False))

    def percent(self, percent: Decimal) -> str:
        return self.phrase("{number}%", number=self.number(percent))

    def distance(self, distance: Decimal, unit: str) -> str:
        if unit == "km":
            return self.phrase("{number} km", number=self.number(distance))
        return self._plural(*MILES, distance, "distance").format(n=self.number(distance))

    def moment(self, moment: Moment) -> str:
        if moment.word in ("today", "yesterday", "now"):
            return self.phrase(moment.word)
        parsed = datetime.fromisoformat(moment.at or "")
        if moment.word == "day":
            return self.isolated(str(format_date(parsed, "long", locale=self.language)))
        return self.isolated(str(format_datetime(parsed, "long", locale=self.language, tzinfo=parsed.tzinfo)
                                 if parsed.tzinfo else format_datetime(parsed, "medium", locale=self.language)))

    def literal(self, literal: Literal, column: str = "") -> str:
        if isinstance(literal, str) and literal.casefold() in VALUES.get((self.fact or "", column.casefold()), ()):
            return self.quote(self._said(literal.casefold(), "value"))
        if isinstance(literal, bool):
            return self.phrase("yes" if literal else "no")
        if isinstance(literal, Moment):
            return self.moment(literal)
        return self.quote(literal) if isinstance(literal, str) else self.number(literal)

    def _said(self, message: str, context: str | None) -> str:
        return _catalog(self.language).said(message, context)

    def _plural(self, one: str, many: str, amount: Decimal, context: str) -> str:
        return _catalog(self.language).counted(one, many, float(amount), context)


def _catalog(language: str) -> Catalog:
    return read_catalog("regulars.rules", "rules", language)


def duration_message(kind: str, unit: str) -> tuple[str, str]:
    """Singular and plural message of one kind of phrase for one unit."""
    one, many = (template.format(n="{n}", low="{low}", unit=unit) for template in DURATIONS[kind])
    return one, many


def messages() -> Iterator[tuple[str | None, str, str | None]]:
    """(context, message, plural or None) of everything that can be said."""
    for kind in DURATIONS:
        for unit in UNITS:
            one, many = duration_message(kind, unit)
            yield "duration", one, many
    yield "distance", *MILES
    named = (("rows", ROWS), ("rows present", ROWS), ("aggregate", AGGREGATES), ("attribute", ATTRIBUTES),
             ("column", COLUMNS), ("comparison", COMPARISONS),
             ("comparison", MOMENT_COMPARISONS), ("value", {v: v for known in VALUES.values() for v in known}))
    for context, names in named:
        for message in dict.fromkeys(names.values()):
            yield context, message, None
    for message in TOLD_AS:
        yield "attribute", message, None
    for message in PHRASES:
        yield None, message, None


def sentence(rule: Any, language: str, vocabulary: Vocabulary) -> str:
    """The rule as a plain sentence of a language."""
    said = str(rule.say(Words(language, vocabulary)))
    return said[:1].upper() + said[1:]


__all__ = ["LANGUAGES", "Words", "messages", "sentence"]
