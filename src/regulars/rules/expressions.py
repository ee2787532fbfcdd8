"""Small Ibis pieces that every construct uses. Functions the engines must have by these names are declared here."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache, lru_cache, reduce
from inspect import Parameter, Signature
from typing import Any
from zoneinfo import ZoneInfo

from regulars.model.clock import offset
from regulars.model.later import later

ibis = later("ibis")
ops = later("ibis.expr.operations")


def _builtin(name: str, takes: tuple[str, ...], gives: str) -> Callable[..., Any]:
    """A function every engine has, or is given, under this name."""
    def call(*arguments: Any) -> Any:
        raise TypeError(f"{name} is only compiled, never called")
    call.__signature__ = Signature([Parameter(f"a{i}", Parameter.POSITIONAL_ONLY) for i in range(len(takes))])  # type: ignore[attr-defined]

    @cache
    def made() -> Callable[..., Any]:
        known: Callable[..., Any] = ibis.udf.scalar.builtin(call, name=name, signature=(takes, gives))
        return known

    return lambda *arguments: made()(*arguments)


fold = _builtin("fold", ("string",), "string")
"""How text is compared; each engine provides it."""
md5 = _builtin("md5", ("string",), "string")
"""Hexadecimal, lower case."""
regexp_matches = _builtin("regexp_matches", ("string", "string", "string"), "boolean")
"""RE2, found anywhere; the last argument holds options."""
property_text = _builtin("json_extract_string", ("string", "string"), "string")
"""A property as text."""
list_position = _builtin("list_position", ("array<string>", "string"), "int64")
"""Where in a list a text stands, counted from 1; null or 0 where it does not."""
bit_count = _builtin("bit_count", ("int64",), "int64")
"""How many bits are set."""
at_zone = _builtin("timezone", ("string", "timestamp('UTC')"), "timestamp(6)")
"""The wall time of a zone."""
from_zone = _builtin("timezone", ("string", "timestamp(6)"), "timestamp('UTC')")
"""The moment of a wall time of a zone."""


def moment_literal(moment: datetime) -> Any:
    """A naive UTC moment, exact to the microsecond."""
    return ibis.literal(moment.isoformat(sep=" ", timespec="microseconds").zfill(26)).cast("timestamp(6)")


BITS = 62
"""So many things are the bits of one whole number, which every engine ors and counts without a sign in the way."""


def packed(conditions: Sequence[Any]) -> Iterator[Any]:
    """Conditions as the bits of a few numbers, `BITS` in each, the first lowest; what is unknown is not set."""
    for start in range(0, len(conditions), BITS):
        some = conditions[start:start + BITS]
        yield reduce(operator.or_, [each.ifelse(whole(1 << i), whole(0)) for i, each in enumerate(some)])


def whole(number: int) -> Any:
    return ibis.literal(number, "int64")


def bit(number: Any, place: int) -> Any:
    """Whether a bit is set."""
    return (number & whole(1 << place)) != 0


def bare(condition: Any) -> Any:
    """The condition without what turns its unknown into false, for where only what is true counts: a filter."""
    found = condition.op()
    if isinstance(found, ops.And | ops.Or):
        left, right = bare(found.left.to_expr()), bare(found.right.to_expr())
        return left & right if isinstance(found, ops.And) else left | right
    if isinstance(found, ops.Coalesce) and len(found.arg) == 2 and _is_false(found.arg[1]):
        return bare(found.arg[0].to_expr())
    return condition


def _is_false(node: Any) -> bool:
    return isinstance(node, ops.Literal) and node.value is False


FEW = 20


def is_one_of(column: Any, texts: Sequence[str]) -> Any:
    """Whether a column is one of a few texts; null where the column is.

    Asked of the list and not of the column: DuckDB judges a function once for each entry of a column's dictionary, a
    comparison once a row, which takes twice as long.
    """
    return ibis.array([ibis.literal(text, "string") for text in texts]).contains(column)


def is_among(column: Any, texts: Sequence[str], kind: str) -> Any:
    """Whether a column is one of these values of a type, written as text; null where the column is.

    Many values travel as one literal: ten thousand literals take seconds to compile and as many comparisons a row.
    """
    tag = 0
    while any(f"\x1f{tag}\x1e" in text for text in texts):
        tag += 1
    separator = f"\x1f{tag}\x1e"
    listed = ibis.literal(separator.join(texts)).split(separator)
    values = listed if kind == "string" else listed.cast(f"array<{kind}>")
    return column.isin(values.unnest().name("value").as_table()["value"])


def local_time(column: Any, zone: ZoneInfo) -> Any:
    """A column of UTC moments as wall time."""
    return at_zone(zone.key, column.cast("timestamp('UTC')"))


def from_local_time(column: Any, zone: ZoneInfo) -> Any:
    """A column of wall times as UTC; a wall time that happens twice means the first."""
    last = from_zone(zone.key, column).cast("timestamp(6)")
    moments = last
    for step in fallback_steps(zone):
        earlier = last - ibis.interval(seconds=step)
        moments = (local_time(earlier, zone) == column).ifelse(earlier, moments)
    return moments


def fallback_steps(zone: ZoneInfo) -> tuple[int, ...]:
    """By how many seconds the zone's clocks have been set back, 1970 to 2040."""
    return tuple(sorted({step for _, step in set_backs(zone)}))


@lru_cache(maxsize=600)
def set_backs(zone: ZoneInfo) -> tuple[tuple[datetime, int], ...]:
    """When the zone's clocks have been set back, 1970 to 2040 (naive UTC), and by how many seconds."""
    found = []
    low = datetime(1970, 1, 1)
    while low.year < 2040:
        high = low + timedelta(days=7)
        if offset(high, zone) < offset(low, zone):
            found.append((_changed(low, high, zone), int((offset(low, zone) - offset(high, zone)).total_seconds())))
        low = high
    return tuple(found)


def _changed(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """The first moment at which the clocks of the zone are as at ``high``: they change in whole seconds."""
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        low, high = (middle, high) if offset(middle, zone) == offset(low, zone) else (low, middle)
    return high
