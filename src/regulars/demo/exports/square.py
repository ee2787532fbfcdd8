"""Square: items detail and the customer directory."""

from __future__ import annotations

from pathlib import Path

from regulars.demo.exports.layout import copy, has, laid_out
from regulars.engines.duckdb import DuckDBEngine, literal
from regulars.model.settings import Settings

SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"}

def square(engine: DuckDBEngine, folder: Path, settings: Settings) -> list[Path]:
    """Items detail of the orders in the store, returns as refunds under their sale's number; and the directory."""
    if not has(engine, "customers", "orders", "lines", "products"):
        return []
    return [
        copy(engine, _square_items(settings), folder / "items.csv"),
        copy(engine, _square_customers(), folder / "customers.csv"),
    ]


def _square_items(settings: Settings) -> str:
    """Times stand in UTC, so that no hour of them is lost when clocks go back."""
    sold = "SELECT *, 'Payment' AS event, 1 AS sign, quantity AS pieces FROM lines"
    back = "SELECT *, 'Refund', -1, returned_quantity FROM lines WHERE returned_quantity > 0"
    sign = SIGNS.get(settings.currency, f"{settings.currency} ")
    gross, off = "sign * pieces * unit_price", "-sign * coalesce(l.discount, 0) * pieces / nullif(l.quantity, 0)"
    cells = {
        "Date": "strftime(o.\"at\", '%Y-%m-%d')",
        "Time": "strftime(o.\"at\", '%H:%M:%S')",
        "Time Zone": "'UTC'",
        "Category": "p.category",
        "Item": "l.product_name",
        "Qty": "sign * pieces",
        "SKU": "l.product_id",
        "Gross Sales": _signed(gross, sign),
        "Discounts": _signed(off, sign),
        "Net Sales": _signed(f"({gross}) + ({off})", sign),
        "Tax": _signed("0", sign),
        "Transaction ID": "o.order_id",
        "Payment ID": "'P' || o.order_id",
        "Event Type": "event",
        "Location": "'Main street'",
        "Customer ID": "o.customer_id",
        "Customer Name": "c.name",
        "Unit": "'ea'",
        "Count": "sign * pieces",
        "Itemization Type": "'Physical Good'",
        "Channel": "'Main street'",
    }
    source = (
        f"({sold} UNION ALL {back}) l JOIN orders o USING (order_id) LEFT JOIN customers c ON c.customer_id = "
        "o.customer_id LEFT JOIN products p ON p.product_id = l.product_id WHERE o.channel = 'store' AND "
        "coalesce(o.status, 'paid') IN ('paid', 'refunded') ORDER BY o.\"at\", o.order_id, sign DESC, l.line"
    )
    return laid_out("square_items", cells, source)


def _signed(amount: str, sign: str) -> str:
    value = f"({amount})::DECIMAL(18,2)"
    return f"CASE WHEN {value} < 0 THEN '-' ELSE '' END || {literal(sign)} || abs({value})"


MAILED = "CASE WHEN email_consent THEN 'subscribed' WHEN NOT email_consent THEN 'unsubscribed' END"


def _square_customers() -> str:
    cells = {
        "First Name": "coalesce(first_name, name)",
        "Last Name": "last_name",
        "Email Address": "email",
        "Phone Number": "phone",
        "Street Address 1": "street",
        "City": "city",
        "State": "region",
        "Postal Code": "postcode",
        "Birthday": "birth_date",
        "Square Customer ID": "customer_id",
        "Creation Source": "acquisition_channel",
        "Email Subscription Status": MAILED,
    }
    return laid_out("square_customers", cells, "customers ORDER BY customer_id")
