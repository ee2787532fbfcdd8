"""What `identify` says of somebody who was described by a newer one before, as from a telephone that was out of reach:
it fills only what is unknown. Files say no moment, so that only what libraries send is compared."""

from __future__ import annotations

from regulars.engines.duckdb import DuckDBEngine, quoted
from regulars.intake.people import CONSENTS
from regulars.intake.rows import columns_of, make_temp

DATED = frozenset(f"{c}_consent{part}" for c in CONSENTS for part in ("", "_at", "_origin"))
"""Words of consent have moments of their own, by which the newest wins."""
WHOSE = ("_row", "customer_id", "id_platform", "at")
HINTS = {"email": "id_email", "phone": "id_phone"}
"""What says who it is does so whether or not it is taken over."""
NAMES = "SELECT n.* FROM live_described n JOIN identities USING (kind, value)"


def find(engine: DuckDBEngine) -> bool:
    """``live_older``: the messages (_row) that are older than what is known of their ``customer_id``; whether any is.

    Also ``live_described``: by which names (kind, value) messages described somebody, and when.
    """
    make_temp(
        engine,
        "live_described",
        "SELECT m._row, m.\"at\", unnest(['id', 'anonymous']) AS kind, unnest([m.user_id, CASE WHEN m.id_platform IS "
        "NOT NULL THEN m.anonymous_id END]) AS value FROM live_new m WHERE m.type = 'identify'",
    )
    make_temp(
        engine,
        "live_owners",
        "SELECT n._row, n.\"at\", arg_max(i.customer_id, n.kind = 'id') AS customer_id FROM live_described n "
        "JOIN identities i USING (kind, value) GROUP BY ALL",
    )
    make_temp(
        engine,
        "live_older",
        'SELECT o._row, o.customer_id FROM live_owners o JOIN (SELECT i.customer_id, max(h."at") AS newest FROM '
        "heard h JOIN identities i ON i.kind = h.kind AND i.value = h.id SEMI JOIN live_owners USING (customer_id) "
        "WHERE h.platform = 'live' GROUP BY 1) k ON k.customer_id = o.customer_id AND k.newest > o.\"at\"",
    )
    return bool(engine.rows("SELECT 1 FROM live_older LIMIT 1"))


def spare(engine: DuckDBEngine) -> None:
    """Take out of ``in_customers`` what ``live_older`` say of what is known."""
    said, known = columns_of(engine, "in_customers"), engine.columns("customers")
    masked = sorted(c for c in said & known.keys() if c not in WHOSE and c not in DATED)
    less = ", ".join(f"CASE WHEN c.{quoted(x)} IS NULL THEN t.{quoted(x)} END AS {quoted(x)}" for x in masked)
    who = ", ".join(f"CASE WHEN o._row IS NOT NULL THEN t.{x} END AS {hint}" for x, hint in HINTS.items() if x in said)
    make_temp(
        engine,
        "in_customers",
        f"SELECT t.* REPLACE ({less}){f', {who}' if who else ''} FROM in_customers t LEFT JOIN live_older o USING "
        "(_row) LEFT JOIN customers c ON c.customer_id = o.customer_id",
    )


def note(engine: DuckDBEngine) -> None:
    """Remember how new the newest is by each name. Of whoever was erased no name is known, and none remembered."""
    make_temp(
        engine,
        "live_newest",
        f'SELECT kind, value, max("at") AS "at" FROM (SELECT kind, value, "at" FROM ({NAMES}) UNION ALL '
        'SELECT h.kind, h.id, h."at" FROM heard h JOIN live_described n ON h.kind = n.kind AND h.id = n.value '
        "WHERE h.platform = 'live') GROUP BY ALL",
    )
    engine.execute(
        "DELETE FROM heard WHERE platform = 'live' AND (kind, id) IN (SELECT (kind, value) FROM live_newest)"
    )
    engine.execute("INSERT INTO heard SELECT 'live', kind, value, \"at\", NULL FROM live_newest")
