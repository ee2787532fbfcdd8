"""What the people of a move have ordered since it was made: what happened, not what the move did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from regulars.insight.common.analysis import AMONG, Facts
from regulars.insight.common.sql import NET


@dataclass(frozen=True)
class Since:
    """Of ``people`` of whom the rule was true ``then``, how many ``ordered`` up to ``until``, and for how much."""

    people: int
    ordered: int
    money: Decimal
    then: datetime
    until: datetime


def since(shop: Facts, rule: str, then: datetime, now: datetime, days: int) -> Since:
    """Of the rule asked as of ``then``, by the facts as they are known today; for at most so many days.

    Raises `RuleError` where the rule does not fit the shop any more.
    """
    until = min(now, then + timedelta(days=days))
    shop.engine.register(AMONG, shop.members_at(rule, then))
    try:
        people, ordered, money = shop.engine.rows(
            f"WITH bought AS (SELECT customer_id, sum({NET}) AS net FROM orders WHERE counted AND \"at\" > ? AND"
            f' "at" <= ? GROUP BY customer_id) SELECT count(*), count(b.customer_id), coalesce(sum(net), 0)'
            f" FROM {AMONG} LEFT JOIN bought b USING (customer_id)", [then, until])[0]
    finally:
        shop.engine.unregister(AMONG)
    return Since(people, ordered, money, then, until)
