"""Which pages there are: whatever folders lie beside this module."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType

import regulars.app


@cache
def folders() -> tuple[str, ...]:
    """The dotted name of every folder, ``base`` first: its templates and words are those others build on."""
    names = sorted((m.name for m in iter_modules(regulars.app.__path__) if m.ispkg), key=lambda n: (n != "base", n))
    return tuple(f"regulars.app.{name}" for name in names)


def modules(name: str) -> tuple[ModuleType, ...]:
    """The module of this name of each folder that has one."""
    return tuple(import_module(f"{folder}.{name}") for folder in folders() if find_spec(f"{folder}.{name}"))


def home(folder: str) -> Path:
    """Where a folder's files are."""
    return Path(regulars.app.__path__[0]) / folder.rpartition(".")[2]
