"""Analyses are found by their module's name: whatever lies in `regulars.insight`, what is shared aside."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Mapping
from dataclasses import fields
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import regulars.insight
from regulars.errors import NotFound, Refused
from regulars.insight.common.analysis import Analysis
from regulars.insight.common.refusals import why

NO_ANALYSES = frozenset({"common", "locale", "page"})


def names() -> tuple[str, ...]:
    """Every analysis there is, sorted."""
    return tuple(sorted(m.name for m in iter_modules(regulars.insight.__path__) if m.name not in NO_ANALYSES))


def analysis(name: str) -> type[Analysis]:
    """The analysis of this name; raises `NotFound` with the nearest one."""
    if name not in names():
        near = difflib.get_close_matches(name, names(), 1)
        raise NotFound(why("There is no analysis called '{name}'.", name=name),
                       hint=why("Did you mean {near}?", near=near[0]) \
                            if near else why("There are: {known}.", known=[*names()]))
    module = import_module(f"regulars.insight.{name}")
    found = [c for c in vars(module).values() if isinstance(c, type) and issubclass(c, Analysis)
             and c.__module__.startswith(module.__name__) and not c.__abstractmethods__]
    assert len(found) == 1, f"{module.__name__} must hold one analysis, and holds {len(found)}"
    return found[0]


def summary(name: str) -> str:
    """The first line of an analysis' module, without loading it and whatever it stands on."""
    spec = find_spec(f"regulars.insight.{name}")
    source = Path(spec.origin).read_text(encoding="utf-8") if spec and spec.origin else ""
    return (ast.get_docstring(ast.parse(source)) or "").split("\n\n")[0].replace("\n", " ")


def made(kind: type[Analysis], parameters: Mapping[str, Any]) -> Analysis:
    """The analysis with these parameters; raises `Refused` for one it has not got."""
    known = [f.name for f in fields(kind)]
    for name in parameters:
        if name not in known:
            raise Refused(why("There is no parameter called '{name}'.", name=name),
                          hint=why("There are: {known}.", known=[*known]))
    return kind(**parameters)
