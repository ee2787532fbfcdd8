"""From when on the size of a rule can be known: scores are kept as of one moment, and say nothing of those before."""

from __future__ import annotations

import json
from datetime import datetime

from regulars.engines.duckdb import DuckDBEngine
from regulars.rules import Condition, Vocabulary, fold
from regulars.rules.constructs.attribute import Attribute
from regulars.rules.passing import whole

SCORES = "scores"
KEPT = """SELECT m.value FROM fields f JOIN meta m ON m.key = 'scored.' || f.source
    WHERE f.table_name = ? AND list_contains(?, f.name)"""


def scored_at(engine: DuckDBEngine, rule: Condition, vocabulary: Vocabulary) -> datetime | None:
    """The moment of the newest scores the rule asks (by itself or by a segment in it); None where it asks none."""
    kept = {fold(name): field.column for name, field in vocabulary.attributes.items() if field.holder == SCORES}
    asked = {kept[fold(node.name)] for each in whole(rule, vocabulary) for node in each.walk()
             if isinstance(node, Attribute) and fold(node.name) in kept}
    moments = [json.loads(said)["as_of"] for (said,) in engine.rows(KEPT, [SCORES, sorted(asked)])] if asked else []
    return max(map(datetime.fromisoformat, moments), default=None)
