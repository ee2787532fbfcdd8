"""Square, Transactions > Export > Transactions: one row a payment or refund."""

from __future__ import annotations

from regulars.engines.duckdb import quoted
from regulars.intake.sources.layout import Export, Layout, prefixed, rows, select
from regulars.intake.sources.square_items import REFUND, channel, moment, people
from regulars.intake.stage import Stage
from regulars.model.settings import Settings

CARRIED = (
    "subtotal",
    "discount",
    "tax",
    "place",
    "gift_card",
    "id_platform",
    "id_name",
    "state",
    "partial",
    "card",
    "cash",
)
COMPLETE = "coalesce(fold(state) IN ('complete', 'completed', ''), true)"


class SquareTransactions(Export):
    name = "square-transactions"
    title = "Square transactions"
    platform = "square"
    signature = ("Date", "Time", "Gross Sales", "Total Collected", "Transaction ID", "Net Total")
    never = ("Item", "Qty")
    layout = Layout("""
        orders
        order_id        key     Transaction ID
        total           money   Total Collected
        subtotal        money?  Net Sales
        discount        money?  Discounts
        tax             money?  Tax
        partial         money?  Partial Refunds
        card            money?  Card
        cash            money?  Cash
        gift_card       money?  Square Gift Card
        event           text    Event Type
        state           text    Transaction Status
        place           text    Channel | Location
        id_platform     key     Customer ID
        id_name         text    Customer Name
    """)

    def mapping(self, stage: Stage) -> dict[str, str]:
        when = {c.header: "orders.at" for c in stage.found(("Date", "Time", "Time Zone"))}
        return super().mapping(stage) | when

    def canonical(self, stage: Stage, settings: Settings) -> dict[str, str]:
        cells = self.layout.read(stage, "orders")
        cells = dict.fromkeys(CARRIED, "NULL") | cells
        cells |= {
            "at": moment(stage, settings),
            "order_id": prefixed("square", cells["order_id"]),
            "id_platform": prefixed("square", cells["id_platform"]),
            "event": cells.get("event", "'Payment'"),
            "currency": stage.currency_of("Total Collected", "Gross Sales"),
        }
        records = rows(stage, cells, f"{cells['order_id']} IS NOT NULL")
        return {"orders": _orders(records), "returns": _returns(records), **people(records)}


def _orders(records: str) -> str:
    firsts = {f: f"arg_min({quoted(f)}, _row)" for f in ("at", "total", "subtotal", "tax", "id_platform", "currency")}
    method = (
        "CASE WHEN arg_min(cash, _row) > 0 THEN 'cash' WHEN arg_min(card, _row) > 0 THEN 'card' "
        "WHEN arg_min(gift_card, _row) > 0 THEN 'gift card' ELSE NULL END"
    )
    return select(
        f"({records})",
        {
            "_row": "min(_row)",
            "order_id": "order_id",
            **firsts,
            "discount": "abs(arg_min(discount, _row))",
            "refunded": "nullif(abs(arg_min(partial, _row)), 0)",
            "payment_method": method,
            "status": f"CASE WHEN bool_and({COMPLETE}) THEN 'paid' ELSE arg_min(fold(state), _row) END",
            "channel": channel("arg_min(place, _row)"),
            "id_name": "arg_min(CASE WHEN id_platform IS NULL THEN id_name END, _row)",
        },
        f"NOT coalesce({REFUND}, false)",
        "GROUP BY order_id",
    )


def _returns(records: str) -> str:
    """What of a sale was given back stands on the sale (``Partial Refunds``); a refund by itself is returned money."""
    sold = f"SELECT DISTINCT order_id AS sold_id FROM ({records}) WHERE NOT coalesce({REFUND}, false)"
    back = f"SELECT * FROM ({records}) LEFT JOIN ({sold}) ON order_id = sold_id WHERE {REFUND}"
    return select(
        f"({back})",
        {
            "_row": "_row",
            "at": '"at"',
            "document": "order_id",
            "of_order": "sold_id",
            "amount": "abs(total)",
            "id_platform": "id_platform",
            "id_name": "CASE WHEN id_platform IS NULL THEN id_name END",
        },
    )


SOURCES = (SquareTransactions(),)
