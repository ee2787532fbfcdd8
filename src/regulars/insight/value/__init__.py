"""What customers are worth in the time to come: their orders and worth, who is active, when the next is due."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from regulars.errors import Refused
from regulars.insight.common.analysis import Analysis, Facts, Result, among, asked
from regulars.insight.common.moments import day_end, read_day
from regulars.insight.common.refusals import why
from regulars.insight.value import counting, ranges, telling
from regulars.insight.value.bgnbd import BGNBD
from regulars.insight.value.counting import Counted
from regulars.insight.value.fitting import Fit, fit
from regulars.insight.value.gammagamma import GammaGamma, SpendFit
from regulars.insight.value.holdout import Holdout, hold_out
from regulars.insight.value.paretonbd import ParetoNBD
from regulars.insight.value.predicting import NAMES, Horizon, Predicted, predict, scores_of
from regulars.insight.value.ranges import Buying, Range
from regulars.insight.value.rows import Numbers, Rows, Wholes
from regulars.model.clock import local_day
from regulars.model.phrases import Sentence

MODELS: dict[str, type[BGNBD] | type[ParetoNBD]] = {"bg-nbd": BGNBD, "pareto-nbd": ParetoNBD}
UNITS = {"day": 1.0, "week": 7.0, "month": 365.25 / 12}
"""Lengths in days."""
FEWEST, FEWEST_AGAIN, FEWEST_SPENDERS = 50, 20, 20
SOURCE = ("Fader, Hardie & Lee (2005), Marketing Science 24(2) and JMR 42(4); Schmittlein, Morrison & Colombo (1987), "
          "Management Science 33(1); Fader & Hardie (2013), notes 025 and 027, brucehardie.com")


@dataclass(frozen=True)
class Value(Analysis):
    """Fit when customers order and what they pay, and foretell each one's orders, worth and next order.

    Orders of one day count once. Worth is discounted by calendar months. Ranges hold four in five: they come of shops
    made up by the model and fitted again (the parametric bootstrap), and how chance falls on top. With a day to stop
    at, everything is judged as of its end and held against the orders that came later.
    """

    model: str = field(default="pareto-nbd", metadata={
        "choices": tuple(MODELS), "help": "How customers order and leave: after an order, or at any time."})
    until: str = field(default="", metadata={
        "metavar": "DAY", "help": "Look at orders until the end of this day, and hold it against those after it."})
    unit: str = field(default="week", metadata={"choices": tuple(UNITS), "help": "What time is counted in."})
    amount: str = field(default="auto", metadata={
        "choices": ("auto", "total", "margin"), "help": "What worth is counted in: margin where nearly all is known, "
        "else what was paid."})
    months: int = field(default=12, metadata={"help": "How far ahead to look, in calendar months."})
    discount: float = field(default=0.1, metadata={"help": "What a year's wait takes off, such as 0.1."})
    draws: int = field(default=50, metadata={"help": "How many shops are made up for the ranges."})
    top: int = field(default=20, metadata={"help": "How many customers to list."})
    seed: int = field(default=1, metadata={"help": "Of everything that is drawn by chance."})
    keeps: ClassVar[tuple[str, ...]] = tuple(NAMES)
    meant_by: ClassVar[tuple[str, ...]] = ("model", "until", "amount", "months", "discount")

    def run(self, shop: Facts, now: datetime) -> Result:
        self._check()
        zone = shop.settings.zone
        today = read_day(self.until) if self.until else local_day(now, zone)
        moment = min(day_end(today, zone), now) if self.until else now
        if self.until and today >= local_day(now, zone):
            raise Refused(why("{until} is not before the moment that is asked of.", until=self.until))
        with among(shop, self.segment, moment) as people:
            amount = counting.which_amount(shop, people, moment, self.amount)
            counted = counting.count(shop, people, moment, today, amount)
            asked(FEWEST, len(counted), why("customers with an order"), why("Value"))
            asked(FEWEST_AGAIN, int((counted.x > 0).sum()), why("customers who ordered on a second day"), why("Value"))
            last = counting.last_order(shop, now) or today
            after = counting.orders_after(shop, people, moment, now) if self.until and last > today else None
        return self._told(shop, now, counted, last, after)

    def _check(self) -> None:
        for name, known in (("model", MODELS), ("unit", UNITS), ("amount", ("auto", "total", "margin"))):
            if getattr(self, name) not in known:
                raise Refused(why("There is no {name} called '{value}'.", name=name, value=getattr(self, name)),
                              hint=why("Choose {known}.", known=[*known]))
        for name, low, high in (("months", 1, 120), ("discount", 0, 10), ("draws", 10, 1000), ("top", 0, 10_000)):
            if not low <= getattr(self, name) <= high:
                raise Refused(why("{name} must be from {low} to {high}, and is {value}.", name=name, low=low,
                                  high=high, value=getattr(self, name)))

    def _told(self, shop: Facts, now: datetime, counted: Counted, last: date, after: pa.Table | None) -> Result:
        worked = Worked.out(self, counted)
        held = None
        if after is not None:
            held = hold_out(worked.model, worked.fit, counted, worked.rows, worked.which, after,
                            min(last, local_day(now, shop.settings.zone)), UNITS[self.unit])
        return Result(
            analysis="value", method=telling.method(self.model, counted.amount), source=SOURCE, now=now,
            n=len(counted), parameters={**self.said, "amount": counted.amount, **worked.fit.said()},
            rows=_top(shop, counted, worked.predicted, self.top), findings=list(telling.findings(
                worked.predicted, counted.amount, worked.orders, worked.worth, self.months, held)),
            caveats=list(_caveats(self, counted, worked, last, held)), numbers=worked.numbers(held),
            scores=self.kept(scores_of(counted, worked.predicted)))


@dataclass(frozen=True)
class Worked:
    """Everything that is worked out of the counted orders."""

    model: Buying
    rows: Rows
    which: Wholes
    fit: Fit
    spend: SpendFit | None
    predicted: Predicted
    orders: Range
    worth: Range | None
    parameter_ranges: dict[str, Range]
    ordered_again: tuple[int, int]
    by_frequency: list[dict[str, Any]]

    @classmethod
    def out(cls, asked_for: Value, counted: Counted) -> Worked:
        rng, unit = np.random.default_rng(asked_for.seed), UNITS[asked_for.unit]
        rows, which = Rows.of(counted.x, counted.last, counted.until, unit)
        model: Buying = MODELS[asked_for.model]()
        found = fit(model, rows, asked_for.seed)
        spend = SpendFit.of(counted.spend, asked_for.seed) if counted.pays.sum() >= FEWEST_SPENDERS else None
        horizon = Horizon.of(counted.today, asked_for.months, asked_for.discount, unit)
        pay = _pay(spend.parameters, counted) if spend else np.full(len(counted), np.nan)
        predicted = predict(model, found.parameters, rows, which, pay, horizon, counted.today, unit)
        drawn = ranges.draw(model, found, rows, asked_for.draws, rng)
        orders, worth = _ranges(asked_for, counted, model, found, spend, drawn, predicted, horizon, rng)
        named = {name: ranges.range_of(drawn.parameters[:, i]) for i, name in enumerate(model.names)}
        return cls(model, rows, which, found, spend, predicted, orders, worth, named,
                   (int(counted.x.sum()), int((counted.x > 0).sum())), _by_frequency(counted, drawn))

    def numbers(self, held: Holdout | None) -> dict[str, Any]:
        """What is said beside the table."""
        known = self.worth is not None
        return {
            "repeat_orders": self.ordered_again[0], "ordered_again": self.ordered_again[1],
            "log_likelihood": self.fit.log_likelihood,
            "fit": self.fit.about(),
            "parameter_ranges": {n: [r.low, r.high] for n, r in self.parameter_ranges.items()},
            "gamma_gamma": self.spend.said() if self.spend else None,
            "expected": {
                "orders": float(self.predicted.orders.sum()), "orders_range": [self.orders.low, self.orders.high],
                "worth": float(np.nansum(self.predicted.worth)) if known else None,
                "worth_range": [self.worth.low, self.worth.high] if self.worth else None,
                "active": float(self.predicted.active.sum()),
                "share_of_top_tenth": telling.top_tenth(self.predicted) if known else None},
            "by_frequency": self.by_frequency,
            "holdout": held.to_json() if held else None}


def _pay(parameters: tuple[float, ...], counted: Counted) -> Numbers:
    return GammaGamma().expected(parameters, counted.known, counted.mean)


def _ranges(asked_for: Value, counted: Counted, model: Buying, found: Fit, spend: SpendFit | None, drawn: ranges.Drawn,
            predicted: Predicted, horizon: Horizon, rng: np.random.Generator) -> tuple[Range, Range | None]:
    """Of all orders, and of all worth."""
    some = rng.choice(len(counted), min(len(counted), ranges.PART), replace=False)
    unit = UNITS[asked_for.unit]
    part = ranges.Part(Rows(counted.x[some], counted.last[some] / unit, counted.until[some] / unit,
                            np.ones(len(some))), counted.known[some], counted.mean[some], len(counted) / len(some))
    pays = [np.ones(len(some))] * (asked_for.draws + 1)
    if spend:
        drawn_spend = spend.draw(counted.spend, asked_for.draws, ranges.PART, rng)
        pays = [GammaGamma().expected(p, part.known, part.mean) for p in (*drawn_spend, spend.parameters)]
    orders, worth = ranges.totals(model, found, drawn, pays, part, horizon.weights, horizon.times, rng)
    of_orders = ranges.range_of(np.maximum(orders, 0) * predicted.orders.sum())
    return of_orders, ranges.range_of(worth * predicted.worth.sum()) if spend else None


def _by_frequency(counted: Counted, drawn: ranges.Drawn) -> list[dict[str, Any]]:
    """How many ordered again 0, 1 … times, and how many would in shops made up by the model: the fit as it looks."""
    actual = np.bincount(np.minimum(counted.x, 7), minlength=8)
    return [{"repeat_orders": f"{i}+" if i == 7 else str(i), "actual": int(actual[i]),
             "expected": float(drawn.repeats[:, i].mean()),
             "range": [float(v) for v in np.quantile(drawn.repeats[:, i], [ranges.LOW, ranges.HIGH])]}
            for i in range(8)]


def _top(shop: Facts, counted: Counted, predicted: Predicted, top: int) -> pa.Table:
    """Those who are worth most, by orders where nothing is known of their worth; most first."""
    by = np.where(np.isnan(predicted.worth), predicted.orders, predicted.worth)
    best = np.argsort(-by, kind="stable")[:top]
    table = pa.table({
        "place": pa.array(np.arange(len(best))), "customer_id": counted.customer_id.combine_chunks().take(best),
        "ordered": counted.x[best] + 1, "last": counted.until[best] - counted.last[best],
        "active": predicted.active[best], "expected_orders": predicted.orders[best],
        "worth": pa.array(np.round(predicted.worth[best], 2), from_pandas=True),
        "next_due": pa.array(predicted.due[best])})
    shop.engine.register("value_top", table)
    try:
        return shop.engine.query(
            """SELECT t.customer_id, c.name, t.ordered AS order_days, t.last AS days_since_last, t.active,
                t.expected_orders, t.worth::DECIMAL(18, 4) AS worth, t.next_due
            FROM value_top t LEFT JOIN customers c USING (customer_id) ORDER BY t.place""")
    finally:
        shop.engine.unregister("value_top")


def _caveats(asked_for: Value, counted: Counted, worked: Worked, last: date,
             held: Holdout | None) -> Iterator[Sentence]:
    ahead = Horizon.of(counted.today, asked_for.months, asked_for.discount, 1.0).times[-1]
    yield from telling.caveats_of_time(last, counted.today, int(counted.until.max()), int(ahead), held)
    yield from telling.caveats_of_fit(asked_for.model, worked.fit)
    yield from telling.caveats_of_spend(counted, worked.spend)


