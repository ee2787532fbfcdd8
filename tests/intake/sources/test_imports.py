"""Each export brought into a shop through its door: what it adds, and that a second time adds nothing."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from regulars.model.settings import Settings
from regulars.shop import Shop
from tests.realdata import realdata

from .reading_exports import BERLIN, EXPORTS, NEW_YORK, read, records, write
from .test_recognition import FILES

NOW = datetime(2026, 11, 22, 12, 0)
NewShop = Callable[[Settings], Shop]


@pytest.fixture
def new_shop(tmp_path: Path) -> Iterator[NewShop]:
    with ExitStack() as open_ones:
        yield lambda settings: open_ones.enter_context(Shop.create(tmp_path / "shop", settings))


def bring(shop: Shop, *files: Path | str) -> list[Any]:
    return [receipt for file in files for receipt in shop.imports.run(EXPORTS / file, now=NOW)]


@pytest.mark.parametrize("file", FILES)
def test_a_second_import_adds_nothing(file: str, new_shop: NewShop) -> None:
    shop = new_shop(NEW_YORK if file.startswith(("square", "stripe")) else BERLIN)
    [first] = bring(shop, file)
    assert first.rows.refused == 0
    assert first.added > 0 or file.startswith("klaviyo_campaigns")
    before = shop.check()
    [second] = bring(shop, file)
    assert (second.added, second.changed) == (0, 0)
    after = shop.check()
    assert (before.problems, after.problems) == ((), ())
    assert (after.counts["orders"], after.counts["lines"]) == (before.counts["orders"], before.counts["lines"])
    assert after.sums == before.sums


def test_a_shopify_shop_comes_together_from_its_three_exports(new_shop: NewShop) -> None:
    shop = new_shop(BERLIN)
    bring(
        shop,
        "shopify_products/products_export.csv",
        "shopify_customers/customers_export.csv",
        "shopify_orders/orders_export.csv",
    )
    assert shop.engine.value("SELECT count(*) FROM customers") == 4
    assert shop.engine.value("SELECT sum(total) FROM orders WHERE counted") == Decimal("160.50")
    assert shop.engine.value("SELECT sum(total - refunded) FROM orders WHERE counted") == Decimal("110.50")
    ada = dict(shop.engine.rows("SELECT order_id, margin FROM orders WHERE customer_id = 'shopify-6001' AND counted"))
    assert ada == {"shopify:#1001": Decimal("24.00")}  # 2 x (10 - 4) + (30 - 18)
    assert shop.count("any(lines where category = 'Building')", now=NOW) == 2
    assert shop.count("sum(orders.total) = 40", now=NOW) == 1


def test_the_order_in_which_shopify_files_come_changes_nobodys_money(new_shop: NewShop, tmp_path: Path) -> None:
    shop = new_shop(BERLIN)
    bring(
        shop,
        "shopify_orders/orders_export.csv",
        "shopify_customers/customers_export.csv",
        "shopify_products/products_export.csv",
    )
    assert shop.engine.value("SELECT count(*) FROM customers") == 4
    assert shop.engine.value("SELECT margin FROM orders WHERE order_id = 'shopify:#1001'") == Decimal("24.00")
    assert shop.check().consistent


def test_orders_alone_never_make_a_customer_of_nobody(new_shop: NewShop) -> None:
    shop = new_shop(BERLIN)
    bring(shop, "shopify_orders/orders_export.csv")
    assert shop.engine.rows("SELECT order_id FROM orders WHERE customer_id IS NULL") == [("shopify:#1006",)]
    assert shop.engine.value("SELECT count(*) FROM customers") == 4


def test_square_items_and_transactions_are_the_same_orders(new_shop: NewShop) -> None:
    shop = new_shop(NEW_YORK)
    items, transactions = (
        "square_items/items-2026-10-01-2026-11-01.csv",
        "square_transactions/transactions-2026-10-01-2026-11-01.csv",
    )
    bring(shop, items)
    assert dict(shop.engine.rows("SELECT order_id, total FROM orders")) == {"square:T1": 48, "square:T2": 1045}
    bring(shop, transactions)
    bring(shop, items)
    assert dict(shop.engine.rows("SELECT order_id, total FROM orders")) == {
        "square:T1": Decimal("57.80"),
        "square:T2": 1045,
    }
    assert shop.engine.value("SELECT refunded FROM orders WHERE order_id = 'square:T1'") == Decimal("9.90")
    assert shop.engine.value("SELECT count(*) FROM lines") == 3
    assert shop.check().consistent


def test_a_square_refund_finds_the_sale_it_undoes(new_shop: NewShop) -> None:
    shop = new_shop(NEW_YORK)
    bring(shop, "square_items/items-2017.csv")
    assert shop.engine.rows("SELECT order_id, quantity FROM returns") == [("square:T1", 1)]
    assert shop.engine.value("SELECT returned_quantity FROM lines WHERE product_id = 'BR-RED'") == 1


def test_one_person_in_six_exports_is_one_customer(new_shop: NewShop) -> None:
    shop = new_shop(BERLIN)
    bring(
        shop,
        "shopify_customers/customers_export.csv",
        "klaviyo_profiles/klaviyo_profiles.csv",
        "mailchimp/subscribed_members_export_a1b2c3.csv",
        "stripe_subscriptions/subscriptions.csv",
        "surveymonkey/Garden survey.csv",
        "google_contacts/contacts.csv",
    )
    [(ada,)] = shop.engine.rows("SELECT customer_id FROM customers WHERE fold(email) = 'ada@example.com'")
    kinds = [k for (k,) in shop.engine.rows("SELECT kind FROM identities WHERE customer_id = ? ORDER BY 1", [ada])]
    assert set(kinds) == {"email", "phone", "shopify", "klaviyo", "mailchimp", "stripe"}
    assert shop.count("plan = 'Garden box XL' and shoe_size = 38 and member_rating = 4", now=NOW) == 1


def test_an_unsubscribed_member_is_known_before_and_refuses_mail(new_shop: NewShop, tmp_path: Path) -> None:
    shop = new_shop(BERLIN)
    archive = tmp_path / "audience_export.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for file in (EXPORTS / "mailchimp").glob("*.csv"):
            packed.write(file, file.name)
    receipts = bring(shop, archive)
    assert len(receipts) == 4
    assert shop.count("email_consent", now=NOW) == 2
    assert shop.count("not email_consent", now=NOW) == 3
    assert shop.count("any(messages where type = 'unsubscribed')", now=NOW) == 1
    assert shop.count("everyone", now="2024-12-31") == 5


def test_survey_answers_are_addressable_and_respondents_nobody_knows_are_kept(new_shop: NewShop) -> None:
    shop = new_shop(BERLIN)
    bring(shop, "surveymonkey/Garden survey.csv")
    assert shop.engine.value("SELECT count(DISTINCT respondent) FROM answers") == 3
    assert shop.engine.value("SELECT count(*) FROM customers") == 2
    assert shop.count("answer.how_likely_are_you_to_recommend_us_to_a_friend >= 9", now=NOW) == 1
    assert shop.engine.value("SELECT label FROM fields WHERE name = 'how_satisfied_are_you_with_our_shop'") == (
        "How satisfied are you with… – our shop"
    )


def test_the_star_wars_survey_is_in_the_shop_to_the_last_respondent(new_shop: NewShop) -> None:
    shop = new_shop(BERLIN)
    [receipt] = shop.imports.run(realdata("surveymonkey_star_wars/star_wars.csv.gz"), now=NOW)
    assert (receipt.rows.read, receipt.rows.refused) == (1186, 0)
    assert shop.engine.value("SELECT count(DISTINCT respondent) FROM answers") == 1186
    assert shop.engine.value("SELECT count(*) FROM customers") == 0


def test_an_export_with_nothing_in_it_adds_nothing(new_shop: NewShop, tmp_path: Path) -> None:
    shop = new_shop(BERLIN)
    for file in ("shopify_orders/orders_export.csv", "mailchimp/subscribed_members_export_a1b2c3.csv"):
        [receipt] = bring(shop, write(tmp_path / Path(file).name, records(file)[:1]))
        assert (receipt.added, receipt.rows.read) == (0, 0)


def test_an_unknown_state_of_an_order_is_told(new_shop: NewShop, tmp_path: Path) -> None:
    shop = new_shop(BERLIN)
    head, first, *rest = records("webtoffee_orders/order_export.csv")
    first[head.index("status")] = "wc-awaiting-shipment"
    [receipt] = bring(shop, write(tmp_path / "order_export.csv", [head, first, *rest]))
    told = {f.code: f for f in receipt.findings}
    assert "awaiting-shipment" in str(told["unknown_status"].what)
    assert shop.engine.value("SELECT counted FROM orders WHERE order_id = 'woocommerce:601'") is False


@pytest.mark.parametrize(("file", "countries"), [
    ("shopify_orders/orders_export.csv", ["IE", "ID", None, "IE", "ES", None, "ID"]),
    ("webtoffee_orders/order_export.csv", ["IE", "DE", "IE"]),
    ("advanced_order_export/orders.csv", ["IE", None, "IE"]),
    ("stripe_payments/unified_payments.csv", ["IE"] * 5)])
def test_an_order_says_its_country_where_the_file_does(file: str, countries: list[str | None]) -> None:
    assert [order["country"] for order in read(file).rows("orders")] == countries
