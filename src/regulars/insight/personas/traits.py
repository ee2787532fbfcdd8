"""What a persona is told from: for each trait a query of one row a customer of whom it is known.

They read the tables of `extracting`, in which nothing is later than the moment and customers are whole numbers.
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
from regulars.insight.common.sql import discounted
from regulars.insight.personas.extracting import YEAR, moment

Kind = Literal["word", "yes", "number", "rate"]
TOPICS = ("who", "finds", "buys", "when", "what", "amounts", "loyalty", "discounts", "service", "influence", "mail")
PART = ("CASE WHEN hour(here) < 6 THEN 'night' WHEN hour(here) < 11 THEN 'morning' WHEN hour(here) < 14 THEN 'midday'"
        " WHEN hour(here) < 18 THEN 'afternoon' ELSE 'evening' END")
HALF_YEAR, SOON = "182 DAYS", "60 DAYS"
LOOKS = ('(SELECT customer_id, "at", here FROM told_visits UNION ALL SELECT customer_id, "at", here FROM told_events'
         " WHERE looking)")
"""How they look around before they buy: by pages seen, and by events that say so (Product Viewed, Search)."""


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
    at = moment(now)
    found = [*_who(at, zone, age_and_gender), *_where(at), *_when(), *_what(), *_amounts(), *_loyalty(at),
             *_discounts(at), *_service(at), *_influence(), *_mail()]
    return sorted(found, key=lambda t: TOPICS.index(t.topic))


def _main(rows: str, word: str) -> str:
    """The word most frequent among a customer's rows; of two the one seen last."""
    counted = f'SELECT customer_id, {word} AS word, count(*) AS times, max("at") AS newest FROM {rows} GROUP BY ALL'
    return (f"SELECT customer_id, arg_max(word, (times, newest, word)) AS value FROM ({counted})"
            " WHERE word IS NOT NULL GROUP BY customer_id")


def _held(column: str) -> str:
    return f"SELECT customer_id, {column} AS value FROM told_customers WHERE {column} IS NOT NULL"


def _each(rows: str, value: str, having: str = "true") -> str:
    """One value of all of a customer's rows."""
    return f"SELECT customer_id, {value} AS value FROM {rows} GROUP BY customer_id HAVING {having}"


def _whether(some: str, recorded: str) -> str:
    """Of everybody whether they are among some; of nobody where nothing of the kind is recorded."""
    return (f"SELECT customer_id, s.customer_id IS NOT NULL AS value FROM told_customers LEFT JOIN ({some}) s"
            f" USING (customer_id) WHERE EXISTS (FROM {recorded})")


def _who(at: str, zone: ZoneInfo, age_and_gender: bool) -> Iterator[Trait]:
    if age_and_gender:
        today = f"CAST(timezone({literal(zone.key)}, CAST({at} AS TIMESTAMPTZ)) AS DATE)"
        yield Trait("gender", "who", "word", _held("gender"))
        yield Trait("age", "who", "number",
                    f"SELECT customer_id, date_sub('year', birth_date, {today}) AS value FROM told_customers"
                    " WHERE birth_date IS NOT NULL")
    for code in ("city", "occupation", "life_stage", "lifestyle"):
        yield Trait(code, "who", "word", _held(code))


def _where(at: str) -> Iterator[Trait]:
    yield Trait("acquisition", "finds", "word", _held("acquisition_channel"))
    yield Trait("device", "finds", "word", _main("told_visits", "device"))
    yield Trait("looks_part", "finds", "word", _main(_with_hours(LOOKS), PART))
    yield Trait("looks_weekday", "finds", "word", _main(LOOKS, "CAST(isodow(here) AS VARCHAR)"))
    yield Trait("looks_at", "finds", "word", _main("told_visits", "category"))
    yield Trait("comes_by", "finds", "word", _main("told_visits", "site"))
    lately = f'(FROM told_visits WHERE "at" > {at} - INTERVAL {YEAR})'
    yield Trait("visits", "finds", "number", _each(lately, "count(*)"))
    yield Trait("savvy", "finds", "number", _held("web_savviness"))
    yield Trait("channel", "buys", "word", _main("told_orders", "channel"))
    yield Trait("payment", "buys", "word", _main("told_orders", "payment_method"))


def _with_hours(timed: str) -> str:
    """Nothing where the rows say the day only."""
    return f"(SELECT * FROM {timed} WHERE (SELECT count(DISTINCT hour(here)) > 1 FROM {timed}))"


