"""Values of fields: texts that keep to their own direction, things that are called by a name."""

from __future__ import annotations

from typing import Any, TextIO

from liquid.builtin.output import Output, OutputNode
from liquid.context import RenderContext
from liquid.stringify import to_liquid_string

from regulars.model.catalogs import ISOLATE, POP, RIGHT_TO_LEFT

LONGEST = 300


class Apart(str):
    """A person's own text or a figure: among letters that run the other way it is kept apart from them."""

    __slots__ = ()


class Thing(dict[str, Any]):
    """Something with fields of its own; written as a whole, it is its name."""

    def __str__(self) -> str:
        return str(self.get("name", ""))


def own(value: Any) -> Apart | None:
    """A text of the facts in one line and not too long, None where there is none."""
    said = " ".join(str(value).split()) if value is not None else ""
    return Apart(said if len(said) <= LONGEST else f"{said[:LONGEST]} …") if said else None


def placed(said: str) -> str:
    """A sentence with fields in it, without the signs that kept them apart while it was made: each field brings its
    own.
    """
    return said.replace(f"{ISOLATE}{{{{", "{{").replace(f"}}}}{POP}", "}}")


class SaidNode(OutputNode):
    """Writes lists with commas, and keeps apart what is to be kept apart."""

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        value, language = self.expression.evaluate(context), str(context.globals.get("language", ""))
        if isinstance(value, list | tuple):
            each = [_said(one, context, language) for one in value]
            return buffer.write(("، " if language == "ur" else ", ").join(each))
        return buffer.write(_said(value, context, language))


def _said(value: Any, context: RenderContext, language: str) -> str:
    said = to_liquid_string(value, context.autoescape)
    return f"{ISOLATE}{said}{POP}" if isinstance(value, Apart) and language in RIGHT_TO_LEFT and said else said


class Said(Output):
    """``{{ field }}``."""

    node_class = SaidNode
