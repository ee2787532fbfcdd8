"""WebToffee's order export for WooCommerce: one row an order, its lines in columns, in two ways of writing them."""

from __future__ import annotations

import re

from regulars.engines.duckdb import literal
from regulars.intake.sources.layout import (
    NTH_LINE,
    Export,
    Layout,
    full_name,
    identity,
    latest,
    prefixed,
    reached,
    rows,
    said,
    select,
)
from regulars.intake.sources.woo_words import STATUSES
from regulars.intake.stage import Stage, StagedColumn
from regulars.model.settings import Settings

PERSON = (
    "id_email",
    "id_phone",
    "id_platform",
    "email",
    "phone",
    "name",
    "first_name",
    "last_name",
    "street",
    "city",
    "region",
    "postcode",
    "country",
)
PACKED = re.compile(r"line_item_(\d+)")
SPREAD = re.compile(r"product item (\d+) name")


class WebToffeeOrders(Export):
    name = "webtoffee-orders"
    title = "WooCommerce order export (WebToffee)"
    platform = "woocommerce"
    signature = ("order_id", "order_date", "status", "order_total", "billing_email")
    one_of = (("order_number", "wt_import_key", "line_item_1", "Product Item 1 Name", "shipping_items"),)
    layout = Layout("""
        orders
        order_id        key     order_number | order_id
        at              moment  order_date
        status          text    status
        total           money   order_total
        subtotal        money?  order_subtotal
        discount        money?  discount_total | cart_discount
        shipping        money?  shipping_total
        tax             money?  tax_total
        promo_code      text    coupon_items
        refunds         text    refund_items
        currency        text    order_currency
        payment_method  text    payment_method_title | payment_method
        shipping_method text    shipping_method
        campaign        text    meta:_wc_order_attribution_utm_campaign
        customers
        email           text    billing_email | customer_email
        phone           key     billing_phone
        id_platform     key     customer_id
        first_name      text    billing_first_name
        last_name       text    billing_last_name
        street          text    billing_address_1
        city            text    billing_city
        region          text    billing_state
        postcode        key     billing_postcode
        country         text    billing_country
        orders
        country         text    billing_country | shipping_country
    """)

    def canonical(self, stage: Stage, settings: Settings) -> dict[str, str]:
        orders = self._orders(stage)
        person = self._person(stage)
        hints = {k: v for k, v in person.items() if k.startswith("id_")}
        known = f"{orders['order_id']} IS NOT NULL"
        described = rows(stage, orders | person, known)
        return {
            "orders": rows(stage, orders | hints, known),
            "lines": _lines(stage, orders["order_id"]),
            "customers": latest(described, identity(person), [f for f in PERSON if f in person]),
        }

    def mapping(self, stage: Stage) -> dict[str, str]:
        spread = {
            c.header: "lines" for c in stage.columns if PACKED.fullmatch(c.key) or c.key.startswith("product item ")
        }
        return super().mapping(stage) | spread

    def _orders(self, stage: Stage) -> dict[str, str]:
        cells = self.layout.read(stage, "orders")
        refunds = cells.pop("refunds", "NULL")
        # code:welcome10|amount:5.00, several after a semicolon: the first code is the order's.
        if "promo_code" in cells:
            code = f"regexp_extract({cells['promo_code']}, '^(?:code:)?([^|;:]+)', 1)"
            cells["promo_code"] = f"nullif({code}, '')"
        amounts = f"regexp_extract_all({refunds}, 'amount:-?([0-9]+(?:\\.[0-9]+)?)', 1)"
        amounts = f"list_transform({amounts}, x -> x::DECIMAL(18,4))"
        return cells | {
            "order_id": prefixed("woocommerce", cells["order_id"]),
            "status": said(cells["status"], STATUSES),
            "refunded": f"CAST(list_sum({amounts}) AS DECIMAL(18,4))",
        }

    def _person(self, stage: Stage) -> dict[str, str]:
        cells = self.layout.read(stage, "customers")
        name = full_name(cells)
        hints = reached(cells["email"], cells.get("phone"), name, cells.get("postcode"))
        if "id_platform" in cells:  # 0 is a guest
            hints["id_platform"] = prefixed("woocommerce", f"nullif({cells.pop('id_platform')}, '0')")
        return cells | hints | {"name": name}


def _lines(stage: Stage, order_id: str) -> str:
    packed = {int(m[1]): _packed(stage, c) for c in stage.columns if (m := PACKED.fullmatch(c.key))}
    spread = {int(m[1]): _spread(stage, m[1]) for c in stage.columns if (m := SPREAD.fullmatch(c.key))}
    items = [sql for found in (packed, spread) for _, sql in sorted(found.items())]
    if not items:
        return "SELECT 0::BIGINT AS _row, '' AS order_id WHERE false"
    listed = f"[{', '.join(items)}]"
    unpacked = select(
        stage.name,
        {
            "_row": "_row",
            "order_id": order_id,
            "item": f"unnest({listed})",
            "nth": f"unnest(range({len(items)}))",
        },
    )
    read = {
        "_row": "_row",
        "order_id": "order_id",
        "line": NTH_LINE,
        "product_id": "coalesce(nullif(item.sku, ''), item.name)",
        "product_name": "item.name",
        "quantity": "item.quantity",
        "unit_price": "CASE WHEN item.quantity <> 0 THEN "
        "(coalesce(item.subtotal, item.total) / item.quantity)::DECIMAL(18,4) END",
        "discount": "(item.subtotal - item.total)::DECIMAL(18,4)",
    }
    return select(f"({unpacked})", read, "order_id IS NOT NULL AND item.name IS NOT NULL")


def _packed(stage: Stage, column: StagedColumn) -> str:
    """``name:…|product_id:…|sku:…|quantity:…|total:…|sub_total:…``, with more behind a further bar."""
    cell = stage.cell(column)
    name = f"nullif(trim(regexp_extract({cell}, '(?s)^name:(.*?)\\|(?:product_id|sku|quantity):', 1)), '')"
    number = {k: f"try_cast(nullif({_part(cell, k)}, '') AS DECIMAL(18,4))" for k in ("quantity", "total", "sub_total")}
    return _item(name, _part(cell, "sku"), number["quantity"], number["total"], number["sub_total"])


def _part(cell: str, key: str) -> str:
    return f"trim(regexp_extract({cell}, {literal(f'(?s)[|]{key}:([^|]*)')}, 1))"


def _spread(stage: Stage, number: str) -> str:
    head = f"Product Item {number}"
    return _item(
        stage.text(f"{head} Name"),
        stage.key(f"{head} SKU"),
        stage.number(f"{head} Quantity"),
        stage.money(f"{head} Total"),
        stage.money(f"{head} Subtotal"),
    )


def _item(name: str, sku: str, quantity: str, total: str, subtotal: str) -> str:
    return f"{{'name': {name}, 'sku': {sku}, 'quantity': {quantity}, 'total': {total}, 'subtotal': {subtotal}}}"


SOURCES = (WebToffeeOrders(),)
