"""What a shop without categories sells, by the words of its products' names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from regulars.insight.common import Facts

MOST = 12
COMMON, FEWEST = 0.02, 5
"""A word that fewer customers have bought by is no ground to group by."""
APART = 2.0
"""Customers' shares must vary so many times as much as chance would have them: else the word tells nobody apart."""
WITHIN = 0.5
"""A word most of whose lines another one has already says the same again (jumbo, of bags)."""

CUSTOMERS = """
WITH bought AS (SELECT customer_id, coalesce(p.name, l.product_name) AS name, count(*) AS n FROM lines l
        SEMI JOIN {among} USING (customer_id) LEFT JOIN products p USING (product_id)
        WHERE l.counted AND l."at" <= ? AND coalesce(p.name, l.product_name) IS NOT NULL GROUP BY ALL),
called AS (SELECT name, unnest(list_distinct(regexp_extract_all(fold(name), '\\p{{L}}{{3,}}'))) AS word
        FROM (SELECT DISTINCT name FROM bought)),
whole AS (SELECT customer_id, sum(n)::DOUBLE AS n FROM bought GROUP BY customer_id),
everyone AS (SELECT count(*) AS people, sum(n) AS n, sum(n * n) AS nn FROM whole),
hits AS (SELECT customer_id, word, sum(b.n)::DOUBLE AS k FROM bought b JOIN called USING (name) GROUP BY ALL),
each AS (SELECT word, count(*) AS people, sum(k) / any_value(e.n) AS p, sum(k * k) AS kk, sum(k * w.n) AS kn
        FROM hits JOIN whole w USING (customer_id), everyone e GROUP BY word)
SELECT word FROM each, everyone e WHERE each.people >= greatest({fewest}, {common} * e.people) AND p < 1
    AND kk - 2 * p * kn + p * p * nn > {apart} * n * p * (1 - p)
ORDER BY (kk - 2 * p * kn + p * p * nn) / n DESC, word LIMIT {most}"""

PRODUCTS = """
WITH sold AS (SELECT coalesce(p.name, l.product_name) AS name, count(*) AS n FROM lines l SEMI JOIN {among}
        USING (customer_id) LEFT JOIN products p USING (product_id) WHERE l.counted AND l."at" <= ? GROUP BY ALL)
SELECT list_intersect(list_distinct(regexp_extract_all(fold(name), '\\p{{L}}{{3,}}')), ?::VARCHAR[]) AS words, sum(n)
FROM sold WHERE name IS NOT NULL GROUP BY words"""


def telling_words(shop: Facts, among: str, now: datetime) -> list[str]:
    """The words in names of products in which customers of the table ``among`` differ most, the most telling first.

    By how much more customers' shares of lines vary than draws of one shop-wide share would (the index of dispersion),
    weighed by how much is bought; of words for the same products the more telling one.
    """
    found = [word for (word,) in shop.engine.rows(CUSTOMERS.format(
        among=among, fewest=FEWEST, common=COMMON, apart=APART, most=5 * MOST), [now])]
    sold = {frozenset(words): float(n) for words, n in shop.engine.rows(PRODUCTS.format(among=among), [now, found])}
    kept: list[str] = []
    for word in found:
        if len(kept) < MOST and not any(_within(word, other, sold) for other in kept):
            kept.append(word)
    return kept


def _within(one: str, other: str, sold: Mapping[frozenset[str], float]) -> bool:
    """Whether most of what one of two words stands for is called by the other too."""
    both = sum(n for words, n in sold.items() if one in words and other in words)
    fewer = min(sum(n for words, n in sold.items() if w in words) for w in (one, other))
    return both > WITHIN * fewer
