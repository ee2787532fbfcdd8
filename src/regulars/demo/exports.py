"""The demo shop as files of other systems: Shopify, WooCommerce, Square, Mailchimp, SurveyMonkey.

Importing them gives the shop back, as far as such a file can say it: Shopify's orders name people only by e-mail or
phone, a newsletter knows no orders.
"""

from __future__ import annotations

import tomllib
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import pyarrow as pa

from regulars.engines.duckdb import DuckDBEngine, literal, quoted
from regulars.model.settings import Settings

Facts = Mapping[str, pa.Table | Path]
"""Canonical tables by name: Arrow tables, or Parquet files of them."""

HEADERS: dict[str, list[str]] = tomllib.loads(files(__package__).joinpath("exports.toml").read_text(encoding="utf-8"))
SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"}
STAMP = "%Y-%m-%d %H:%M:%S"
YES_NO = "CASE WHEN {0} THEN 'yes' WHEN NOT {0} THEN 'no' END"


def write_exports(facts: Facts, folder: Path | str, settings: Settings) -> dict[str, list[Path]]:
    """Write every layout there are facts for into a folder of its own; returns the files by layout."""
    return {name: made for name in WRITERS if (made := write_export(name, facts, folder, settings))}


def write_export(name: str, facts: Facts, folder: Path | str, settings: Settings) -> list[Path]:
    """Write one layout (a name of `WRITERS`); nothing where the facts it needs are not there."""
    target = Path(folder) / name
    target.mkdir(parents=True, exist_ok=True)
    with _opened(facts) as engine:
        return WRITERS[name](engine, target, settings)


@contextmanager
def _opened(facts: Facts) -> Iterator[DuckDBEngine]:
    engine = DuckDBEngine.open(":memory:")
    try:
        for name, table in facts.items():
            if isinstance(table, Path):
                engine.execute(f"CREATE TEMP VIEW {quoted(name)} AS FROM read_parquet({literal(str(table))})")
            else:
                engine.register(name, table)
        yield engine
    finally:
        engine.close()


def _has(engine: DuckDBEngine, *tables: str) -> bool:
    found = {r[0] for r in engine.rows("SELECT view_name FROM duckdb_views() WHERE NOT internal")}
    return found >= set(tables)


def _copy(engine: DuckDBEngine, select: str, target: Path) -> Path:
    engine.execute(f"COPY ({select}) TO {literal(str(target))} (FORMAT csv, HEADER)")
    return target


def _laid_out(layout: str, cells: Mapping[str, str], source: str, more: str = "") -> str:
    """A select of every column of the layout in its order, empty where ``cells`` does not fill it."""
    body = ", ".join(f"{cells.get(h, 'NULL')} AS {quoted(h)}" for h in HEADERS[layout])
    return f"SELECT {body}{more} FROM {source}"


def _local(moment: str, settings: Settings, form: str = STAMP) -> str:
    return f"strftime(timezone({literal(settings.timezone)}, timezone('UTC', {moment})), {literal(form)})"


FINANCIAL = (
    "CASE WHEN o.status = 'paid' AND o.refunded > 0 THEN 'partially_refunded' WHEN o.status IN ('cancelled', 'failed') "
    "THEN 'voided' ELSE coalesce(o.status, 'paid') END"
)
SOURCE = "CASE o.channel WHEN 'online' THEN 'web' WHEN 'store' THEN 'pos' ELSE o.channel END"


def shopify(engine: DuckDBEngine, folder: Path, settings: Settings) -> list[Path]:
    """orders_export.csv, customers_export.csv and products_export.csv."""
    if not _has(engine, "customers", "orders", "lines", "products"):
        return []
    return [
        _copy(engine, _shopify_orders(), folder / "orders_export.csv"),
        _copy(engine, _shopify_customers(), folder / "customers_export.csv"),
        _copy(engine, _shopify_products(), folder / "products_export.csv"),
    ]


