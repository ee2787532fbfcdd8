"""Advanced Order Export for WooCommerce: one row a line; order columns repeated on each row or only on the first."""

from __future__ import annotations

from regulars.intake.sources.layout import (
    Export,
    Layout,
    full_name,
    identity,
    latest,
    one_each,
    prefixed,
    reached,
    rows,
    said,
)
from regulars.intake.sources.woo_words import STATUSES
from regulars.intake.stage import Stage
from regulars.model.settings import Settings

PERSON = (
    "id_email",
    "id_phone",
    "id_name",
    "id_postcode",
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


class AdvancedOrderExport(Export):
    name = "advanced-order-export"
    title = "WooCommerce order export (Advanced Order Export)"
    platform = "woocommerce"
    signature = ("Order Number", "Order Date", "Order Status")
    one_of = (
        ("Email (Billing)", "First Name (Billing)", "Phone (Billing)"),
        ("Item Name", "Name", "Item Cost", "Order Total Amount"),
    )
    layout = Layout("""
        orders
        order_id        key     Order Number
        at              moment  Order Date
        status          text    Order Status
        total           money   Order Total Amount
        subtotal        money?  Order Subtotal Amount
        discount        money?  Cart Discount Amount
        shipping        money?  Order Shipping Amount
        tax             money?  Order Total Tax Amount
        refunded        money?  Order Refund Amount
        promo_code      text    Coupon Code
        currency        text    Order Currency | Currency
        payment_method  text    Payment Method Title
        shipping_method text    Shipping Method Title
        customers
        email           text    Email (Billing)
        phone           key     Phone (Billing)
        first_name      text    First Name (Billing)
        last_name       text    Last Name (Billing)
        street          text    Address 1&2 (Billing) | Address 1 (Billing)
        city            text    City (Billing)
        region          text    State Code (Billing) | State Name (Billing)
        postcode        key     Postcode (Billing)
        country         text    Country Code (Billing) | Country Name (Billing)
        lines
        product_name    text    Item Name | Name | Product Name
        product_id      key     SKU | Item Name | Name | Product Name
        quantity        number  Quantity
        kept            number? Quantity (- Refund)
        unit_price      money   Item Cost
        orders
        country         text    Country Code (Billing) | Country Name (Billing) | Country Code (Shipping)
    """)

    def canonical(self, stage: Stage, settings: Settings) -> dict[str, str]:
        orders = self._orders(stage)
        person = self._person(stage)
        hints = {k: v for k, v in person.items() if k.startswith("id_")}
        made = {
            "orders": one_each(stage, "order_id", orders | hints),
            "customers": latest(
                one_each(stage, "order_id", {f: orders[f] for f in ("order_id", "at")} | person),
                identity(person),
                [f for f in PERSON if f in person],
            ),
        }
        lines = self._lines(stage, orders["order_id"])
        return made | ({"lines": lines} if lines else {})

    def _orders(self, stage: Stage) -> dict[str, str]:
        cells = self.layout.read(stage, "orders")
        return cells | {
            "order_id": prefixed("woocommerce", cells["order_id"]),
            "status": said(cells["status"], STATUSES),
        }

    def _person(self, stage: Stage) -> dict[str, str]:
        cells = self.layout.read(stage, "customers")
        name = full_name(cells)
        return reached(cells.get("email"), cells.get("phone"), name, cells.get("postcode")) | cells | {"name": name}

    def _lines(self, stage: Stage, order_id: str) -> str | None:
        """What was given back of a line is stated on it: ``Quantity`` less ``Quantity (- Refund)``."""
        cells = self.layout.read(stage, "lines")
        if not {"product_name", "quantity"} <= set(cells):
            return None
        if kept := cells.pop("kept", None):
            cells["returned_stated"] = f"({cells['quantity']} - {kept})::DECIMAL(18,4)"
        return rows(
            stage, {"order_id": order_id, **cells}, f"{order_id} IS NOT NULL AND {cells['product_name']} IS NOT NULL"
        )


SOURCES = (AdvancedOrderExport(),)
