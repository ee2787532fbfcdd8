"""Whom a card is told from: all of a group, or where it is large some of them, drawn evenly by chance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from regulars.engines.duckdb import literal
from regulars.insight.common import Facts
from regulars.insight.common.groups import EVERYONE
from regulars.insight.personas.extracting import PEOPLE, extracted
from regulars.rules import Condition

MOST = 20_000
"""So many of a group are looked at, and so many of all others: a share of them is within .7 points of the whole's."""
GROUPS = "told_groups"
"""``customer_id`` (the whole number of `PEOPLE`) and ``grp``."""
OTHERS = -2
"""Who is not in group g has the number ``OTHERS - g``."""
PLACES = "told_places"


@dataclass(frozen=True)
class Drawn:
    """How many there are in all, and in each group."""

    everyone: int
    sizes: Mapping[int, int]

    @property
    def some_only(self) -> bool:
        """Whether anybody was left out of a count."""
        return self.everyone > MOST and any(max(n, self.everyone - n) > MOST for n in self.sizes.values())


@contextmanager
def drawn(shop: Facts, rules: Mapping[str, str | Condition], now: datetime, seed: int) -> Iterator[Drawn]:
    """Whom each rule is true of at ``now``; for the block there are `GROUPS`, and the tables of `extracting`.

    The same seed draws the same customers.
    """
    columns = [f"m{g}" for g in range(len(rules))]
    shop.engine.register("told_answers", shop.evaluate_at(
        {"everyone": "everyone", **dict(zip(columns, rules.values(), strict=True))}, now))
    try:
        shop.engine.execute(f"CREATE OR REPLACE TEMP TABLE {PLACES} AS SELECT * EXCLUDE (everyone), md5_number_lower("
                            f"customer_id || {literal(f'/{seed}')}) AS place FROM told_answers WHERE everyone")
    finally:
        shop.engine.unregister("told_answers")
    try:
        everyone, *sizes = shop.engine.rows("SELECT count(*)" + "".join(
            f", count(*) FILTER ({column})" for column in columns) + f" FROM {PLACES}")[0]
        _draw(shop, columns)
        with extracted(shop, now):
            yield Drawn(everyone, dict(enumerate(sizes)))
    finally:
        for table in (PLACES, GROUPS, PEOPLE):
            shop.engine.execute(f"DROP TABLE IF EXISTS {table}")


def _draw(shop: Facts, columns: list[str]) -> None:
    kinds = [(EVERYONE, "true")]
    for group, column in enumerate(columns):
        kinds += [(group, column), (OTHERS - group, f"NOT {column}")]
    some = " UNION ALL ".join(
        f"(SELECT customer_id, place, CAST({number} AS INTEGER) AS grp FROM {PLACES} WHERE {which}"
        f" ORDER BY place, customer_id LIMIT {MOST})" for number, which in kinds)
    shop.engine.execute(f"CREATE OR REPLACE TEMP TABLE told_some AS {some}")
    try:
        shop.engine.execute(
            f"CREATE OR REPLACE TEMP TABLE {PEOPLE} AS SELECT customer_id AS id, any_value(place) AS place,"
            " CAST(row_number() OVER (ORDER BY customer_id) AS INTEGER) AS customer_id FROM told_some"
            " GROUP BY customer_id")
        shop.engine.execute(f"CREATE OR REPLACE TEMP TABLE {GROUPS} AS SELECT p.customer_id, grp FROM told_some s"
                            f" JOIN {PEOPLE} p ON p.id = s.customer_id")
    finally:
        shop.engine.execute("DROP TABLE IF EXISTS told_some")