def _shopify_orders() -> str:
    """The order's own columns stand on the first of its rows."""
    once = {
        "Financial Status": FINANCIAL,
        "Accepts Marketing": YES_NO.format("coalesce(c.email_consent, false)"),
        "Currency": "o.currency",
        "Subtotal": "o.subtotal",
        "Shipping": "o.shipping",
        "Taxes": "o.tax",
        "Total": "o.total",
        "Discount Code": "o.promo_code",
        "Discount Amount": "o.discount",
        "Shipping Method": "o.shipping_method",
        "Created at": f"strftime(o.\"at\", '{STAMP} +0000')",
        "Billing Name": "c.name",
        "Billing Street": "c.street",
        "Billing Address1": "c.street",
        "Billing City": "c.city",
        "Billing Zip": "'''' || c.postcode",
        "Billing Province": "c.region",
        "Billing Country": "c.country",
        "Payment Method": "o.payment_method",
        "Cancelled at": f"CASE WHEN o.status = 'cancelled' THEN strftime(o.\"at\", '{STAMP} +0000') END",
        "Refunded Amount": "coalesce(o.refunded, 0)",
        "Source": SOURCE,
        "Phone": "'''' || c.phone",
    }
    cells = {h: f"CASE WHEN first THEN {sql} END" for h, sql in once.items()}
    cells |= {
        "Name": "o.order_id",
        "Email": "c.email",
        "Lineitem quantity": "l.quantity",
        "Lineitem name": "l.product_name",
        "Lineitem price": "l.unit_price",
        "Lineitem sku": "l.product_id",
        "Lineitem discount": "l.discount",
        "Lineitem fulfillment status": "'fulfilled'",
    }
    source = (
        "orders o LEFT JOIN (SELECT *, row_number() OVER (PARTITION BY order_id ORDER BY line) = 1 AS is_first FROM "
        "lines) l USING (order_id) LEFT JOIN customers c ON c.customer_id = o.customer_id, "
        'LATERAL (SELECT coalesce(l.is_first, true) AS first) ORDER BY o."at", o.order_id, l.line'
    )
    return _laid_out("shopify_orders", cells, source)


def _shopify_customers() -> str:
    cells = {
        "Customer ID": "'''' || customer_id",
        "First Name": "coalesce(first_name, name)",
        "Last Name": "last_name",
        "Email": "email",
        "Accepts Email Marketing": YES_NO.format("email_consent"),
        "Default Address Address1": "street",
        "Default Address City": "city",
        "Default Address Province Code": "region",
        "Default Address Country Code": "country",
        "Default Address Zip": "'''' || postcode",
        "Phone": "'''' || phone",
        "Accepts SMS Marketing": YES_NO.format("sms_consent"),
        "Tags": "array_to_string(tags, ', ')",
        "Tax Exempt": "'no'",
    }
    return _laid_out("shopify_customers", cells, "customers ORDER BY customer_id")


def _shopify_products() -> str:
    handle = "trim(regexp_replace(lower(name), '[^a-z0-9]+', '-', 'g'), '-')"
    cells = {
        "Handle": f"{handle} || '-' || lower(product_id)",
        "Title": "name",
        "Vendor": "vendor",
        "Type": "category",
        "Tags": "array_to_string(tags, ', ')",
        "Published": "'true'",
        "Option1 Name": "'Title'",
        "Option1 Value": "'Default Title'",
        "Variant SKU": "product_id",
        "Variant Price": "price",
        "Cost per item": "unit_cost",
        "Status": "'active'",
    }
    return _laid_out("shopify_products", cells, "products ORDER BY product_id")


def woocommerce(engine: DuckDBEngine, folder: Path, settings: Settings) -> list[Path]:
    """WebToffee's order export, and WooCommerce's product export with costs in a cost-of-goods column."""
    if not _has(engine, "customers", "orders", "lines", "products"):
        return []
    return [
        _copy(engine, _webtoffee(engine, settings), folder / "order_export.csv"),
        _copy(engine, _woo_products(), folder / "wc-product-export.csv"),
    ]


def _webtoffee(engine: DuckDBEngine, settings: Settings) -> str:
    sold = "(quantity * unit_price)::DECIMAL(18,4)"
    item = (
        f"'name:' || replace(product_name, '|', '/') || '|product_id:|sku:' || product_id || "
        f"'|quantity:' || quantity || '|total:' || ({sold} - coalesce(discount, 0)) || '|sub_total:' || {sold}"
    )
    longest = int(engine.value("SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM lines GROUP BY order_id)"))
    status = "CASE coalesce(o.status, 'paid') WHEN 'paid' THEN 'completed' ELSE o.status END"
    cells = {
        "order_id": "o.order_id",
        "order_number": "o.order_id",
        "order_date": _local('o."at"', settings),
        "status": status,
        "shipping_total": "o.shipping",
        "tax_total": "o.tax",
        "discount_total": "o.discount",
        "order_total": "o.total",
        "order_subtotal": "o.subtotal",
        "order_currency": "o.currency",
        "payment_method_title": "o.payment_method",
        "shipping_method": "o.shipping_method",
        "customer_id": "o.customer_id",
        "customer_email": "c.email",
        "billing_first_name": "coalesce(c.first_name, c.name)",
        "billing_last_name": "c.last_name",
        "billing_email": "c.email",
        "billing_phone": "c.phone",
        "billing_address_1": "c.street",
        "billing_postcode": "c.postcode",
        "billing_city": "c.city",
        "billing_state": "c.region",
        "billing_country": "c.country",
        "coupon_items": "'code:' || o.promo_code || '|amount:0'",
        "refund_items": "CASE WHEN o.refunded > 0 THEN 'amount:' || o.refunded || '|reason:|date:' END",
    }
    lines = "".join(f", l.items[{n}] AS line_item_{n}" for n in range(1, longest + 1))
    source = (
        f"orders o LEFT JOIN customers c USING (customer_id) LEFT JOIN (SELECT order_id, list({item} ORDER BY line) AS "
        'items FROM lines GROUP BY order_id) l USING (order_id) ORDER BY o."at", o.order_id'
    )
    return _laid_out("webtoffee_orders", cells, source, lines)


