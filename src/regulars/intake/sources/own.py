"""The shop's own columns and questions: what they are called in rules, and of which type they are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from regulars.engines.duckdb import quoted
from regulars.intake.prepared import OwnField
from regulars.intake.stage import Stage, StagedColumn
from regulars.model.tables import CUSTOMERS
from regulars.model.types import Type

LONGEST = 60
WHOLE_NUMBER = "^-?(0|[1-9][0-9]{0,14})$"
NUMBER = "^-?(0|[1-9][0-9]{0,14})([.][0-9]+)?$"
SPOKEN_FOR = frozenset({"age", "and", "everyone", "false", "not", "now", "or", "rowid", "today", "true",
                        "yesterday"})
"""Names that are read as something else: by rules, words of the language and what is worked out; by the engine
``rowid``, a row's place in its table."""
YES_NO = "^(true|false|yes|no)$"


def slug(text: str, longest: int = LONGEST) -> str:
    """A name for rules: letters and digits of any script, lower case, ``_`` between words, cut at a word's end."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    words = [w for w in re.split(r"[^\w]+|_+", plain) if w]
    kept: list[str] = []
    for word in words:
        if kept and len("_".join([*kept, word])) > longest:
            break
        kept.append(word)
    name = "_".join(kept)[:longest] or "column"
    return f"x_{name}" if name[0].isdigit() else name


def unique(names: Iterable[str], behind: str = "_{}") -> list[str]:
    """The names in order, the second and further of each with a number behind."""
    seen: dict[str, int] = {}
    out = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 else name + behind.format(seen[name]))
    return out


def own_columns(stage: Stage, known: frozenset[str], platform: str) -> list[tuple[OwnField, str]]:
    """The columns a source does not know, each with the expression that reads it; empty ones are left out."""
    columns = [c for c in stage.columns if c.key and c.key not in known]
    types = _types(stage, columns)
    kept = [(c, t) for c, t in zip(columns, types, strict=True) if t is not None]
    taken = {c.name for c in CUSTOMERS.columns} | SPOKEN_FOR
    names = unique(f"{s}_{platform}" if (s := slug(c.header)) in taken else s for c, _ in kept)
    return [
        (OwnField("customers", name, kind, c.header), _sql(stage, c, kind))
        for name, (c, kind) in zip(names, kept, strict=True)
    ]


def _types(stage: Stage, columns: Sequence[StagedColumn]) -> list[Type | None]:
    if not columns:
        return []
    tests = ", ".join(
        f"count({x}), bool_and(regexp_full_match({x}, '{WHOLE_NUMBER}')), "
        f"bool_and(regexp_full_match({x}, '{NUMBER}')), "
        f"bool_and(regexp_full_match(lower({x}), '{YES_NO}'))"
        for x in (stage.cell(c) for c in columns)
    )
    found = stage.engine.rows(f"SELECT {tests} FROM {quoted(stage.name)}")[0]
    return [_type(*found[i : i + 4]) for i in range(0, len(found), 4)]


def _type(filled: int, whole: bool | None, number: bool | None, yes_no: bool | None) -> Type | None:
    if not filled:
        return None
    return Type.WHOLE if whole else Type.NUMBER if number else Type.YESNO if yes_no else Type.TEXT


def _sql(stage: Stage, column: StagedColumn, kind: Type) -> str:
    cell = stage.cell(column)
    casts = {
        Type.WHOLE: f"{cell}::BIGINT",
        Type.NUMBER: f"{cell}::DOUBLE",
        Type.YESNO: f"(lower({cell}) IN ('true', 'yes'))",
    }
    return casts.get(kind, cell)
