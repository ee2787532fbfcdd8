"""What of a shop's goods a message can name: what is new, what is to come, and what people begin with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from regulars.engines.duckdb import DuckDBEngine
from regulars.insight.draft.occasions import SHORTEST
from regulars.rules.services import products_only

NEW_FOR, COMES_WITHIN = timedelta(days=SHORTEST), timedelta(days=60)
"""Whoever is quiet has not ordered for so long, so that all of it is new to them."""
MOST_NEW = 3
FEWEST_FIRST = 5
"""Of so few first orders nobody says that many begin with something."""
SIGNS = str.maketrans({"[": "(", "]": ")", "{": "(", "}": ")", "*": "", "<": "", ">": ""})
"""A name must not stand as what is to be filled in, as a field, or as a mark of the text."""


@dataclass(frozen=True)
class Goods:
    """``new``: what came out lately, the newest first; ``coming``: what comes out next; ``first``: what more first
    orders hold than anything else. None where nobody knows."""

    new: tuple[str, ...] = ()
    coming: str | None = None
    first: str | None = None

    def kept(self) -> dict[str, Any]:
        """As JSON; `read` reads it."""
        return asdict(self) | {"new": list(self.new)}

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Goods:
        return cls(tuple(kept.get("new", ())), kept.get("coming"), kept.get("first"))


RELEASED = """
SELECT name FROM products WHERE name IS NOT NULL AND released_at > ? AND released_at <= ? ORDER BY released_at {order},
    name LIMIT ?"""

FIRST = """
WITH firsts AS (SELECT order_id FROM orders WHERE counted AND "at" <= ? AND customer_id IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY customer_id ORDER BY "at", order_id) = 1)
SELECT coalesce(p.name, l.product_name) AS name, count(DISTINCT l.order_id) AS n
FROM lines l SEMI JOIN firsts USING (order_id) LEFT JOIN products p USING (product_id)
WHERE name IS NOT NULL AND {products} GROUP BY 1 HAVING n >= ? ORDER BY n DESC, name LIMIT 1"""


def goods(engine: DuckDBEngine, now: datetime) -> Goods:
    """As the facts know them at ``now`` (naive UTC)."""
    new = engine.rows(RELEASED.format(order="DESC"), [now - NEW_FOR, now, MOST_NEW])
    coming = engine.rows(RELEASED.format(order="ASC"), [now, now + COMES_WITHIN, 1])
    first = engine.rows(FIRST.format(products=products_only(engine, "l", "p")), [now, FEWEST_FIRST])
    return Goods(tuple(named(name) for (name,) in new), next((named(name) for (name,) in coming), None),
                 next((named(name) for name, _n in first), None))


def named(name: str) -> str:
    """A name as it can stand in a message."""
    return " ".join(name.translate(SIGNS).split())


__all__ = ["Goods", "goods", "named"]
