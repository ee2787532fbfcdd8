"""Static files at addresses that change with their content, so that browsers keep them without asking."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage


@cache
def stamp(name: str) -> str:
    """The first signs of the file's hash; "" where there is no such file."""
    found = finders.find(name)
    return hashlib.sha256(Path(str(found)).read_bytes()).hexdigest()[:10] if found else ""


class Stamped(StaticFilesStorage):
    """``base/regulars.css?v=…``, straight from the folders of the pages: nothing has to be collected."""

    def url(self, name: str | None, *args: object, **kwargs: object) -> str:
        plain = super().url(name)
        return f"{plain}?v={stamp(name or '')}"
