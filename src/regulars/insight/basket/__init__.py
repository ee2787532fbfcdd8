"""What sells together, in one order or one after the other; what was left out, what is next, and what is due again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any, ClassVar

import pyarrow as pa

from regulars.errors import Refused
from regulars.insight.basket.affinity import segments_by_items
from regulars.insight.basket.clock import clock
from regulars.insight.basket.items import LEVELS, Items, matrix, numbered
from regulars.insight.basket.mining import fraction, frequent, needed, rules, tested
from regulars.insight.basket.missing import missing
from regulars.insight.basket.nexts import next_products
from regulars.insight.basket.saying import METHODS, SOURCE, caveats, findings
from regulars.insight.basket.sequences import sequences
from regulars.insight.basket.tables import of_rules, of_sequences, of_sets, promising
from regulars.insight.common import Analysis, Facts, Result, Scores, among, asked
from regulars.insight.common.groups import saved_rules
from regulars.insight.common.refusals import why
from regulars.model.types import Type
from regulars.rules import Condition
from regulars.rules.tree import write_string

FEWEST_BASKETS = 30
SHOWN = ("rules", "sets", "missing", "replenish", "segments")
TABLES = {"sets": "item_sets", **{n: n for n in SHOWN[2:]}}
SCORES = {"product.next": (Type.TEXT, "product most likely to be wanted next"),
          "replenish.due": (Type.DATE, "day something bought regularly is due again"),
          "replenish.product": (Type.TEXT, "product that is due again")}


@dataclass(frozen=True)
class Basket(Analysis):
    """Rules "who buys this also buys that", with their intervals, and what follows from them.

    ``by`` order: in one order; by customer: in a later order within ``days`` of the first purchase. Thresholds are
    read from their text as fractions, so that a confidence of exactly 4/5 passes 0.8. Without ``segment`` orders of
    nobody known count too. Raises `Refused` for thresholds that are no numbers or let too many sets through, and for a
    country no order is from.
    """

    by: str = field(default="order", metadata={"help": "What is a basket: an order, or a customer over time.",
                                               "choices": ("order", "customer")})
    level: str = field(default="product", metadata={"help": "What counts as the same item.", "choices": (*LEVELS,)})
    min_support: str = field(default="0.005", metadata={"help": "Smallest share of baskets a set is in."})
    min_confidence: str = field(default="0.2", metadata={"help": "Smallest share of the baskets with the first that "
                                                         "hold the second."})
    min_lift: str = field(default="1", metadata={"help": "How many times as often as chance would make it, at least."})
    min_count: int = field(default=5, metadata={"help": "Fewest baskets a set is in, whatever their share."})
    max_items: int = field(default=3, metadata={"help": "Most items in a set."})
    days: int = field(default=60, metadata={"help": "How soon a later purchase counts, and what lately means."})
    exclude: tuple[str, ...] = field(default=(), metadata={"help": "An item to leave out, by number or name."})
    services: bool = field(default=False, metadata={
        "help": "Also what stands on orders and is no product: postage, fees, corrections."})
    country: str = field(default="", metadata={
        "help": "Only orders from this country: as the order says, else as its customer lives."})
    top: int = field(default=500, metadata={"help": "Most rules and sets to give, the surest first."})
    show: str = field(default="rules", metadata={"help": "The table to give.", "choices": SHOWN})
    rules_only: bool = field(default=False, metadata={"help": "Only what sells together."})
    needs: ClassVar[str] = "lines"
    keeps: ClassVar[tuple[str, ...]] = tuple(SCORES)
    meant_by: ClassVar[tuple[str, ...]] = ("level", "exclude", "services", "country", "rules_only")

    def run(self, shop: Facts, now: datetime) -> Result:
        self._check()
        support = fraction(self.min_support, why("The support"))
        confidence = fraction(self.min_confidence, why("The confidence"))
        lift = fraction(self.min_lift, why("The lift"), None)
        with among(shop, self.segment, now) as looked_at, \
                numbered(shop.engine, looked_at, self.level, self.exclude, now, self.segment is None,
                         self.country, self.services) as items:
            asked(FEWEST_BASKETS, items.baskets, why("orders with lines"), why("What sells together"))
            if self.by == "customer":
                rows, numbers = self._over_time(shop, items, now, support, confidence, lift)
            else:
                rows, numbers = self._at_once(shop, items, now, support, confidence, lift)
            saved = None if self.rules_only else saved_rules(shop)
            scores = self._more(shop, items, now, saved.rules, numbers) if saved else None
        found = findings(self.by, rows, numbers, self.days)
        said = [*caveats(self.by, self.level, items, rows, numbers), *(saved.caveats if saved else ())]
        rows = rows if self.show == "rules" else pa.Table.from_pylist(numbers[TABLES[self.show]])
        return Result("basket", METHODS[self.by](self.days), SOURCE, now, items.people, self.said, rows, found, said,
                      numbers, self.kept(scores) if scores else None)

    @property
    def _members(self) -> str | None:
        """A rule of those whose baskets are looked at, where it is not everybody."""
        if not self.country:
            return self.segment
        lives = f"country = {write_string(self.country)}"
        return f"({self.segment}) and {lives}" if self.segment else lives

    def _check(self) -> None:
        if (self.rules_only and self.show in SHOWN[2:]) or (self.by == "customer" and self.show == "missing"):
            how = why("with rules only") if self.rules_only else why("by customer")
            raise Refused(why("There is no table of {show} {how}.", show=self.show, how=how))

    def _at_once(self, shop: Facts, items: Items, now: datetime, support: Fraction, confidence: Fraction,
                 lift: Fraction) -> tuple[pa.Table, dict[str, Any]]:
        need = max(needed(support, items.baskets), self.min_count)
        sets = frequent(matrix(shop.engine, items), need, self.max_items)
        found, looked = rules(sets, items.baskets, confidence, lift), tested(sets)
        numbers = {"baskets": items.baskets, "of_nobody": items.nobodys, "rules": len(found),
                   "sets": len(sets), "item_sets": of_sets(sets, items, items.baskets)[:self.top]}
        if not self.rules_only:
            pairs = promising(found, items, looked)
            numbers["missing"] = missing(shop, items, pairs, self.level, self._members, now, self.days)
        return of_rules(found, items, looked).slice(0, self.top), numbers

    def _over_time(self, shop: Facts, items: Items, now: datetime, support: Fraction, confidence: Fraction,
                   lift: Fraction) -> tuple[pa.Table, dict[str, Any]]:
        found, looked = sequences(shop.engine, items, now, self.days, support, confidence, lift)
        rows = of_sequences([f for f in found if f.both >= self.min_count], items, looked)
        numbers: dict[str, Any] = {"baskets": items.baskets, "of_nobody": items.nobodys, "rules": rows.num_rows}
        if self.show == "sets":
            need = max(needed(support, items.people), self.min_count)
            sets = frequent(matrix(shop.engine, items, self.by), need, self.max_items)
            numbers |= {"sets": len(sets), "item_sets": of_sets(sets, items, items.people)[:self.top]}
        return rows.slice(0, self.top), numbers

    def _more(self, shop: Facts, items: Items, now: datetime, segments: Mapping[str, str | Condition],
              numbers: dict[str, Any]) -> Scores | None:
        """What follows for each customer and segment, into the numbers; scores where items are products."""
        numbers["next"], nexts = next_products(shop.engine, items, now)
        numbers["replenish"], due = clock(shop.engine, items, now, shop.settings.zone)
        numbers["segments"] = segments_by_items(shop, segments, now)
        if self.level != "product":
            return None
        table = nexts.join(due, "customer_id", join_type="full outer").sort_by("customer_id")
        return Scores(table, {n: t for n, (t, _) in SCORES.items()}, {n: label for n, (_, label) in SCORES.items()})


__all__ = ["Basket"]
