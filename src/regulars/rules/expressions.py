"""Small Ibis pieces that every construct uses. Functions the engines must have by these names are declared here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import ibis


@ibis.udf.scalar.builtin
def fold(text: str) -> str:  # type: ignore[empty-body]
    """How text is compared; each engine provides it."""


@ibis.udf.scalar.builtin
def md5(text: str) -> str:  # type: ignore[empty-body]
    """Hexadecimal, lower case."""


@ibis.udf.scalar.builtin(name="regexp_matches")
def regexp_matches(text: str, pattern: str, options: str) -> bool:  # type: ignore[empty-body]
    """RE2, found anywhere."""


@ibis.udf.scalar.builtin(name="json_extract_string")
def property_text(properties: str, path: str) -> str:  # type: ignore[empty-body]
    """A property as text."""


def moment_literal(moment: datetime) -> Any:
    """A naive UTC moment, exact to the microsecond."""
    return ibis.literal(moment.isoformat(sep=" ", timespec="microseconds").zfill(26)).cast("timestamp(6)")


@ibis.udf.scalar.builtin(name="timezone", signature=(("string", "timestamp('UTC')"), "timestamp(6)"))
def at_zone(zone, moment):  # type: ignore[no-untyped-def]
    """The wall time of a zone."""


@ibis.udf.scalar.builtin(name="timezone", signature=(("string", "timestamp(6)"), "timestamp('UTC')"))
def from_zone(zone, wall):  # type: ignore[no-untyped-def]
    """The moment of a wall time of a zone."""
