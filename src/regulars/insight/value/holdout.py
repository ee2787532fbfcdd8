"""How well it was foretold: what was expected after a day, beside what came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regulars.insight.value.counting import Counted
from regulars.insight.value.fitting import Fit
from regulars.insight.value.ranges import Buying
from regulars.insight.value.rows import Numbers, Rows, Wholes

MOST_POINTS = 60
MANY = 7
"""So many repeat orders and more are one class, as in the papers."""


@dataclass(frozen=True)
class Holdout:
    """Orders of the customers known by ``since`` (each day with one counts once) until ``until``."""

    since: date
    until: date
    units: float
    actual: int
    expected: float
    by_frequency: list[dict[str, Any]]
    track: list[dict[str, float]]

    def to_json(self) -> dict[str, Any]:
        return {"from": self.since, "to": self.until, "units": self.units, "actual_orders": self.actual,
                "expected_orders": self.expected, "by_frequency": self.by_frequency, "track": self.track}


def hold_out(model: Buying, fit: Fit, counted: Counted, rows: Rows, which: Wholes, after: pa.Table, until: date,
             unit: float) -> Holdout:
    """``after`` are the days with an order between the customers' last day and ``until``."""
    after = after.filter(pc.is_in(after["customer_id"], counted.customer_id))
    days = (until - counted.today).days
    ends = np.unique(np.linspace(0, days, min(max(round(days / unit), 1), MOST_POINTS) + 1).round()[1:])
    expected = model.expected(fit.parameters, rows, ends / unit)
    came = np.sort((after["day"].to_numpy().astype("datetime64[D]") - np.datetime64(counted.today)).astype(int))
    total = np.einsum("i,ij->j", rows.weight, expected)
    track = [{"units": end / unit, "actual": int(np.searchsorted(came, end, side="right")), "expected": float(sum_)}
             for end, sum_ in zip(ends, total, strict=True)]
    return Holdout(counted.today, until, days / unit, len(came), float(total[-1]),
                   _by_frequency(counted, expected[:, -1][which], after), track)


def _by_frequency(counted: Counted, expected: Numbers, after: pa.Table) -> list[dict[str, Any]]:
    """Of those with 0, 1 … repeat orders before: how many there are, and their mean orders after."""
    place = pc.index_in(after["customer_id"], counted.customer_id).to_numpy()
    came = np.bincount(place.astype(int), minlength=len(counted))
    classes = np.minimum(counted.x, MANY)
    people = np.bincount(classes, minlength=MANY + 1)
    actual, foretold = (np.bincount(classes, v, MANY + 1) / np.maximum(people, 1) for v in (came, expected))
    return [{"repeat_orders": f"{i}+" if i == MANY else str(i), "customers": int(people[i]), "actual": float(actual[i]),
             "expected": float(foretold[i])} for i in range(MANY + 1) if people[i]]
