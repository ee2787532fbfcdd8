"""What a persona is told from: for each trait a query of one row a customer of whom it is known.

Religion, ethnicity, health and the like are never among them; age and gender only where they are asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from regulars.engines.duckdb import literal
from regulars.insight.common.mail import responded_sql
from regulars.insight.common.sql import NET, discounted, local_moment

Kind = Literal["word", "yes", "number", "rate"]
PARTS_OF_DAY = ("night", "morning", "midday", "afternoon", "evening")
TOPICS = ("who", "finds", "buys", "when", "what", "amounts", "loyalty", "discounts", "service", "influence", "mail")
PART = ("CASE WHEN hour(here) < 6 THEN 'night' WHEN hour(here) < 11 THEN 'morning' WHEN hour(here) < 14 THEN 'midday'"
        " WHEN hour(here) < 18 THEN 'afternoon' ELSE 'evening' END")
YEAR, HALF_YEAR, SOON = "365 DAYS", "182 DAYS", "60 DAYS"
LOOKING = r"\b(view|viewed|search|searched|browsed|looked)\b"
"""What events are called in which somebody looks around (Segment's and RudderStack's names among them)."""


@dataclass(frozen=True)
class Trait:
    """``sql`` gives ``customer_id`` and ``value``: a ``word`` (or several), a ``yes`` (true or false), a ``number``.

    Of a ``rate`` it gives ``hits`` among the ``of`` orders or messages of a customer: whoever orders most has sooner
    sent something back *ever*, and nothing follows from that.
    """

    code: str
    topic: str
    kind: Kind
    sql: str


def traits(now: datetime, zone: ZoneInfo, *, age_and_gender: bool) -> list[Trait]:
    """All traits at ``now``, in the order in which they are told."""
    at = f"TIMESTAMP {literal(now.isoformat(' '))}"
    found = [*_who(at, zone, age_and_gender), *_where(at, zone), *_when(at, zone), *_what(at), *_amounts(at),
             *_loyalty(at), *_discounts(at), *_service(at), *_influence(at), *_mail(at)]
    return sorted(found, key=lambda t: TOPICS.index(t.topic))


def _orders(at: str) -> str:
    return f'SELECT *, {NET} AS net FROM orders WHERE counted AND "at" <= {at} AND customer_id IS NOT NULL'


def _lines(at: str) -> str:
    return (f'SELECT l.customer_id, l."at", p.category, p.brand, p.name AS product FROM lines l LEFT JOIN products p'
            f' USING (product_id) WHERE l.counted AND l."at" <= {at} AND l.customer_id IS NOT NULL')


def _main(rows: str, word: str) -> str:
    """The word most frequent among a customer's rows; of two the one seen last."""
    counted = (f'SELECT customer_id, {word} AS word, count(*) AS times, max("at") AS newest FROM ({rows})'
               " GROUP BY ALL")
    return (f"SELECT customer_id, arg_max(word, (times, newest, word)) AS value FROM ({counted})"
            " WHERE word IS NOT NULL GROUP BY customer_id")


def _held(column: str) -> str:
    return f"SELECT customer_id, {column} AS value FROM customers WHERE {column} IS NOT NULL"


def _each(rows: str, value: str, having: str = "true") -> str:
    """One value of all of a customer's rows."""
    return f"SELECT customer_id, {value} AS value FROM ({rows}) GROUP BY customer_id HAVING {having}"


def _whether(some: str, recorded: str) -> str:
    """Of everybody whether they are among some; of nobody where nothing of the kind is recorded."""
    return (f"SELECT c.customer_id, s.customer_id IS NOT NULL AS value FROM customers c LEFT JOIN ({some}) s"
            f" USING (customer_id) WHERE EXISTS ({recorded})")


def _who(at: str, zone: ZoneInfo, age_and_gender: bool) -> Iterator[Trait]:
    if age_and_gender:
        today = f"CAST(timezone({literal(zone.key)}, CAST({at} AS TIMESTAMPTZ)) AS DATE)"
        yield Trait("gender", "who", "word", _held("gender"))
        yield Trait("age", "who", "number",
                    f"SELECT customer_id, date_sub('year', birth_date, {today}) AS value FROM customers"
                    " WHERE birth_date IS NOT NULL")
    for code in ("city", "occupation", "life_stage", "lifestyle"):
        yield Trait(code, "who", "word", _held(code))


