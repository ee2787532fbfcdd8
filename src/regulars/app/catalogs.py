"""The pages' words: ``locale/<language>/LC_MESSAGES/django.po`` of each folder, compiled at start by Babel.

Django reads compiled catalogs, and no gettext program can be presumed: all folders' texts together become one catalog a
language, in a folder of this machine's temporary files that bears the hash of what went in.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from regulars.app.discovery import folders, home
from regulars.model.settings import LANGUAGES

DOMAIN = "django"


def sources(language: str) -> list[Path]:
    """The catalogs of a language, folder by folder."""
    found = (home(folder) / f"locale/{language}/LC_MESSAGES/{DOMAIN}.po" for folder in folders())
    return [path for path in found if path.is_file()]


def compiled() -> Path:
    """The folder of the compiled catalogs, made where it is not there yet."""
    folder = Path(tempfile.gettempdir()) / f"regulars-{os.getuid()}" / f"words-{_stamp()}"
    for language in LANGUAGES:
        target = folder / language / "LC_MESSAGES" / f"{DOMAIN}.mo"
        if sources(language) and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            half = target.with_suffix(f".{os.getpid()}")
            with half.open("wb") as file:
                write_mo(file, merged(language))
            os.replace(half, target)
    return folder


def merged(language: str) -> Catalog:
    """All folders' texts of a language; where two say the same, the first folder's translation stands.

    Plural forms are those the first catalog names: Babel knows none of its own for Indonesian.
    """
    whole, *others = [_read(path, language) for path in sources(language)]
    for message in (message for other in others for message in other):
        if message.id and whole.get(message.id, message.context) is None:
            whole[message.id] = message
    return whole


def _read(path: Path, language: str) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=language)


def _stamp() -> str:
    whole = hashlib.sha256()
    for language in LANGUAGES:
        for path in sources(language):
            whole.update(path.read_bytes())
    return whole.hexdigest()[:16]
