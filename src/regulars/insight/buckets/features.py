"""What a shop's data can say of how somebody behaves: values of the rule language, so that groups become rules.

Religion, ethnicity, health and the like are never among them; age and gender only where they are asked for. Plans and
tags are not either: those are groups the shop has made itself, and would only be found again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from regulars.insight.buckets.products import telling_words
from regulars.insight.common import Facts
from regulars.rules.tree import write_string

MOST_WORDS = 25
"""Categories, channels and the like beyond the most common ones tell little of the whole."""
COMMON = 0.02
"""What fewer of those with any do is no ground to group by."""


@dataclass(frozen=True)
class Feature:
    """One thing known of a customer.

    ``value`` is its text in the rule language; ``block`` the side of behaviour it belongs to (all features of a block
    together weigh as much as any other block), ``word`` the category, channel or such it is about. ``form`` is how it
    is measured: a ``share`` of rows (0 to 1), an ``amount`` (0 or more), or ``yes`` (0 or 1). ``per`` counts the rows
    a share is of. ``known`` and ``unknown`` are conditions that say whether there is a value; "" where there always is.
    ``latest`` is true of a number of days since something, where nothing known means "longer than any".
    """

    value: str
    block: str
    form: Literal["share", "amount", "yes"]
    word: str = ""
    per: str = ""
    known: str = ""
    unknown: str = ""
    whole: bool = False
    latest: bool = False

    @property
    def sqrt(self) -> bool:
        """Many shares of one whole are compared by their square roots (Hellinger distance)."""
        return self.block in ("category", "named")

    @property
    def stated(self) -> bool:
        """Whether it is what somebody is down as, and not what they did."""
        return self.block in STATED.values()


STATED: Mapping[str, str] = {"preferred_channel": "asked", "acquisition_channel": "came", "country": "country"}
"""Words of customers, and the side of them each is."""


def offered(shop: Facts, among: str, now: datetime, *, age_and_gender: bool = False,
            stated: bool = False) -> list[Feature]:
    """The features a shop's data has something to say of, for the customers of the table ``among``.

    With ``stated`` also what customers are down as: see `space.going_with`.
    """
    found = [*_of_orders(), *_of_words(shop, among, now, "orders", "channel", "channel"),
             *_of_categories(shop, among, now), *_of_service(),
             *_of_devices(shop, among, now)]
    if stated:
        found += [f for column, block in STATED.items() for f in _of_customers(shop, among, column, block)]
    if age_and_gender:
        found += [Feature("age", "age", "amount", known="age is known", unknown="age is not known", whole=True),
                  Feature("gender = 'female'", "gender", "yes")]
    return found


def share(fact: str, where: str, block: str, word: str = "") -> Feature:
    return Feature(f"share({fact} where {where})", block, "share", word, f"count({fact})", f"any({fact})",
                   f"no({fact})")


def amount(value: str, block: str, *, whole: bool = False) -> Feature:
    """A number that may be unknown."""
    return Feature(value, block, "amount", known=f"{value} is known", unknown=f"{value} is not known", whole=whole)


def _of_orders() -> Iterator[Feature]:
    yield Feature("count(orders)", "frequency", "amount", whole=True)
    yield Feature("since(orders)", "recency", "amount", known="any(orders)", unknown="no(orders)", latest=True)
    yield amount("avg(orders.total)", "money")
    yield amount("avg(orders.items)", "basket")
    yield share("orders", "discounted", "discount")
    yield share("orders", "occasion is known", "occasion")
    yield share("lines", "returned", "returns")


def _of_service() -> Iterator[Feature]:
    yield Feature("count(tickets)", "service", "amount", whole=True)
    yield share("messages", "type in ('opened', 'clicked', 'replied', 'redeemed') and not machine", "engagement")


def _of_words(shop: Facts, among: str, now: datetime, table: str, column: str, block: str) -> Iterator[Feature]:
    """A share of rows for each common word of a column."""
    counted = " AND counted" if table == "orders" else ""
    words = _words(shop, f"SELECT {column} AS word, customer_id FROM {table} SEMI JOIN {among} USING (customer_id)"
                         f" WHERE \"at\" <= ?{counted}", [now])
    if len(words) > 1:
        for word in words:
            yield share(table, f"{column} = {write_string(word)}", block, word)


def _of_categories(shop: Facts, among: str, now: datetime) -> Iterator[Feature]:
    """What is bought: by category, else by the first of vendor and brand that tells goods apart."""
    for column in ("category", "vendor", "brand"):
        words = _words(shop, f"SELECT {column} AS word, customer_id FROM lines SEMI JOIN {among} USING (customer_id)"
                             " LEFT JOIN products USING (product_id) WHERE \"at\" <= ? AND counted", [now])
        if len(words) > 1:
            for word in words:
                yield share("lines", f"{column} = {write_string(word)}", "category", word)
            return
    words = telling_words(shop, among, now)
    if len(words) > 1:
        for word in words:
            yield share("lines", f"product contains {write_string(word)}", "named", word)


def _of_devices(shop: Facts, among: str, now: datetime) -> Iterator[Feature]:
    """What is looked on; where no visit says, what the customer is known to use."""
    visited = list(_of_words(shop, among, now, "visits", "device", "device"))
    yield from visited or _of_customers(shop, among, "device", "device")


def _of_customers(shop: Facts, among: str, column: str, block: str) -> Iterator[Feature]:
    """Yes or no for each common word of a customer's column."""
    words = _words(shop, f"SELECT {column} AS word, customer_id FROM customers SEMI JOIN {among} USING (customer_id)")
    if len(words) > 1:
        for word in words:
            yield Feature(f"{column} = {write_string(word)}", block, "yes", word)


def _words(shop: Facts, rows: str, moments: Sequence[datetime] = ()) -> list[str]:
    """The words many customers have rows of, most common first; spellings that rules compare as equal are one."""
    found = shop.engine.rows(
        f"WITH rows AS ({rows}) SELECT min(word), count(DISTINCT customer_id) AS people FROM rows GROUP BY fold(word)"
        f" HAVING fold(min(word)) <> '' AND people >= greatest(5, {COMMON} * (SELECT count(DISTINCT customer_id)"
        f" FROM rows)) ORDER BY people DESC, min(word) LIMIT {MOST_WORDS}", moments)
    return [word for word, _ in found]
