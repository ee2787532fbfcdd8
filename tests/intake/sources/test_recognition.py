"""Every export is known by its headers, in any order, with no option given."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from regulars.intake.sources import all_sources
from regulars.intake.stage import normalise_header

from .reading_exports import BERLIN, EXPORTS, NEW_YORK, read, records, shuffled, write

KNOWN_AS = {
    "advanced_order_export": "advanced-order-export",
    "google_contacts": "google-contacts",
    "klaviyo_campaigns": "klaviyo-campaigns",
    "klaviyo_profiles": "klaviyo-profiles",
    "mailchimp": "mailchimp-audience",
    "outlook_contacts": "outlook-contacts",
    "patreon": "patreon-members",
    "qualtrics": "qualtrics-responses",
    "shopify_customers": "shopify-customers",
    "shopify_orders": "shopify-orders",
    "square_customers": "square-customers",
    "square_items": "square-items",
    "square_transactions": "square-transactions",
    "stripe_customers": "stripe-customers",
    "stripe_payments": "stripe-payments",
    "stripe_subscriptions": "stripe-subscriptions",
    "substack": "substack-subscribers",
    "surveymonkey": "surveymonkey-responses",
    "typeform": "typeform-responses",
    "webtoffee_orders": "webtoffee-orders",
    "woo_analytics_customers": "woo-analytics-customers",
    "woo_analytics_orders": "woo-analytics-orders",
    "woo_products": "woo-products",
    "shopify_products/products_export.csv": "shopify-products",
    "shopify_products/products_export_2024.csv": "shopify-products-2024",
}
FILES = sorted(str(p.relative_to(EXPORTS)) for p in EXPORTS.rglob("*.csv"))
SPANNING = ("surveymonkey/Garden survey.csv", "surveymonkey/anonymous.csv")
"""Their second header row belongs to the columns' order."""


def settings_of(file: str) -> object:
    return NEW_YORK if file.startswith(("square", "stripe")) else BERLIN


@pytest.mark.parametrize("file", FILES)
def test_each_export_is_recognised_without_being_told(file: str) -> None:
    found = read(file, settings_of(file))  # type: ignore[arg-type]
    assert found.source.name == (KNOWN_AS.get(file) or KNOWN_AS[file.split("/")[0]])
    assert found.scores[found.source.name] >= 0.7


@pytest.mark.parametrize("file", FILES)
def test_no_two_sources_claim_the_same_file(file: str) -> None:
    headers = frozenset(normalise_header(h) for h in records(file)[0]) - {""}
    claims = sorted((s.recognises(headers, file) for s in all_sources()), reverse=True)
    assert claims[1] == 0


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("file", [f for f in FILES if f not in SPANNING])
def test_the_order_of_columns_changes_nothing(file: str, seed: int, tmp_path: Path) -> None:
    settings = settings_of(file)
    mixed = read(shuffled(file, tmp_path / Path(file).name, seed), settings)  # type: ignore[arg-type]
    straight = read(file, settings)  # type: ignore[arg-type]
    assert mixed.source.name == straight.source.name
    assert mixed.mapping == straight.mapping
    for table, rows in straight.tables.items():
        assert sorted(map(sorted_items, mixed.tables[table])) == sorted(map(sorted_items, rows)), table


def sorted_items(row: dict[str, object]) -> str:
    return str(sorted((k, str(v)) for k, v in row.items()))


@pytest.mark.parametrize("file", FILES)
def test_every_filled_cell_of_a_known_column_is_readable(file: str) -> None:
    unreadable = read(file, settings_of(file)).unreadable  # type: ignore[arg-type]
    assert unreadable == ([("Birthday", 2)] if file.startswith("outlook") else [])


def test_capitals_spaces_and_a_byte_order_mark_do_not_hide_an_export(tmp_path: Path) -> None:
    head, *rest = records("shopify_orders/orders_export.csv")
    file = write(tmp_path / "x.csv", [[f" {h.upper()} " for h in head], *rest])
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert read(file).source.name == "shopify-orders"


@pytest.mark.parametrize(
    "headers",
    [
        ["customer_id", "name", "email"],
        ["order_id", "customer_id", "at", "total"],
        ["Date", "Amount"],
        ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"],
        ["id", "date", "cds", "dollars"],
        ["Name", "Email", "Phone"],
        ["First Name", "Last Name", "Email", "Company", "Tags"],
    ],
)
def test_a_plain_table_is_nobodys_export(headers: list[str]) -> None:
    plain = frozenset(normalise_header(h) for h in headers)
    assert {s.name: s.recognises(plain, "table.csv") for s in all_sources() if s.recognises(plain, "table.csv")} == {}


def test_every_mapped_header_names_a_header_of_the_file() -> None:
    for file in FILES:
        found = read(file, settings_of(file))  # type: ignore[arg-type]
        assert set(found.mapping) <= set(records(file)[0]), file


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("file", [f for f in FILES if f not in SPANNING and "_analytics_" not in f])
def test_columns_that_were_left_out_are_not_missed(file: str, seed: int, tmp_path: Path) -> None:
    """As many as can go while the export is still known."""
    name = KNOWN_AS.get(file) or KNOWN_AS[file.split("/")[0]]
    source = next(s for s in all_sources() if s.name == name)
    table = records(file)
    kept = list(range(len(table[0])))
    for column in random.Random(seed).sample(kept, len(kept)):
        fewer = [i for i in kept if i != column]
        if source.recognises(frozenset(normalise_header(table[0][i]) for i in fewer), file):
            kept = fewer
    few = write(tmp_path / Path(file).name, [[row[i] for i in kept] for row in table])
    assert read(few, settings_of(file)).source.name == name  # type: ignore[arg-type]
