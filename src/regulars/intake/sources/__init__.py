"""Recognised exports: each folder here is one platform, found by scanning, with no registry to edit.

A module anywhere below this package offers sources by a module-level ``SOURCES`` tuple, or by module-level instances
of classes that have the attributes and methods of `Source`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from functools import lru_cache
from types import ModuleType
from typing import Protocol, runtime_checkable

from regulars.intake.stage import Stage
from regulars.model.settings import Settings


@runtime_checkable
class Source(Protocol):
    """How one kind of export is recognised and read.

    ``name`` is what a receipt says (``shopify-orders``), ``title`` what a person reads, ``platform`` whose it is.
    A source with more than one header row says so in an optional attribute ``header_rows`` (default 1): the further
    ones are the first records of the stage, and the source leaves them out of its selects by ``_row``.
    Three methods are optional: ``own_fields(stage) -> tuple[OwnField, ...]`` names the columns of the shop's own and
    the questions that ``canonical`` brings; ``cautions(stage) -> tuple[str, ...]`` says what a person should know of
    the export; ``findings(stage) -> tuple[Finding, ...]``, asked once the ``in_`` tables stand, what ails this one.
    """

    name: str
    title: str
    platform: str

    def recognises(self, headers: frozenset[str], file_name: str) -> float:
        """How surely, from 0 to 1, a table with these normalised headers is of this kind."""

    def mapping(self, stage: Stage) -> dict[str, str]:
        """Header -> ``table.field``: what the person is shown."""

    def canonical(self, stage: Stage, settings: Settings) -> dict[str, str]:
        """Canonical table -> SELECT over ``stage.name`` giving ``_row``, hints of who, and any stated columns."""


@lru_cache(maxsize=1)
def all_sources() -> tuple[Source, ...]:
    """Every source below this package, by name."""
    found = {source.name: source for module in _modules() for source in _offered(module)}
    return tuple(found[name] for name in sorted(found))


def _modules() -> Iterator[ModuleType]:
    for info in pkgutil.walk_packages(__path__, __name__ + "."):
        yield importlib.import_module(info.name)


def _offered(module: ModuleType) -> Iterator[Source]:
    listed = vars(module).get("SOURCES")
    for value in listed if listed is not None else vars(module).values():
        if not isinstance(value, type) and isinstance(value, Source):
            yield value
