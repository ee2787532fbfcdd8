"""What the people of a segment like, as far as what they bought says it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from regulars.engines.duckdb import DuckDBEngine
from regulars.insight.draft.goods import named
from regulars.rules.services import products_only

LEAST, MORE = 0.3, 0.1
"""A category is spoken of where so many of those who bought anything bought from it, and so many more than others."""
MANY = 0.15
"""The share of them that a product is spoken of from."""
NEXT = "product.next"
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Liked:
    """``category`` with the share of the buyers among them, and of all other buyers, who bought from it; ``product``
    most of them want next; ``language`` most of them speak; ``of_category`` is what most bought of the category within
    a year. Each is None where it is not known."""

    category: str | None = None
    category_share: float = 0.0
    category_others: float = 0.0
    product: str | None = None
    language: str | None = None
    of_category: str | None = None


CATEGORY = """
WITH bought AS (SELECT DISTINCT l.customer_id, p.category, a.customer_id IS NOT NULL AS ours
    FROM lines l JOIN products p USING (product_id) LEFT JOIN {people} a USING (customer_id)
    WHERE l.counted AND l."at" <= ? AND p.category IS NOT NULL AND l.customer_id IS NOT NULL
    AND {products}),
buyers AS (SELECT count(DISTINCT customer_id) FILTER (WHERE ours) AS us,
    count(DISTINCT customer_id) FILTER (WHERE NOT ours) AS others FROM bought)
SELECT category, count(*) FILTER (WHERE ours) / nullif(any_value(us), 0) AS share,
    count(*) FILTER (WHERE NOT ours) / nullif(any_value(others), 0) AS elsewhere
FROM bought CROSS JOIN buyers GROUP BY category HAVING share >= {least} AND share >= elsewhere + {more}
ORDER BY share - elsewhere DESC, category LIMIT 1"""


def liked(engine: DuckDBEngine, people: str, now: datetime) -> Liked:
    """Of the customers of the table ``people``, up to ``now`` (naive UTC); no category where nobody else bought."""
    rows = engine.rows(CATEGORY.format(people=people, least=LEAST, more=MORE,
                                       products=products_only(engine, "l", "p")), [now])
    category, share, others = rows[0] if rows else (None, 0.0, 0.0)
    language = engine.value(f"SELECT mode(language ORDER BY language) FROM customers SEMI JOIN {people}"
                            " USING (customer_id)")
    return Liked(category, float(share), float(others), _next(engine, people), language,
                 _of_category(engine, category, now) if category else None)


def _of_category(engine: DuckDBEngine, category: str, now: datetime) -> str | None:
    rows = engine.rows(
        "SELECT p.name FROM lines l JOIN products p USING (product_id) WHERE l.counted AND p.category = ? AND p.name "
        'IS NOT NULL AND l."at" <= ? AND l."at" > ? GROUP BY 1 ORDER BY count(DISTINCT l.customer_id) DESC, 1 LIMIT 1',
        [category, now, now - YEAR])
    return named(rows[0][0]) if rows else None


def _next(engine: DuckDBEngine, people: str) -> str | None:
    if NEXT not in engine.columns("scores"):
        return None
    rows = engine.rows(f'SELECT "{NEXT}", count(*) AS n, sum(n) OVER () FROM scores SEMI JOIN {people}'
                       f' USING (customer_id) WHERE "{NEXT}" IS NOT NULL GROUP BY 1 ORDER BY n DESC, 1 LIMIT 1')
    return next((product for product, n, known in rows if n >= MANY * known), None)
