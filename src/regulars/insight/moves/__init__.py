"""Moves: what to do this week, for whom, what it may bring and what it costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

import pyarrow as pa

from regulars.errors import TooLittleData
from regulars.insight.basket import Basket
from regulars.insight.common import refusals
from regulars.insight.common.analysis import MOVE, Analysis, Facts, Measured, Result, among, asked
from regulars.insight.moves.candidates import AGAIN, DISCOUNTS, GIVEN, ORDERS, SERVICE, Candidate, thought_of
from regulars.insight.moves.ground import Ground, look
from regulars.insight.moves.saying import counted, label, text, todo, why
from regulars.insight.moves.worth import Reach, Usual, reach, usual
from regulars.insight.profit import Profit
from regulars.model.phrases import About, Sentence, Share

FEWEST = 5
"""A move for fewer people is a chat, not a move."""
FEWEST_SEEN = 20
"""So many like them must have been seen before, or nothing is said of what they bring."""
KEPT_WITHOUT = (0.6, 1.0)
"""Of the discount given, what is saved where somebody is left out: some order less for it."""
SAVED_SERVICE = (0.15, 0.5)
MONEY = pa.decimal128(18, 2)
PROFIT = "profit.last_12_months"
"""The score over which it is asked who costs more than they bring."""


@dataclass(frozen=True)
class Moves(Analysis):
    """What to do this week: each move a rule that says for whom, with what it may bring, its cost and its reason.

    What people do by themselves is measured: the same rule is asked of everybody at four earlier moments, and what
    those people ordered in the days after is counted. What a move adds to that is what campaigns of that move with a
    control group have ``measured`` (so many of them); where there were none an assumption, ``lift``: from half of it to
    twice of it is the range.

    Rows, the most profitable first: ``move``, ``rule``, ``people``, ``reachable`` (by a way they agreed to), ``seen``
    (people like them, earlier), ``usual`` (share of them who ordered), ``amount`` with ``low`` and ``high`` (money
    ordered more, or saved), ``cost``, ``profit`` (of the amount what is left after tax, goods and cost; goods
    only where they are ``goods_known``), and what the words speak of: ``first``, ``second``, ``product``,
    ``other``, ``lever``.
    """

    most: int = field(default=5, metadata={"help": "How many moves to propose."})
    days: int = field(default=30, metadata={"help": "Days in which a move is to bring what it brings."})
    lift: float = field(default=0.2, metadata={
        "help": "What a move is taken to add, as a part of what happens anyway."})
    needs: ClassVar[str] = "orders"

    def run(self, shop: Facts, now: datetime) -> Result:
        return self.of(shop, now, _numbers(Basket(segment=self.segment), shop, now),
                       _numbers(Profit(segment=self.segment), shop, now) if knows_losses(shop) else {})

    def of(self, shop: Facts, now: datetime, basket: Mapping[str, Any], profit: Mapping[str, Any]) -> Result:
        """As `run`, for a caller who has looked at baskets and profit already."""
        with among(shop, self.segment, now) as looked_at:
            n = shop.engine.value(f"SELECT count(*) FROM {looked_at}")
            ground = look(shop, now)
            asked(FEWEST_SEEN, ground.orders, refusals.why("orders of known customers"),
                  refusals.why("Proposing moves"))
            candidates = thought_of(ground, basket, profit if knows_losses(shop) else {}, self.days)
            reached = reach(shop, candidates, looked_at, now) if candidates else []
        before = usual(shop, candidates, now, self.days) if candidates else []
        measured = shop.measured_at(MOVE, now)
        judged = [self._judged(c, r, u, ground, shop.settings.message_costs, measured.get(c.code))
                  for c, r, u in zip(candidates, reached, before, strict=True)]
        best = sorted((j for j in judged if j), key=lambda j: (-j["profit"], j["move"]))[:self.most]
        rows = pa.Table.from_pylist(best, schema=SCHEMA)
        method = text("The same rule is asked at four earlier moments: what such people did in the {days} days after "
                      "is what they do by themselves. A move is taken to add {low} to {high} of that.", days=self.days,
                      low=Share(self.lift / 2), high=Share(self.lift * 2))
        return Result("moves", method, "Regulars; Wilson 1927 and Rao & Scott 1992 (intervals)", now, n, self.said,
                      rows, [*map(_finding, best), *_measured(best, measured)] or
                      [text("No move is worth its cost this week.")],
                      _caveats(ground, best))

    def _judged(self, candidate: Candidate, reached: Reach, before: Usual, ground: Ground,
                costs: Mapping[str, float], measured: Measured | None) -> dict[str, Any] | None:
        """The row of a candidate, None where it is for too few or brings nothing.

        Where nobody's consent is known, everybody counts and the cost is that of the cheapest way. Whoever is
        only left out of something need not be reached, and whoever is helped need not have agreed to advertising.
        """
        asks = ground.says_consent and bool(candidate.ways) and candidate.measure != SERVICE
        people = reached.reachable if asks else reached.people
        known = candidate.each is not None or before.looked_at >= FEWEST_SEEN
        if people < FEWEST or not known:
            return None
        measured = measured if candidate.measure in (ORDERS, AGAIN) else None
        low, amount, high = (people * x for x in self._each(candidate, before, measured))
        without_goods = candidate.in_margin or candidate.measure in (DISCOUNTS, SERVICE)
        left = 1.0 if without_goods else _left(ground)
        cost = reached.cost if asks else people * (float(costs[reached.way]) if reached.way else 0.0)
        profit = amount * left - cost
        if profit <= 0:
            return None
        return {"move": candidate.code, "rule": candidate.rule, "people": reached.people,
                "reachable": reached.reachable if asks else None, "seen": before.looked_at,
                "usual": before.share[0] if candidate.measure != GIVEN else None,
                **{name: _money(x) for name, x in (("amount", amount), ("low", low), ("high", high),
                                                   ("cost", cost), ("profit", profit))},
                "first": candidate.first, "second": candidate.second, "product": candidate.product,
                "other": candidate.other, "lever": candidate.lever, "way": reached.way or None,
                "measured": measured.campaigns if measured else None,
                "goods_known": without_goods or ground.margin is not None}

    def _each(self, candidate: Candidate, before: Usual, measured: Measured | None) -> tuple[float, float, float]:
        """What one person brings: low, expected, high."""
        if candidate.each is not None:
            low, high = candidate.each
            return low, (low + high) / 2, high
        mean, lower, upper = before.amount
        if measured:
            return min(lower * measured.low, upper * measured.low), mean * measured.value, upper * measured.high
        low, high = {DISCOUNTS: KEPT_WITHOUT, SERVICE: SAVED_SERVICE}.get(candidate.measure,
                                                                          (self.lift / 2, self.lift * 2))
        expected = self.lift if candidate.measure not in (DISCOUNTS, SERVICE) else (low + high) / 2
        return lower * low, mean * expected, upper * high


SCHEMA = pa.schema([
    ("move", pa.string()), ("rule", pa.string()), ("people", pa.int64()), ("reachable", pa.int64()),
    ("seen", pa.int64()), ("usual", pa.float64()), *((n, MONEY) for n in ("amount", "low", "high", "cost", "profit")),
    ("first", pa.int64()), ("second", pa.int64()), ("product", pa.string()), ("other", pa.string()),
    ("lever", pa.string()), ("way", pa.string()), ("measured", pa.int64()), ("goods_known", pa.bool_())])


def knows_losses(shop: Facts) -> bool:
    """Whether a rule can ask who costs more than they bring."""
    return PROFIT in shop.engine.columns("scores")


def _numbers(analysis: Analysis, shop: Facts, now: datetime) -> Mapping[str, Any]:
    """What an analysis says beside its table; nothing where there is too little data for it."""
    try:
        return analysis.run(shop, now).numbers
    except TooLittleData:
        return {}


def _left(ground: Ground) -> float:
    return 1.0 if ground.margin is None else ground.margin


def _money(value: float) -> Decimal:
    return Decimal(f"{value:.2f}")


def _finding(row: Mapping[str, Any]) -> Sentence:
    return text("{move}: {people} people, about {amount} ({low} to {high}), at a cost of {cost}.", move=label(row),
                people=row["people"], amount=About(row["amount"]), low=About(row["low"]), high=About(row["high"]),
                cost=About(row["cost"]))


def _measured(best: Sequence[Mapping[str, Any]], measured: Mapping[str, Measured]) -> list[Sentence]:
    """Of which of them it is known what they add, and what that is."""
    return [counted("{move}: {value} more orders ({low} to {high}), as {n} campaign with a control group has measured.",
                    "{move}: {value} more orders ({low} to {high}), as {n} campaigns with a control group have "
                    "measured.", row["measured"], move=label(row), **_parts(measured[row["move"]]))
            for row in best if row["measured"]]


def _parts(found: Measured) -> dict[str, Share]:
    return {name: Share(getattr(found, name)) for name in ("value", "low", "high")}


def _caveats(ground: Ground, best: Sequence[Mapping[str, Any]]) -> list[Sentence]:
    found = []
    if not best or any(row["measured"] is None for row in best):
        found.append(text("What a move adds is an assumption until a control group has measured it."))
    if ground.margin is None and best:
        found.append(text("What the goods cost is not known: the amounts are what is ordered, and moves are ranked by "
                          "that. Bring in your products with their cost."))
    if not ground.says_consent and best:
        found.append(text("Nobody's consent is known, so nobody may be written to yet. Bring in your customers with "
                          "their addresses and consent."))
    if len(best) > 1:
        found.append(text("Some people are in several moves: the amounts do not add up."))
    return found


__all__ = ["Moves", "label", "todo", "why"]
