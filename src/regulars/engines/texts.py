"""The text of an Ibis expression in an engine's words."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from regulars.model.later import later

if TYPE_CHECKING:
    from ibis.expr.operations import Node
    from ibis.expr.types import Table

ibis = later("ibis")


def text_of(expression: Table, dialect: str) -> str:
    """The SQL text of an expression over unbound tables."""
    return _text(expression.op(), dialect)


@lru_cache(maxsize=256)
def _text(node: Node, dialect: str) -> str:
    """Kept, since the analyses of one moment ask the same again and again: a text takes Ibis ten milliseconds."""
    return str(ibis.to_sql(node.to_expr(), dialect=dialect))
