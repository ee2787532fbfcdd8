"""Features kept per customer, so that a rule over them is a predicate over one table.

A kept feature is true of one moment and one state of the facts: its column's name holds the moment, and the table is
passed over as soon as the facts have moved on.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from regulars.engines.duckdb import DuckDBEngine
from regulars.errors import NumberTooLarge
from regulars.model.settings import Settings
from regulars.rules import Compiler, Condition, Plan, Question, Vocabulary, When

TABLE = "kept_features"


def facts_version(engine: DuckDBEngine) -> int:
    """The counter that every change of facts moves on."""
    return int(engine.value("SELECT value FROM meta WHERE key = 'facts_version'"))


def kept_features(engine: DuckDBEngine) -> frozenset[str]:
    """The features at hand that are true of the facts as they are."""
    return frozenset(name for (name,) in engine.rows(
        "SELECT feature FROM kept WHERE facts_version = (SELECT value::BIGINT FROM meta WHERE key = 'facts_version')"))


def keep(engine: DuckDBEngine, settings: Settings, vocabulary: Vocabulary, rules: Mapping[str, Condition],
         now: datetime) -> int:
    """Work out every feature the rules need at ``now`` and keep them; how many there are. One transaction."""
    questions = {name: Question(rule, When(now, settings.zone)) for name, rule in rules.items()}
    compiler = Compiler(vocabulary, questions)
    try:
        return _keep(engine, compiler.features_plan(narrow=True), now)
    except NumberTooLarge:
        return _keep(engine, compiler.features_plan(narrow=False), now)


def _keep(engine: DuckDBEngine, plan: Plan, now: datetime) -> int:
    with engine.transaction():
        engine.execute(f"CREATE OR REPLACE TABLE {TABLE} AS {plan.sql(engine.compile, engine.staged)}")
        engine.execute("DELETE FROM kept")
        for feature in plan.features:
            engine.execute("INSERT INTO kept VALUES (?, ?, ?, ?)",
                           [feature.name, feature.key, now, facts_version(engine)])
    return len(plan.features)


def forget_features(engine: DuckDBEngine, customer_id: str) -> None:
    """Nothing is kept of somebody who is erased."""
    if engine.columns(TABLE):
        engine.execute(f"DELETE FROM {TABLE} WHERE customer_id = ?", [customer_id])
