"""The facts of the customers looked at, taken out once: in these tables customers are whole numbers.

Text ids of a million customers are most of the work of reading their facts; each trait would read them again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

from regulars.engines.duckdb import literal
from regulars.insight.common import Facts
from regulars.insight.common.sql import NET, local_moment
from regulars.rules.services import products_only

PEOPLE = "told_people"
"""``customer_id``, a whole number, and the ``id`` it stands for."""
YEAR = "365 DAYS"
LOOKING = r"\b(view|viewed|search|searched|browsed|looked)\b"
"""What events are called in which somebody looks around (Segment's and RudderStack's names among them)."""
HELD = ("gender, birth_date, city, occupation, life_stage, lifestyle, acquisition_channel, web_savviness,"
        " brands_followed, plan, social_followers, email_consent, phone_consent")
TALKING = "share|review|refer|recommend"
SITE = "regexp_extract(referrer, '^https?://(www\\.)?([^/?#]+)', 2)"


def moment(now: datetime) -> str:
    """In SQL."""
    return f"TIMESTAMP {literal(now.isoformat(' '))}"


@contextmanager
def extracted(shop: Facts, now: datetime) -> Iterator[None]:
    """A table of each of `_tables` for the block, of the customers of `PEOPLE` up to ``now``."""
    tables = _tables(moment(now), shop.settings.zone, products_only(shop.engine, "f", "g"))
    try:
        for name, sql in tables.items():
            shop.engine.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {sql}")
        yield
    finally:
        for name in tables:
            shop.engine.execute(f"DROP TABLE IF EXISTS {name}")


def _tables(at: str, zone: ZoneInfo, products: str) -> Mapping[str, str]:
    """``here`` is a moment as the shop's clock shows it; ``products`` says which lines are of one."""
    here = local_moment('f."at"', zone)

    def of(table: str, columns: str, more: str = "true", joins: str = "") -> str:
        return (f'SELECT p.customer_id, f."at", {columns} FROM {table} f JOIN {PEOPLE} p ON p.id = f.customer_id'
                f' {joins} WHERE f."at" <= {at} AND {more}')
    return {
        "told_orders": of("orders", f"f.order_id, {NET} AS net, {here} AS here, f.channel, f.payment_method,"
                                    " f.occasion, f.items, f.discounted, f.returned", "f.counted"),
        "told_lines": of("lines", "g.category, g.brand, g.name AS product", f"f.counted AND {products}",
                         "LEFT JOIN products g USING (product_id)"),
        "told_visits": of("visits", f"{here} AS here, f.device, f.category, coalesce(f.utm_source, nullif({SITE}, ''))"
                                    " AS site"),
        "told_messages": of("messages", "f.type, f.channel, f.campaign, f.machine",
                            f'f."at" > {at} - INTERVAL {YEAR}'),
        "told_events": of("events", f"{here} AS here, regexp_matches(f.name, '{LOOKING}', 'i') AS looking,"
                                    f" regexp_matches(f.name, '{TALKING}', 'i') AS talking"),
        "told_tickets": of("tickets", "f.channel, f.effort"),
        "told_answers": of("answers", "f.number", "lower(f.question) = 'nps' AND f.number IS NOT NULL"),
        "told_customers": f"SELECT p.customer_id, {HELD}, EXISTS (SELECT 1 FROM customers b WHERE"
                          " b.referred_by = p.id) AS brought FROM customers f JOIN"
                          f" {PEOPLE} p ON p.id = f.customer_id",
    }