def _where(at: str, zone: ZoneInfo) -> Iterator[Trait]:
    visits = f'SELECT * FROM visits WHERE "at" <= {at} AND customer_id IS NOT NULL'
    yield Trait("acquisition", "finds", "word", _held("acquisition_channel"))
    yield Trait("device", "finds", "word", _main(visits, "device"))
    yield from _research(visits, at, zone)
    yield Trait("visits", "finds", "number", _each(f"{visits} AND \"at\" > {at} - INTERVAL {YEAR}", "count(*)"))
    yield Trait("savvy", "finds", "number", _held("web_savviness"))
    yield Trait("channel", "buys", "word", _main(_orders(at), "channel"))
    yield Trait("payment", "buys", "word", _main(_orders(at), "payment_method"))


def _research(visits: str, at: str, zone: ZoneInfo) -> Iterator[Trait]:
    """How they look around before they buy: by pages seen, and by events that say so (Product Viewed, Search)."""
    viewed = (f"SELECT customer_id, \"at\" FROM events WHERE regexp_matches(name, '{LOOKING}', 'i') AND \"at\" <= {at}"
              " AND customer_id IS NOT NULL")
    looks = _here(f'SELECT customer_id, "at" FROM ({visits}) UNION ALL {viewed}', zone)
    yield Trait("looks_part", "finds", "word", _main(_with_hours(looks), PART))
    yield Trait("looks_weekday", "finds", "word", _main(looks, "CAST(isodow(here) AS VARCHAR)"))
    yield Trait("looks_at", "finds", "word", _main(visits, "category"))
    site = "regexp_extract(referrer, '^https?://(www\\.)?([^/?#]+)', 2)"
    yield Trait("comes_by", "finds", "word", _main(visits, f"coalesce(utm_source, nullif({site}, ''))"))


def _here(rows: str, zone: ZoneInfo) -> str:
    """With the moment as the shop's clock shows it."""
    here = local_moment('"at"', zone)
    return f"SELECT *, {here} AS here FROM ({rows})"


def _with_hours(timed: str) -> str:
    """Nothing where the rows say the day only."""
    return f"SELECT * FROM ({timed}) WHERE (SELECT count(DISTINCT hour(here)) > 1 FROM ({timed}))"


def _when(at: str, zone: ZoneInfo) -> Iterator[Trait]:
    timed = _here(_orders(at), zone)
    yield Trait("part_of_day", "when", "word", _main(_with_hours(timed), PART))
    yield Trait("weekday", "when", "word", _main(timed, "CAST(isodow(here) AS VARCHAR)"))
    yield Trait("month", "when", "word", _main(timed, "CAST(month(here) AS VARCHAR)"))
    known = f"SELECT * FROM ({_orders(at)}) WHERE (SELECT count(occasion) > 0 FROM ({_orders(at)}))"
    yield Trait("for_occasions", "when", "yes", _each(known, "count(occasion) * 2 >= count(*)"))
    yield Trait("occasion", "when", "word", _main(_orders(at), "occasion"))


def _what(at: str) -> Iterator[Trait]:
    yield Trait("category", "what", "word", _main(_lines(at), "category"))
    yield Trait("brand", "what", "word", _main(_lines(at), "brand"))
    yield Trait("product", "what", "word",
                f"SELECT DISTINCT customer_id, product AS value FROM ({_lines(at)}) WHERE product IS NOT NULL")
    yield Trait("follows", "what", "word", "SELECT DISTINCT customer_id, unnest(brands_followed) AS value FROM"
                " customers WHERE brands_followed IS NOT NULL")


def _amounts(at: str) -> Iterator[Trait]:
    yield Trait("order", "amounts", "number", _each(_orders(at), "avg(net)", "count(net) > 0"))
    yield Trait("pieces", "amounts", "number", _each(_orders(at), "avg(items)", "count(items) > 0"))
    days = 'date_diff(\'second\', min("at"), max("at")) / 86400.0 / (count(*) - 1)'
    yield Trait("gap", "amounts", "number", _each(_orders(at), days, "count(*) > 1"))


