"""What is left of each order by itself: as the ledger counts, before service, messages and campaigns."""

from __future__ import annotations

from regulars.engines.duckdb import DuckDBEngine
from regulars.insight.profit.assumptions import Assumptions
from regulars.insight.profit.ledger import KEPT, Between, sent_sql

KNOWN, ASSUMED, UNKNOWN = "known", "assumed", "unknown"


def left_sql(between: Between, assumed: Assumptions) -> str:
    """``order_id`` and ``profit``, a row for each counted order between the moments.

    What was charged less returns, tax, goods, payment and shipping; unknown where no cost of any goods is known, or
    the order's own amount is not.
    """
    share = assumed.goods_cost.value if assumed.goods_cost else None
    guess = "NULL::DOUBLE" if share is None else f"{share!r}::DOUBLE"
    fee, shipping = (assumed.payment_percent or 0) / 100, assumed.shipping or 0
    return f"""WITH goods AS (SELECT order_id, coalesce(sum(amount - margin), 0)::DOUBLE AS cost,
            coalesce(sum(CASE WHEN margin IS NULL THEN amount END), 0)::DOUBLE AS unknown
        FROM lines WHERE counted AND {between} GROUP BY order_id),
    own AS (SELECT o.order_id, (total - coalesce(refunded, 0))::DOUBLE AS net, total::DOUBLE AS total,
            coalesce(tax, 0)::DOUBLE * ({KEPT}) AS tax, coalesce(g.cost, 0) AS cost,
            CASE WHEN items IS NULL THEN (total - coalesce(refunded, 0))::DOUBLE - coalesce(shipping, 0)::DOUBLE
                * ({KEPT}) ELSE coalesce(g.unknown, 0) END AS unknown,
            CASE WHEN {sent_sql()} THEN {shipping!r} ELSE 0 END AS sending
        FROM orders o LEFT JOIN goods g USING (order_id) WHERE counted AND {between})
    SELECT order_id, net - tax - cost - (CASE WHEN unknown = 0 THEN 0 ELSE unknown * {guess} END)
        - total * {fee!r} - sending AS profit FROM own"""


def how_known(engine: DuckDBEngine, between: Between, assumed: Assumptions) -> str:
    """Whether what goods cost is known of all orders with an amount, assumed of some, or not known of some."""
    unknown = engine.value(
        f"SELECT count(*) FROM orders o WHERE counted AND {between} AND total IS NOT NULL AND (items IS NULL OR EXISTS "
        "(SELECT 1 FROM lines l WHERE l.order_id = o.order_id AND l.counted AND l.margin IS NULL))")
    if not unknown:
        return KNOWN
    return ASSUMED if assumed.goods_cost else UNKNOWN


__all__ = ["ASSUMED", "KNOWN", "UNKNOWN", "how_known", "left_sql"]
