"""What is assumed where the facts are silent: the shop's settings, what was asked for, and what the facts suggest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from regulars.engines.duckdb import DuckDBEngine, literal
from regulars.model.settings import Settings

QUARTILES = (0.25, 0.75)


@dataclass(frozen=True)
class Guess:
    """A number that is assumed, and between what it may lie; ``of`` counts what it was worked out from."""

    value: float
    low: float
    high: float
    of: int = 0


@dataclass(frozen=True)
class Assumptions:
    """``goods_cost``: the share of an amount that goods of unknown cost are taken to have cost, None where nothing is
    known at all; ``minutes_a_point``: service minutes for a point of effort; the rest in the shop's currency, None
    where it is not known."""

    goods_cost: Guess | None
    minutes_a_point: Guess | None
    service_hour: float
    messages: Mapping[str, float]
    payment_percent: float | None
    shipping: float | None

    def said(self) -> dict[str, Any]:
        """For a program to read."""
        return {"goods_cost_share": _said(self.goods_cost), "minutes_a_point_of_effort": _said(self.minutes_a_point),
                "service_hour_cost": self.service_hour, "message_costs": dict(self.messages),
                "payment_fee_percent": self.payment_percent, "shipping_cost": self.shipping}


def _said(guess: Guess | None) -> dict[str, float] | None:
    return None if guess is None else {"value": guess.value, "low": guess.low, "high": guess.high}


def assume(engine: DuckDBEngine, settings: Settings, since: datetime, now: datetime, *,
           goods_cost_percent: float | None = None, service_hour_cost: float | None = None,
           message_cost: float | None = None, payment_fee_percent: float | None = None,
           shipping_cost: float | None = None) -> Assumptions:
    """What was asked for, else the settings, else what the facts between the moments suggest."""
    share = (goods_cost_percent or 0) / 100
    asked = None if goods_cost_percent is None else Guess(share, share, share)
    messages = dict(settings.message_costs)
    if message_cost is not None:
        messages = dict.fromkeys(messages, message_cost)
    return Assumptions(asked or _goods_cost(engine, since, now), _minutes(engine, now),
                       settings.service_hour_cost if service_hour_cost is None else service_hour_cost, messages,
                       settings.payment_fee_percent if payment_fee_percent is None else payment_fee_percent,
                       settings.shipping_cost if shipping_cost is None else shipping_cost)


def _goods_cost(engine: DuckDBEngine, since: datetime, now: datetime) -> Guess | None:
    """Cost over amount of the lines whose cost is known; between the quartiles of products, weighed by amount."""
    rows = engine.query(
        "SELECT sum(amount)::DOUBLE AS amount, sum(amount - margin)::DOUBLE AS cost FROM lines WHERE counted AND "
        f"margin IS NOT NULL AND \"at\" > TIMESTAMP {literal(str(since))} AND \"at\" <= TIMESTAMP {literal(str(now))} "
        "AND amount > 0 GROUP BY product_id ORDER BY product_id")
    amount, cost = rows["amount"].to_numpy(), rows["cost"].to_numpy()
    if not amount.sum() > 0:
        return None
    low, high = weighted_quantiles(cost / amount, amount, QUARTILES)
    share = float(cost.sum() / amount.sum())
    return Guess(share, min(low, share), max(high, share), len(amount))


def _minutes(engine: DuckDBEngine, now: datetime) -> Guess | None:
    """Minutes a point of effort, of tickets where both are known; between the quartiles."""
    value, low, high, of = engine.rows(
        "SELECT sum(minutes) / sum(effort), quantile_cont(minutes / effort, 0.25), quantile_cont(minutes / effort, "
        "0.75), count(*) FROM tickets WHERE minutes IS NOT NULL AND effort > 0 AND \"at\" <= TIMESTAMP "
        f"{literal(str(now))}")[0]
    return Guess(value, min(low, value), max(high, value), of) if of else None


def weighted_quantiles(values: Any, weights: Any, at: tuple[float, ...]) -> list[float]:
    """The smallest value up to which the share ``at`` of the weight lies."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order]) / weights.sum()
    return [float(values[order][min(int(np.searchsorted(reached, q)), len(order) - 1)]) for q in at]


__all__ = ["Assumptions", "Guess", "assume", "weighted_quantiles"]
