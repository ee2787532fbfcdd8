"""One customer of a shop as the rules in plain Python see them, for saying why a rule is true of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from regulars.engines.duckdb import DuckDBEngine, quoted, sought
from regulars.errors import NotFound
from regulars.model.tables import CUSTOMERS, FACT_TABLES
from regulars.rules import Compiler, Question, Vocabulary, When
from regulars.rules.constructs.known import Known
from regulars.rules.constructs.selection import Selection
from regulars.rules.explain import Explanation, explain
from regulars.rules.oracle import Everybody, exists
from regulars.rules.passing import whole
from regulars.rules.tree import Condition, Value
from regulars.segments.evaluate import Evaluator
from regulars.segments.refusals import why

OF_PEOPLE = dict.fromkeys((CUSTOMERS.name, "scores", "accounts"), "*")
EVERY_COLUMN = dict.fromkeys((t.name for t in FACT_TABLES), "*")


class OneInShop(Everybody):
    """One customer with their rows; what is known of everybody else is asked of the engine."""

    def __init__(self, evaluator: Evaluator, vocabulary: Vocabulary, tables: Mapping[str, Any]) -> None:
        super().__init__(tables, vocabulary)
        self._evaluator = evaluator

    def known(self, value: Value, when: When) -> list[Any]:
        """Every known value of those who exist, in order."""
        plan = Compiler(self.vocabulary, {"known": Question(Known(value), when)}).features_plan(narrow=False)
        column = quoted(value.features(when, self._evaluator.scope(self.vocabulary))[0].name)
        rows = self._evaluator.engine.rows(
            f"SELECT {column} FROM ({self._evaluator.sql(plan)}) WHERE {column} IS NOT NULL AND (known_since IS NULL "
            f"OR known_since <= ?) ORDER BY 1", [when.now])
        return [row[0] for row in rows]


def explain_customer(evaluator: Evaluator, rule: str, customer_id: str, now: datetime, language: str) -> Explanation:
    """Each condition of the rule for one customer; raises `NotFound`, `RuleError`."""
    vocabulary = evaluator.vocabulary()
    tree = evaluator.read(rule, vocabulary)
    tables = customer_tables(evaluator.engine, customer_id, _facts_read(tree, vocabulary))
    person, when = OneInShop(evaluator, vocabulary, tables).people[customer_id], evaluator.when(now)
    if not exists(person, when):
        raise NotFound(why("The shop did not know of '{customer}' at that moment.", customer=customer_id))
    return explain(tree, person, when, vocabulary, language)


def _facts_read(rule: Condition, vocabulary: Vocabulary) -> dict[str, str]:
    """The tables of facts that the rule and the segments it leans on read, and that of answers, with all columns."""
    nodes = (node for each in whole(rule, vocabulary) for node in each.everything())
    tables = {vocabulary.facts[node.fact].table for node in nodes if isinstance(node, Selection)}
    return dict.fromkeys(sorted(tables | {"answers"}), "*")


def customer_tables(engine: DuckDBEngine, customer_id: str,
                    columns: Mapping[str, str] = EVERY_COLUMN) -> dict[str, list[dict[str, Any]]]:
    """The customer's rows of every table (of those of facts in ``columns``, if said), and the products, company and
    scores they lead to; raises `NotFound`."""
    tables = tables_of(engine, [customer_id], columns)
    if not tables["customers"]:
        raise NotFound(why("There is no customer '{customer}'.", customer=customer_id), hint=why("Find them."),
                       command="regulars customers find NAME")
    return tables


def tables_of(engine: DuckDBEngine, ids: Sequence[str],
              columns: Mapping[str, str] = EVERY_COLUMN) -> dict[str, list[dict[str, Any]]]:
    """The same of several customers; of who is not there, nothing. ``columns`` has what to select of which fact
    tables (all of all, unless said), and of what is known of people (all, unless said; nothing where it is empty)."""
    # The engine looks only into the blocks that can hold an id it is told outright.
    several = sought("(SELECT unnest(?::VARCHAR[]) AS customer_id)")
    asked, whose = ([ids[0]], "customer_id = ?") if len(ids) == 1 else ([list(ids)], f"customer_id IN {several}")
    selected = {name: listed for name, listed in {**OF_PEOPLE, **columns}.items() if listed}
    whose_account = f"account_id IN (SELECT account_id FROM customers WHERE {whose})"
    tables = {name: _rows(engine, f"SELECT {listed} FROM {name} WHERE {whose_account if name == 'accounts' else whose}",
                          asked) for name, listed in selected.items()}
    if sold := sorted({p for line in tables.get("lines", ()) if (p := line["product_id"]) is not None}):
        tables["products"] = _rows(engine, "SELECT * FROM products WHERE product_id IN (SELECT unnest(?::VARCHAR[]))",
                                   [sold])
    return tables


def _rows(engine: DuckDBEngine, sql: str, parameters: list[Any]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = engine.query(sql, parameters).to_pylist()
    for row in rows:
        if isinstance(row.get("properties"), str):
            row["properties"] = json.loads(row["properties"])
    return rows
