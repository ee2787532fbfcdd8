"""A saved segment as the last look left it, with its tree or why it has none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from regulars.engines.duckdb import DuckDBEngine
from regulars.errors import NumberTooLarge, RuleError, StatementRefused
from regulars.model.phrases import as_text
from regulars.model.settings import Settings
from regulars.rules import Condition, Vocabulary
from regulars.segments.evaluate import Evaluator
from regulars.segments.noted import note, noted


@dataclass(frozen=True)
class Standing:
    """A saved segment as the last look left it; ``failed``: why its rule cannot be asked now."""

    name: str
    rule: str
    version: int
    looked_at: datetime | None
    facts: int | None
    looked_version: int | None
    members: int | None
    tree: Condition | None = None
    failed: str = ""
    error: RuleError | None = None


def standings(engine: DuckDBEngine, evaluator: Evaluator, vocabulary: Vocabulary,
              refused: Mapping[str, str] = MappingProxyType({})) -> list[Standing]:
    """Every segment with its tree, or with why it has none; ``refused`` says why some cannot be answered."""
    rows = engine.rows("SELECT name, rule, version, refreshed_at, refreshed_facts, CASE WHEN changed_at <= "
                       "refreshed_at THEN coalesce(refreshed_version, version) ELSE refreshed_version END, members "
                       "FROM segments ORDER BY name")
    found = [Standing(*row) for row in rows]
    return [replace(s, failed=refused[s.name]) if s.name in refused else _read(s, evaluator, vocabulary) for s in found]


def _read(found: Standing, evaluator: Evaluator, vocabulary: Vocabulary) -> Standing:
    try:
        return replace(found, tree=evaluator.read(vocabulary.segments[found.name], vocabulary))
    except RuleError as error:
        return replace(found, failed=as_text(error), error=error)


REFUSALS = (NumberTooLarge, StatementRefused)
"""What the engine says of a rule that it cannot answer from these facts."""


def refused_alone(evaluator: Evaluator, now: datetime) -> dict[str, str]:
    """The segments that the engine refuses, each asked by itself, with why; outside of a transaction, which the first
    refusal would end."""
    vocabulary, found = evaluator.vocabulary(), {}
    for each in standings(evaluator.engine, evaluator, vocabulary):
        try:
            if each.tree is not None:
                evaluator.count(each.tree, now)
        except REFUSALS as error:
            found[each.name] = as_text(error)
    return found


JUDGED_BY = "segments.zone"
"""The key in ``meta`` of what of the shop's settings the last look was by: its time zone and country."""


def by_other_settings(engine: DuckDBEngine, settings: Settings) -> bool:
    """Whether the look before was by the days of another time zone, or by places as another country names them, which
    may be others for everybody; from now on it is by these. To be called inside the look's transaction."""
    known, these = noted(engine, JUDGED_BY), f"{settings.zone.key} {settings.country}"
    if known != these:
        note(engine, JUDGED_BY, these)
    return known not in ("", these)
