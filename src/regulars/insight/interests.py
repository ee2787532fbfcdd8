"""Interests: what each customer keeps coming back for, and whom a new release concerns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

import pyarrow as pa

from regulars.engines.duckdb import quoted
from regulars.insight.common.analysis import Analysis, Facts, Result, Scores, among, asked
from regulars.insight.common.refusals import why
from regulars.model.phrases import Own, Sentence, phrases
from regulars.model.types import Type
from regulars.rules.services import products_only
from regulars.rules.tree import write_string

text, counted = phrases("regulars.insight", "interests")

LABELS = {"category": text("category"), "brand": text("brand"), "vendor": text("vendor"), "product": text("product")}
KINDS = tuple(LABELS)
SCORED = {f"interest.{kind}": f"favourite {kind}" for kind in KINDS[:3]}
RELEASES_AT_MOST = 10


def label(kind: str) -> Sentence:
    """What a kind of interest is called."""
    return LABELS[kind]


@dataclass(frozen=True)
class Interests(Analysis):
    """A favourite is what most of a customer's orders hold, newer orders weighing more: half after ``half_life`` days.

    It takes two orders with it and a third of the weight of all that was bought; a tie goes to the more recent, then to
    the lesser name; postage and fees are nobody's. Rows: ``kind`` (category, brand, vendor, product), ``value``,
    ``people`` whose favourite it is, ``buyers``, ``recent`` (of the people, those who bought it within a half-life).
    Numbers: ``releases``, products of the last so many days or yet to come, with the favourite each touches, the
    ``rule`` that says whom it concerns (who buys of it most often and has not got it), ``people`` and of them
    ``reachable`` by e-mail. Scores ``interest.category``, ``interest.brand``, ``interest.vendor``.
    """

    half_life: int = field(default=365, metadata={"help": "Days after which an order weighs half."})
    share: float = field(default=1 / 3, metadata={"help": "The least share of the weight that makes a favourite."})
    released_days: int = field(default=30, metadata={"help": "Products released in so many days are new."})
    needs: ClassVar[str] = "lines"
    keeps: ClassVar[tuple[str, ...]] = tuple(SCORED)
    meant_by: ClassVar[tuple[str, ...]] = ("half_life", "share")

    def run(self, shop: Facts, now: datetime) -> Result:
        with among(shop, self.segment, now) as looked_at, _favourites(shop, looked_at, now, self):
            n, lines = shop.engine.rows(f"SELECT count(*), (SELECT count(*) FROM tasted) FROM {looked_at}")[0]
            asked(1, lines, why("order lines of customers"), why("Interests"))
            rows = shop.engine.query(ROWS, [now, self.half_life])
            releases = _releases(shop, looked_at, now, self.released_days)
            table = shop.engine.query(f"SELECT * FROM ({SCORES}) ORDER BY customer_id")
        return Result("interests", text("Orders weigh half after {days} days; a favourite has a third of the weight "
                                        "and two orders.", days=self.half_life), "Regulars", now, n, self.said, rows,
                      _findings(rows, releases), _caveats(rows), {"releases": releases},
                      self.kept(Scores(table, dict.fromkeys(SCORED, Type.TEXT), SCORED)))


@contextmanager
def _favourites(shop: Facts, looked_at: str, now: datetime, asked_for: Interests) -> Iterator[None]:
    """In the block: ``tasted`` (customer, kind, value, orders, weight, last) and ``favourites``, one of a kind each."""
    each = " UNION ALL ".join(f"SELECT customer_id, '{kind}' AS kind, {quoted(kind)} AS value, w, \"at\" FROM bought"
                              for kind in KINDS)
    bought = BOUGHT.format(looked_at=looked_at, of_a_product=products_only(shop.engine, "l", "p"))
    shop.engine.execute(f"CREATE OR REPLACE TEMP TABLE tasted AS {bought},"
                        f" each AS ({each}) {TASTED}", [now, asked_for.half_life, now])
    try:
        shop.engine.execute(f"CREATE OR REPLACE TEMP TABLE favourites AS {FAVOURITES}", [asked_for.share])
        yield
    finally:
        shop.engine.execute("DROP TABLE IF EXISTS favourites; DROP TABLE tasted")


BOUGHT = """
WITH bought AS (SELECT DISTINCT ON (l.customer_id, l.order_id, l.product_id) l.customer_id, l.order_id, l."at",
    p.category, p.brand, p.vendor, coalesce(p.name, l.product_name, l.product_id) AS product,
    pow(0.5, epoch(? - l."at") / 86400.0 / ?)::DECIMAL(18, 12) AS w
    FROM lines l SEMI JOIN {looked_at} USING (customer_id) LEFT JOIN products p USING (product_id)
    WHERE l.counted AND l."at" <= ? AND l.quantity > coalesce(l.returned_quantity, 0) AND {of_a_product})"""

TASTED = """SELECT customer_id, kind, value, count(DISTINCT "at") AS orders, sum(w) AS weight, max("at") AS last
FROM each WHERE value IS NOT NULL GROUP BY customer_id, kind, value"""

FAVOURITES = """SELECT customer_id, kind, value, last FROM (
    SELECT *, weight / sum(weight) OVER (PARTITION BY customer_id, kind) AS part, row_number() OVER (
        PARTITION BY customer_id, kind ORDER BY weight DESC, last DESC, value) AS place FROM tasted)
