"""Large libraries, loaded when something of them is first asked for, not when the module that uses them is.

A command that lists segments takes half a second of processor; what computes and compiles (scipy, scikit-learn, Ibis)
would take two more to load.
"""

from __future__ import annotations

from importlib import import_module
from threading import RLock
from typing import Any

ONE_AT_A_TIME = RLock()
"""Two threads that load halves of one library at once could see each other's unfinished."""


class Later:
    """Stands for a module: what is asked of it is looked up there, once for each name."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        with ONE_AT_A_TIME:
            found = getattr(import_module(self._name), name)
        setattr(self, name, found)
        return found


def later(name: str) -> Any:
    """The module of this name, such as ``scipy.stats``; one that is missing raises where it is first asked."""
    return Later(name)