def _woo_products() -> str:
    cells = {
        "ID": "row_number() OVER (ORDER BY product_id)",
        "Type": "'simple'",
        "SKU": "product_id",
        "Name": "name",
        "Published": "1",
        "Is featured?": "0",
        "Visibility in catalog": "'visible'",
        "In stock?": "1",
        "Regular price": "price",
        "Categories": "category",
        "Tags": "array_to_string(tags, ', ')",
        "Meta: _wc_cog_cost": "unit_cost",
    }
    return _laid_out("woo_products", cells, "products ORDER BY product_id")


def square(engine: DuckDBEngine, folder: Path, settings: Settings) -> list[Path]:
    """Items detail of the orders in the store, returns as refunds under their sale's number; and the directory."""
    if not _has(engine, "customers", "orders", "lines", "products"):
        return []
    return [
        _copy(engine, _square_items(settings), folder / "items.csv"),
        _copy(engine, _square_customers(), folder / "customers.csv"),
    ]


def _square_items(settings: Settings) -> str:
    """Times stand in UTC, so that no hour of them is lost when clocks go back."""
    sold = "SELECT *, 'Payment' AS event, 1 AS sign, quantity AS pieces FROM lines"
    back = "SELECT *, 'Refund', -1, returned_quantity FROM lines WHERE returned_quantity > 0"
    sign = SIGNS.get(settings.currency, f"{settings.currency} ")
    gross, off = "sign * pieces * unit_price", "-sign * coalesce(l.discount, 0) * pieces / nullif(l.quantity, 0)"
    cells = {
        "Date": "strftime(o.\"at\", '%Y-%m-%d')",
        "Time": "strftime(o.\"at\", '%H:%M:%S')",
        "Time Zone": "'UTC'",
        "Category": "p.category",
        "Item": "l.product_name",
        "Qty": "sign * pieces",
        "SKU": "l.product_id",
        "Gross Sales": _signed(gross, sign),
        "Discounts": _signed(off, sign),
        "Net Sales": _signed(f"({gross}) + ({off})", sign),
        "Tax": _signed("0", sign),
        "Transaction ID": "o.order_id",
        "Payment ID": "'P' || o.order_id",
        "Event Type": "event",
        "Location": "'Main street'",
        "Customer ID": "o.customer_id",
        "Customer Name": "c.name",
        "Unit": "'ea'",
        "Count": "sign * pieces",
        "Itemization Type": "'Physical Good'",
        "Channel": "'Main street'",
    }
    source = (
        f"({sold} UNION ALL {back}) l JOIN orders o USING (order_id) LEFT JOIN customers c ON c.customer_id = "
        "o.customer_id LEFT JOIN products p ON p.product_id = l.product_id WHERE o.channel = 'store' AND "
        "coalesce(o.status, 'paid') IN ('paid', 'refunded') ORDER BY o.\"at\", o.order_id, sign DESC, l.line"
    )
    return _laid_out("square_items", cells, source)


def _signed(amount: str, sign: str) -> str:
    value = f"({amount})::DECIMAL(18,2)"
    return f"CASE WHEN {value} < 0 THEN '-' ELSE '' END || {literal(sign)} || abs({value})"


MAILED = "CASE WHEN email_consent THEN 'subscribed' WHEN NOT email_consent THEN 'unsubscribed' END"


