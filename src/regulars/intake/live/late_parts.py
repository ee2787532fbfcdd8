"""Words about an order that do not say all there is to it, as a total or a coupon that was changed: what they say stays
where an older word on the same comes late. Where a newer word says all, `late` has made the older void already."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from regulars.engines.duckdb import DuckDBEngine, literal
from regulars.intake.live.standard import standard
from regulars.intake.rows import make_temp

ORDERS, LINES = "orders", "lines"
NO_PARTS = ("order_id", "currency")
"""Which order it is, and in what its amounts are."""
PARTS = "h.platform = 'live' AND starts_with(h.kind, 'order: ')"
"""Rows ``h`` of ``heard``: when the newest word on a part of an order was made. They go when all is said of it."""


def _parts() -> Mapping[str, tuple[str, ...]]:
    """What may be said of an order, and the properties that it is read from, the products among them."""
    made = next(m for m in standard().of(ORDERS) if len(m.columns) > 3)
    lines = next(m for m in standard().of(LINES))
    found = {column: tuple(_own(paths)) for column, paths in made.columns.items() if column not in NO_PARTS}
    return {c: p for c, p in found.items() if p} | {"products": tuple(_own([lines.each]))}


def _own(paths: list[str] | tuple[str, ...]) -> Iterator[str]:
    return (p.removeprefix("properties.") for p in paths if p.startswith("properties."))


def said() -> str:
    """An expression over alias ``m`` of ``live_new``: the parts that a message says."""
    each = ", ".join(f"CASE WHEN {_says(part, names)} THEN {literal(part)} END" for part, names in _parts().items())
    return f"list_filter([{each}], x -> x IS NOT NULL)"


def _says(part: str, names: tuple[str, ...]) -> str:
    if part == "products":
        return " OR ".join(f"json_array_length(m.properties, '$.{n}') > 0" for n in names)
    return " OR ".join(f"nullif(trim(json_extract_string(m.properties, '$.{n}')), '') IS NOT NULL" for n in names)


def spare(engine: DuckDBEngine) -> None:
    """Take out of ``live_new`` what newer words on orders in ``live_orders`` said already, and note how new these are.

    ``live_late`` are void as a whole; ``live_newest`` has the orders of which all is said.
    """
    engine.execute(f'DELETE FROM heard h USING live_newest n WHERE {PARTS} AND h.id = n.id AND h."at" <= n."at"')
    make_temp(engine, "live_parts", 'SELECT _row, id, "at", whole, unnest(said) AS part FROM live_orders ANTI JOIN '
              "live_late USING (_row)")
    make_temp(engine, "live_spared", "SELECT p._row, list(DISTINCT p.part) AS parts FROM live_parts p JOIN heard h ON "
              f"{PARTS} AND h.kind = 'order: ' || p.part AND h.id = p.id AND h.\"at\" > p.\"at\" GROUP BY 1")
    if engine.rows("SELECT 1 FROM live_spared LIMIT 1"):
        _take_out(engine)
    make_temp(engine, "live_partly", "SELECT 'order: ' || part AS kind, id, max(\"at\") AS \"at\" FROM live_parts p "
              'WHERE NOT whole AND NOT EXISTS (FROM live_newest n WHERE n.id = p.id AND n."at" >= p."at") GROUP BY ALL')
    engine.execute(f"DELETE FROM heard h USING live_partly p WHERE {PARTS} AND h.kind = p.kind AND h.id = p.id AND "
                   'h."at" <= p."at"')
    engine.execute("INSERT INTO heard SELECT 'live', kind, id, \"at\", NULL FROM live_partly p WHERE NOT EXISTS (FROM "
                   f"heard h WHERE {PARTS} AND h.kind = p.kind AND h.id = p.id)")


def _take_out(engine: DuckDBEngine) -> None:
    rows = engine.rows("SELECT _row, parts FROM live_spared")
    names = _parts()
    patches = [(row, json.dumps(dict.fromkeys(n for part in parts for n in names[part]))) for row, parts in rows]
    listed = ", ".join(f"({row}, {literal(patch)}::JSON)" for row, patch in patches)
    make_temp(engine, "live_new", "SELECT m.* REPLACE (CASE WHEN s.patch IS NULL THEN m.properties ELSE "
              f"json_merge_patch(m.properties, s.patch) END AS properties) FROM live_new m LEFT JOIN (VALUES {listed}) "
              "s(_row, patch) USING (_row) ORDER BY m._row")
