"""Each table of facts as the rule language sees it: one Ibis expression over unbound tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import ibis

from regulars.model.tables import CUSTOMERS, TABLES, Table
from regulars.model.types import Type
from regulars.rules import expressions, properties
from regulars.rules.vocabulary import PRODUCT_COLUMNS, Fact, Field

IBIS_TYPES = {
    Type.TEXT: "string", Type.TEXTS: "array<string>", Type.NUMBER: "float64", Type.WHOLE: "int64",
    Type.DECIMAL: "decimal(18, 4)", Type.MONEY: "decimal(18, 4)", Type.YESNO: "boolean", Type.MOMENT: "timestamp(6)",
    Type.DATE: "date", Type.JSON: "string",
}
FOLDED = "__folded"


KEPT_ALONG = {"messages": ("type", "machine"), **dict.fromkeys(("visits", "checkouts", "events"), ("properties",))}
"""Columns by which a table tells its facts apart or keeps its own names."""


def unbound(table: Table, extra: dict[str, Type] | None = None) -> Any:
    """The table as Ibis knows it, with the shop's own columns."""
    columns = {c.name: IBIS_TYPES[c.type] for c in table.columns}
    return ibis.table(columns | {n: IBIS_TYPES[t] for n, t in (extra or {}).items()}, name=table.name)


@dataclass(frozen=True)
class ProductMask:
    """A condition on the product alone: how it is judged of products, and of a line whose product is not known."""

    of_products: Callable[[Any], Any]
    otherwise: bool


def rows_of(table: str, names: frozenset[str], product_masks: Mapping[str, ProductMask] | None = None) -> Any:
    """The rows of a fact table that can count: of a known customer, at a known moment; ``names`` are read."""
    rows = unbound(TABLES[table])
    known = [rows["customer_id"].notnull(), rows["at"].notnull()]
    wanted = {"customer_id", "at", *names, *KEPT_ALONG.get(table, ())}
    columns = {n: rows[n] for n in rows.columns if n in wanted}
    if table in ("orders", "lines"):
        known.append(rows["counted"])
    if table == "orders" and "total" in columns:
        columns["total"] = (rows["total"] - ibis.coalesce(rows["refunded"], 0)).cast(IBIS_TYPES[Type.MONEY])
    masks = product_masks or {}
    if table == "lines" and (names & PRODUCT_COLUMNS or masks):
        columns |= {n: rows[n] for n in ("product_id", "product_name")}
    chosen = rows.filter(*known).select(**columns)
    return _with_products(chosen, names, masks) if table == "lines" else chosen


def _with_products(lines: Any, names: frozenset[str], masks: Mapping[str, ProductMask]) -> Any:
    wanted = sorted(names & PRODUCT_COLUMNS)
    if not wanted and not masks:
        return lines
    products = unbound(TABLES["products"]).rename(product="name")
    texts = [n for n in wanted if n not in ("tags", "released_at")]
    side = products.select(the_product="product_id", **{n: products[n] for n in wanted},
                           **{n + FOLDED: expressions.fold(products[n]) for n in texts},
                           **{n: mask.of_products(products) for n, mask in masks.items()})
    joined = lines.left_join(side, lines["product_id"] == side["the_product"])
    if masks:
        joined = joined.mutate(**{n: ibis.coalesce(joined[n], mask.otherwise) for n, mask in masks.items()})
    if "product" not in wanted:
        return joined
    sold_as = ibis.coalesce(lines["product_name"], lines["product_id"])
    return joined.mutate(product=ibis.coalesce(joined["product"], sold_as),
                         **{"product" + FOLDED: ibis.coalesce(joined["product" + FOLDED], expressions.fold(sold_as))})


def meets(rows: Any, fact: Fact) -> Any:
    """Which rows of the table are rows of the fact, None where all are."""
    if not fact.types:
        return None
    human = ~ibis.coalesce(rows["machine"], False)
    return ibis.coalesce(rows["type"].isin(fact.types), False) & human


def column(rows: Any, field: Field, zone: ZoneInfo) -> Any:
    """A column of the fact, or a property of its JSON, as its type."""
    if field.property:
        return properties.column(rows["properties"], field.column, field.type, zone)
    return rows[field.name]


def folded(rows: Any, field: Field, zone: ZoneInfo) -> Any:
    """The same as text to compare."""
    if field.name + FOLDED in rows.columns:
        return rows[field.name + FOLDED]
    return expressions.fold(column(rows, field, zone))


CUSTOMER_COLUMNS = {c.name for c in CUSTOMERS.columns}
