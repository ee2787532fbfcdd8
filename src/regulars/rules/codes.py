"""Columns of text as small whole numbers, where the conditions of one pass ask a column for several sets of texts.

Each comparison of a text costs three times what one of a small number does: the text is looked up once a row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from regulars.model.later import later
from regulars.model.tables import TABLES
from regulars.model.types import Type
from regulars.rules import expressions
from regulars.rules.features import FactFeature
from regulars.rules.vocabulary import Fact, Field, Scope

ibis = later("ibis")
MOST_TEXTS = 100
"""So many that their numbers fit a byte."""


@dataclass(frozen=True)
class Code:
    """A column of a table as the number of its folded text among ``texts``, from 1; 0 where it is none or unknown.

    Never null: a null here and there costs the engine more than the comparison itself.
    """

    column: str
    texts: tuple[str, ...]

    def of(self, rows: Any) -> Any:
        """The number, from the text."""
        listed = ibis.array([ibis.literal(text, "string") for text in self.texts])
        place = expressions.list_position(listed, expressions.fold(rows[self.column]))
        return ibis.coalesce(place, 0).cast("int8")

    @property
    def name(self) -> str:
        """The column that holds it."""
        return f"c_{self.column}"

    def among(self, rows: Any, texts: Iterable[str]) -> Any:
        """Where the column is one of some of the texts; never null."""
        numbers = [ibis.literal(self.texts.index(text) + 1, "int8") for text in texts]
        return rows[self.name] == numbers[0] if len(numbers) == 1 else rows[self.name].isin(numbers)


def worth_coding(features: Sequence[FactFeature], scope: Scope) -> dict[str, Code]:
    """The columns of which the features ask several different sets of texts."""
    asked: dict[str, set[frozenset[str]]] = defaultdict(set)
    for column, texts in (each for feature in features for each in _asked(feature, scope)):
        asked[column].add(texts)
    listed: Mapping[str, tuple[str, ...]] = {c: tuple(sorted(frozenset().union(*sets))) for c, sets in asked.items()}
    return {c: Code(c, texts) for c, texts in listed.items() if len(asked[c]) > 1 and len(texts) <= MOST_TEXTS}


def coded_column(field: Field, fact: Fact) -> str | None:
    """The column of the fact's own table that could be coded, None where the field is none."""
    own = field.holder == fact.table and not field.property and field.type is Type.TEXT
    return field.column if own and TABLES[fact.table].column(field.column) else None


def _asked(feature: FactFeature, scope: Scope) -> Iterator[tuple[str, frozenset[str]]]:
    """Column and texts, for each set of texts that a feature asks for."""
    if feature.fact.types:
        yield "type", frozenset(feature.fact.types)
    inside = scope.enter(feature.fact)
    for condition in feature.selection.where.walk() if feature.selection.where else ():
        asked = condition.texts()
        column = coded_column(inside.field(asked[0]), feature.fact) if asked else None
        if asked and column:
            yield column, asked[1]