def _when() -> Iterator[Trait]:
    yield Trait("part_of_day", "when", "word", _main(_with_hours("told_orders"), PART))
    yield Trait("weekday", "when", "word", _main("told_orders", "CAST(isodow(here) AS VARCHAR)"))
    yield Trait("month", "when", "word", _main("told_orders", "CAST(month(here) AS VARCHAR)"))
    known = "(SELECT * FROM told_orders WHERE (SELECT count(occasion) > 0 FROM told_orders))"
    yield Trait("for_occasions", "when", "yes", _each(known, "count(occasion) * 2 >= count(*)"))
    yield Trait("occasion", "when", "word", _main("told_orders", "occasion"))


def _what() -> Iterator[Trait]:
    yield Trait("category", "what", "word", _main("told_lines", "category"))
    yield Trait("brand", "what", "word", _main("told_lines", "brand"))
    yield Trait("product", "what", "word",
                "SELECT DISTINCT customer_id, product AS value FROM told_lines WHERE product IS NOT NULL")
    yield Trait("follows", "what", "word", "SELECT DISTINCT customer_id, unnest(brands_followed) AS value FROM"
                " told_customers WHERE brands_followed IS NOT NULL")


def _amounts() -> Iterator[Trait]:
    yield Trait("order", "amounts", "number", _each("told_orders", "avg(net)", "count(net) > 0"))
    yield Trait("pieces", "amounts", "number", _each("told_orders", "avg(items)", "count(items) > 0"))
    days = 'date_diff(\'second\', min("at"), max("at")) / 86400.0 / (count(*) - 1)'
    yield Trait("gap", "amounts", "number", _each("told_orders", days, "count(*) > 1"))


def _loyalty(at: str) -> Iterator[Trait]:
    yield Trait("bought", "loyalty", "yes", _whether("SELECT DISTINCT customer_id FROM told_orders", "told_orders"))
    yield Trait("again", "loyalty", "yes", _each("told_orders", "count(*) > 1"))
    yield Trait("recent", "loyalty", "yes", _each("told_orders", f'max("at") > {at} - INTERVAL {HALF_YEAR}'))
    yield Trait("plan", "loyalty", "word", _held("plan"))


def _rate(rows: str, hit: str) -> str:
    """How many of each customer's rows it is known of, and is true of."""
    return (f"SELECT customer_id, count(*) FILTER ({hit}) AS hits, count({hit}) AS \"of\" FROM {rows}"
            f" GROUP BY customer_id HAVING count({hit}) > 0")


def _discounts(at: str) -> Iterator[Trait]:
    yield Trait("at_discount", "discounts", "rate", _rate("told_orders", discounted(at, "told_orders.")))


def _service(at: str) -> Iterator[Trait]:
    lately = f"SELECT DISTINCT customer_id FROM told_tickets WHERE \"at\" > {at} - INTERVAL {YEAR}"
    yield Trait("asks", "service", "yes", _whether(lately, "told_tickets"))
    yield Trait("asks_by", "service", "word", _main("told_tickets", "channel"))
    yield Trait("effort", "service", "number", _each("told_tickets", "avg(effort)", "count(effort) > 0"))
    yield Trait("returns", "service", "rate", _rate("told_orders", "returned"))


def _influence() -> Iterator[Trait]:
    yield Trait("talks", "influence", "rate", _talks())
    yield Trait("followers", "influence", "number", _held("social_followers"))
    bringers = "SELECT customer_id FROM told_customers WHERE brought"
    yield Trait("brings", "influence", "yes", _whether(bringers, "customers WHERE referred_by IS NOT NULL"))
    yield Trait("promoter", "influence", "yes", _each("told_answers", 'arg_max(number, "at") >= 9'))


def _talks() -> str:
    """Orders after which, before the next one and within `SOON`, they shared, reviewed or recommended something."""
    talk = 'SELECT customer_id, "at" FROM told_events WHERE talking'
    after = (f"SELECT DISTINCT o.order_id FROM ({talk}) t ASOF JOIN told_orders o ON o.customer_id ="
             f" t.customer_id AND o.\"at\" <= t.\"at\" WHERE t.\"at\" <= o.\"at\" + INTERVAL {SOON}")
    return ("SELECT o.customer_id, count(a.order_id) AS hits, count(*) AS \"of\" FROM told_orders o LEFT JOIN"
            f" ({after}) a USING (order_id) WHERE EXISTS ({talk}) GROUP BY o.customer_id")


def _mail() -> Iterator[Trait]:
    for code, hits in (("reads", "read"), ("clicks", "responded")):
        yield Trait(code, "mail", "rate",
                    f"SELECT customer_id, {hits} AS hits, sent AS \"of\" FROM ({responded_sql('told_messages')})")
    yield Trait("may_email", "mail", "yes", _held("email_consent"))
    yield Trait("may_phone", "mail", "yes", _held("phone_consent"))