WHERE place = 1 AND orders >= 2 AND part >= ? - 1e-9"""

ROWS = """SELECT t.kind, t.value, count(f.customer_id)::BIGINT AS people, count(*)::BIGINT AS buyers,
    count(*) FILTER (WHERE f.last > ? - to_days(?))::BIGINT AS recent
FROM tasted t LEFT JOIN favourites f USING (customer_id, kind, value)
GROUP BY t.kind, t.value HAVING people > 0 OR t.kind <> 'product' ORDER BY t.kind, people DESC, buyers DESC, t.value"""

SCORES = f"""SELECT customer_id, {", ".join(
    f"max(value) FILTER (WHERE kind = '{kind}') AS {quoted(f'interest.{kind}')}" for kind in KINDS[:3])}
FROM favourites WHERE kind <> 'product' GROUP BY customer_id"""

RELEASED = """
WITH new AS (SELECT product_id, name, released_at,
        unnest([{kind: 'vendor', value: vendor}, {kind: 'brand', value: brand}], recursive := true)
    FROM products WHERE released_at > ? AND name IS NOT NULL),
known AS (SELECT kind, value, count(*) AS buyers, count(f.customer_id) AS people FROM tasted
    LEFT JOIN favourites f USING (customer_id, kind, value) GROUP BY kind, value)
SELECT DISTINCT ON (product_id) product_id, name, released_at, kind, value, people
FROM new JOIN known USING (kind, value) WHERE people > 0 ORDER BY product_id, buyers, kind"""
"""Of maker and seller, what fewer people buy says more: a record's artist rather than its importer."""


def _releases(shop: Facts, looked_at: str, now: datetime, days: int) -> list[dict[str, Any]]:
    """New products with whom they concern by their rule, most people first."""
    found = shop.engine.query(f"SELECT * EXCLUDE people FROM ({RELEASED}) ORDER BY people DESC, released_at DESC,"
                              " product_id LIMIT ?", [now - timedelta(days=days), RELEASES_AT_MOST]).to_pylist()
    if not found:
        return []
    rules = {f"r{i}": _rule(release) for i, release in enumerate(found)}
    shop.engine.register("concerned", shop.evaluate_at(rules, now))
    try:
        counts = ", ".join(f"count(*) FILTER (WHERE {r}), count(*) FILTER (WHERE {r} AND c.email_consent"
                           " AND c.email IS NOT NULL)" for r in rules)
        row = shop.engine.rows(f"SELECT {counts} FROM concerned SEMI JOIN {looked_at} USING (customer_id)"
                               " LEFT JOIN customers c USING (customer_id)")[0]
    finally:
        shop.engine.unregister("concerned")
    known = [{**release, "people": row[2 * i], "reachable": row[2 * i + 1], "rule": rule}
             for i, (release, rule) in enumerate(zip(found, rules.values(), strict=True))]
    return sorted(known, key=lambda release: -release["people"])


def _rule(release: Mapping[str, Any]) -> str:
    """In plain words: buys most often of that brand or vendor, twice at least, and has not got this."""
    kind, value, name = release["kind"], write_string(release["value"]), write_string(release["name"])
    return (f"favourite(lines.{kind}) = {value} and count(lines where {kind} = {value}) >= 2"
            f" and no(lines where product = {name})")


def concerned(release: Mapping[str, Any]) -> Sentence:
    """Whom one of ``releases`` concerns, and how many they are."""
    return counted("{name} is new: it concerns {n} person who keeps buying {value} and has not got it.",
                   "{name} is new: it concerns {n} people who keep buying {value} and have not got it.",
                   release["people"], name=Own(release["name"]), value=Own(release["value"]))


def _findings(rows: pa.Table, releases: Sequence[Mapping[str, Any]]) -> tuple[Sentence, ...]:
    found = [concerned(r) for r in releases[:5] if r["people"]]
    for kind in KINDS[:3]:
        best = [r for r in rows.to_pylist() if r["kind"] == kind and r["people"]][:1]
        found += [counted("{value} ({kind}) is the favourite of {n} customer; {recent} bought it lately.",
                          "{value} ({kind}) is the favourite of {n} customers; {recent} bought it lately.", r["people"],
                          value=Own(r["value"]), kind=label(kind), recent=r["recent"]) for r in best]
    return tuple(found) or (text("Nobody keeps coming back for one thing."),)


def _caveats(rows: pa.Table) -> tuple[Sentence, ...]:
    kinds = set(rows["kind"].to_pylist())
    missing = [label(kind) for kind in KINDS[:3] if kind not in kinds]
    return (text("Not known of any product bought: {kinds}. Bring in your products to see more.", kinds=missing),
            ) if missing else ()
