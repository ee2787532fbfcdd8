"""What is expected of each customer: are they active, their orders and worth, when the next is due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from regulars.insight.common.analysis import Scores
from regulars.insight.value.counting import Counted
from regulars.insight.value.ranges import HIGH, LOW, Buying
from regulars.insight.value.rows import Numbers, Rows
from regulars.model.clock import add_months
from regulars.model.types import Type

Days = NDArray[np.datetime64]
LIKELY = 0.5
"""Whoever is less likely active than this has no next order that is due."""
FAR_DAYS = 5 * 365
"""A day further away is said to be unknown."""


@dataclass(frozen=True)
class Horizon:
    """``times`` are the ends of calendar months from today, in units; ``weights`` what an order by then is worth now.

    An order in month m counts (1 + discount)^(-m / 12): the weights are the differences of these, so that the sum over
    times of weight x orders by then is the present number of orders.
    """

    times: Numbers
    weights: Numbers

    @classmethod
    def of(cls, today: date, months: int, discount: float, unit: float) -> Horizon:
        start = datetime.combine(today, time())
        days = np.array([(add_months(start, m) - start).days for m in range(1, months + 1)], float)
        worth = (1 + discount) ** (-np.arange(1, months + 2) / 12)
        worth[-1] = 0
        return cls(days / unit, worth[:-1] - worth[1:])


@dataclass(frozen=True)
class Predicted:
    """One place a customer. ``pay`` is what they will pay an order; NaN, as ``worth``, where that is unknown."""

    active: Numbers
    orders: Numbers
    pay: Numbers
    worth: Numbers
    due: Days
    earliest: Days
    latest: Days


def predict(model: Buying, parameters: Sequence[float], rows: Rows, which: NDArray[np.int64], pay: Numbers,
            horizon: Horizon, today: date, unit: float) -> Predicted:
    """Of every customer, worked out once for each distinct row."""
    expected = model.expected(parameters, rows, horizon.times)
    active = model.alive(parameters, rows)
    due, earliest, latest = (_day(today, wait * unit, active)[which]
                             for wait in (_wait(parameters, rows, q) for q in (0.5, LOW, HIGH)))
    present = np.einsum("ij,j->i", expected, horizon.weights)
    return Predicted(active[which], expected[:, -1][which], pay, present[which] * pay, due, earliest, latest)


def _wait(parameters: Sequence[float], rows: Rows, chance: float) -> Numbers:
    """The time by which one who stays active has ordered with this chance.

    Their rate is gamma distributed with r + x and alpha + T, so the wait is Pareto distributed (of the second kind).
    """
    r, alpha = parameters[:2]
    found: Numbers = (alpha + rows.T) * np.expm1(np.minimum(-np.log1p(-chance) / (r + rows.x), 50))
    return found


def _day(today: date, wait: Numbers, active: Numbers) -> Days:
    """Days from today, unknown where they are far or the customer has probably left."""
    whole = np.ceil(np.minimum(wait, FAR_DAYS + 1)).astype("timedelta64[D]")
    days = np.datetime64(today, "D") + whole
    days[(wait > FAR_DAYS) | (active < LIKELY)] = np.datetime64("NaT")
    return days


NAMES: dict[str, tuple[Type, str]] = {
    "value.next_12_months": (Type.MONEY, "expected value of the next 12 months"),
    "value.orders_next_12_months": (Type.NUMBER, "expected orders of the next 12 months"),
    "active.probability": (Type.NUMBER, "probability of being active"),
    "next_order.due": (Type.DATE, "day the next order is due"),
    "next_order.earliest": (Type.DATE, "earliest likely day of the next order"),
    "next_order.latest": (Type.DATE, "latest likely day of the next order"),
}


COUNTED_IN = {"margin": "expected margin of the next 12 months", "total": "expected spending of the next 12 months"}


def scores_of(counted: Counted, predicted: Predicted) -> Scores:
    """To be kept for rules."""
    worth = pa.array(np.round(predicted.worth, 2), from_pandas=True)
    columns = [worth, pa.array(predicted.orders), pa.array(predicted.active),
               *(pa.array(days) for days in (predicted.due, predicted.earliest, predicted.latest))]
    table = pa.table({"customer_id": counted.customer_id, **dict(zip(NAMES, columns, strict=True))})
    labels = {n: said for n, (_, said) in NAMES.items()} | {"value.next_12_months": COUNTED_IN[counted.amount]}
    return Scores(table, {n: t for n, (t, _) in NAMES.items()}, labels)
