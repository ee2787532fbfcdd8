"""What WooCommerce's reports and the two order exports come to, by hand count."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from .reading_exports import read

LANGUAGES = ("en", "en_newer", "de", "es", "fr", "nl", "id", "ru", "ur")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_orders_report_says_the_same_in_every_language(language: str) -> None:
    found = read(f"woo_analytics_orders/orders_{language}.csv")
    orders = found.by("orders", "order_id")
    assert {k: (o["status"], o["total"], o["refunded"]) for k, o in orders.items()} == {
        "woocommerce:501": ("paid", Decimal("1250.5000"), None),
        "woocommerce:502": ("paid", Decimal(60), Decimal(20)),
        "woocommerce:503": ("cancelled", Decimal(99), None),
    }
    assert orders["woocommerce:501"]["id_name"] == "Ada Byrne"
    assert orders["woocommerce:501"]["promo_code"] == "WELCOME10"
    assert orders["woocommerce:501"]["at"] == datetime(2025, 10, 2, 15, 9, 34)


@pytest.mark.parametrize("language", LANGUAGES)
def test_products_in_one_cell_become_lines_without_a_price(language: str) -> None:
    lines = read(f"woo_analytics_orders/orders_{language}.csv").rows("lines")
    assert [(r["product_name"], int(r["quantity"])) for r in lines] == [
        ("Brick", 2),
        ("Sand", 1),
        ("Garden hose", 3),
        ("Shed, 2 by 3 m", 1),
        ("Rope", 12),
    ]
    assert "unit_price" not in lines[0]


def test_the_orders_report_warns_of_what_it_cannot_say() -> None:
    assert "only by name" in str(read("woo_analytics_orders/orders_en.csv").cautions[0])


@pytest.mark.parametrize("language", ("en", "en_older", "de", "es", "fr", "nl", "id", "ru", "ur"))
def test_the_customers_report_says_the_same_in_every_language(language: str) -> None:
    people = read(f"woo_analytics_customers/customers_{language}.csv").by("customers", "email")
    assert len(people) == 3
    bima = people["bima@example.org"]
    assert (bima["name"], bima["city"], bima["country"], bima["postcode"]) == ("Bima Santoso", "Bandung", "ID", "40111")
    assert bima["signed_up_at"] == datetime(2025, 1, 31, 22, 30)
    assert people["gina@example.net"]["signed_up_at"] is None
    assert people["gina@example.net"]["username"] is None


def test_products_take_category_and_tags_from_their_parent_and_cost_from_its_own_column() -> None:
    products = read("woo_products/wc-product-export.csv").by("products", "product_id")
    assert set(products) == {"BR", "BR-RED", "Brick - Grey", "SA-1", "GH-1"}
    red, grey = products["BR-RED"], products["Brick - Grey"]
    assert (red["price"], red["unit_cost"], red["category"]) == (10, 4, "Masonry")
    assert (grey["unit_cost"], grey["tags"]) == (Decimal("4.50"), ["heavy", "outdoor"])
    assert products["GH-1"]["unit_cost"] is None


@pytest.mark.parametrize("file", ["order_export.csv", "order_export_product_items.csv"])
def test_webtoffee_writes_lines_in_two_ways_and_both_are_read(file: str) -> None:
    found = read(f"webtoffee_orders/{file}")
    orders = found.by("orders", "order_id")
    assert {k: (o["status"], o["total"], o["refunded"], o["promo_code"]) for k, o in orders.items()} == {
        "woocommerce:601": ("paid", 50, None, "welcome10"),
        "woocommerce:602": ("paid", 60, 20, None),
        "woocommerce:603": ("cancelled", 99, None, None),
    }
    lines = [
        (r["order_id"][-3:], r["product_id"], r["quantity"] * r["unit_price"] - r["discount"])
        for r in found.rows("lines")
    ]
    assert sorted(lines) == [
        ("601", "BR-RED", Decimal("17.5")),
        ("601", "SA-1", Decimal("27.5")),
        ("602", "GH-1", 60),
        ("603", "Shed, 2 by 3 m", 99),
    ]


def test_webtoffee_knows_an_account_from_a_guest() -> None:
    orders = read("webtoffee_orders/order_export.csv").by("orders", "order_id")
    assert orders["woocommerce:601"]["id_platform"] == "woocommerce:7"
    assert orders["woocommerce:602"]["id_platform"] is None
    assert orders["woocommerce:602"]["id_email"] == "gina@example.net"


def test_advanced_order_export_counts_a_repeated_total_once() -> None:
    found = read("advanced_order_export/orders.csv")
    assert (len(found.rows("orders")), len(found.rows("lines"))) == (3, 4)
    assert found.total("orders", "total") == 209
    assert found.total("orders", "refunded") == 20


def test_advanced_order_export_says_what_came_back_of_a_line() -> None:
    lines = read("advanced_order_export/orders.csv").by("lines", "_row")
    assert [int(lines[n]["returned_stated"]) for n in (1, 2, 3, 4)] == [0, 0, 1, 0]


def test_advanced_order_export_without_a_total_leaves_it_to_the_lines() -> None:
    found = read("advanced_order_export/orders_lines_only.csv")
    assert "total" not in found.rows("orders")[0]
    assert sum(r["quantity"] * r["unit_price"] for r in found.rows("lines")) == 209
