"""Webhooks of Shopify, WooCommerce and Stripe: only theirs, each state once, the same orders as in their exports."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from regulars.errors import LiveRefused, NotFound
from regulars.intake.live.aside import SetAside
from regulars.intake.live.hooks import take
from regulars.intake.live.hooks.all import PLATFORMS, platform
from regulars.intake.reasons import read
from regulars.shop.check import check
from tests.intake.live.live_shop import NOON, LiveShop

SECRET = "whsec_test"
PAYLOADS = json.loads((Path(__file__).parent / "payloads.json").read_text())


def tell(live: LiveShop, name: str, topic: str, payload: dict[str, Any], delivery: str = "") -> Any:
    """As the server does it with a request whose signature holds."""
    put(live, name, topic, payload, delivery)
    done = live.settle()
    assert not check(live.engine).problems, check(live.engine).problems
    return done


def put(live: LiveShop, name: str, topic: str, payload: dict[str, Any], delivery: str = "") -> None:
    """On disk, to be settled."""
    body = json.dumps(payload).encode()
    delivery = delivery or hashlib.md5(body).hexdigest()
    headers = {
        "x-shopify-topic": topic,
        "x-shopify-webhook-id": delivery,
        "x-wc-webhook-topic": topic,
        "x-wc-webhook-delivery-id": delivery,
    }
    live.log.append([take(platform(name), body, headers, f"hook {name}", NOON).line()])


def aside(live: LiveShop) -> str:
    """Why the only message that is set aside is."""
    ((reason,),) = live.rows("SELECT reason FROM set_aside")
    return str(read(reason))


def order(live: LiveShop, order_id: str) -> dict[str, Any]:
    (row,) = live.engine.query("SELECT * FROM orders WHERE order_id = ?", [order_id]).to_pylist()
    return row


def test_a_shopify_order_is_the_order_of_the_export(live: LiveShop, tmp_path: Path) -> None:
    tell(live, "shopify", "orders/create", PAYLOADS["shopify_order"])
    found = order(live, "shopify:#1001")
    assert (
        found["total"],
        found["items"],
        found["status"],
        found["channel"],
        found["promo_code"],
        found["currency"],
    ) == (Decimal("37.50"), 3, "paid", "online", "SPRING", "EUR")
    assert found["at"] == datetime(2026, 11, 20, 9, 30)
    assert live.rows(
        "SELECT email, email_consent FROM customers WHERE customer_id = $$" + found["customer_id"] + "$$"
    ) == [("mia@shop.example", True)]
    export = tmp_path / "orders_export.csv"
    export.write_text(
        "Name,Email,Financial Status,Paid at,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,"
        "Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Lineitem discount,Source\n"
        "#1001,mia@shop.example,paid,2026-11-20 10:30:00 +0100,EUR,32.50,5.00,0.00,37.50,SPRING,2.50,"
        "2026-11-20 10:30:00 +0100,2,Brick,10.00,B1,0.00,web\n"
        "#1001,mia@shop.example,,,,,,,,,,2026-11-20 10:30:00 +0100,1,Sand,15.00,S1,2.50,\n"
    )
    (receipt,) = live.shop.import_file(export, now=NOON)
    assert receipt.recognised_as == "shopify-orders"
    assert (receipt.tables["orders"].added, receipt.tables["lines"].added, receipt.tables["lines"].removed) == (0, 0, 0)
    assert (receipt.customers.new, live.rows("SELECT count(*) FROM lines WHERE order_id = 'shopify:#1001'")) == (
        0,
        [(2,)],
    )


def test_an_older_state_that_comes_late_changes_nothing(live: LiveShop) -> None:
    first = PAYLOADS["shopify_order"]
    later = {**first, "cancelled_at": "2026-11-21T10:00:00Z", "updated_at": "2026-11-21T10:00:00Z"}
    tell(live, "shopify", "orders/cancelled", later)
    done = tell(live, "shopify", "orders/create", first)
    assert (done.repeated, order(live, "shopify:#1001")["status"]) == (1, "cancelled")


def test_the_steps_of_an_order_that_come_at_once_are_one_order(live: LiveShop) -> None:
    """Shopify tells that an order was made, paid and changed within the same second."""
    first = PAYLOADS["shopify_order"]
    for nth, topic in enumerate(("orders/create", "orders/paid", "orders/updated")):
        put(live, "shopify", topic, {**first, "updated_at": f"2026-11-20T10:31:0{nth}+01:00"})
    live.settle()
    assert live.rows("SELECT product_id, quantity FROM lines WHERE order_id = 'shopify:#1001' ORDER BY line") == [
        ("B1", 2),
        ("S1", 1),
    ]
    assert order(live, "shopify:#1001")["items"] == 3


def test_what_was_taken_out_of_an_order_is_not_in_it_any_more(live: LiveShop) -> None:
    first = PAYLOADS["woo_order"]
    tell(live, "woocommerce", "order.created", first)
    edited = {**first, "line_items": first["line_items"][:1], "date_modified_gmt": "2026-11-21T09:00:00"}
    tell(live, "woocommerce", "order.updated", edited)
    assert live.rows("SELECT product_id FROM lines WHERE order_id = 'woocommerce:727'") == [("W1",)]


def test_the_same_delivery_counts_once(live: LiveShop) -> None:
    tell(live, "shopify", "orders/create", PAYLOADS["shopify_order"], "d1")
    assert tell(live, "shopify", "orders/create", PAYLOADS["shopify_order"], "d1").repeated == 1


def test_what_is_played_again_changes_nothing_whatever_its_headers_say(live: LiveShop) -> None:
    tell(live, "woocommerce", "order.created", PAYLOADS["woo_order"], "d1")
    for nth, topic in enumerate(("order.created", "order.deleted", "customer.updated", "order.restored")):
        tell(live, "woocommerce", topic, PAYLOADS["woo_order"], f"again {nth}")
    assert order(live, "woocommerce:727")["status"] == "paid"
    tell(live, "shopify", "orders/create", PAYLOADS["shopify_order"])
    before = live.rows("SELECT count(*) FROM customers")
    for topic in ("orders/cancelled", "customers/update", "refunds/create"):
        tell(live, "shopify", topic, PAYLOADS["shopify_order"], f"again {topic}")
    assert order(live, "shopify:#1001")["status"] == "paid"
    assert live.rows("SELECT count(*) FROM customers") == before
    assert live.rows("SELECT count(*) FROM set_aside") == [(0,)]
    tell(live, "woocommerce", "order.deleted", {"id": 727})
    assert order(live, "woocommerce:727")["status"] == "cancelled"


def restored(at: str) -> dict[str, Any]:
    return {**PAYLOADS["woo_order"], "date_modified_gmt": at}


def test_an_old_deletion_played_again_leaves_an_order_that_came_back(live: LiveShop) -> None:
    tell(live, "woocommerce", "order.created", PAYLOADS["woo_order"])
    tell(live, "woocommerce", "order.deleted", {"id": 727}, "d1")
    again = tell(live, "woocommerce", "order.deleted", {"id": 727}, "d2")
    assert (again.changed, again.aside, order(live, "woocommerce:727")["status"]) == (False, 0, "cancelled")
    tell(live, "woocommerce", "order.restored", restored("2026-11-22T10:00:00"))
    assert order(live, "woocommerce:727")["status"] == "paid"
    assert tell(live, "woocommerce", "order.deleted", {"id": 727}, "d3").aside == 1
    assert order(live, "woocommerce:727")["status"] == "paid" and "deleted before" in aside(live)
    kept = SetAside(live.engine, live.log.append)
    kept.again(kept.list()[0].number)
    live.settle()
    assert (order(live, "woocommerce:727")["status"], kept.count()) == ("cancelled", 0)


@pytest.mark.parametrize("together", [False, True])
def test_a_deletion_first_heard_after_its_order_came_back_asks_a_person(live: LiveShop, together: bool) -> None:
    tell(live, "woocommerce", "order.created", PAYLOADS["woo_order"])
    put(live, "woocommerce", "order.restored", restored("2026-11-22T10:00:00"))
    if not together:
        live.settle()
    assert tell(live, "woocommerce", "order.deleted", {"id": 727}).aside == 1
    assert order(live, "woocommerce:727")["status"] == "paid" and "deleted before" in aside(live)


def test_what_came_back_before_it_was_settled_is_back(live: LiveShop) -> None:
    tell(live, "woocommerce", "order.created", PAYLOADS["woo_order"])
    for topic, said in (("order.deleted", {"id": 727}), ("order.restored", restored("2026-11-22T10:00:00"))):
        put(live, "woocommerce", topic, said)
    live.settle()
    assert order(live, "woocommerce:727")["status"] == "paid"


def test_a_refund_is_the_pieces_that_came_back_and_the_order_says_how_much(live: LiveShop) -> None:
    done = tell(live, "shopify", "refunds/create", PAYLOADS["shopify_refund"])
    assert done.aside == 1 and "has not come yet" in aside(live)
    tell(live, "shopify", "orders/create", PAYLOADS["shopify_order"])
    tell(live, "shopify", "refunds/create", PAYLOADS["shopify_refund"], "again")
    assert live.rows("SELECT of_order, product_id, quantity, amount FROM returns") == [("shopify:#1001", "B1", 1, 10)]
    changed = {**PAYLOADS["shopify_order"],
               "updated_at": "2026-11-22T10:00:00Z", "financial_status": "partially_refunded",
               "refunds": [{"transactions": [{"kind": "refund", "status": "success", "amount": "10.00"}]}]}  # fmt: skip
    tell(live, "shopify", "orders/updated", changed)
    found = order(live, "shopify:#1001")
    assert (found["refunded"], found["counted"], found["returned"]) == (10, True, True)


def test_a_refund_that_comes_before_its_order_waits_for_it(live: LiveShop) -> None:
    tell(live, "shopify", "refunds/create", PAYLOADS["shopify_refund"])
    assert aside(live) == "it speaks of an order that has not come yet"
    tell(live, "shopify", "orders/create", PAYLOADS["shopify_order"])
    live.settle()
    assert live.rows("SELECT returned_quantity FROM lines WHERE order_id = 'shopify:#1001' AND product_id = 'B1'") == [
        (1,)
    ]
    assert live.rows("SELECT count(*) FROM set_aside") == [(0,)]


def test_what_an_edit_takes_off_a_shopify_order_is_off_without_money_going_back(live: LiveShop) -> None:
    first = PAYLOADS["shopify_order"]
    tell(live, "shopify", "orders/create", {**first, "financial_status": "pending"})
    gone = {"quantity": 1, "subtotal": 12.5, "line_item": first["line_items"][1]}
    edit = {"id": 7, "created_at": "2026-11-21T10:00:00Z", "transactions": [], "refund_line_items": [gone]}
    now = {"updated_at": "2026-11-21T10:00:00Z", "current_total_price": "25.00", "refunds": [edit]}
    tell(live, "shopify", "orders/updated", {**first, **now})
    assert live.rows("SELECT total - refunded FROM orders WHERE order_id = 'shopify:#1001'") == [(25,)]
    assert live.rows("SELECT product_id, amount FROM lines WHERE order_id = 'shopify:#1001' ORDER BY line") == [
        ("B1", 20),
        ("S1", 0),
    ]


def test_shopify_tells_of_consent_by_itself_and_the_newest_word_wins(live: LiveShop) -> None:
    tell(live, "shopify", "orders/create", PAYLOADS["shopify_order"])
    who = PAYLOADS["shopify_order"]["customer"]["id"]
    for state, at in (("unsubscribed", "2026-11-22T10:00:00Z"), ("subscribed", "2026-11-21T10:00:00Z")):
        said = {"state": state, "opt_in_level": None, "consent_updated_at": at}
        tell(live, "shopify", "customers_email_marketing_consent/update",
             {"customer_id": who, "email_address": "mia@shop.example", "email_marketing_consent": said})  # fmt: skip
    asked = {"state": "subscribed", "opt_in_level": "single_opt_in", "consent_updated_at": "2026-11-22T11:00:00Z"}
    tell(live, "shopify", "customers_marketing_consent/update",
         {"id": who, "phone": "+31612345678", "sms_marketing_consent": asked})  # fmt: skip
    assert live.rows("SELECT email_consent, sms_consent FROM customers WHERE email = 'mia@shop.example'") == [
        (False, True)
    ]


def test_a_test_order_of_shopify_counts_for_nothing(live: LiveShop) -> None:
    tell(live, "shopify", "orders/create", {**PAYLOADS["shopify_order"], "test": True})
    assert order(live, "shopify:#1001")["counted"] is False


def test_stripes_amounts_are_in_the_smallest_unit_of_their_currency(live: LiveShop) -> None:
    rates = [f"{code},2026-01-01,1" for code in ("JPY", "KWD", "USD")]
    (live.shop.folder / "rates.csv").write_text("\n".join(["currency,day,rate", *rates]))
    event = PAYLOADS["stripe_charge"]
    for code in ("jpy", "kwd", "usd"):
        charge = {**event["data"]["object"], "id": f"ch_{code}", "amount": 5120, "currency": code}
        tell(live, "stripe", "", {**event, "id": f"evt_{code}", "data": {"object": charge}})
    totals = live.rows("SELECT currency, total FROM orders WHERE starts_with(order_id, 'stripe:ch_') ORDER BY 1")
    assert totals == [("JPY", Decimal("5120")), ("KWD", Decimal("5.12")), ("USD", Decimal("51.2"))]


def test_woocommerce_orders_and_their_refunds(live: LiveShop) -> None:
    tell(live, "woocommerce", "order.created", PAYLOADS["woo_order"])
    found = order(live, "woocommerce:727")
    assert (found["total"], found["refunded"], found["status"], found["at"]) == (
        Decimal("29.35"),
        5,
        "paid",
        datetime(2026, 11, 20, 9, 30),
    )
    assert live.rows(
        "SELECT product_id, quantity, unit_price, discount, amount FROM lines WHERE order_id = "
        "'woocommerce:727' ORDER BY line"
    ) == [("W1", 2, 10, 1, 19), ("Glue", 1, 5, 0, 5)]
    assert live.rows("SELECT city FROM customers WHERE email = 'joe@shop.example'") == [("Ghent",)]


def test_stripe_charges_customers_and_subscriptions(live: LiveShop) -> None:
    tell(live, "stripe", "", PAYLOADS["stripe_customer"])
    tell(live, "stripe", "", PAYLOADS["stripe_charge"])
    tell(live, "stripe", "", PAYLOADS["stripe_subscription"])
    found = order(live, "stripe:ch_1")
    assert (found["total"], found["refunded"], found["status"], found["payment_method"]) == (20, 5, "paid", "card")
    assert live.rows("SELECT plan, plan_status FROM customers WHERE email = 'kim@shop.example'") == [("Gold", "active")]
    assert live.rows("SELECT count(*) FROM customers WHERE email = 'kim@shop.example'") == [(1,)]


def test_what_cannot_be_read_is_set_aside_and_what_does_not_concern_a_shop_is_let_go(live: LiveShop) -> None:
    assert tell(live, "shopify", "orders/create", {"id": 1, "line_items": []}).aside == 1
    assert "orders/create cannot be read" in aside(live)
    assert tell(live, "shopify", "themes/publish", {"id": 1}).aside == 0
    bad = {**PAYLOADS["shopify_order"], "total_price": "a lot"}
    assert tell(live, "shopify", "orders/create", bad).aside == 1
    assert live.rows("SELECT count(*) FROM orders WHERE order_id = 'shopify:#1001'") == [(0,)]


@pytest.mark.parametrize(
    ("name", "header"), [("shopify", "x-shopify-hmac-sha256"), ("woocommerce", "x-wc-webhook-signature")]
)
def test_only_what_is_signed_with_the_secret_is_the_platforms(name: str, header: str) -> None:
    made = base64.b64encode(hmac.new(SECRET.encode(), b"{}", hashlib.sha256).digest()).decode()
    platform(name).check(b"{}", {header: made}, SECRET, NOON)
    for body, headers, secret in ((b"{ }", {header: made}, SECRET), (b"{}", {header: made}, "other"),
                                  (b"{}", {}, SECRET), (b"{}", {header: "é"}, SECRET)):  # fmt: skip
        with pytest.raises(LiveRefused, match="signature"):
            platform(name).check(body, headers, secret, NOON)


def test_stripes_signature_is_good_for_five_minutes() -> None:
    sent = int(NOON.replace(tzinfo=UTC).timestamp())
    made = hmac.new(SECRET.encode(), f"{sent}.{{}}".encode(), hashlib.sha256).hexdigest()
    headers = {"stripe-signature": f"t={sent},v1=0000,v1={made},v0=x"}
    PLATFORMS["stripe"].check(b"{}", headers, SECRET, NOON)
    with pytest.raises(LiveRefused, match="played again"):
        PLATFORMS["stripe"].check(b"{}", headers, SECRET, NOON.replace(minute=6))
    with pytest.raises(LiveRefused, match="signature"):
        PLATFORMS["stripe"].check(b"{}", {"stripe-signature": f"t={sent + 1},v1={made}"}, SECRET, NOON)
    with pytest.raises(NotFound, match="shopify"):
        platform("magento")


def deep(times: int) -> Any:
    return json.loads("[" * times + "]" * times)


@pytest.mark.parametrize(
    ("name", "topic", "payload", "why"),
    [
        ("woocommerce", "order.created", {"id": 1, "line_items": [{"quantity": "x"}]}, "order.created cannot be read"),
        ("woocommerce", "order.created", {"id": 1, "line_items": deep(200)}, "nested more than"),
        ("stripe", "", {**PAYLOADS["stripe_customer"], "created": 10**20}, "cannot be read"),
        (
            "shopify",
            "orders/create",
            {**PAYLOADS["shopify_order"], "payment_gateway_names": {"a": 1}},
            "cannot be read",
        ),
    ],
)
def test_a_payload_with_what_is_no_number_is_set_aside(
    live: LiveShop, name: str, topic: str, payload: dict[str, Any], why: str
) -> None:
    assert tell(live, name, topic, payload).aside == 1 and why in aside(live)


def test_what_is_nested_without_end_is_refused() -> None:
    body = b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    with pytest.raises(LiveRefused, match="cannot be read"):
        take(platform("stripe"), body, {}, "hook 1", NOON)


@pytest.mark.parametrize("sent", ["²", "9" * 5000, "-1", "", "٣"])
def test_a_signed_moment_that_is_none_is_refused(sent: str) -> None:
    made = hmac.new(SECRET.encode(), f"{sent}.{{}}".encode(), hashlib.sha256).hexdigest()
    with pytest.raises(LiveRefused, match="signed more than"):
        PLATFORMS["stripe"].check(b"{}", {"stripe-signature": f"t={sent},v1={made}"}, SECRET, NOON)
