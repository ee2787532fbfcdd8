"""The tree as JSON: what the visual builder edits."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from regulars.errors import RuleError, RuleSyntaxError, RuleTooLarge
from regulars.rules.constructs.logic import Grouped
from regulars.rules.parser import DEEPEST, parse
from regulars.rules.refusals import why
from regulars.rules.tree import KINDS, Condition, Node, node_fields, read_number, write_number


def to_json(node: Any) -> Any:
    """Plain lists, dicts, texts, numbers; a node is a dict with its ``kind``. Numbers no double can hold are texts."""
    if isinstance(node, Node):
        return {"kind": node.kind, **{name: to_json(value) for name, value in node_fields(node) if value is not None}}
    if isinstance(node, tuple):
        return [to_json(item) for item in node]
    if isinstance(node, Decimal):
        plain = int(node) if node == int(node) and abs(node) < 2**53 else float(node)
        return plain if Decimal(repr(plain)) == node else {"kind": "number", "value": write_number(node)}
    return node


def from_json(data: Any) -> Condition:
    """The tree of `to_json`; raises `RuleSyntaxError` for anything that is not one."""
    try:
        node = _read(data, 0)
        text = node.text()
        again = parse(text)
    except RuleError:
        raise
    except (TypeError, ValueError, AttributeError, KeyError, ArithmeticError) as error:
        raise RuleSyntaxError(why("This is not the tree of a rule.")) from error
    if not isinstance(node, Condition) or again != node:
        raise RuleSyntaxError(why("This tree is not what any rule reads as."),
                              hint=why("The nearest rule is: {text}", text=text[:200]))
    return again


def _read(data: Any, depth: int) -> Any:
    if depth > 4 * DEEPEST:
        raise RuleTooLarge(why("Brackets may be nested {most} deep; this tree goes deeper.", most=DEEPEST))
    if isinstance(data, list):
        return tuple(_read(item, depth + 1) for item in data)
    if isinstance(data, bool) or data is None or isinstance(data, str):
        return data
    if isinstance(data, int | float | Decimal):
        return read_number(str(data))
    return _node(dict(data), depth)


def _node(data: dict[str, Any], depth: int) -> Any:
    kind = data.pop("kind", None)
    if kind == "number":
        return read_number(str(data["value"]))
    if kind not in KINDS or kind == Grouped.kind:
        raise RuleSyntaxError(why("'{kind}' is no kind of condition.", kind=str(kind)[:60]))
    return KINDS[kind](**{str(k): _read(v, depth + 1) for k, v in data.items()})
