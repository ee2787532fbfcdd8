"""What Square's and Stripe's exports come to, by hand count."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from regulars.errors import Ambiguous

from .reading_exports import BERLIN, NEW_YORK, read, records, write

ITEMS = ("items-2026-10-01-2026-11-01.csv", "items-2017.csv", "items-renamed.csv")


@pytest.mark.parametrize("file", ITEMS)
def test_square_items_become_orders_and_lines(file: str) -> None:
    found = read(f"square_items/{file}", NEW_YORK)
    assert [o["order_id"] for o in found.rows("orders")] == ["square:T1", "square:T2"]
    assert sum(r["quantity"] * r["unit_price"] - r["discount"] for r in found.rows("lines")) == Decimal("1093.00")
    assert found.rows("orders")[0]["id_platform"] == "square:SQADA"


@pytest.mark.parametrize("file", ITEMS)
def test_a_square_refund_is_a_return_and_no_order(file: str) -> None:
    [back] = read(f"square_items/{file}", NEW_YORK).rows("returns")
    assert (back["quantity"], back["amount"], back["product_id"]) == (1, 9, "BR-RED")
    assert (back["document"], back["of_order"]) == ("square:T3", None)


def test_a_square_refund_under_its_sales_number_names_the_order(tmp_path) -> None:  # type: ignore[no-untyped-def]
    head, *rows = records("square_items/items-2017.csv")
    number = head.index("Transaction ID")
    file = write(
        tmp_path / "items.csv", [head, *([*r[:number], r[number].replace("T3", "T1"), *r[number + 1 :]] for r in rows)]
    )
    [back] = read(file, NEW_YORK).rows("returns")
    assert back["of_order"] == "square:T1"


def test_square_times_are_of_the_zone_they_name() -> None:
    orders = read("square_items/items-2017.csv", BERLIN).by("orders", "order_id")
    assert orders["square:T1"]["at"] == datetime(2026, 10, 5, 18, 30)


def test_square_dates_that_could_be_either_are_asked_about(tmp_path) -> None:  # type: ignore[no-untyped-def]
    head, *rows = records("square_items/items-2017.csv")
    zone = head.index("Time Zone")
    file = write(tmp_path / "items.csv", [head, [*rows[0][:zone], "London", *rows[0][zone + 1 :]]])
    with pytest.raises(Ambiguous, match="is the day first or the month"):
        read(file, BERLIN)


def test_what_is_typed_in_at_the_till_is_no_product() -> None:
    products = read("square_items/items-2017.csv", NEW_YORK).rows("products")
    assert {(p["product_id"], p["category"]) for p in products} == {("BR-RED", "Building"), ("SA-1", "Building")}


def test_square_transactions_state_what_was_collected() -> None:
    found = read("square_transactions/transactions-2026-10-01-2026-11-01.csv", NEW_YORK)
    orders = found.by("orders", "order_id")
    assert {k: (o["total"], o["refunded"], o["payment_method"]) for k, o in orders.items()} == {
        "square:T1": (Decimal("57.80"), Decimal("9.90"), "card"),
        "square:T2": (1045, None, "cash"),
    }
    assert [r["amount"] for r in found.rows("returns")] == [Decimal("9.90")]


def test_both_square_files_speak_of_the_same_orders_and_only_one_states_totals() -> None:
    items = read(f"square_items/{ITEMS[0]}", NEW_YORK).by("orders", "order_id")
    transactions = read("square_transactions/transactions-2026-10-01-2026-11-01.csv", NEW_YORK).by("orders", "order_id")
    assert set(items) == set(transactions)
    assert "total" not in items["square:T1"]
    assert items["square:T1"]["at"] == transactions["square:T1"]["at"]


def test_square_customers_keep_a_birthday_without_a_year_as_text() -> None:
    people = read("square_customers/customers.csv", NEW_YORK).by("customers", "id_platform")
    assert people["square:SQADA"]["birth_date"] == date(1988, 4, 29)
    assert (people["square:SQHUG"]["birth_date"], people["square:SQHUG"]["birthday"]) == (None, "05-17")
    assert (people["square:SQADA"]["email_consent"], people["square:SQHUG"]["email_consent"]) == (True, False)


def test_stripe_payments_are_orders_in_whole_units() -> None:
    found = read("stripe_payments/unified_payments.csv", NEW_YORK)
    orders = found.by("orders", "order_id")
    assert {k[-4:]: (o["status"], o["total"], o["refunded"]) for k, o in orders.items()} == {
        "ch_1": ("paid", 50, 0),
        "ch_2": ("paid", 60, 20),
        "ch_3": ("refunded", 30, 30),
        "ch_4": ("failed", 99, 0),
        "ch_5": ("paid", Decimal("11.50"), 0),
    }
    assert orders["stripe:ch_1"]["at"] == datetime(2025, 10, 2, 17, 9, 34)


def test_a_stripe_payment_in_another_currency_counts_as_stripe_converted_it() -> None:
    ours = read("stripe_payments/unified_payments.csv", NEW_YORK).by("orders", "order_id")["stripe:ch_5"]
    assert (ours["total"], ours["currency"]) == (Decimal("11.50"), "USD")
    theirs = read("stripe_payments/unified_payments.csv", BERLIN).by("orders", "order_id")["stripe:ch_5"]
    assert (theirs["total"], theirs["currency"]) == (10, "EUR")


def test_a_payment_in_test_mode_is_no_sale(tmp_path) -> None:  # type: ignore[no-untyped-def]
    head, row, *_ = records("stripe_payments/unified_payments.csv")
    row[head.index("Mode")] = "Test"
    [order] = read(write(tmp_path / "payments.csv", [head, row]), NEW_YORK).rows("orders")
    assert order["status"] == "cancelled"


def test_stripe_payments_with_few_chosen_columns_are_still_known(tmp_path) -> None:  # type: ignore[no-untyped-def]
    head, *rows = records("stripe_payments/unified_payments.csv")
    kept = [
        head.index(h)
        for h in ("id", "Created (UTC)", "Amount", "Amount Refunded", "Currency", "Status", "Customer Email")
    ]
    found = read(write(tmp_path / "few.csv", [[r[i] for i in kept] for r in (head, *rows)]), NEW_YORK)
    assert found.source.name == "stripe-payments"
    assert found.total("orders", "total") == 249


def test_a_stripe_customers_living_subscription_is_their_plan() -> None:
    people = read("stripe_subscriptions/subscriptions.csv", NEW_YORK).by("customers", "id_platform")
    ada = people["stripe:cus_ada"]
    assert (ada["plan"], ada["plan_status"], ada["plan_since"]) == ("Garden box XL", "active", date(2025, 2, 3))
    assert people["stripe:cus_bim"]["plan_status"] == "trialing"


def test_stripe_customers_are_known_since_they_were_created() -> None:
    people = read("stripe_customers/customers.csv", NEW_YORK).by("customers", "id_platform")
    assert people["stripe:cus_ada"]["signed_up_at"] == datetime(2024, 1, 1, 9, 59)
    assert people["stripe:cus_bim"]["delinquent"] is True
