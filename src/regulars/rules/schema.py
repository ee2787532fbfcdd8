"""What a tree can be made of, as data: what the visual builder is drawn from. A new construct is found by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from decimal import Decimal
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from regulars.model.clock import UNITS
from regulars.rules.constructs import windows
from regulars.rules.constructs.functions import FUNCTIONS
from regulars.rules.constructs.logic import Grouped
from regulars.rules.constructs.near import NamedPlace, Point
from regulars.rules.exact import OPERATORS
from regulars.rules.tree import KINDS, Condition, Literal, Node, Value

PERIODS = ("today", "yesterday", *(f"{which} {unit}" for which in ("this", "last")
                                   for unit in ("week", "month", "quarter", "year")))
CHOICES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("compare", "operator"): tuple(OPERATORS), ("duration", "unit"): tuple(UNITS), ("near", "unit"): ("km", "mi"),
    ("text_test", "test"): ("contains", "starts with", "ends with", "matches"), ("rank", "end"): ("top", "bottom"),
    ("period", "name"): PERIODS,
    ("aggregate", "function"): tuple(sorted(FUNCTIONS, key=lambda name: (FUNCTIONS[name].needs_column, name))),
    ("moment", "word"): ("day", "instant", "today", "yesterday", "now")}
NAMES: Mapping[tuple[str, str], str] = {
    ("attribute", "name"): "attribute", ("selection", "fact"): "fact", ("selection", "column"): "column",
    ("in_segment", "name"): "segment", ("place", "name"): "place"}
"""Fields that hold a name of the shop's vocabulary, and of which kind."""
OF_ROWS = frozenset({"compare", "in_list", "between", "text_test", "known", "in_window", "flag", "and", "or", "not",
                     "attribute"})
CATEGORIES: Mapping[str, type[Node]] = {"condition": Condition, "value": Value, "window": windows.Window}
PLACES = (NamedPlace, Point)


@dataclass(frozen=True)
class Part:
    """One field of a kind: ``holds`` is a category, a kind, ``literal``, ``number``, ``text``, ``yes/no`` or a name."""

    name: str
    holds: str
    many: bool = False
    optional: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kind:
    """One kind of node: ``category`` is condition, value, window or place; "" for what stands in one place only.

    ``of_rows``: it can stand inside ``where`` too.
    """

    kind: str
    category: str
    parts: tuple[Part, ...]
    of_rows: bool = False


def schema() -> tuple[Kind, ...]:
    """Every kind of node there is, brackets aside: a tree has none."""
    return tuple(Kind(name, category(node), tuple(_parts(node)), name in OF_ROWS) for name, node in KINDS.items()
                 if node is not Grouped)


def category(node: type[Node]) -> str:
    """The word for where such a node can stand."""
    if node in PLACES:
        return "place"
    return next((word for word, base in CATEGORIES.items() if issubclass(node, base)), "")


def _parts(node: type[Node]) -> Iterator[Part]:
    hints = get_type_hints(node)
    for each in fields(node):
        if each.name != "position":
            key = (node.kind, each.name)
            holds, many, optional = _holds(hints[each.name])
            yield Part(each.name, NAMES.get(key, holds), many, optional or each.default is not MISSING,
                       CHOICES.get(key, ()))


def _holds(hint: Any) -> tuple[str, bool, bool]:
    """What a field holds, whether many of it, whether it may be left out."""
    if get_origin(hint) is tuple:
        return _holds(get_args(hint)[0])[0], True, False
    if hint == Literal:
        return "literal", False, False
    if get_origin(hint) in (Union, UnionType):
        rest = [a for a in get_args(hint) if a is not type(None)]
        return _holds(rest[0])[0], False, len(rest) < len(get_args(hint))
    plain = {str: "text", Decimal: "number", bool: "yes/no"}
    if hint in plain:
        return plain[hint], False, False
    return next((word for word, base in CATEGORIES.items() if hint is base),
                "place" if hint in PLACES else hint.kind), False, False

