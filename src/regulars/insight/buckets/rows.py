"""Buckets as a table, as scores, and as what is remembered of them to notice when customers change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from regulars.insight.buckets.found import Bucket, Found
from regulars.insight.buckets.rules import f1, ladder
from regulars.insight.common import Scores
from regulars.model.types import Type

NAME, LABEL = "bucket.name", "bucket"
MODEL = "buckets.adopted"
"""Where in the shop's books the adopted buckets are remembered."""
SCHEMA = pa.schema([
    ("bucket", pa.int64()), ("name", pa.string()), ("people", pa.int64()), ("share", pa.float64()),
    ("reachable", pa.int64()), ("stability", pa.float64()), ("fidelity", pa.float64()), ("short", pa.string()),
    ("rule", pa.string())])


def rows(buckets: Sequence[Bucket]) -> pa.Table:
    return pa.Table.from_pylist(
        [{"bucket": n, "name": b.name, "people": b.people, "share": b.share, "reachable": b.reachable,
          "stability": b.stability, "fidelity": f1(b.recall, b.precision), "short": b.short.rule, "rule": b.rule}
         for n, b in enumerate(buckets, 1)], SCHEMA)


def details(buckets: Sequence[Bucket]) -> list[dict[str, Any]]:
    """Beside each row: how true the rule and its gist are, and what stands out, the farthest first."""
    return [{"bucket": n, "recall": b.recall, "precision": b.precision, "short_recall": b.short.recall,
             "short_precision": b.short.precision,
             "marks": [{"feature": m.feature.value, "away": m.away, "inside": m.inside, "everyone": m.everyone}
                       for m in b.marks]} for n, b in enumerate(buckets, 1)]


def scores(found: Found, buckets: Sequence[Bucket]) -> Scores:
    """``bucket.name`` of everybody looked at; nobody's where there are no buckets."""
    if found.who is None or not buckets:
        return Scores(pa.table({"customer_id": pa.array([], pa.string()), NAME: pa.array([], pa.string())}),
                      {NAME: Type.TEXT}, {NAME: LABEL})
    code = found.who.column("bucket").to_numpy()
    names = pa.DictionaryArray.from_arrays(pa.array(code, mask=code < 0), pa.array([b.name for b in buckets]))
    table = pa.table({"customer_id": found.who.column("customer_id"), NAME: names.cast(pa.string())})
    return Scores(table, {NAME: Type.TEXT}, {NAME: LABEL})


def model(found: Found, buckets: Sequence[Bucket], now: datetime, n: int) -> dict[str, Any]:
    """What `drift` compares later customers with: rules with their people, and how each feature was spread."""
    assert found.values is not None
    return {"made": now.isoformat(), "customers": n, "looked_at": found.looked_at,
            "buckets": [{"name": b.name, "rule": b.rule, "people": b.people} for b in buckets],
            "features": [_spread(found.values, f) for f in found.features]}


def _spread(values: pa.Table, feature: Any) -> dict[str, Any]:
    rung = ladder(values, feature)
    counts = np.bincount(rung.steps(values), minlength=rung.last + 1)
    return {"value": feature.value, "block": feature.block, "word": feature.word, "form": feature.form,
            "known": feature.known, "latest": feature.latest, "cuts": list(rung.cuts), "counts": counts.tolist()}
