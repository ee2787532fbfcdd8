"""Sentences that are made once and said in any language later, with their numbers in that language's form.

A module that says something begins with ``text, counted = phrases("regulars.insight", "rfm")`` and makes sentences by
``text("{share} buy on {day}", share=Share(0.62), day=text("Saturdays"))`` or, where a word hangs on a number,
``counted("{n} customer", "{n} customers", n)``. The message must be a plain string: the catalogs are held to the
source. What stands for a part: a `Sentence`, a `Share`, `Money`, `About`, `Total`, `Own` (a person's own text),
`InLanguages` (a rule in words), `Month`, `Weekday`, a number, a moment, a date, None (unknown) or a list of these.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

from regulars.errors import RegularsError
from regulars.model.catalogs import isolated, read_catalog

if TYPE_CHECKING:
    from regulars.model.figures import Figures


@dataclass(frozen=True)
class Share:
    """A part of a whole, 0 to 1: said in whole percents."""

    value: float


@dataclass(frozen=True)
class Money:
    """An amount that is known, in the shop's currency."""

    value: Decimal | float | None


@dataclass(frozen=True)
class About:
    """An amount that is estimated: three significant digits."""

    value: Decimal | float | None


@dataclass(frozen=True)
class Total:
    """An amount that is known, added up over people: without cents from a thousand on."""

    value: Decimal | float | None


@dataclass(frozen=True)
class Own:
    """A person's own text (a product, a city): never translated, kept apart from the direction around it."""

    value: str


@dataclass(frozen=True)
class InLanguages:
    """What is put into words elsewhere (a rule), as each language says it."""

    by_language: Mapping[str, str]

    @property
    def value(self) -> str:
        """In English."""
        return self.by_language["en"]


@dataclass(frozen=True)
class Month:
    """A month by its number, 1 for January."""

    value: int


@dataclass(frozen=True)
class Weekday:
    """A day of the week by its number, 1 for Monday."""

    value: int


@dataclass(frozen=True)
class Sentence:
    """A phrase of the catalog ``domain`` of ``package`` with its parts; plural by ``number`` where it has ``many``."""

    package: str
    domain: str
    message: str
    parts: Mapping[str, Any] = field(default_factory=dict)
    many: str = ""
    number: float = 0

    def say(self, figures: Figures) -> str:
        """In the figures' language."""
        catalog = read_catalog(self.package, self.domain, figures.locale)
        phrase = catalog.counted(self.message, self.many, self.number) if self.many else catalog.said(self.message)
        return phrase.format(**{name: said(part, figures) for name, part in self.parts.items()})

    def __str__(self) -> str:
        return (self.many if self.many and self.number != 1 else self.message).format(
            **{name: _plainly(part) for name, part in self.parts.items()})


def said(part: Any, figures: Figures) -> str:
    """One part as it stands in a sentence of the figures' language."""
    for kind, say in SAYINGS.items():
        if isinstance(part, kind):
            return say(part, figures)
    return isolated(str(part), figures.locale)


SAYINGS: Mapping[type, Callable[[Any, Figures], str]] = {
    type(None): lambda part, figures: figures.number(None),
    Sentence: lambda part, figures: part.say(figures),
    RegularsError: lambda part, figures: part.say(figures),
    # After Urdu letters a number takes its sign (%, €) to the other side, unless it is kept apart.
    Share: lambda part, figures: isolated(figures.share(part.value), figures.locale),
    Money: lambda part, figures: isolated(figures.money(part.value), figures.locale),
    About: lambda part, figures: isolated(figures.about(part.value), figures.locale),
    Total: lambda part, figures: isolated(figures.total(part.value), figures.locale),
    Own: lambda part, figures: isolated(part.value, figures.locale),
    InLanguages: lambda part, figures: isolated(part.by_language[figures.locale], figures.locale),
    Month: lambda part, figures: figures.month(part.value),
    Weekday: lambda part, figures: figures.weekday(part.value),
    list: lambda part, figures: ("، " if figures.locale == "ur" else ", ").join(said(p, figures) for p in part),
    tuple: lambda part, figures: said(list(part), figures),
    datetime: lambda part, figures: figures.moment(part),
    date: lambda part, figures: figures.day(part),
    bool: lambda part, figures: str(part),
    int: lambda part, figures: figures.number(part),
    float: lambda part, figures: figures.rounded(part, 2),
    Decimal: lambda part, figures: figures.rounded(part, 2),
}
"""In this order: a moment is a date too, and yes or no a number."""


