"""A message as it was typed, without personal fields, and what every template is to the sender."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from regulars.outreach.content.template import Made


class Template(Protocol):
    """``needs`` names the fields it asks for, worked out for a whole batch at once."""

    needs: frozenset[str]

    def render(self, fields: Mapping[str, Any]) -> Made:
        """For one person, by their fields."""
        ...


class Plain:
    """Subject, text and HTML, the same for everybody."""

    needs: frozenset[str] = frozenset()

    def __init__(self, content: Mapping[str, Any]) -> None:
        self._made = Made(str(content.get("subject", "")), str(content.get("html", "")), str(content.get("text", "")))

    def render(self, fields: Mapping[str, Any]) -> Made:
        return self._made
