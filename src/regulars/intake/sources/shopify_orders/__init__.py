"""Shopify, Orders > Export: one row an order line, the order's own money on the first of its rows."""

from __future__ import annotations

from regulars.engines.duckdb import quoted
from regulars.intake.sources.layout import (
    Export,
    Layout,
    identity,
    latest,
    one_each,
    prefixed,
    reached,
    rows,
    said,
    select,
    unguarded,
)
from regulars.intake.stage import Stage
from regulars.model.settings import Settings

STATUSES = {
    "paid": ("paid", "partially_refunded"),
    "refunded": ("refunded",),
    "pending": ("pending", "authorized", "partially_paid", "unpaid"),
    "cancelled": ("voided", "expired"),
}
CHANNELS = {"online": ("web",), "store": ("pos", "iphone", "android"), "draft": ("shopify_draft_order",)}
PERSON = (
    "id_email",
    "id_phone",
    "id_name",
    "id_postcode",
    "email",
    "phone",
    "name",
    "street",
    "city",
    "region",
    "postcode",
    "country",
    "email_consent",
)


class ShopifyOrders(Export):
    name = "shopify-orders"
    title = "Shopify orders export"
    platform = "shopify"
    signature = ("Name", "Financial Status", "Lineitem name", "Lineitem quantity")
    one_of = (("Created at", "Paid at"),)
    layout = Layout("""
        orders
        order_id        key     Name
        at              moment  Created at | Paid at
        status          text    Financial Status
        cancelled       text    Cancelled at
        channel         text    Source
        total           money   Total
        subtotal        money?  Subtotal
        discount        money?  Discount Amount
        shipping        money?  Shipping
        tax             money?  Taxes
        refunded        money?  Refunded Amount
        promo_code      text    Discount Code
        currency        text    Currency
        payment_method  text    Payment Method
        shipping_method text    Shipping Method
        customers
        email           text    Email
        phone           key     Phone
        other_phone     key     Billing Phone | Shipping Phone
        name            text    Billing Name | Shipping Name
        street          text    Billing Street | Billing Address1 | Shipping Street | Shipping Address1
        city            text    Billing City | Shipping City
        region          text    Billing Province Name | Billing Province | Shipping Province Name | Shipping Province
        postcode        key     Billing Zip | Shipping Zip
        country         text    Billing Country | Shipping Country
        email_consent   yesno   Accepts Marketing
        lines
        product_name    text    Lineitem name
        product_id      key     Lineitem sku | Lineitem name
        quantity        number  Lineitem quantity
        unit_price      money   Lineitem price
        discount        money?  Lineitem discount
        orders
        country         text    Billing Country | Shipping Country
    """)

    def canonical(self, stage: Stage, settings: Settings) -> dict[str, str]:
        columns = self._orders(stage)
        person = self._person(stage)
        return {
            "orders": one_each(stage, "order_id", columns | _hints(person)),
            "lines": self._lines(stage),
            "customers": _people(
                rows(stage, {"at": columns["at"]} | person, f"{columns['status']} IS NOT NULL"), person
            ),
        }

    def _orders(self, stage: Stage) -> dict[str, str]:
        cells = self.layout.read(stage, "orders")
        status = said(cells["status"], STATUSES)
        cancelled = cells.pop("cancelled", "NULL")
        if "channel" in cells:
            cells["channel"] = said(cells["channel"], CHANNELS)
        return cells | {
            "order_id": prefixed("shopify", cells["order_id"]),
            "status": f"CASE WHEN {cancelled} IS NOT NULL THEN 'cancelled' "
            f"WHEN {cells['status']} IS NOT NULL THEN {status} END",
        }

    def _person(self, stage: Stage) -> dict[str, str]:
        cells = self.layout.read(stage, "customers")
        email, other = cells.get("email", "NULL"), unguarded(cells.pop("other_phone", "NULL"))
        own = unguarded(cells.get("phone", "NULL"))
        # A billing phone is often a family's or an office's: it names someone only where nothing else does.
        phone = f"coalesce({own}, CASE WHEN {email} IS NULL THEN {other} END)"
        if "postcode" in cells:
            cells["postcode"] = unguarded(cells["postcode"])
        return reached(email, phone, cells.get("name"), cells.get("postcode")) | cells | {"phone": phone}

    def _lines(self, stage: Stage) -> str:
        cells = self.layout.read(stage, "lines")
        order = prefixed("shopify", stage.key("Name"))
        return rows(stage, {"order_id": order, **cells}, f"{cells['product_name']} IS NOT NULL AND {order} IS NOT NULL")


def _hints(person: dict[str, str]) -> dict[str, str]:
    return {k: v for k, v in person.items() if k.startswith("id_")}


def _people(orders: str, person: dict[str, str]) -> str:
    """Everyone as their latest order has them. Only a yes: leaving the box at checkout empty takes nothing back."""
    fields = {f: quoted(f) for f in PERSON if f in person}
    if "email_consent" in fields:
        agreed = {"email_consent": "true", "email_consent_at": '"at"', "email_consent_origin": "'Shopify checkout'"}
        fields |= {f: f"CASE WHEN email_consent THEN {sql} END" for f, sql in agreed.items()}
    known = [*(f for f in person if f in fields), "at"]
    return select(f"({latest(orders, identity(person), known)})", {"_row": "_row", **fields})


SOURCES = (ShopifyOrders(),)
