"""Older words about an order that come after newer ones, as from a telephone that was out of reach: where the newer
ones say both what it holds and what it costs, what the older say is over, but for when it was made."""

from __future__ import annotations

from regulars.engines.duckdb import DuckDBEngine, literal
from regulars.intake.live import late_parts
from regulars.intake.live.values import ORDER_ID, ORDERED, STEPS
from regulars.intake.rows import make_temp

WHOLE = (
    "json_array_length(m.properties, '$.products') > 0 AND len(list_filter(json_extract_string(m.properties, "
    "['$.total', '$.value', '$.revenue']), x -> x IS NOT NULL)) > 0"
)
HEARD = "platform = 'live' AND kind = 'order'"
MADE, TOLD = "late: order made", "late: order told"
"""What such messages are called: in `standard.toml` there is a map for the first, and none for the second."""


def set_back(engine: DuckDBEngine) -> None:
    """Rename the older words about orders in ``live_new``, and note how new the newest of each order are."""
    make_temp(
        engine,
        "live_orders",
        f'SELECT m._row, m.event, {ORDER_ID.format(m="m")} AS id, m."at", coalesce({WHOLE}, false) AS whole, '
        f"{late_parts.said()} AS said FROM live_new m "
        f"WHERE m.type = 'track' AND m.event IN {ORDERED} AND id IS NOT NULL",
    )
    if not engine.rows("SELECT 1 FROM live_orders LIMIT 1"):
        return
    make_temp(
        engine,
        "live_late",
        f"SELECT o._row, CASE WHEN o.event IN {STEPS} THEN {literal(TOLD)} ELSE {literal(MADE)} END AS late FROM "
        f'live_orders o JOIN heard h ON {HEARD} AND h.id = o.id AND h."at" > o."at"',
    )
    if engine.rows("SELECT 1 FROM live_late LIMIT 1"):
        make_temp(
            engine,
            "live_new",
            "SELECT m.* REPLACE (coalesce(l.late, m.event) AS event) FROM live_new m LEFT JOIN live_late l "
            "USING (_row) ORDER BY m._row",
        )
    whole = "FROM live_orders ANTI JOIN live_late USING (_row) WHERE whole GROUP BY id"
    make_temp(engine, "live_newest", f'SELECT id, max("at") AS "at" {whole}')
    engine.execute(f"DELETE FROM heard WHERE {HEARD} AND id IN (SELECT id FROM live_newest)")
    engine.execute("INSERT INTO heard SELECT 'live', 'order', id, \"at\", NULL FROM live_newest")
    late_parts.spare(engine)
