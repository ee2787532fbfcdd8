"""What a Shopify shop's three exports come to, by hand count."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from .reading_exports import read


def test_an_orders_total_is_counted_once() -> None:
    found = read("shopify_orders/orders_export.csv")
    assert len(found.rows("orders")) == 7
    assert found.total("orders", "total") == Decimal("274.50")
    assert found.total("orders", "discount") == Decimal("5.00")


def test_each_order_keeps_all_its_lines() -> None:
    found = read("shopify_orders/orders_export.csv")
    lines = [(r["order_id"], r["product_id"], int(r["quantity"])) for r in found.rows("lines")]
    assert len(lines) == 8
    assert ("shopify:#1001", "BR-RED", 2) in lines
    assert ("shopify:#1001", "SA-1", 1) in lines


def test_refunds_and_cancellations_are_told_apart() -> None:
    orders = read("shopify_orders/orders_export.csv").by("orders", "order_id")
    said = {k.removeprefix("shopify:#"): (o["status"], o["refunded"]) for k, o in orders.items()}
    assert said["1001"] == ("paid", 0)
    assert said["1002"] == ("paid", 20)
    assert said["1004"] == ("cancelled", 0)
    assert said["1005"] == ("refunded", 30)
    assert said["1007"] == ("pending", 0)


def test_times_are_kept_in_utc() -> None:
    orders = read("shopify_orders/orders_export.csv").by("orders", "order_id")
    assert orders["shopify:#1001"]["at"] == datetime(2025, 10, 2, 20, 9, 34)
    assert orders["shopify:#1002"]["at"] == datetime(2025, 10, 5, 7, 0)


def test_who_bought_is_known_by_email_then_by_phone_and_else_by_nothing() -> None:
    orders = read("shopify_orders/orders_export.csv").by("orders", "order_id")
    assert (orders["shopify:#1002"]["id_email"], orders["shopify:#1002"]["id_phone"]) == (
        "bima@example.org",
        "+6281234567890",
    )
    assert (orders["shopify:#1003"]["id_email"], orders["shopify:#1003"]["id_phone"]) == (None, "+4930901820")
    assert (orders["shopify:#1006"]["id_email"], orders["shopify:#1006"]["id_phone"]) == (None, None)


def test_a_billing_phone_joins_nobody_who_has_an_email() -> None:
    order = read("shopify_orders/orders_export.csv").by("orders", "order_id")["shopify:#1001"]
    assert order["id_phone"] is None


def test_a_line_without_sku_goes_by_its_name_and_a_line_discount_is_kept() -> None:
    lines = read("shopify_orders/orders_export.csv").by("lines", "_row")
    assert lines[4]["product_id"] == "Rope"
    assert (lines[7]["unit_price"], lines[7]["discount"]) == (10, 2)


def test_the_channel_says_online_or_store() -> None:
    orders = read("shopify_orders/orders_export.csv").by("orders", "order_id")
    assert [orders[f"shopify:#100{n}"]["channel"] for n in (1, 3, 7)] == ["online", "store", "draft"]


def test_orders_say_where_people_live_and_only_ever_that_they_agreed() -> None:
    people = read("shopify_orders/orders_export.csv").by("customers", "_row")
    ada = people[5]
    assert (ada["name"], ada["city"], ada["postcode"], ada["country"]) == ("Ada Byrne", "Dublin", "D02 X285", "IE")
    assert {p["email_consent"] for p in people.values()} <= {True, None}


@pytest.mark.parametrize(
    ("file", "orders", "lines", "total"),
    [("orders_export_2025.csv", 2, 3, "69.00"), ("orders_export_2012.csv", 1, 2, "23.00")],
)
def test_older_and_newer_columns_are_read_alike(file: str, orders: int, lines: int, total: str) -> None:
    found = read(f"shopify_orders/{file}")
    assert (len(found.rows("orders")), len(found.rows("lines"))) == (orders, lines)
    assert found.total("orders", "total") == Decimal(total)


def test_the_same_line_twice_stays_two_lines() -> None:
    found = read("shopify_orders/orders_export_2025.csv")
    assert [r["product_id"] for r in found.rows("lines")].count("RO-1") == 2


def test_customers_have_ids_consents_and_tags() -> None:
    people = read("shopify_customers/customers_export.csv").by("customers", "id_platform")
    assert set(people) == {f"shopify:600{n}" for n in (1, 2, 3, 4)}
    ada, bima, greta = people["shopify:6001"], people["shopify:6002"], people["shopify:6004"]
    assert (ada["email_consent"], ada["sms_consent"], ada["phone"]) == (True, False, "+353871234567")
    assert ada["tags"] == ["VIP", "gardener"]
    assert (bima["email_consent"], bima["sms_consent"]) == (False, True)
    assert (greta["id_email"], greta["id_phone"]) == (None, "+4930901820")


@pytest.mark.parametrize("file", ["customers_import_template.csv", "customers_export_older.csv"])
def test_customers_without_ids_are_known_by_email(file: str) -> None:
    found = read(f"shopify_customers/{file}")
    assert found.rows("customers")[0]["id_email"] == "ada@example.com"
    assert "id_platform" not in found.rows("customers")[0]


def test_products_are_variants_with_their_cost() -> None:
    products = read("shopify_products/products_export.csv").by("products", "product_id")
    assert set(products) == {"BR-RED", "BR-GRY", "SA-1", "Rope"}
    assert products["BR-GRY"]["name"] == "Brick - Grey"
    assert (products["BR-GRY"]["unit_cost"], products["BR-GRY"]["category"], products["BR-GRY"]["vendor"]) == (
        Decimal("4.50"),
        "Building",
        "Garden & Co",
    )
    assert products["Rope"]["unit_cost"] is None


def test_both_dialects_of_products_say_the_same_of_the_same_products() -> None:
    classic = read("shopify_products/products_export.csv").by("products", "product_id")
    newer = read("shopify_products/products_export_2024.csv").by("products", "product_id")
    assert set(newer) == {"BR-RED", "BR-GRY", "GH-1"}
    for sku in ("BR-RED", "BR-GRY"):
        for field in ("name", "category", "vendor", "tags", "price", "unit_cost"):
            assert newer[sku][field] == classic[sku][field]
    assert newer["GH-1"]["category"] == "Watering & Irrigation"


def test_an_order_line_without_sku_finds_its_product_by_name() -> None:
    lines = {r["product_id"] for r in read("shopify_orders/orders_export.csv").rows("lines")}
    products = {r["product_id"] for r in read("shopify_products/products_export.csv").rows("products")}
    assert lines & products == {"BR-RED", "BR-GRY", "SA-1", "Rope"}
