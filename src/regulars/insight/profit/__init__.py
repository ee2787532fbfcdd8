"""What each customer and each segment earns: money in, every cost that is known, what is left, and who carries whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

import pyarrow as pa

from regulars.errors import Refused
from regulars.insight.common import Analysis, Facts, Result, Scores, among, asked
from regulars.insight.common.groups import Saved, saved_rules
from regulars.insight.common.refusals import why, why_counted
from regulars.insight.profit.assumptions import Assumptions, assume
from regulars.insight.profit.ledger import LEDGER, Between, ledger, profit_sql
from regulars.insight.profit.levers import AT_A_LOSS, first_lever, losing, of_losing, terms
from regulars.insight.profit.saying import SOURCE, caveats, findings, label, method
from regulars.insight.profit.service import by_channel
from regulars.insight.profit.statement import concentration, of_customers, of_segments, scores, statement
from regulars.model.clock import move
from regulars.model.types import Type

SCORES = {"profit.last_12_months": (Type.MONEY, "profit of the last 12 months"),
          "discount.habit": (Type.NUMBER, "share of orders bought at a discount"),
          "service.cost_last_12_months": (Type.MONEY, "service cost of the last 12 months")}
BY = ("groups", "customers", "losing", "service", "carry")
WHAT_IF = ("goods_cost_percent", "service_hour_cost", "message_cost", "payment_fee_percent", "shipping_cost")


@dataclass(frozen=True)
class Profit(Analysis):
    """What each customer brings, less returns, tax, goods, payment, shipping, service, messages and campaigns.

    Rows are who was asked of, the others, what is nobody's and the shop, which the three add up to; or the saved
    segments, customers, those who buy at a loss, service channels, or the curve of who carries the shop. Costs that are
    assumed have a range, unknown ones are counted. Raises `Refused` for months below 1 and shares beyond 0 to 1.
    """

    by: str = field(default="groups", metadata={"help": "A row for each of what.", "choices": BY})
    segments: bool = field(default=False, metadata={"help": "A row for each saved segment."})
    months: int = field(default=12, metadata={"help": "Months up to now."})
    top: int = field(default=100, metadata={"help": "Most customers to list."})
    goods_cost_percent: float | None = field(default=None, metadata={
        "help": "What if goods of unknown cost cost so many percent of their price."})
    service_hour_cost: float | None = field(default=None, metadata={"help": "What if an hour of service cost this."})
    message_cost: float | None = field(default=None, metadata={"help": "What if a message by any channel cost this."})
    payment_fee_percent: float | None = field(default=None, metadata={"help": "What if payments cost so many percent."})
    shipping_cost: float | None = field(default=None, metadata={"help": "What if sending an order costs so much."})
    delivery_fee: float | None = field(default=None, metadata={
        "help": "The delivery fee to weigh; else what those who pay one pay."})
    minimum_order: float | None = field(default=None, metadata={
        "help": "The minimum order to weigh; else what a quarter of the orders stay below."})
    self_service: float = field(default=0.5, metadata={"help": "The share of service that could do without a person."})
    stay: float = field(default=0.8, metadata={"help": "The share of orders placed under new terms all the same."})
    needs: ClassVar[str] = "orders"
    keeps: ClassVar[tuple[str, ...]] = tuple(SCORES)
    meant_by: ClassVar[tuple[str, ...]] = ("months", *WHAT_IF)

    def run(self, shop: Facts, now: datetime) -> Result:
        self._check()
        try:
            since = move(now, -self.months, "month", shop.settings.zone)
        except OverflowError as error:
            raise Refused(why("{months} months ago is beyond the calendar.", months=self.months)) from error
        between, saved = Between(since, now), saved_rules(shop) if self.segments else Saved({})
        with among(shop, self.segment, now) as looked_at:
            n = shop.engine.value(f"SELECT count(*) FROM {looked_at}")
            asked(1, n, why("customers"), why("Profit"))
            orders = shop.engine.value(f"SELECT count(total) FROM orders WHERE counted AND {between}")
            asked(1, orders, why_counted("orders with an amount in the last {n} month",
                                         "orders with an amount in the last {n} months", self.months), why("Profit"))
            assumed = self._assumed(shop, since, now, {w: getattr(self, w) for w in WHAT_IF})
            with ledger(shop.engine, shop.members_at("everyone", now), since, now, assumed):
                rows, numbers, kept = self._of(shop, looked_at, between, now, assumed, saved)
            what_if = any(getattr(self, w) is not None for w in WHAT_IF)
            if what_if:
                numbers["without_what_if"] = self._without(shop, looked_at, since, now)
        return Result("profit", method(self.months), SOURCE, now, n, self.said, rows,
                      findings(numbers, rows, self.segments, self.months),
                      [*caveats(numbers), *saved.caveats], numbers, self.kept(kept))

    def _check(self) -> None:
        if self.months < 1:
            raise Refused(why("Profit is of at least a month, not of {months}.", months=self.months))
        for name in ("self_service", "stay"):
            if not 0 <= getattr(self, name) <= 1:
                raise Refused(why("{name} is a share from 0 to 1, not {value}.", name=name, value=getattr(self, name)))

    def _assumed(self, shop: Facts, since: datetime, now: datetime, what_if: dict[str, Any]) -> Assumptions:
        return assume(shop.engine, shop.settings, since, now, **what_if)

    def _of(self, shop: Facts, looked_at: str, between: Between, now: datetime, assumed: Assumptions,
            saved: Saved) -> tuple[pa.Table, dict[str, Any], Scores]:
        """Rows, numbers and scores out of the ledger, which is there."""
        groups = statement(shop, looked_at, assumed)
        total = {r["group"]: r for r in groups.to_pylist()}
        known = total["asked"]["profit"] is not None
        said = terms(shop.engine, between, self.delivery_fee, self.minimum_order, self.self_service, self.stay)
        numbers = {"statement": list(total.values()), "assumed": assumed.said(),
                   "unknown": self._unknown(shop, looked_at),
                   "concentration": concentration(shop, looked_at, assumed, known),
                   "service": by_channel(shop.engine, looked_at, between, assumed, known),
                   "losing": losing(shop.engine, looked_at, between, assumed, said, self.top) if known else None}
        rows = of_segments(shop, saved.rules, looked_at, now, assumed) if self.segments else \
            self._rows(shop, looked_at, assumed, groups, numbers)
        kept = Scores(scores(shop, looked_at, assumed), {n: t for n, (t, _) in SCORES.items()},
                      {n: said for n, (_, said) in SCORES.items()})
        return rows, numbers, kept

    def _rows(self, shop: Facts, looked_at: str, assumed: Assumptions, groups: pa.Table,
              numbers: dict[str, Any]) -> pa.Table:
        if self.by == "customers":
            return of_customers(shop, looked_at, assumed, self.top)
        if self.by == "losing":
            return of_losing((numbers["losing"] or {"worst": []})["worst"])
        if self.by == "service":
            return pa.Table.from_pylist(numbers["service"])
        return pa.Table.from_pylist(numbers["concentration"].get("curve", [])) if self.by == "carry" else groups

    def _unknown(self, shop: Facts, looked_at: str) -> dict[str, Any]:
        """What the facts do not say, counted among those asked of."""
        found = shop.engine.query(
            "SELECT CAST(sum(goods_unknown) AS DECIMAL(18,4)) AS goods_of_unknown_cost, "
            "CAST(sum(orders_without_amount) AS BIGINT) AS orders_without_amount, CAST(sum(tickets_unknown) AS BIGINT) "
            "AS tickets_without_effort, CAST(sum(messages_unpriced) AS BIGINT) AS messages_without_price, "
            "CAST(sum(discounts_unknown) AS BIGINT) AS discounts_of_unknown_amount "
            f"FROM {LEDGER} SEMI JOIN {looked_at} USING (customer_id)")
        return dict(found.to_pylist()[0])

    def _without(self, shop: Facts, looked_at: str, since: datetime, now: datetime) -> Any:
        """The profit of those asked of, had nothing been asked what-if."""
        assumed = self._assumed(shop, since, now, {})
        with ledger(shop.engine, shop.members_at("everyone", now), since, now, assumed):
            profit = profit_sql(assumed)
            return shop.engine.value(f"SELECT CASE WHEN count({profit}) = count(*) THEN CAST(sum({profit}) AS "
                                     f"DECIMAL(18,4)) END FROM {LEDGER} SEMI JOIN {looked_at} USING (customer_id)")


__all__ = ["AT_A_LOSS", "Profit", "first_lever", "label"]