def _loyalty(at: str) -> Iterator[Trait]:
    yield Trait("bought", "loyalty", "yes", _whether(f"SELECT DISTINCT customer_id FROM ({_orders(at)})", _orders(at)))
    yield Trait("again", "loyalty", "yes", _each(_orders(at), "count(*) > 1"))
    yield Trait("recent", "loyalty", "yes", _each(_orders(at), f'max("at") > {at} - INTERVAL {HALF_YEAR}'))
    yield Trait("plan", "loyalty", "word", _held("plan"))


def _rate(rows: str, hit: str) -> str:
    """How many of each customer's rows it is known of, and is true of."""
    return (f"SELECT customer_id, count(*) FILTER ({hit}) AS hits, count({hit}) AS \"of\" FROM ({rows})"
            f" GROUP BY customer_id HAVING count({hit}) > 0")


def _discounts(at: str) -> Iterator[Trait]:
    yield Trait("at_discount", "discounts", "rate", _rate(_orders(at), discounted(at)))


def _service(at: str) -> Iterator[Trait]:
    tickets = f'SELECT * FROM tickets WHERE "at" <= {at} AND customer_id IS NOT NULL'
    lately = f"SELECT DISTINCT customer_id FROM ({tickets}) WHERE \"at\" > {at} - INTERVAL {YEAR}"
    yield Trait("asks", "service", "yes", _whether(lately, tickets))
    yield Trait("asks_by", "service", "word", _main(tickets, "channel"))
    yield Trait("effort", "service", "number", _each(tickets, "avg(effort)", "count(effort) > 0"))
    yield Trait("returns", "service", "rate", _rate(_orders(at), "returned"))


def _influence(at: str) -> Iterator[Trait]:
    yield Trait("talks", "influence", "rate", _talks(at))
    yield Trait("followers", "influence", "number", _held("social_followers"))
    brought = "SELECT DISTINCT referred_by AS customer_id FROM customers WHERE referred_by IS NOT NULL"
    yield Trait("brings", "influence", "yes", _whether(brought, brought))
    yield Trait("promoter", "influence", "yes", "SELECT customer_id, arg_max(number, \"at\") >= 9 AS value FROM answers"
                f" WHERE lower(question) = 'nps' AND number IS NOT NULL AND \"at\" <= {at} AND customer_id IS NOT NULL"
                " GROUP BY customer_id")


def _talks(at: str) -> str:
    """Orders after which, before the next one and within `SOON`, they shared, reviewed or recommended something."""
    talk = ("SELECT customer_id, \"at\" FROM events WHERE regexp_matches(name, 'share|review|refer|recommend', 'i')"
            f' AND "at" <= {at} AND customer_id IS NOT NULL')
    after = (f"SELECT DISTINCT o.order_id FROM ({talk}) t ASOF JOIN ({_orders(at)}) o ON o.customer_id ="
             f" t.customer_id AND o.\"at\" <= t.\"at\" WHERE t.\"at\" <= o.\"at\" + INTERVAL {SOON}")
    return (f"SELECT o.customer_id, count(a.order_id) AS hits, count(*) AS \"of\" FROM ({_orders(at)}) o LEFT JOIN"
            f" ({after}) a USING (order_id) WHERE EXISTS ({talk}) GROUP BY o.customer_id")


def _mail(at: str) -> Iterator[Trait]:
    messages = (f'SELECT * FROM messages WHERE "at" <= {at} AND "at" > {at} - INTERVAL {YEAR}'
                " AND customer_id IS NOT NULL")
    for code, hits in (("reads", "read"), ("clicks", "responded")):
        yield Trait(code, "mail", "rate", f"SELECT customer_id, {hits} AS hits, sent AS \"of\" FROM"
                    f" ({responded_sql(f'({messages})')})")
    yield Trait("may_email", "mail", "yes", _held("email_consent"))
    yield Trait("may_phone", "mail", "yes", _held("phone_consent"))
