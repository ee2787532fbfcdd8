"""WooCommerce's webhooks. https://woocommerce.github.io/woocommerce-rest-api-docs/#webhooks

As Shopify's, they are signed without a moment and without headers: how new a told state is says whether it is one that
was told before, and what a body is must fit its topic. Of what was deleted the number alone is told, by which one
deletion is like another: there the id of the delivery counts too. A deletion of what was deleted before and has come
back since is set aside, as nobody can know whether it is that one played again; one that is said to be restored was
deleted, though that may come later or never.
"""

from __future__ import annotations

from decimal import Decimal

from regulars.intake.live.hooks import ORDER_DELETED, Headers, Json, Platform, Told, check_base64

STATUS = {
    "completed": "paid", "processing": "paid", "refunded": "refunded", "cancelled": "cancelled", "failed": "failed",
    "pending": "pending", "on-hold": "pending", "checkout-draft": "pending", "trash": "cancelled",
}  # fmt: skip


def read(topic: str, said: Json) -> Told:
    kind, _, what = topic.partition(".")
    if what == "deleted" and said.keys() != {"id"}:
        return Told()
    if kind == "order" and what == "deleted":
        row = {"order_id": "{of}", "status": "cancelled"}
        return Told({"orders": [row]}, ORDER_DELETED, str(said["id"]), None, of=str(said["id"]))
    if kind == "order" and "line_items" in said:
        return _order(said)
    if kind == "customer" and what != "deleted" and "line_items" not in said:
        return Told({"customers": [_customer(said)]}, "customer", str(said["id"]), _utc(said.get("date_modified_gmt")))
    return Told()


def _order(said: Json) -> Told:
    order_id = f"woocommerce:{said.get('number') or said['id']}"
    billing = said.get("billing") or {}
    who = {"id_email": billing.get("email") or None, "id_phone": billing.get("phone") or None}
    if said.get("customer_id"):
        who["id_platform"] = f"woocommerce:{said['customer_id']}"
    coupons, shipping = said.get("coupon_lines") or [], said.get("shipping_lines") or []
    back = sum((abs(Decimal(str(r["total"]))) for r in said.get("refunds") or []), Decimal(0))
    order = {
        "order_id": order_id, **who, "at": _utc(said.get("date_created_gmt")),
        "status": STATUS.get(said.get("status") or "", said.get("status")), "total": said.get("total"),
        "discount": said.get("discount_total"), "shipping": said.get("shipping_total"), "tax": said.get("total_tax"),
        "currency": said.get("currency"), "payment_method": said.get("payment_method_title") or None,
        "refunded": str(back) if said.get("refunds") is not None else None,
        "promo_code": coupons[0].get("code") if coupons else None,
        "shipping_method": shipping[0].get("method_title") if shipping else None,
        "country": billing.get("country") or None,
    }  # fmt: skip
    lines = [_line(order_id, nth, item) for nth, item in enumerate(said.get("line_items") or [], 1)]
    person = {"id": said.get("customer_id") or None, "billing": billing, "email": billing.get("email")}
    rows: dict[str, list[Json]] = {"orders": [order], "lines": lines}
    if person["id"] or person["email"]:
        rows["customers"] = [_customer(person)]
    return Told(rows, "order", str(said["id"]), _utc(said.get("date_modified_gmt")), own_key=order_id)


def _line(order_id: str, nth: int, item: Json) -> Json:
    quantity = Decimal(str(item.get("quantity") or 0))
    before, after = (Decimal(str(item.get(k) or 0)) for k in ("subtotal", "total"))
    return {
        "order_id": order_id, "line": nth, "product_id": item.get("sku") or item.get("name"),
        "product_name": item.get("name"), "quantity": str(quantity), "discount": str(before - after),
        "unit_price": str((before / quantity).quantize(Decimal("0.0001"))) if quantity else None,
    }  # fmt: skip


def _customer(said: Json) -> Json:
    billing = said.get("billing") or {}
    first, last = (said.get(k) or billing.get(k) or None for k in ("first_name", "last_name"))
    return {
        "id_platform": f"woocommerce:{said['id']}" if said.get("id") else None,
        "email": said.get("email") or billing.get("email") or None, "phone": billing.get("phone") or None,
        "first_name": first, "last_name": last, "name": " ".join(p for p in (first, last) if p) or None,
        "street": billing.get("address_1") or None, "city": billing.get("city") or None,
        "region": billing.get("state") or None, "postcode": billing.get("postcode") or None,
        "country": billing.get("country") or None, "signed_up_at": _utc(said.get("date_created_gmt")),
    }  # fmt: skip


def _utc(moment: str | None) -> str | None:
    """What WooCommerce calls gmt is written without a zone."""
    return f"{moment}Z" if moment and not moment.endswith("Z") else moment


def _topic(headers: Headers, said: Json) -> str:
    return headers.get("x-wc-webhook-topic", "")


def _delivery(headers: Headers, said: Json) -> str:
    return f"deleted-{said['id']}-{headers['x-wc-webhook-delivery-id']}" if said.keys() == {"id"} else ""


WOOCOMMERCE = Platform("woocommerce", check_base64("x-wc-webhook-signature"), _topic, _delivery, read)
