"""The rows by which a part of a goal happens to somebody: one expression over the shop's tables."""

from __future__ import annotations

from typing import Any

from regulars.model.later import later
from regulars.model.tables import CUSTOMERS
from regulars.outreach.goals.refusing import BEGUN
from regulars.rules import Condition, Scope, Vocabulary, When, facts
from regulars.rules.constructs.exists import AnyOf
from regulars.rules.constructs.selection import Selection
from regulars.rules.expressions import from_local_time
from regulars.rules.frames import Frame, RowsTable

ibis = later("ibis")


class _Plans(Frame):
    """Customers, of whom nothing but their plan is asked."""

    def __init__(self, table: Any, when: When, scope: Scope) -> None:
        super().__init__(when, scope)
        self.table = table

    def named(self, name: str) -> Any:
        return facts.column(self.table, self.scope.field(name), self.when.zone)


def rows_of(leaf: Condition, vocabulary: Vocabulary, when: When) -> Any:
    """``customer_id`` and ``at``, a row each time it happens. Nothing of it hangs on the moment of ``when``."""
    return _selected(leaf.selection, vocabulary, when) if isinstance(leaf, AnyOf) else _begun(leaf, vocabulary, when)


def _selected(selection: Selection, vocabulary: Vocabulary, when: When) -> Any:
    scope = Scope(vocabulary)
    fact = selection.known_fact(scope)
    rows = facts.rows_of(fact.table, selection.names(scope))
    meets = RowsTable(rows, fact, when, scope).where_mask(selection)
    return (rows if meets is None else rows.filter(meets)).select("customer_id", "at")


def _begun(leaf: Condition, vocabulary: Vocabulary, when: When) -> Any:
    """The day on which a plan began begins at midnight of the shop's zone: one begun on the day of the message may
    have begun before it, and does not count."""
    people = facts.unbound(CUSTOMERS)
    chosen = people.filter(leaf.predicate(_Plans(people, when, Scope(vocabulary))))
    return chosen.select("customer_id", at=from_local_time(chosen[BEGUN].cast("timestamp(6)"), when.zone))


__all__ = ["rows_of"]
