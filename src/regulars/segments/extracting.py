"""The rows of a few customers, taken out of the fact tables in one scan each: what a look asks is asked of these."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from regulars.engines.duckdb import DuckDBEngine, quoted, sought
from regulars.model.tables import TABLES
from regulars.rules import Condition, Vocabulary, fold
from regulars.rules.constructs.attribute import Attribute
from regulars.rules.constructs.selection import Selection
from regulars.rules.passing import Edge, whole
from regulars.rules.vocabulary import Scope

FEW = 5_000
"""Of more customers the rows are read where they are."""
ALWAYS = frozenset(("customer_id", "at", "counted", "refunded", "type", "machine", "properties"))
"""Columns by which rows count and are told apart, of the tables that have them."""


WHETHER_THERE = frozenset(("customer_id", "at", "signed_up_at", "described", "first_seen", "account_id"))
"""Columns that say who somebody is, and since when they are there."""


def read_columns(rules: Iterable[Condition], edges: Sequence[Edge], vocabulary: Vocabulary) -> dict[str, set[str]]:
    """The columns of each fact table that the rules read."""
    found: dict[str, set[str]] = {}
    for rule in rules:
        for each in whole(rule, vocabulary):
            for node in each.everything():
                if isinstance(node, Selection):
                    _add_selection(node, vocabulary, found)
                elif isinstance(node, Attribute) and node.name.casefold().startswith("answer."):
                    found.setdefault("answers", set()).update(c.name for c in TABLES["answers"].columns)
    for edge in edges:
        found.setdefault(vocabulary.fact(edge.fact).table, set()).add(edge.column)
    return found


def known_columns(rules: Iterable[Condition], vocabulary: Vocabulary) -> dict[str, str]:
    """What to select of the tables of what is known of people so that the rules can be judged of them."""
    named = {fold(node.name) for rule in rules for each in whole(rule, vocabulary)
             for node in (*each.everything(), *each.walk()) if isinstance(node, Attribute)}
    asked = [held for held in vocabulary.attributes.values() if fold(held.name) in named]
    own = WHETHER_THERE | {held.column for held in asked if held.holder == "customers"}
    return {"customers": ", ".join(quoted(column) for column in sorted(own)),
            **{table: "*" if any(h.holder == table for h in asked) else "" for table in ("scores", "accounts")}}


def _add_selection(selection: Selection, vocabulary: Vocabulary, found: dict[str, set[str]]) -> None:
    fact = vocabulary.fact(selection.fact)
    read = found.setdefault(fact.table, set())
    for name in selection.names(Scope(vocabulary)):
        held = vocabulary.fact_column(fact, name)
        if held.holder == "products":
            read.update(("product_id", "product_name"))
        elif not held.property:
            read.add(held.column)


def listed(table: str, read: set[str]) -> str:
    """The columns to select so that the rows of ``table`` can be judged by what is ``read`` of them."""
    return ", ".join(quoted(c.name) for c in TABLES[table].columns if c.name in read | ALWAYS)


def hiding(sources: Mapping[str, str]) -> list[tuple[str, str]]:
    """Steps of a statement that reads ``sources`` (fact table -> table) instead: a name of WITH hides the table of that
    name from whatever is read in it."""
    return [(table, f"FROM {source}") for table, source in sources.items()]


def extract(engine: DuckDBEngine, columns: dict[str, set[str]], whom: str) -> dict[str, str]:
    """Temp tables with those columns of the rows of the customers in ``whom``: fact table -> temp table."""
    found = {}
    with engine.seeking():
        for table, read in columns.items():
            found[table] = f"look_rows_{table}"
            engine.execute(f"CREATE OR REPLACE TEMP TABLE {found[table]} AS SELECT {listed(table, read)} FROM {table} "
                           f"SEMI JOIN {sought(whom)} USING (customer_id)")
    return found
