"""Stripe's webhooks: charges, customers, subscriptions. https://docs.stripe.com/webhooks#verify-manually

The moment of sending is signed along: what is older than five minutes is somebody playing it again.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from regulars.intake.live.hooks import Headers, Json, Platform, Told, refuse

TOLERANCE = 300
WHOLE = frozenset(
    ("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF")
)
"""Currencies without a smaller unit. https://docs.stripe.com/currencies#zero-decimal"""
THOUSANDTHS = frozenset(("BHD", "JOD", "KWD", "OMR", "TND"))
"""Currencies with a smaller unit of a thousandth. https://docs.stripe.com/currencies#three-decimal"""
STATUS = {"succeeded": "paid", "pending": "pending", "failed": "failed"}


def check(body: bytes, headers: Headers, secret: str, now: datetime) -> None:
    """``Stripe-Signature: t=…,v1=…``: any of the signatures may fit, as while a secret is being changed."""
    parts = [p.partition("=")[::2] for p in headers.get("stripe-signature", "").split(",")]
    sent = next((v for k, v in parts if k.strip() == "t"), "")
    made = hmac.new(secret.encode(), f"{sent}.".encode() + body, hashlib.sha256).hexdigest()
    if not any(k.strip() == "v1" and hmac.compare_digest(made.encode(), v.encode()) for k, v in parts):
        raise refuse("The signature is not the one that this secret gives.")
    if not re.fullmatch("[0-9]{1,12}", sent) or abs(now.replace(tzinfo=UTC).timestamp() - int(sent)) > TOLERANCE:
        raise refuse(f"It was signed more than {TOLERANCE} seconds from now: it is played again, or a clock is wrong.")


def read(topic: str, said: Json) -> Told:
    thing, state = said["data"]["object"], _moment(said["created"])
    if topic.startswith("charge.") and thing.get("object") == "charge":
        return _charge(thing, state)
    if topic in ("customer.created", "customer.updated"):
        return Told({"customers": [_customer(thing)]}, "customer", thing["id"], state)
    if topic.startswith("customer.subscription.") and thing.get("object") == "subscription":
        return Told({"customers": [_subscription(thing)]}, "subscription", thing["id"], state)
    return Told()


def _charge(said: Json, state: str) -> Told:
    currency = said["currency"].upper()
    details = said.get("billing_details") or {}
    order = {
        "order_id": f"stripe:{said['id']}", "at": _moment(said["created"]), "currency": currency,
        "id_email": details.get("email") or said.get("receipt_email"),
        "id_platform": f"stripe:{said['customer']}" if said.get("customer") else None,
        "status": STATUS.get(said["status"], said["status"]) if said.get("livemode", True) else "cancelled",
        "total": _amount(said["amount"], currency), "refunded": _amount(said.get("amount_refunded") or 0, currency),
        "payment_method": (said.get("payment_method_details") or {}).get("type"),
    }  # fmt: skip
    return Told({"orders": [order]}, "charge", said["id"], state)


def _customer(said: Json) -> Json:
    address = said.get("address") or (said.get("shipping") or {}).get("address") or {}
    return {
        "id_platform": f"stripe:{said['id']}", "email": said.get("email"), "name": said.get("name"),
        "signed_up_at": _moment(said["created"]), "street": address.get("line1"), "city": address.get("city"),
        "region": address.get("state"), "country": address.get("country"), "postcode": address.get("postal_code"),
    }  # fmt: skip


def _subscription(said: Json) -> Json:
    items = (said.get("items") or {}).get("data") or [{}]
    price = items[0].get("price") or items[0].get("plan") or said.get("plan") or {}
    began = said.get("start_date") or said["created"]
    return {
        "id_platform": f"stripe:{said['customer']}", "plan": price.get("nickname") or price.get("id"),
        "plan_status": said["status"], "plan_since": _moment(began)[:10],
    }  # fmt: skip


def _amount(units: int, currency: str) -> str:
    if currency in WHOLE:
        return str(units)
    return str(Decimal(units) / (1000 if currency in THOUSANDTHS else 100))


def _moment(seconds: Any) -> str:
    return datetime.fromtimestamp(int(seconds), UTC).isoformat()


def _topic(headers: Headers, said: Json) -> str:
    return str(said["type"])


def _delivery(headers: Headers, said: Json) -> str:
    return str(said["id"])


STRIPE = Platform("stripe", check, _topic, _delivery, read)
