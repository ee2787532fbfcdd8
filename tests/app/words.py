"""The pages' texts and their catalogs: ``python -m tests.app.words`` prints what each folder still lacks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

from regulars.app.discovery import folders, home

PLURALS = {"id": 1, "ur": 2, "ru": 3}
LANGUAGES = tuple(PLURALS)
KEYWORDS = {"_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None, "ngettext": (1, 2),
            "ngettext_lazy": (1, 2), "pgettext": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3)}
PLACES = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
SCRIPTS = {"id": re.compile("[a-z]"), "ur": re.compile("[\u0600-\u06ff]"), "ru": re.compile("[\u0400-\u04ff]")}
SAME = frozenset({"SMS", "Checkout", "km", "E-mail", "CSV", "vCard", "Link"})
"""Texts that may be the same in another language."""

Texts = dict[str, str | None]
"""Message to its plural, None where it has none."""


@cache
def wanted(folder: Path) -> Texts:
    """Every text of a folder's code and templates."""
    found: Texts = {}
    for path in sorted(folder.rglob("*.py")):
        if "migrations" not in path.parts:
            found |= _texts(path.read_bytes())
    for path in sorted((*folder.rglob("*.html"), *folder.rglob("*.txt"))):
        found |= _texts(_as_code(path.read_text(encoding="utf-8")).encode())
    return found


def _as_code(template: str) -> str:
    """A template's texts as Python, its lines set flush left: Babel reads indentation."""
    return "\n".join(line.strip() for line in templatize(template).splitlines())


def _texts(source: bytes) -> Texts:
    found: Texts = {}
    for _, message, _, _ in extract("python", BytesIO(source), KEYWORDS):
        one, *many = (message,) if isinstance(message, str) else [m for m in message if m]
        if one:
            found[one] = many[0] if many else None
    return found


def catalog(folder: Path, language: str) -> Catalog:
    path = folder / f"locale/{language}/LC_MESSAGES/django.po"
    if not path.is_file():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


@cache
def known(language: str) -> dict[str, Message]:
    """Every message of every folder's catalog: a text said in two folders is translated in one."""
    return {message.id if isinstance(message.id, str) else message.id[0]: message
            for folder in folders() for message in catalog(home(folder), language) if message.id}


def faults(folder: Path, language: str) -> Iterator[str]:
    """Everything wrong with the texts of one folder in a language, in words."""
    there, texts = known(language), wanted(folder)
    yield from (f"not translated: {text!r}" for text in texts if text not in there)
    for text, many in texts.items():
        if text in there:
            yield from _faults_of(text, many, there[text], PLURALS[language], language)


def _faults_of(text: str, many: str | None, message: Message, plurals: int, language: str) -> Iterator[str]:
    said = [message.string] if isinstance(message.string, str) else list(message.string or ("",))
    if message.fuzzy:
        yield f"fuzzy: {text!r}"
    if len(said) != (plurals if many else 1):
        yield f"plural forms are missing: {text!r}"
    for each in said:
        if not each.strip():
            yield f"empty: {text!r}"
        if set(PLACES.findall(many or text)) != set(PLACES.findall(each)):
            yield f"parts differ: {text!r} / {each!r}"
        letters = re.sub(r"<[^>]+>", "", PLACES.sub("", text))
        if re.search("[A-Za-z]{3}", letters) and text not in SAME and not SCRIPTS[language].search(
                re.sub(r"<[^>]+>", "", PLACES.sub("", each))):
            yield f"not in its script: {text!r} / {each!r}"


def left_over(language: str) -> list[str]:
    """Translations of texts that no folder says any more (allauth's own aside, kept in ``doors/locale`` for Urdu)."""
    said = {text for folder in folders() for text in wanted(home(folder))}
    return sorted(text for text, message in known(language).items()
                  if text not in said and "allauth" not in " ".join(message.auto_comments))


if __name__ == "__main__":
    for name in folders():
        for text, many in wanted(home(name)).items():
            missing = [language for language in LANGUAGES if text not in known(language)]
            if missing:
                print(name.rpartition(".")[2], ",".join(missing), repr(text), repr(many) if many else "")
