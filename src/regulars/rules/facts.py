"""Each table of facts as the rule language sees it: one Ibis expression over unbound tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from regulars.model.later import later
from regulars.model.tables import TABLES, Table
from regulars.model.types import Type
from regulars.rules import expressions, properties
from regulars.rules.vocabulary import PRODUCT_COLUMNS, Field

ibis = later("ibis")
IBIS_TYPES = {
    Type.TEXT: "string", Type.TEXTS: "array<string>", Type.NUMBER: "float64", Type.WHOLE: "int64",
    Type.DECIMAL: "decimal(18, 4)", Type.MONEY: "decimal(18, 4)", Type.YESNO: "boolean", Type.MOMENT: "timestamp(6)",
    Type.DATE: "date", Type.JSON: "string",
}
FOLDED, BIT, REST, JUDGED = "__folded", "__bit", "__rest", "__judged_"

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


@dataclass(frozen=True)
class Coded:
    """A column by its values: the ``bit`` of its own that each of the first `expressions.BITS` values has, and the
    ``rest``, the folded values of those without."""

    bit: Any
    rest: Any


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
    packed = dict(_packed(products, list(masks.values())))
    side = products.select(the_product="product_id", **{n: products[n] for n in wanted},
                           **{n + FOLDED: expressions.fold(products[n]) for n in texts},
                           **{n: of_products for n, (of_products, _) in packed.items()})
    side = side.mutate(**{k: v for n in texts if n != "product" for k, v in _coded(side, n).items()})
    joined = lines.left_join(side, lines["product_id"] == side["the_product"])
    if packed:
        joined = joined.mutate(**{n: ibis.coalesce(joined[n], otherwise) for n, (_, otherwise) in packed.items()})
    if "product" not in wanted:
        return joined
    sold_as = ibis.coalesce(lines["product_name"], lines["product_id"])
    return joined.mutate(product=ibis.coalesce(joined["product"], sold_as),
                         **{"product" + FOLDED: ibis.coalesce(joined["product" + FOLDED], expressions.fold(sold_as))})


def _packed(products: Any, masks: Sequence[ProductMask]) -> Iterator[tuple[str, tuple[Any, Any]]]:
    """The conditions as bits of a few numbers, which a join carries along quicker than each by itself: name, the
    number of a product, and the number of a line whose product is not known."""
    for nth, number in enumerate(expressions.packed([mask.of_products(products) for mask in masks])):
        some = masks[nth * expressions.BITS:(nth + 1) * expressions.BITS]
        otherwise = sum(mask.otherwise << i for i, mask in enumerate(some))
        yield f"{JUDGED}{nth}", (number, expressions.whole(otherwise))


def judged(rows: Any, nth: int) -> Any:
    """The ``nth`` condition of those judged of the products, on their lines."""
    number, place = divmod(nth, expressions.BITS)
    return expressions.bit(rows[f"{JUDGED}{number}"], place)


def _coded(side: Any, name: str) -> dict[str, Any]:
    text = side[name + FOLDED]
    nth = ibis.dense_rank().over(order_by=text)
    has_bit = text.notnull() & (nth < expressions.BITS)
    return {name + BIT: has_bit.ifelse(expressions.whole(1) << nth, None), name + REST: has_bit.ifelse(None, text)}


def coded(rows: Any, field: Field) -> Coded | None:
    """A column of products by its values, None where values are told apart by themselves."""
    return Coded(rows[field.name + BIT], rows[field.name + REST]) if field.name + BIT in rows.columns else None


def by_human(rows: Any) -> Any:
    """Which messages no machine answered."""
    return ~ibis.coalesce(rows["machine"], False)


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
