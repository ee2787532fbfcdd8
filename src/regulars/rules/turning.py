"""Of whom a condition that speaks of time is judged otherwise at one moment than at another, as tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from regulars.model.later import later
from regulars.rules import expressions, facts
from regulars.rules.compiler import Compiler, Question
from regulars.rules.constructs.everyone import Everyone
from regulars.rules.constructs.selection import Selection
from regulars.rules.frames import RowsTable
from regulars.rules.subjects import When
from regulars.rules.tree import Condition
from regulars.rules.vocabulary import Scope, Vocabulary

ibis = later("ibis")


def rows_turned(selection: Selection, before: When, now: When, vocabulary: Vocabulary) -> Any:
    """``customer_id`` of those with a row that meets the selection's own condition at one moment only."""
    scope = Scope(vocabulary)
    fact = selection.known_fact(scope)
    rows = facts.rows_of(fact.table, selection.names(scope))
    met = [ibis.coalesce(RowsTable(rows, fact, when, scope).where_mask(selection), False) for when in (before, now)]
    return rows.filter(met[0] != met[1]).select("customer_id").distinct()


def marked_rows(selections: Sequence[Selection], column: str, when: When, vocabulary: Vocabulary) -> Any:
    """Rows of the one table of up to `expressions.BITS` selections: ``customer_id``, ``moment`` (the column of that
    name) and ``marks``, whose nth bit says whether the row is one of the nth selection, whatever its moment."""
    scope = Scope(vocabulary)
    names = frozenset([column]).union(*(s.where_names(scope) for s in selections))
    rows = facts.rows_of(selections[0].known_fact(scope).table, names)
    masks = [RowsTable(rows, s.known_fact(scope), when, scope).where_mask(s) for s in selections]
    marks = next(expressions.packed([ibis.literal(True) if mask is None else mask for mask in masks]))
    return rows.select("customer_id", moment=rows[column], marks=marks)


def people_turned(conditions: Sequence[Condition], before: When, now: When,
                  vocabulary: Vocabulary) -> tuple[Compiler, str, str]:
    """A compiler of the conditions at both moments, and two SQL conditions: true of whom one turned or who came to
    exist, and true of the latter alone."""
    asked = {f"c{i}": condition for i, condition in enumerate((Everyone(), *conditions))}
    questions = {f"{name}_{moment}": Question(condition, when) for name, condition in asked.items()
                 for moment, when in (("before", before), ("now", now))}
    differs = [f"{name}_before <> {name}_now" for name in asked]
    return Compiler(vocabulary, questions), " OR ".join(differs), differs[0]
