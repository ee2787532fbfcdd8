"""A shop of any size for the benchmarks, written straight into the engine in one go and by customer, as each import and
every night leave it."""

from __future__ import annotations

from pathlib import Path

from regulars import Shop
from regulars.model.settings import Settings

CATEGORIES = ["Bricks", "Sand", "Paint", "Brushes", "Gifts", "Garden", "Tools", "Music"]
BRANDS = ["Northwall", "Solva", "Kiln & Co", "Verda", "Ostara"]
NOW = "2026-11-22T14:30"
START = "TIMESTAMP '2023-11-22 00:00:00'"
SPAN = 3 * 365 * 86_400
BY_CUSTOMER = 'customer_id, "at"'


def fill(folder: Path, customers: int, *, by: str = BY_CUSTOMER) -> Shop:
    """Per customer 10 orders, 20 lines, 50 messages on average, spread unevenly over three years; ``by`` says in which
    order rows lie."""
    shop = Shop.create(folder, Settings(name="Benchmark", currency="EUR", timezone="Europe/Amsterdam", country="NL"))
    run = shop.engine.execute
    run(f"SELECT setseed(0.5); INSERT INTO products (product_id, name, category, brand, unit_cost) SELECT 'P' || i,"
        f" 'Product ' || i, {_pick(CATEGORIES, 'hash(i)')}, {_pick(BRANDS, 'hash(i * 7)')}, 3 FROM range(2000) t(i)")
    run(f"""INSERT INTO customers (customer_id, described, kind, gender, birth_date, country, city, plan, email_consent,
        signed_up_at) SELECT 'C' || lpad(i::VARCHAR, 8, '0'), true, 'customer',
        CASE hash(i) % 3 WHEN 0 THEN 'female' WHEN 1 THEN 'male' END, DATE '1950-01-01' + (hash(i * 3) % 20000)::INT,
        CASE WHEN hash(i * 5) % 4 = 0 THEN 'DE' ELSE 'NL' END,
        {_pick(['Utrecht', 'Amsterdam', 'Breda', 'Zwolle'], 'hash(i * 11)')},
        {_pick(['gold', 'silver', 'none'], 'hash(i * 13)')}, hash(i * 17) % 3 > 0,
        {START} - to_seconds((hash(i * 19) % 30000000)::BIGINT) FROM range({customers}) t(i)""")
    run(_orders(customers, by))
    run(f"""INSERT INTO lines (order_id, line, customer_id, "at", product_id, quantity, unit_price, amount, margin,
        counted, channel, promo_code, returned) SELECT order_id, n, customer_id, "at",
        'P' || (hash(order_id || n) % 2000), 1 + hash(order_id) % 5, total / 2, total / 2, margin / 2, counted, channel,
        promo_code, false FROM orders, (VALUES (1), (2)) v(n) ORDER BY {by}""")
    run(_messages(customers, by))
    run("UPDATE meta SET value = '1' WHERE key = 'facts_version'")
    run("CHECKPOINT")
    return shop


def _orders(customers: int, by: str) -> str:
    return f"""INSERT INTO orders (order_id, customer_id, "at", status, channel, total, promo_code, occasion, counted,
        margin, items, returned) SELECT 'O' || i, {_who(customers, 1)} AS customer_id,
        {START} + to_seconds((hash(i * 23) % {SPAN})::BIGINT) AS "at", 'paid',
        {_pick(['online', 'store', 'phone'], 'hash(i * 29)')}, 5 + (hash(i * 31) % 20000) / 100.0,
        CASE WHEN hash(i * 37) % 4 = 0 THEN 'CODE' || hash(i) % 9 END,
        CASE WHEN hash(i * 41) % 10 = 0 THEN 'christmas' END, hash(i * 43) % 50 > 0, (hash(i * 31) % 20000) / 300.0, 2,
        false FROM range({customers * 10}) t(i) ORDER BY {by}"""


def _messages(customers: int, by: str) -> str:
    return f"""INSERT INTO messages (message_id, customer_id, "at", type, channel, campaign, machine) SELECT 'M' || i,
        {_who(customers, 3)} AS customer_id, {START} + to_seconds((hash(i * 47) % {SPAN})::BIGINT) AS "at",
        CASE WHEN hash(i * 53) % 100 < 60 THEN 'sent' WHEN hash(i * 53) % 100 < 85 THEN 'opened'
        WHEN hash(i * 53) % 100 < 98 THEN 'clicked' WHEN hash(i * 53) % 100 < 99 THEN 'bounced' ELSE 'unsubscribed' END,
        'email', 'campaign ' || hash(i * 59) % 120, hash(i * 61) % 8 = 0 FROM range({customers * 50}) t(i)
        ORDER BY {by}"""


def _who(customers: int, salt: int) -> str:
    """Uneven: a few customers have much, many little."""
    spread = f"(hash(i * {salt}) % 1000000 / 1000000.0)"
    return f"'C' || lpad((({customers} * {spread} * {spread})::BIGINT % {customers})::VARCHAR, 8, '0')"


def _pick(names: list[str], number: str) -> str:
    listed = ", ".join("'" + n.replace("'", "''") + "'" for n in names)
    return f"([{listed}])[1 + ({number} % {len(names)})::INT]"
