"""Numbers compared as they are written: exactly where the column is exact, as doubles where it holds doubles."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from decimal import ROUND_FLOOR, Context, Decimal
from typing import Any

from regulars.model.later import later
from regulars.rules.expressions import FEW, is_among, is_one_of
from regulars.rules.tree import write_number

ibis = later("ibis")
OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
WIDE = Context(prec=80)
SMALLEST_STEP, LARGEST_EXACT = Decimal("0.0001"), Decimal(10) ** 33
LARGEST_WHOLE = Decimal(2**63 - 1)


def number_compared(column: Any, sign: str, literal: Decimal) -> Any:
    """Exact numbers are compared exactly: with a literal between two steps of theirs, or beyond all they can hold."""
    if column.type().is_floating():
        return OPERATORS[sign](column, float(literal))
    held = _held(column, literal)
    if held is not None:
        return OPERATORS[sign](column, held)
    if sign in ("=", "!="):
        return always(column, sign == "!=")
    below = _held(column, literal.quantize(_step(column), ROUND_FLOOR, WIDE))
    if below is None:
        return always(column, (sign in ("<", "<=")) == (literal > 0))
    return column <= below if sign in ("<", "<=") else column > below


def among(column: Any, texts: Sequence[str], kind: str) -> Any:
    """Whether a column is one of a few values or of many."""
    if not texts:
        return always(column, False)
    if len(texts) > FEW:
        return is_among(column, texts, kind)
    if kind == "string":
        return is_one_of(column, texts)
    return column.isin([ibis.literal(text).cast(kind) for text in texts])


def text_among(column: Any, texts: Sequence[str]) -> Any:
    """Whether a column of folded text is one of these; null where it is."""
    return among(column, texts, "string")


def number_among(column: Any, numbers: Sequence[Decimal]) -> Any:
    """Whether a column of numbers is one of these; null where it is."""
    held = {_written(column, number) for number in numbers}
    kind = "float64" if column.type().is_floating() else "int64" if column.type().is_integer() else "decimal(38, 4)"
    return among(column, sorted(text for text in held if text is not None), kind)


def _written(column: Any, literal: Decimal) -> str | None:
    """The literal as text, None where the column cannot hold it."""
    if column.type().is_floating():
        return repr(float(literal))
    return None if _held(column, literal) is None else write_number(literal)


def _step(column: Any) -> Decimal:
    return Decimal(1) if column.type().is_integer() else SMALLEST_STEP


def _largest(column: Any) -> Decimal:
    return LARGEST_WHOLE if column.type().is_integer() else LARGEST_EXACT


def _held(column: Any, literal: Decimal) -> Any:
    """The literal as the column would hold it, None where it cannot."""
    if column.type().is_floating():
        return float(literal)
    if abs(literal) > _largest(column) or literal != (exact := literal.quantize(_step(column), ROUND_FLOOR, WIDE)):
        return None
    return int(exact) if column.type().is_integer() else ibis.literal(exact, "decimal(38, 4)")


def always(column: Any, answer: bool) -> Any:
    """The same answer wherever the column is known, null elsewhere."""
    return column.notnull().nullif(False) if answer else column.isnull().nullif(True)
