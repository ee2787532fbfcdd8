"""The shared pass over one table of facts: all features on it at once.

The rows are limited once, each distinct condition is named once, and the rows are grouped once. A condition that speaks
only of the product (its category, brand …) is judged of the products, which are few, and not of the lines.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from regulars.rules import expressions, facts
from regulars.rules.codes import Code, worth_coding
from regulars.rules.features import ExistsFeature, FactFeature
from regulars.rules.frames import FEATURE_TYPES, RowsTable, mask_name
from regulars.rules.subjects import Row
from regulars.rules.vocabulary import PRODUCT_COLUMNS, Scope

FOUND = "__found_"
OF_PRODUCTS_ALONE = PRODUCT_COLUMNS - {"product"}


def shared_pass(table: str, features: Sequence[FactFeature], scope: Scope, limit: Callable[[Any], Any]) -> Any:
    """One row a customer with rows, one column a feature; ``limit`` restricts the customers looked at."""
    judged = {mask_name(f.selection, f.when): f for f in features if _of_products_alone(f, scope)}
    names = frozenset[str]().union(*(_names(f, scope, judged) for f in features))
    sides = {name: _product_mask(f, scope) for name, f in judged.items()}
    latest = max(f.when.now for f in features)
    rows = limit(facts.rows_of(table, names, sides))
    rows = rows.filter(rows["at"] <= expressions.moment_literal(latest))
    if all(f.earliest for f in features):
        rows = rows.filter(rows["at"] > expressions.moment_literal(min(f.earliest for f in features)))
    codes = worth_coding([f for f in features if mask_name(f.selection, f.when) not in judged], scope)
    rows = rows.mutate(**{code.name: code.of(rows) for code in codes.values()}) if codes else rows
    masks = _masks(rows, features, scope, frozenset(judged), codes)
    rows = rows.mutate(**masks) if masks else rows
    known = {name: rows[name] for name in masks} | {name: facts.judged(rows, i) for i, name in enumerate(judged)}
    reduced = {f: f.reduce(RowsTable(rows, f.fact, f.when, scope, latest=latest, masks=known, codes=codes))
               for f in features}
    return _grouped(rows, reduced)


def _grouped(rows: Any, reduced: Mapping[FactFeature, Any]) -> Any:
    """The features by customer: aggregates as they are, what only has to exist as the bits of a few numbers."""
    aggregates = {f.name: value.cast(FEATURE_TYPES[f.type]) for f, value in reduced.items()
                  if not isinstance(f, ExistsFeature)}
    bits = {f.name: condition for f, condition in reduced.items() if isinstance(f, ExistsFeature)}
    numbers = {f"{FOUND}{i}": number.bit_or() for i, number in enumerate(expressions.packed(list(bits.values())))}
    grouped = rows.group_by("customer_id").aggregate(**aggregates, **numbers)
    found = {name: expressions.bit(grouped[f"{FOUND}{i // expressions.BITS}"], i % expressions.BITS)
             for i, name in enumerate(bits)}
    return grouped.select("customer_id", *aggregates, **found) if found else grouped


def _of_products_alone(feature: FactFeature, scope: Scope) -> bool:
    read = feature.selection.where_names(scope)
    return feature.fact.table == "lines" and bool(read) and read <= OF_PRODUCTS_ALONE


def _names(feature: FactFeature, scope: Scope, judged: dict[str, FactFeature]) -> frozenset[str]:
    """The columns of rows a feature reads, those judged of the products aside."""
    if mask_name(feature.selection, feature.when) not in judged:
        return feature.selection.names(scope)
    return replace(feature.selection, where=None).names(scope)


def _product_mask(feature: FactFeature, scope: Scope) -> facts.ProductMask:
    where = feature.selection.where
    assert where is not None  # a mask of nothing is not made

    def of_products(products: Any) -> Any:
        return where.predicate(RowsTable(products, feature.fact, feature.when, scope))
    return facts.ProductMask(of_products, otherwise=where.holds(Row({"at": None}), feature.when))


def _masks(rows: Any, features: Sequence[FactFeature], scope: Scope, done: frozenset[str],
           codes: Mapping[str, Code]) -> dict[str, Any]:
    """Each distinct condition on the rows themselves, by name."""
    found: dict[str, Any] = {}
    for each in features:
        name = mask_name(each.selection, each.when)
        if name not in found and name not in done:
            found[name] = RowsTable(rows, each.fact, each.when, scope, codes=codes).where_mask(each.selection)
    return {name: mask for name, mask in found.items() if mask is not None}
