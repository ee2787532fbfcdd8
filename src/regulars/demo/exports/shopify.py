"""Shopify: orders, customers and products."""

from __future__ import annotations

from pathlib import Path

from regulars.demo.exports.layout import STAMP, YES_NO, copy, has, laid_out
from regulars.engines.duckdb import DuckDBEngine
from regulars.model.settings import Settings

FINANCIAL = (
    "CASE WHEN o.status = 'paid' AND o.refunded > 0 THEN 'partially_refunded' WHEN o.status IN ('cancelled', 'failed') "
    "THEN 'voided' ELSE coalesce(o.status, 'paid') END"
)
SOURCE = "CASE o.channel WHEN 'online' THEN 'web' WHEN 'store' THEN 'pos' ELSE o.channel END"


def shopify(engine: DuckDBEngine, folder: Path, settings: Settings) -> list[Path]:
    """orders_export.csv, customers_export.csv and products_export.csv."""
    if not has(engine, "customers", "orders", "lines", "products"):
        return []
    return [
        copy(engine, _shopify_orders(), folder / "orders_export.csv"),
        copy(engine, _shopify_customers(), folder / "customers_export.csv"),
        copy(engine, _shopify_products(), folder / "products_export.csv"),
    ]


def _shopify_orders() -> str:
    """The order's own columns stand on the first of its rows."""
    once = {
        "Financial Status": FINANCIAL,
        "Accepts Marketing": YES_NO.format("coalesce(c.email_consent, false)"),
        "Currency": "o.currency",
        "Subtotal": "o.subtotal",
        "Shipping": "o.shipping",
        "Taxes": "o.tax",
        "Total": "o.total",
        "Discount Code": "o.promo_code",
        "Discount Amount": "o.discount",
        "Shipping Method": "o.shipping_method",
        "Created at": f"strftime(o.\"at\", '{STAMP} +0000')",
        "Billing Name": "c.name",
        "Billing Street": "c.street",
        "Billing Address1": "c.street",
        "Billing City": "c.city",
        "Billing Zip": "'''' || c.postcode",
        "Billing Province": "c.region",
        "Billing Country": "c.country",
        "Payment Method": "o.payment_method",
        "Cancelled at": f"CASE WHEN o.status = 'cancelled' THEN strftime(o.\"at\", '{STAMP} +0000') END",
        "Refunded Amount": "coalesce(o.refunded, 0)",
        "Source": SOURCE,
        "Phone": "'''' || c.phone",
    }
    cells = {h: f"CASE WHEN first THEN {sql} END" for h, sql in once.items()}
    cells |= {
        "Name": "o.order_id",
        "Email": "c.email",
        "Lineitem quantity": "l.quantity",
        "Lineitem name": "l.product_name",
        "Lineitem price": "l.unit_price",
        "Lineitem sku": "l.product_id",
        "Lineitem discount": "l.discount",
        "Lineitem fulfillment status": "'fulfilled'",
    }
    source = (
        "orders o LEFT JOIN (SELECT *, row_number() OVER (PARTITION BY order_id ORDER BY line) = 1 AS is_first FROM "
        "lines) l USING (order_id) LEFT JOIN customers c ON c.customer_id = o.customer_id, "
        'LATERAL (SELECT coalesce(l.is_first, true) AS first) ORDER BY o."at", o.order_id, l.line'
    )
    return laid_out("shopify_orders", cells, source)


def _shopify_customers() -> str:
    cells = {
        "Customer ID": "'''' || customer_id",
        "First Name": "coalesce(first_name, name)",
        "Last Name": "last_name",
        "Email": "email",
        "Accepts Email Marketing": YES_NO.format("email_consent"),
        "Default Address Address1": "street",
        "Default Address City": "city",
        "Default Address Province Code": "region",
        "Default Address Country Code": "country",
        "Default Address Zip": "'''' || postcode",
        "Phone": "'''' || phone",
        "Accepts SMS Marketing": YES_NO.format("sms_consent"),
        "Tags": "array_to_string(tags, ', ')",
        "Tax Exempt": "'no'",
    }
    return laid_out("shopify_customers", cells, "customers ORDER BY customer_id")


def _shopify_products() -> str:
    handle = "trim(regexp_replace(lower(name), '[^a-z0-9]+', '-', 'g'), '-')"
    cells = {
        "Handle": f"{handle} || '-' || lower(product_id)",
        "Title": "name",
        "Vendor": "vendor",
        "Type": "category",
        "Tags": "array_to_string(tags, ', ')",
        "Published": "'true'",
        "Option1 Name": "'Title'",
        "Option1 Value": "'Default Title'",
        "Variant SKU": "product_id",
        "Variant Price": "price",
        "Cost per item": "unit_cost",
        "Status": "'active'",
    }
    return laid_out("shopify_products", cells, "products ORDER BY product_id")
