"""Small Ibis pieces that every construct uses. Functions the engines must have by these names are declared here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from inspect import Parameter, Signature
from typing import Any

import ibis


def _builtin(name: str, takes: tuple[str, ...], gives: str) -> Callable[..., Any]:
    """A function every engine has, or is given, under this name."""
    def call(*arguments: Any) -> Any:
        raise TypeError(f"{name} is only compiled, never called")
    call.__signature__ = Signature([Parameter(f"a{i}", Parameter.POSITIONAL_ONLY) for i in range(len(takes))])  # type: ignore[attr-defined]
    made: Callable[..., Any] = ibis.udf.scalar.builtin(call, name=name, signature=(takes, gives))
    return made


fold = _builtin("fold", ("string",), "string")
"""How text is compared; each engine provides it."""
md5 = _builtin("md5", ("string",), "string")
"""Hexadecimal, lower case."""
regexp_matches = _builtin("regexp_matches", ("string", "string", "string"), "boolean")
"""RE2, found anywhere; the last argument holds options."""
property_text = _builtin("json_extract_string", ("string", "string"), "string")
"""A property as text."""
at_zone = _builtin("timezone", ("string", "timestamp('UTC')"), "timestamp(6)")
"""The wall time of a zone."""
from_zone = _builtin("timezone", ("string", "timestamp(6)"), "timestamp('UTC')")
"""The moment of a wall time of a zone."""


def moment_literal(moment: datetime) -> Any:
    """A naive UTC moment, exact to the microsecond."""
    return ibis.literal(moment.isoformat(sep=" ", timespec="microseconds").zfill(26)).cast("timestamp(6)")
