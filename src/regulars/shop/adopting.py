"""Making segments of what an analysis found: buckets become saved rules, and are remembered so that drift is seen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from itertools import chain, count
from typing import Any

from regulars.engines.duckdb import DuckDBEngine
from regulars.errors import Refused
from regulars.insight.buckets.rows import MODEL
from regulars.insight.common import Result
from regulars.rules import fold
from regulars.segments.saved import Segment, Segments
from regulars.shop.refusals import why

BY = "buckets"


def adopt(segments: Segments, result: Result, now: datetime) -> list[Segment]:
    """Save each bucket of a result as a segment of its name, in a new version where it was adopted before.

    A segment of the shop's own is never written over: beside it the bucket's gets a number. Adopted segments that are
    no longer found stay as they are. Raises `Refused` where the result has no buckets.
    """
    model: Mapping[str, Any] | None = result.numbers.get("model")
    if result.analysis != "buckets" or not model:
        raise Refused(why("There are no buckets here to adopt."), hint=why("Find some."),
                      command="regulars insight buckets")
    standing = {fold(s.name): s for s in segments.list()}
    saved = [_saved(segments, _name(b["name"], standing), b["rule"], standing, now) for b in model["buckets"]]
    _remember(segments.engine, model)
    return saved


def _name(bucket: str, standing: Mapping[str, Segment]) -> str:
    """The bucket's name, or the first with a number behind it that no other segment bears."""
    for name in chain([bucket], (f"{bucket} {n}" for n in count(2))):
        there = standing.get(fold(name))
        if there is None or there.changed_by == BY:
            return name
    raise AssertionError("numbers do not end")


def _saved(segments: Segments, name: str, rule: str, standing: Mapping[str, Segment], now: datetime) -> Segment:
    there = standing.get(fold(name))
    if there is None:
        return segments.add(name, rule, now=now, by=BY)
    return there if there.rule == rule else segments.change(there.name, rule=rule, now=now, by=BY)


def _remember(engine: DuckDBEngine, model: Mapping[str, Any]) -> None:
    with engine.transaction():
        engine.execute("DELETE FROM meta WHERE key = ?", [MODEL])
        engine.execute("INSERT INTO meta VALUES (?, ?)", [MODEL, json.dumps(model)])
