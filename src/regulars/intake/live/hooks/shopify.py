"""Shopify's webhooks. https://shopify.dev/docs/api/webhooks (orders, refunds, customers)

Shopify signs the body, and neither a moment nor the headers that say topic and webhook id: a request that is played
again is known by its body, and by how new the state is that it tells; what a body is must fit its topic.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from regulars.intake.live.hooks import REFUND, Headers, Json, Platform, Told, check_base64

PAID = {
    "paid": "paid", "partially_refunded": "paid", "refunded": "refunded", "pending": "pending",
    "authorized": "pending", "partially_paid": "pending", "unpaid": "pending", "voided": "cancelled",
    "expired": "cancelled",
}  # fmt: skip
CHANNELS = {"web": "online", "pos": "store", "iphone": "store", "android": "store", "shopify_draft_order": "draft"}
ORDERS = ("orders/create", "orders/updated", "orders/paid", "orders/cancelled", "orders/edited", "orders/fulfilled",
          "orders/partially_fulfilled")  # fmt: skip
CONSENTS = ("customers_email_marketing_consent/update", "customers_marketing_consent/update")
CUSTOMERS = ("customers/create", "customers/update", "customers/enable", "customers/disable")


def read(topic: str, said: Json) -> Told:
    if topic in ORDERS and "line_items" in said:
        return _order(said)
    if topic == "refunds/create" and "order_id" in said:
        return _refund(said)
    if topic in CUSTOMERS and not said.keys() & {"line_items", "order_id"}:
        return Told({"customers": [_customer(said)]}, "customer", str(said["id"]), said.get("updated_at"))
    if topic in CONSENTS:
        who = f"shopify:{said.get('customer_id') or said['id']}"
        row = {"id_platform": who, "email": said.get("email_address"), "phone": said.get("phone")}
        return Told({"customers": [row | _consents(said)]}) if _consents(said) else Told()
    return Told()


def _order(said: Json) -> Told:
    order_id = f"shopify:{said['name']}"
    person = said.get("customer") or {}
    who = {"id_email": said.get("email") or person.get("email"), "id_phone": said.get("phone")}
    if person.get("id"):
        who["id_platform"] = f"shopify:{person['id']}"
    codes, shipping = said.get("discount_codes") or [], said.get("shipping_lines") or []
    gateways = said.get("payment_gateway_names") or []
    order = {
        "order_id": order_id, **who, "at": said.get("created_at"),
        "status": _status(said),
        "channel": CHANNELS.get(said.get("source_name") or "", said.get("source_name")),
        "total": said.get("total_price"), "subtotal": said.get("subtotal_price"),
        "discount": said.get("total_discounts"), "shipping": _money(said.get("total_shipping_price_set")),
        "tax": said.get("total_tax"), "refunded": _given_back(said),
        "currency": said.get("currency"), "promo_code": codes[0].get("code") if codes else None,
        "payment_method": gateways[0] if gateways else said.get("gateway"),
        "shipping_method": shipping[0].get("title") if shipping else None,
        "country": (said.get("billing_address") or said.get("shipping_address") or {}).get("country_code"),
    }  # fmt: skip
    lines = [
        {"order_id": order_id, "line": nth, "product_id": item.get("sku") or item.get("name"),
         "product_name": item.get("name"), "quantity": item.get("quantity"), "unit_price": item.get("price"),
         "discount": item.get("total_discount")}
        for nth, item in enumerate(said["line_items"], 1)
    ]  # fmt: skip
    rows: dict[str, list[Json]] = {"orders": [order], "lines": lines}
    back = [row for refund in said.get("refunds") or [] for row in _pieces(refund, order_id)]
    if back:
        rows["returns"] = back
    if person.get("id"):
        rows["customers"] = [_customer(person)]
    return Told(rows, "order", str(said["id"]), said.get("updated_at"), own_key=order_id)


def _money(said: Any) -> Any:
    return ((said or {}).get("shop_money") or {}).get("amount")


def _status(said: Json) -> str:
    """A test order, as Shopify sends one to try an address, counts for nothing."""
    if said.get("cancelled_at") or said.get("test") is True:
        return "cancelled"
    return PAID.get(said.get("financial_status") or "", "pending")


def _given_back(said: Json) -> str:
    """What was paid back, or what edits took off an order before it was paid where that is more.

    ``total_price`` has what was taken out still in it, ``current_total_price`` has not.
    https://shopify.dev/docs/api/admin-rest/latest/resources/order
    """
    paid = [Decimal(str(t["amount"])) for r in said.get("refunds") or [] for t in r.get("transactions") or []
            if t.get("kind") == "refund" and t.get("status") == "success"]  # fmt: skip
    total, current = said.get("total_price"), said.get("current_total_price")
    off = Decimal(0) if total is None or current is None else Decimal(str(total)) - Decimal(str(current))
    return str(max(sum(paid, Decimal(0)), off))


def _refund(said: Json) -> Told:
    """What came back, piece by piece; the order is named by Shopify's number."""
    rows = _pieces(said, "{of}")
    return Told({"returns": rows} if rows else {}, REFUND, str(said["id"]), None, of=str(said["order_id"]))


def _pieces(said: Json, order_id: str) -> list[Json]:
    """The things of a refund; an edit that takes something out of an order is told as one as well."""
    things = said.get("refund_line_items") or []
    document = f"shopify:refund-{said['id']}" if things else ""
    return [
        {"return_id": f"{document}-{nth}", "document": document, "at": said.get("created_at"), "of_order": order_id,
         "product_id": item["line_item"].get("sku") or item["line_item"].get("name"),
         "quantity": item.get("quantity"), "amount": item.get("subtotal")}
        for nth, item in enumerate(things, 1)
    ]  # fmt: skip


def _customer(said: Json) -> Json:
    address = said.get("default_address") or {}
    name = " ".join(str(p) for p in (said.get("first_name"), said.get("last_name")) if p)
    row = {
        "id_platform": f"shopify:{said['id']}", "email": said.get("email"), "phone": said.get("phone"),
        "first_name": said.get("first_name"), "last_name": said.get("last_name"), "name": name or None,
        "street": address.get("address1"), "city": address.get("city"), "region": address.get("province_code"),
        "postcode": address.get("zip"), "country": address.get("country_code"),
        "signed_up_at": said.get("created_at"),
        "tags": [t.strip() for t in str(said["tags"]).split(",")] if said.get("tags") else None,
    }  # fmt: skip
    return row | _consents(said)


def _consents(said: Json) -> Json:
    """What is said of messages; nothing of a channel of which nobody was asked."""
    row: Json = {}
    for channel in ("email", "sms"):
        consent = said.get(f"{channel}_marketing_consent") or {}
        state = consent.get("state")
        if state in ("subscribed", "unsubscribed", "redacted"):
            row |= {f"{channel}_consent": state == "subscribed", f"{channel}_consent_origin": "Shopify",
                    f"{channel}_consent_at": consent.get("consent_updated_at")}  # fmt: skip
    return row


def _topic(headers: Headers, said: Json) -> str:
    return headers.get("x-shopify-topic", "")


def _delivery(headers: Headers, said: Json) -> str:
    return ""


SHOPIFY = Platform("shopify", check_base64("x-shopify-hmac-sha256"), _topic, _delivery, read)
