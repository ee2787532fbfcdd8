"""Drift: whether customers still are as they were when buckets were adopted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from regulars.errors import TooLittleData
from regulars.insight.buckets.features import Feature
from regulars.insight.buckets.found import GROWN, sampled
from regulars.insight.buckets.names import label as feature_label
from regulars.insight.buckets.rows import MODEL
from regulars.insight.buckets.rules import Ladder
from regulars.insight.common import Analysis, Facts, Result, among, asked
from regulars.insight.common.intervals import corrected
from regulars.insight.common.refusals import why
from regulars.model.later import later
from regulars.model.phrases import Own, Sentence, Share, phrases

stats = later("scipy.stats")
text, counted = phrases("regulars.insight", "drift")

ENOUGH = 60
PROVEN = 0.05
WATCH, ALARM = 0.1, 0.25
"""Population stability index from which a shift is watched, and acted upon (Siddiqi 2006, Credit Risk Scorecards)."""
SCHEMA = pa.schema([("kind", pa.string()), ("what", pa.string()), ("then", pa.float64()), ("now", pa.float64()),
                    ("index", pa.float64()), ("p", pa.float64()), ("moved", pa.string())])


@dataclass(frozen=True)
class Drift(Analysis):
    """Today's customers beside those the adopted buckets were found among.

    Rows: of each bucket its share of customers ``then`` and ``now``; of each feature ``index``, the population
    stability index of its spread; ``p`` corrected for the number of rows; ``moved`` "alarm", "watch" or nothing. Find
    buckets anew where there is an alarm.
    """

    seed: int = field(default=1, metadata={"help": "Of a large shop the same seed looks at the same customers."})
    needs: ClassVar[str] = "adopted buckets"

    def run(self, shop: Facts, now: datetime) -> Result:
        model = adopted(shop)
        with among(shop, self.segment, now) as people:
            n = shop.engine.value(f"SELECT count(*) FROM {people}")
            asked(ENOUGH, n, why("customers"), why("Drift"))
            with sampled(shop, people, self.seed, GROWN) as few:
                found = [*_buckets(shop, model, few, now), *_features(shop, model, few, now)]
        rows = _judged(found)
        return Result("drift", text("The spread of customers over buckets and over each side of behaviour, then and "
                                    "now: the population stability index, and a chi-squared test."),
                      "Siddiqi 2006 (index); Pearson 1900 (test); Benjamini & Hochberg 1995", now, n, self.said,
                      pa.Table.from_pylist(rows, SCHEMA), _findings(rows, model), _caveats(),
                      {"made": model["made"], "features": [f["value"] for f in model["features"]]})


def adopted(shop: Facts) -> dict[str, Any]:
    """What was remembered when buckets were adopted; raises `TooLittleData` where none were."""
    kept = shop.engine.value("SELECT value FROM meta WHERE key = ?", [MODEL])
    if kept is None:
        raise TooLittleData(why("Drift needs buckets that have been adopted, and there are none."),
                            hint=why("Adopt them."), command="regulars insight buckets --adopt")
    model: dict[str, Any] = json.loads(kept)
    return model


def _buckets(shop: Facts, model: Mapping[str, Any], few: str, now: datetime) -> Iterator[dict[str, Any]]:
    """The share of customers in each bucket by its rule."""
    buckets = model["buckets"]
    counts = _counted(shop, {str(i): b["rule"] for i, b in enumerate(buckets)}, few, now)
    before = np.array([b["people"] for b in buckets], float)
    for i, bucket in enumerate(buckets):
        then = np.array([before[i], before.sum() - before[i]])
        today = np.array([counts[i], counts.sum() - counts[i]])
        yield {"kind": "bucket", "what": bucket["name"], "then": _first(then), "now": _first(today),
               "index": stability_index(then, today), "p": chi_squared(then, today)}


def _counted(shop: Facts, rules: Mapping[str, str], few: str, now: datetime) -> Any:
    values = shop.values_at(rules, now, few)
    return np.array([np.asarray(values.column(name).to_numpy(), float).sum() for name in rules])


def _features(shop: Facts, model: Mapping[str, Any], few: str, now: datetime) -> Iterator[dict[str, Any]]:
    """How far the spread of each feature over its steps has moved."""
    features = [(_feature(f), f) for f in model["features"]]
    values = shop.values_at({f.value: f.value for f, _ in features}, now, few)
    for feature, kept in features:
        ladder = Ladder(feature, tuple(kept["cuts"]))
        then = np.array(kept["counts"], float)
        today = np.bincount(ladder.steps(values), minlength=len(then)).astype(float)
        yield {"kind": "feature", "what": feature.value, "then": None, "now": None,
               "index": stability_index(then, today), "p": chi_squared(then, today)}


def _feature(kept: Mapping[str, Any]) -> Feature:
    return Feature(kept["value"], kept["block"], kept["form"], kept["word"], known=kept["known"],
                   latest=kept["latest"])


def stability_index(then: Any, today: Any) -> float:
    """The sum of (q - p) ln(q / p) over steps, each with half a customer more so that none is empty."""
    p, q = ((x + 0.5) / (x + 0.5).sum() for x in (then, today))
    return float(((q - p) * np.log(q / p)).sum())


def chi_squared(then: Any, today: Any) -> float:
    """Whether two spreads are of one; steps nobody is on are left out."""
    table = np.array([then, today])
    table = table[:, table.sum(axis=0) > 0]
    if table.shape[1] < 2 or not (table.sum(axis=1) > 0).all():
        return 1.0
    return float(stats.chi2_contingency(table, correction=False).pvalue)


def _first(counts: Any) -> float:
    return float(counts[0] / counts.sum()) if counts.sum() else 0.0


def _judged(found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Buckets, then features, those that moved most first."""
    fair = corrected(np.array([r["p"] for r in found])).tolist()
    rows = [{**row, "p": p, "moved": _moved(row["index"], p)} for row, p in zip(found, fair, strict=True)]
    return sorted(rows, key=lambda r: (r["kind"], -r["index"], r["what"]))


def _moved(index: float, p: float) -> str:
    if p >= PROVEN or index < WATCH:
        return ""
    return "alarm" if index >= ALARM else "watch"


def _findings(rows: Sequence[Mapping[str, Any]], model: Mapping[str, Any]) -> list[Sentence]:
    made = datetime.fromisoformat(model["made"])
    moved = [r for r in rows if r["moved"]]
    if not moved:
        return [text("Customers are as they were when the buckets were found, on {day}.", day=made.date())]
    alarm = any(r["moved"] == "alarm" for r in moved)
    said = [text("Customers are no longer as they were on {day}: find the buckets anew.", day=made.date()) if alarm else
            text("Customers have begun to differ from those of {day}: keep an eye on it.", day=made.date())]
    words = {f["value"]: _feature(f) for f in model["features"]}
    return [*said, *(_moved_said(r, words) for r in moved)]


def _moved_said(row: Mapping[str, Any], words: Mapping[str, Feature]) -> Sentence:
    if row["kind"] == "bucket":
        return text("{bucket}: {then} of customers then, {now} now.", bucket=Own(row["what"]), then=Share(row["then"]),
                    now=Share(row["now"]))
    return text("The spread of this has moved: {feature} (index {index}).", feature=feature_label(words[row["what"]]),
                index=row["index"])


def _caveats() -> list[Sentence]:
    return [text("Many of these customers are the same people as then, which the test does not know of: it calls a "
                 "shift proven too seldom rather than too often.")]


__all__ = ["Drift", "adopted", "chi_squared", "stability_index"]