def _square_customers() -> str:
    cells = {
        "First Name": "coalesce(first_name, name)",
        "Last Name": "last_name",
        "Email Address": "email",
        "Phone Number": "phone",
        "Street Address 1": "street",
        "City": "city",
        "State": "region",
        "Postal Code": "postcode",
        "Birthday": "birth_date",
        "Square Customer ID": "customer_id",
        "Creation Source": "acquisition_channel",
        "Email Subscription Status": MAILED,
    }
    return _laid_out("square_customers", cells, "customers ORDER BY customer_id")


def mailchimp(engine: DuckDBEngine, folder: Path, settings: Settings) -> list[Path]:
    """The audience as a zip of three files: who wants mail, who left, and who never said."""
    if not _has(engine, "customers"):
        return []
    archive = folder / "audience_export.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for state, holds in (
            ("subscribed", "email_consent"),
            ("unsubscribed", "NOT email_consent"),
            ("nonsubscribed", "email_consent IS NULL"),
        ):
            part = _copy(engine, _members(state, holds, settings), folder / f"{state}_members_export_demo.csv")
            packed.write(part, part.name)
            part.unlink()
    return [archive]


def _members(state: str, holds: str, settings: Settings) -> str:
    since = _local("coalesce(email_consent_at, signed_up_at)", settings)
    joined = _local("signed_up_at", settings) if state == "unsubscribed" else since
    cells = {
        "Email Address": "email",
        "First Name": "coalesce(first_name, name)",
        "Last Name": "last_name",
        "Phone Number": "phone",
        "Address": "street",
        "Birthday": "strftime(birth_date, '%m/%d')",
        "MEMBER_RATING": "2",
        "OPTIN_TIME": joined,
        "CONFIRM_TIME": joined,
        "LATITUDE": "latitude",
        "LONGITUDE": "longitude",
        "CC": "lower(country)",
        "REGION": "region",
        "LAST_CHANGED": since,
        "LEID": "row_number() OVER (ORDER BY customer_id)",
        "EUID": "left(md5(lower(email)), 10)",
        "TAGS": "array_to_string(list_transform(tags, t -> '\"' || t || '\"'), ',')",
    }
    left = f", {since} AS UNSUB_TIME, '' AS UNSUB_CAMPAIGN_TITLE" if state == "unsubscribed" else ""
    source = f"customers WHERE email IS NOT NULL AND {holds} ORDER BY customer_id"
    return _laid_out("mailchimp", cells, source, left)


def surveymonkey(engine: DuckDBEngine, folder: Path, settings: Settings) -> list[Path]:
    """A file a survey, with two header rows."""
    if not _has(engine, "customers", "answers"):
        return []
    surveys = [r[0] for r in engine.rows("SELECT DISTINCT survey FROM answers WHERE survey IS NOT NULL ORDER BY 1")]
    return [
        _copy(engine, _survey(engine, survey, settings), folder / f"{survey.replace('/', '-')}.csv")
        for survey in surveys
    ]


def _survey(engine: DuckDBEngine, survey: str, settings: Settings) -> str:
    asked = [
        r[0]
        for r in engine.rows(
            "SELECT question FROM answers WHERE survey = ? GROUP BY question ORDER BY min(question)", [survey]
        )
    ]
    fixed = HEADERS["surveymonkey"]
    at = _local('min(a."at")', settings, "%m/%d/%Y %I:%M:%S %p")
    cells = {
        "Respondent ID": "a.respondent",
        "Collector ID": "'400001'",
        "Start Date": at,
        "End Date": at,
        "Email Address": "any_value(c.email)",
        "First Name": "any_value(coalesce(c.first_name, c.name))",
        "Last Name": "any_value(c.last_name)",
    }
    under = [f"'' AS {quoted(h)}" for h in fixed] + [f"'Response' AS {quoted(q)}" for q in asked]
    said = [f"{cells.get(h, 'NULL')} AS {quoted(h)}" for h in fixed]
    said += [f"max(a.value) FILTER (a.question = {literal(q)}) AS {quoted(q)}" for q in asked]
    return (
        f"SELECT * EXCLUDE n FROM (SELECT 0 AS n, {', '.join(under)} UNION ALL SELECT 1, {', '.join(said)} "
        f"FROM answers a LEFT JOIN customers c USING (customer_id) WHERE a.survey = {literal(survey)} "
        f"GROUP BY a.respondent) ORDER BY n, {quoted(fixed[0])}"
    )


WRITERS: dict[str, Callable[[DuckDBEngine, Path, Settings], list[Path]]] = {
    "shopify": shopify,
    "woocommerce": woocommerce,
    "square": square,
    "mailchimp": mailchimp,
    "surveymonkey": surveymonkey,
}
