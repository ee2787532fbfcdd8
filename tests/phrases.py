"""Holding a room's catalogs to its source: nothing untranslated, doubtful or left over, every part in its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

PLACES = re.compile(r"\{\w+\}")
SCRIPTS = {"id": re.compile("[a-z]"), "ur": re.compile("[\u0600-\u06ff]"), "ru": re.compile("[\u0400-\u04ff]")}
CALLS = {"text": None, "counted": (1, 2)}
REFUSALS = {"why": None, "why_counted": (1, 2)}
"""What a whole room says in its one catalog ``refusals``."""


def room(package: str) -> Path:
    return Path(str(files(package)))


@cache
def wanted(package: str, domain: str) -> frozenset[str]:
    """The messages (the singular of plural ones) of the module or package that is called like the domain."""
    home, calls = room(package), REFUSALS if domain == "refusals" else CALLS
    sources = home.rglob("*.py") if domain == "refusals" else [*home.glob(f"{domain}.py"), *home.glob(f"{domain}/*.py")]
    said = (m if isinstance(m, str) else m[0] for source in sources
            for _, m, _, _ in extract_from_file("python", str(source), keywords=calls))
    return frozenset(m for m in said if m)


def domains(package: str) -> list[str]:
    """Whatever module says something."""
    names = {p.stem for p in room(package).glob("*.py")} | {p.name for p in room(package).iterdir() if p.is_dir()}
    return sorted(n for n in names - {"__init__", "__pycache__", "locale"} if wanted(package, n))


def translations(message: Message) -> list[str]:
    return [message.string or ""] if message.string is None or isinstance(message.string, str) else list(message.string)


def faults(package: str, domain: str, language: str) -> Iterator[str]:
    """Everything wrong with one catalog, in words."""
    path = room(package) / f"locale/{language}/LC_MESSAGES/{domain}.po"
    if not path.is_file():
        yield f"{path.name} is missing in {language}"
        return
    with path.open("rb") as file:
        catalog = read_po(file, locale=language, abort_invalid=True)
    there = {m.id if isinstance(m.id, str) else m.id[0]: m for m in catalog if m.id}
    yield from (f"not translated: {m!r}" for m in sorted(wanted(package, domain) - there.keys()))
    yield from (f"left over: {m!r}" for m in sorted(there.keys() - wanted(package, domain)))
    yield from (f"obsolete: {m!r}" for m in catalog.obsolete)
    for one, message in there.items():
        yield from _faults_of(one, message, catalog.num_plurals, language)


def _faults_of(one: str, message: Message, plurals: int, language: str) -> Iterator[str]:
    many = one if isinstance(message.id, str) else message.id[1]
    if message.fuzzy:
        yield f"fuzzy: {one!r}"
    said = translations(message)
    if len(said) != (1 if isinstance(message.id, str) else plurals):
        yield f"plural forms are missing: {one!r}"
    for text in said:
        if not text.strip():
            yield f"empty: {one!r}"
        lost = set(PLACES.findall(many)) ^ set(PLACES.findall(text))
        if lost - ({"{n}"} if one != many else set()):
            yield f"parts differ: {one!r} / {text!r}"
        letters = PLACES.sub("", one)
        if re.search("[A-Za-z]{3}", letters) and not SCRIPTS[language].search(PLACES.sub("", text)):
            yield f"not in its script: {one!r} / {text!r}"