def _plainly(part: Any) -> str:
    if isinstance(part, list | tuple):
        return ", ".join(map(_plainly, part))
    if isinstance(part, int) and not isinstance(part, bool):
        return f"{part:,}"
    return f"{part.value:.0%}" if isinstance(part, Share) else str(getattr(part, "value", part))


Said = Sentence | str
"""A sentence, or a text that stands as it is in every language."""


def written(said: Any) -> Any:
    """A sentence (or a part of one) as JSON, to be read again by `read_back`."""
    if isinstance(said, Sentence):
        parts = {name: written(part) for name, part in said.parts.items()}
        return {"domain": f"{said.package}:{said.domain}", "message": said.message, "many": said.many,
                "number": said.number, "parts": parts}
    if isinstance(said, RegularsError):
        return written(whole(said))
    if isinstance(said, Own):
        return {"own": said.value}
    if isinstance(said, InLanguages):
        return {"in": dict(said.by_language)}
    if isinstance(said, datetime):
        return {"at": said.isoformat()}
    if isinstance(said, Money):
        return {"money": None if said.value is None else str(said.value)}
    if isinstance(said, list | tuple):
        return [written(each) for each in said]
    return said if isinstance(said, str | int | float | bool | None) else str(said)


def whole(error: RegularsError) -> Said:
    """What an error says now, as a sentence."""
    parts = {name: part for name, part in (("what", error.message), ("then", error.hint)) if part}
    if len(parts) < 2:
        return error.message if isinstance(error.message, Sentence) else str(error.message)
    return Sentence("regulars.model", "", " ".join(f"{{{name}}}" for name in parts), parts)


def read_back(data: Any) -> Any:
    """What `written` wrote; a text stays a text."""
    if isinstance(data, list):
        return [read_back(each) for each in data]
    if not isinstance(data, dict):
        return data
    if "own" in data:
        return Own(data["own"])
    if "in" in data:
        return InLanguages(data["in"])
    if "at" in data:
        return datetime.fromisoformat(data["at"])
    if "money" in data:
        return Money(None if data["money"] is None else Decimal(data["money"]))
    package, _, domain = data["domain"].partition(":")
    parts = {name: read_back(part) for name, part in data["parts"].items()}
    return Sentence(package, domain, data["message"], parts, data["many"], data["number"])


def as_text(said: Any) -> str:
    """A sentence or an error as one text, to be read again by `of_text`."""
    data = written(said)
    return data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)


def of_text(text: str) -> Said:
    """What `as_text` wrote; any other text stands as it is."""
    return read_back(json.loads(text)) if text.startswith('{"domain"') else text


class Texting(Protocol):
    def __call__(self, message: str, /, **parts: Any) -> Sentence: ...


class Counting(Protocol):
    def __call__(self, one: str, many: str, n: float, /, **parts: Any) -> Sentence: ...


def phrases(package: str, domain: str) -> tuple[Texting, Counting]:
    """``text`` and ``counted`` of one module, whose catalog is ``locale/<language>/LC_MESSAGES/<domain>.po``."""
    def text(message: str, /, **parts: Any) -> Sentence:
        return Sentence(package, domain, message, parts)

    def counted(one: str, many: str, n: float, /, **parts: Any) -> Sentence:
        return Sentence(package, domain, one, {"n": n, **parts}, many, n)
    return text, counted
