"""Regulars: who the customers are, what each group is worth, and what to do about it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from regulars.shop import Shop

__all__ = ["Shop"]


def __getattr__(name: str) -> Any:
    # The engine and the compiler take most of a second to load: `regulars --help` does not wait for them.
    if name in __all__:
        return getattr(import_module("regulars.shop"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
