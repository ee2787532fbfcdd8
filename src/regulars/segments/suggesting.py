"""What a shop's own data suggests to whoever writes a rule: the values of a name, the most frequent first."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from regulars.engines.duckdb import DuckDBEngine, literal, quoted
from regulars.model.types import Type
from regulars.rules import Vocabulary
from regulars.rules.vocabulary import Fact, Field

MOST = 12


def suggested(engine: DuckDBEngine, vocabulary: Vocabulary, name: str, fact: str | None = None, *, begins: str = "",
              most: int = MOST) -> list[Any]:
    """Known values of an attribute, or of a column of ``fact``, that have ``begins`` in them; raises `UnknownName`.

    Numbers, moments and dates come as they are, texts and items of lists as text.
    """
    rows = vocabulary.fact(fact) if fact else None
    field = vocabulary.fact_column(rows, name) if rows else vocabulary.attribute(name)
    if field.name == "age":
        return []
    source = _source(field, rows)
    wanted = "WHERE value IS NOT NULL" + (" AND contains(fold(value::VARCHAR), fold($1))" if begins else "")
    found = engine.rows(f"SELECT value FROM ({source}) {wanted} GROUP BY value ORDER BY count(*) DESC, value"
                        f" LIMIT {int(most)}", [begins] if begins else [])
    return [_plain(row[0]) for row in found]


def _source(field: Field, fact: Fact | None) -> str:
    column = _column(field)
    if field.holder == "answers" and fact is None:
        value = "number" if field.type.numeric else "value"
        return f"SELECT {value} AS value FROM answers WHERE question = {literal(field.column)}"
    if fact is not None and field.holder == "products":
        return f"SELECT {column} AS value FROM {quoted(fact.table)} JOIN products USING (product_id)"
    return f"SELECT {column} AS value FROM {quoted(fact.table if fact else field.holder)}"


def _column(field: Field) -> str:
    if field.property:
        return f"json_extract_string(properties, {literal('$.' + quoted(field.column))})"
    name = "name" if (field.holder, field.column) == ("products", "product") else field.column
    return f"unnest({quoted(name)})" if field.type is Type.TEXTS else quoted(name)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value
