"""WooCommerce: orders as WebToffee writes them, and products."""

from __future__ import annotations

from pathlib import Path

from regulars.demo.exports.layout import copy, has, laid_out, local
from regulars.engines.duckdb import DuckDBEngine
from regulars.model.settings import Settings


def woocommerce(engine: DuckDBEngine, folder: Path, settings: Settings) -> list[Path]:
    """WebToffee's order export, and WooCommerce's product export with costs in a cost-of-goods column."""
    if not has(engine, "customers", "orders", "lines", "products"):
        return []
    return [
        copy(engine, _webtoffee(engine, settings), folder / "order_export.csv"),
        copy(engine, _woo_products(), folder / "wc-product-export.csv"),
    ]


def _webtoffee(engine: DuckDBEngine, settings: Settings) -> str:
    sold = "(quantity * unit_price)::DECIMAL(18,4)"
    item = (
        f"'name:' || replace(product_name, '|', '/') || '|product_id:|sku:' || product_id || "
        f"'|quantity:' || quantity || '|total:' || ({sold} - coalesce(discount, 0)) || '|sub_total:' || {sold}"
    )
    longest = int(engine.value("SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM lines GROUP BY order_id)"))
    status = "CASE coalesce(o.status, 'paid') WHEN 'paid' THEN 'completed' ELSE o.status END"
    cells = {
        "order_id": "o.order_id",
        "order_number": "o.order_id",
        "order_date": local('o."at"', settings),
        "status": status,
        "shipping_total": "o.shipping",
        "tax_total": "o.tax",
        "discount_total": "o.discount",
        "order_total": "o.total",
        "order_subtotal": "o.subtotal",
        "order_currency": "o.currency",
        "payment_method_title": "o.payment_method",
        "shipping_method": "o.shipping_method",
        "customer_id": "o.customer_id",
        "customer_email": "c.email",
        "billing_first_name": "coalesce(c.first_name, c.name)",
        "billing_last_name": "c.last_name",
        "billing_email": "c.email",
        "billing_phone": "c.phone",
        "billing_address_1": "c.street",
        "billing_postcode": "c.postcode",
        "billing_city": "c.city",
        "billing_state": "c.region",
        "billing_country": "c.country",
        "coupon_items": "'code:' || o.promo_code || '|amount:0'",
        "refund_items": "CASE WHEN o.refunded > 0 THEN 'amount:' || o.refunded || '|reason:|date:' END",
    }
    lines = "".join(f", l.items[{n}] AS line_item_{n}" for n in range(1, longest + 1))
    source = (
        f"orders o LEFT JOIN customers c USING (customer_id) LEFT JOIN (SELECT order_id, list({item} ORDER BY line) AS "
        'items FROM lines GROUP BY order_id) l USING (order_id) ORDER BY o."at", o.order_id'
    )
    return laid_out("webtoffee_orders", cells, source, lines)


def _woo_products() -> str:
    cells = {
        "ID": "row_number() OVER (ORDER BY product_id)",
        "Type": "'simple'",
        "SKU": "product_id",
        "Name": "name",
        "Published": "1",
        "Is featured?": "0",
        "Visibility in catalog": "'visible'",
        "In stock?": "1",
        "Regular price": "price",
        "Categories": "category",
        "Tags": "array_to_string(tags, ', ')",
        "Meta: _wc_cog_cost": "unit_cost",
    }
    return laid_out("woo_products", cells, "products ORDER BY product_id")
