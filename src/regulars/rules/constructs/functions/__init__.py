"""Aggregate functions, one file each. A new one is a new file here with a class derived from `Function`."""

from __future__ import annotations

import difflib
from importlib import import_module
from pkgutil import iter_modules

from regulars.rules.constructs.functions.base import FUNCTIONS, Chosen, Function, Picked

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")


def nearest(name: str) -> str | None:
    """The known function most like ``name``."""
    near = difflib.get_close_matches(name, list(FUNCTIONS), n=1, cutoff=0.5)
    return near[0] if near else None


__all__ = ["FUNCTIONS", "Chosen", "Function", "Picked", "nearest"]
