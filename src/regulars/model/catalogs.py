"""Translations: ``locale/<language>/LC_MESSAGES/<domain>.po`` of a room, as they are. English is the message id."""

from __future__ import annotations

import gettext
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from babel.messages.pofile import read_po

from regulars.errors import NotFound
from regulars.model.languages import LANGUAGES

RIGHT_TO_LEFT = frozenset({"ur"})
ISOLATE, POP = "\u2068", "\u2069"
DIRECTIONS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Catalog:
    """``texts``: (context, message) -> its forms; ``plural`` gives the index of the form for a whole number."""

    texts: dict[tuple[str | None, str], tuple[str, ...]]
    plural: Callable[[int], int]

    def said(self, message: str, context: str | None = None) -> str:
        """The message itself where there is no translation."""
        return self.texts.get((context, message), (message,))[0]

    def counted(self, one: str, many: str, number: float, context: str | None = None) -> str:
        """The form for ``number``; one that is not whole takes the last form."""
        forms = self.texts.get((context, one)) or (one, many)
        index = self.plural(int(number)) if number == int(number) else len(forms) - 1
        return forms[min(index, len(forms) - 1)]


@lru_cache(maxsize=256)
def read_catalog(package: str, domain: str, language: str) -> Catalog:
    """The catalog ``domain`` of a package; raises `NotFound` for a language that is not spoken."""
    if language not in LANGUAGES:
        raise NotFound(f"Language {language!r} is not spoken here.", hint=f"Choose {', '.join(LANGUAGES)}.")
    path = files(package).joinpath(f"locale/{language}/LC_MESSAGES/{domain}.po")
    if language == "en" or not path.is_file():
        return Catalog({}, lambda n: int(n != 1))
    with path.open("rb") as file:
        catalog = read_po(file, locale=language)
    texts: dict[tuple[str | None, str], tuple[str, ...]] = {}
    for message in catalog:
        key = message.id if isinstance(message.id, str) else message.id[0]
        strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
        if key and all(strings):
            texts[message.context, key] = tuple(str(s) for s in strings)
    return Catalog(texts, gettext.c2py(catalog.plural_expr))


def isolated(text: str, language: str) -> str:
    """A person's own text, kept apart from the direction of the sentence around it.

    Signs of direction within it are taken off: they could end the isolation and turn the rest of the sentence.
    """
    text = DIRECTIONS.sub("", text)
    return f"{ISOLATE}{text}{POP}" if language in RIGHT_TO_LEFT else text
