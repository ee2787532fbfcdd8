"""What the shop's facts say of each customer's orders: how many days with one, when, and what was paid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from regulars.engines.duckdb import DuckDBEngine
from regulars.insight.common.sql import NET, local_day
from regulars.insight.value.gammagamma import Spend
from regulars.insight.value.rows import Numbers, Wholes
from regulars.model.settings import Settings

MARGIN_KNOWN = 0.95
"""Where the margin of so many orders is known, worth is counted in margin."""


class Shopped(Protocol):
    """What of a shop is looked at here."""

    @property
    def engine(self) -> DuckDBEngine: ...

    @property
    def settings(self) -> Settings: ...


@dataclass(frozen=True)
class Counted:
    """One place a customer who has ordered: ``x`` repeat days, ``last`` and ``until`` days after the first.

    ``known`` is how many repeat days have a known amount, ``mean`` their mean (0 where there is none).
    """

    customer_id: pa.Array
    x: Wholes
    last: Wholes
    until: Wholes
    known: Numbers
    mean: Numbers
    today: date
    amount: str

    def __len__(self) -> int:
        return len(self.x)

    @property
    def pays(self) -> NDArray[np.bool_]:
        """Of whom the spend can be learnt."""
        return (self.known > 0) & (self.mean > 0)

    @property
    def spend(self) -> Spend:
        """Those with repeat orders that brought something."""
        return Spend(self.known[self.pays], self.mean[self.pays])


def which_amount(shop: Shopped, people: str, now: datetime, asked: str) -> str:
    """``total`` or ``margin``: margin where it is known of nearly all orders, unless one of them was asked for."""
    if asked != "auto":
        return asked
    share = shop.engine.value(f'SELECT count(margin) / nullif(count(*), 0) FROM orders SEMI JOIN {people} USING '
                              '(customer_id) WHERE counted AND "at" <= ?', [now])
    return "margin" if share is not None and share >= MARGIN_KNOWN else "total"


def count(shop: Shopped, people: str, now: datetime, today: date, amount: str) -> Counted:
    """Orders of one day (of the shop) are one, as in the papers."""
    paid = "margin" if amount == "margin" else NET
    table = shop.engine.query(
        f"""WITH days AS (SELECT customer_id, {local_day('"at"', shop.settings.zone)} AS day,
                sum({paid}) AS paid
            FROM orders SEMI JOIN {people} USING (customer_id) WHERE counted AND "at" <= ? GROUP BY ALL)
        SELECT customer_id, count(*) - 1 AS x, max(day) - min(day) AS last, ?::DATE - min(day) AS until,
            (count(paid) - (arg_min_null(paid, day) IS NOT NULL)::INT)::DOUBLE AS known,
            coalesce((sum(paid) - coalesce(arg_min_null(paid, day), 0))::DOUBLE /
                nullif(count(paid) - (arg_min_null(paid, day) IS NOT NULL)::INT, 0), 0)::DOUBLE AS mean
        FROM days GROUP BY customer_id ORDER BY customer_id""", [now, today])
    x, last, until = (np.asarray(table[c].to_numpy(), np.int64) for c in ("x", "last", "until"))
    known, mean = (np.asarray(table[c].to_numpy(), np.float64) for c in ("known", "mean"))
    return Counted(table["customer_id"], x, last, until, known, mean, today, amount)


def orders_after(shop: Shopped, people: str, since: datetime, now: datetime) -> pa.Table:
    """Days with an order after a moment: ``customer_id`` and ``day``, each once."""
    return shop.engine.query(f"""SELECT DISTINCT customer_id, {local_day('"at"', shop.settings.zone)} AS day FROM orders
        SEMI JOIN {people} USING (customer_id) WHERE counted AND "at" > ? AND "at" <= ?""", [since, now])


def last_order(shop: Shopped, now: datetime) -> date | None:
    """The day of the last order the shop knows of."""
    found: date | None = shop.engine.value(
        f"""SELECT {local_day('max("at")', shop.settings.zone)} FROM orders WHERE counted AND "at" <= ?""", [now])
    return found
