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
from regulars.insight.common.sql import NET

Kind = Literal["word", "yes", "number"]
PARTS_OF_DAY = ("night", "morning", "midday", "afternoon", "evening")
TOPICS = ("who", "finds", "buys", "when", "what", "amounts", "loyalty", "discounts", "service", "influence", "mail")
YEAR, HALF_YEAR = "365 DAYS", "182 DAYS"


@dataclass(frozen=True)
class Trait:
    """``sql`` gives ``customer_id`` and ``value``: a ``word`` (or several), a ``yes`` (true or false), a ``number``."""

    code: str
    topic: str
    kind: Kind
    sql: str


def traits(now: datetime, zone: ZoneInfo, *, age_and_gender: bool) -> list[Trait]:
    """All traits at ``now``, in the order in which they are told."""
    at = f"TIMESTAMP {literal(now.isoformat(' '))}"
    found = [*_who(at, zone, age_and_gender), *_where(at), *_when(at, zone), *_what(at), *_amounts(at), *_loyalty(at),
             *_discounts(at), *_service(at), *_influence(at), *_mail(at)]
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


def _where(at: str) -> Iterator[Trait]:
    visits = f'SELECT * FROM visits WHERE "at" <= {at} AND customer_id IS NOT NULL'
    yield Trait("acquisition", "finds", "word", _held("acquisition_channel"))
    yield Trait("device", "finds", "word", _main(visits, "device"))
    yield Trait("visits", "finds", "number", _each(f"{visits} AND \"at\" > {at} - INTERVAL {YEAR}", "count(*)"))
    yield Trait("savvy", "finds", "number", _held("web_savviness"))
    yield Trait("channel", "buys", "word", _main(_orders(at), "channel"))
    yield Trait("payment", "buys", "word", _main(_orders(at), "payment_method"))


def _when(at: str, zone: ZoneInfo) -> Iterator[Trait]:
    local = f"timezone({literal(zone.key)}, CAST(\"at\" AS TIMESTAMPTZ))"
    timed = (f"SELECT *, {local} AS here FROM ({_orders(at)})")
    part = ("CASE WHEN hour(here) < 6 THEN 'night' WHEN hour(here) < 11 THEN 'morning' WHEN hour(here) < 14 THEN"
            " 'midday' WHEN hour(here) < 18 THEN 'afternoon' ELSE 'evening' END")
    has_time = f"SELECT * FROM ({timed}) WHERE (SELECT count(DISTINCT hour(here)) > 1 FROM ({timed}))"
    yield Trait("part_of_day", "when", "word", _main(has_time, part))
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


def _discounts(at: str) -> Iterator[Trait]:
    known = f"SELECT * FROM ({_orders(at)}) WHERE (SELECT count(promo_code) > 0 FROM ({_orders(at)}))"
    yield Trait("with_code", "discounts", "yes", _each(known, "count(promo_code) * 2 >= count(*)"))
    yield Trait("no_code", "discounts", "yes", _each(known, "count(promo_code) = 0"))


def _service(at: str) -> Iterator[Trait]:
    tickets = f'SELECT * FROM tickets WHERE "at" <= {at} AND customer_id IS NOT NULL'
    lately = f"SELECT DISTINCT customer_id FROM ({tickets}) WHERE \"at\" > {at} - INTERVAL {YEAR}"
    yield Trait("asks", "service", "yes", _whether(lately, tickets))
    yield Trait("asks_by", "service", "word", _main(tickets, "channel"))
    yield Trait("effort", "service", "number", _each(tickets, "avg(effort)", "count(effort) > 0"))
    yield Trait("returns", "service", "yes", _each(_orders(at), "bool_or(returned)", "count(returned) > 0"))


def _influence(at: str) -> Iterator[Trait]:
    talk = ("SELECT DISTINCT customer_id FROM events WHERE regexp_matches(name, 'share|review|refer|recommend', 'i')"
            f' AND "at" <= {at}')
    yield Trait("talks", "influence", "yes", _whether(talk, talk))
    yield Trait("followers", "influence", "number", _held("social_followers"))
    brought = "SELECT DISTINCT referred_by AS customer_id FROM customers WHERE referred_by IS NOT NULL"
    yield Trait("brings", "influence", "yes", _whether(brought, brought))
    yield Trait("promoter", "influence", "yes", "SELECT customer_id, arg_max(number, \"at\") >= 9 AS value FROM answers"
                f" WHERE lower(question) = 'nps' AND number IS NOT NULL AND \"at\" <= {at} AND customer_id IS NOT NULL"
                " GROUP BY customer_id")


def _mail(at: str) -> Iterator[Trait]:
    messages = (f'SELECT * FROM messages WHERE "at" <= {at} AND "at" > {at} - INTERVAL {YEAR}'
                " AND customer_id IS NOT NULL")
    human = "type IN ('opened', 'clicked', 'replied', 'redeemed') AND coalesce(machine, false) = false"
    sent = "count(*) FILTER (type IN ('sent', 'delivered')) >= 2"
    yield Trait("reads", "mail", "yes", _each(messages, f"count(*) FILTER ({human}) > 0", sent))
    yield Trait("clicks", "mail", "yes", _each(messages, f"count(*) FILTER ({human} AND type <> 'opened') > 0", sent))
    yield Trait("may_email", "mail", "yes", _held("email_consent"))
    yield Trait("may_phone", "mail", "yes", _held("phone_consent"))
