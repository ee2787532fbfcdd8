"""Square, Transactions > Export > Items detail: one row an item, refunds as rows of their own."""

from __future__ import annotations

from regulars.engines.duckdb import quoted
from regulars.intake.sources.layout import Export, Layout, prefixed, rows, select
from regulars.intake.sources.square_zones import zone_of
from regulars.intake.stage import Stage
from regulars.model.settings import Settings

REFUND = "fold(event) = 'refund'"


class SquareItems(Export):
    """``Channel`` and ``Location`` are places of sale: all of them are the store, but Square's own online shop."""

    name = "square-items"
    title = "Square items detail"
    platform = "square"
    signature = ("Date", "Time", "Item", "Qty", "Gross Sales", "Net Sales", "Transaction ID")
    layout = Layout("""
        lines
        order_id        key     Transaction ID
        product_name    text    Item
        product_id      key     SKU | Item
        category        text    Category
        quantity        number  Qty
        gross           money   Product Sales | Gross Sales
        discount        money?  Discounts
        net             money?  Net Sales
        tax             money?  Tax
        event           text    Event Type
        place           text    Channel | Location
        id_platform     key     Customer ID
        id_name         text    Customer Name
    """)

    def mapping(self, stage: Stage) -> dict[str, str]:
        when = {c.header: "orders.at" for c in stage.found(("Date", "Time", "Time Zone"))}
        return super().mapping(stage) | when

    def canonical(self, stage: Stage, settings: Settings) -> dict[str, str]:
        cells = self.layout.read(stage, "lines")
        cells = {
            f: cells.get(f, "NULL") for f in ("category", "discount", "net", "tax", "place", "id_platform", "id_name")
        } | cells
        cells |= {
            "at": moment(stage, settings),
            "order_id": prefixed("square", cells["order_id"]),
            "id_platform": prefixed("square", cells["id_platform"]),
            "event": cells.get("event", "'Payment'"),
            "currency": stage.currency_of("Product Sales", "Gross Sales"),
        }
        records = rows(stage, cells, f"{cells['order_id']} IS NOT NULL")
        return {
            "orders": _orders(records),
            "lines": _lines(records),
            "returns": _returns(records),
            "products": _products(records),
            **people(records),
        }


def moment(stage: Stage, settings: Settings) -> str:
    """In UTC. Where no day above 12 decides it, an American zone or country says that the month comes first."""
    zone = zone_of(stage.text("Time Zone"), settings.timezone) if stage.has("Time Zone") else None
    zones = stage.engine.rows(f"SELECT DISTINCT {stage.text('Time Zone')} FROM {quoted(stage.name)}")
    american = settings.country.upper() == "US" or any("(US & Canada)" in str(z) for (z,) in zones)
    return stage.moment("Date", time="Time", zone_sql=zone, day_first=False if american else None)


def channel(place: str) -> str:
    return f"CASE WHEN fold({place}) LIKE '%online%' THEN 'online' ELSE 'store' END"


def people(records: str) -> dict[str, str]:
    """A till knows a card-customer's number and name, and nothing more."""
    named = select(
        f"({records})",
        {"_row": "max(_row)", "id_platform": "id_platform", "name": 'arg_max(id_name, "at")'},
        "id_platform IS NOT NULL",
        "GROUP BY id_platform",
    )
    return {"customers": named}


def _orders(records: str) -> str:
    """The total is left to the lines: the transactions file, which states it, is another export of the same sales."""
    firsts = {f: f"arg_min({quoted(f)}, _row)" for f in ("at", "id_platform", "currency")}
    alone = "arg_min(CASE WHEN id_platform IS NULL THEN id_name END, _row)"
    return select(
        f"({records})",
        {
            "_row": "min(_row)",
            "order_id": "order_id",
            **firsts,
            "id_name": alone,
            "status": "'paid'",
            "channel": channel("arg_min(place, _row)"),
            "tax": "sum(tax)",
        },
        f"NOT coalesce({REFUND}, false)",
        "GROUP BY order_id",
    )


def _lines(records: str) -> str:
    """Square writes discounts below zero."""
    price = "CASE WHEN quantity <> 0 THEN (gross / quantity)::DECIMAL(18,4) ELSE gross END"
    return select(
        f"({records})",
        {
            "_row": "_row",
            "order_id": "order_id",
            "product_id": "product_id",
            "product_name": "product_name",
            "quantity": "quantity",
            "unit_price": price,
            "discount": "abs(discount)",
        },
        f"NOT coalesce({REFUND}, false) AND product_name IS NOT NULL",
    )


def _returns(records: str) -> str:
    """A refund under the number of its own sale says which order it undoes; one under a new number does not."""
    sold = f"SELECT DISTINCT order_id AS sold_id FROM ({records}) WHERE NOT coalesce({REFUND}, false)"
    back = f"SELECT * FROM ({records}) LEFT JOIN ({sold}) ON order_id = sold_id WHERE {REFUND}"
    return select(
        f"({back})",
        {
            "_row": "_row",
            "at": '"at"',
            "document": "order_id",
            "of_order": "sold_id",
            "product_id": "product_id",
            "quantity": "abs(quantity)",
            "amount": "abs(coalesce(net, gross))",
            "id_platform": "id_platform",
            "id_name": "CASE WHEN id_platform IS NULL THEN id_name END",
        },
    )


def _products(records: str) -> str:
    """What is typed in at the till without a catalogue entry is no product."""
    return select(
        f"({records})",
        {
            "_row": "max(_row)",
            "product_id": "product_id",
            "name": "arg_max(product_name, _row)",
            "category": "arg_max(category, _row)",
        },
        "product_id IS NOT NULL AND fold(product_id) <> 'custom amount'",
        "GROUP BY product_id",
    )


SOURCES = (SquareItems(),)
