"""What is known of each person of a cohort by the time it is asked: a column of words for each attribute."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pyarrow as pa

from regulars.engines.duckdb import DuckDBEngine, literal, quoted
from regulars.insight.common.sql import discounted, local_day
from regulars.insight.drivers.cohort import COHORT

STATED = ("device", "browser", "acquisition_channel", "referrer", "language", "country", "region", "city",
          "email_consent_origin", "occupation", "income_band", "education", "life_stage", "lifestyle", "home_owner")
"""Columns of customers that say how someone came and lives; those that change with what they do later are left out
(consents, plans, tags, the preferred channel), as are names and addresses."""
NUMBERS = ("web_savviness", "household_size")
AGE = "date_sub('year', c.birth_date, {day})"
"""Full years, as rules count them."""
CUT = discounted(f"(SELECT max(known_at) FROM {COHORT})", "o.")
PERSONAL = {"gender": "c.gender", "age": f"CASE WHEN c.birth_date IS NULL THEN NULL WHEN {AGE} < 25 THEN 'under 25' "
            f"WHEN {AGE} < 40 THEN '25 to 39' WHEN {AGE} < 60 THEN '40 to 59' ELSE '60 and over' END"}


def attributes(engine: DuckDBEngine, outcome: str, zone: ZoneInfo, personal: bool) -> pa.Table:
    """One row a person, in order; a column an attribute, nothing where it is not known. ``outcome`` is the last one."""
    parts = {"stated": _stated(zone, personal), "answered": _answered(), "served": _served(), "visited": _visited()}
    if outcome in ("second_order", "spend"):
        parts["first"] = _first_order(zone)
    if outcome == "churn":
        parts["bought"] = _bought()
    joins = " ".join(f"LEFT JOIN ({sql}) {name} USING (person)" for name, sql in parts.items())
    columns = ", ".join(f"{name}.* EXCLUDE (person)" for name in parts)
    season = f"'Q' || quarter(timezone({literal(zone.key)}, CAST(p.t0 AS TIMESTAMPTZ))) AS quarter"
    return engine.query(f"SELECT {season}, {columns}, p.outcome FROM {COHORT} p {joins} ORDER BY p.person")


def _stated(zone: ZoneInfo, personal: bool) -> str:
    columns = [f"CAST(c.{quoted(n)} AS VARCHAR) AS {quoted(n)}" for n in STATED]
    columns += [f"{_thirds(f'c.{n}')} AS {quoted(n)}" for n in NUMBERS]
    columns += ["CASE WHEN c.referred_by IS NULL THEN 'no' ELSE 'yes' END AS referred",
                "CASE WHEN c.signed_up_at IS NULL OR c.signed_up_at > p.t0 THEN NULL WHEN c.signed_up_at > p.t0 - "
                "INTERVAL 1 DAY THEN 'within a day' WHEN c.signed_up_at > p.t0 - INTERVAL 14 DAY THEN 'within two "
                "weeks' ELSE 'longer' END AS looked_on"]
    if personal:
        day = local_day("p.t0", zone)
        columns += [f"{sql.replace('{day}', day)} AS {name}" for name, sql in PERSONAL.items()]
    return f"SELECT p.person, {', '.join(columns)} FROM {COHORT} p JOIN customers c USING (customer_id)"


def _thirds(value: str) -> str:
    """Low, middle or high, by thirds of the people of whom it is known; equal values stay together."""
    rank = f"(rank() OVER (ORDER BY {value}) - 1)::DOUBLE / nullif(count({value}) OVER (), 0)"
    return (f"CASE WHEN {value} IS NULL THEN NULL WHEN {rank} < 0.3333 THEN 'low' WHEN {rank} < 0.6667 THEN 'middle' "
            "ELSE 'high' END")


def _answered() -> str:
    """What was sent by then and what a person, no machine, did with it."""
    opened, clicked = (f"m.type = '{what}' AND NOT coalesce(m.machine, false)" for what in ("opened", "clicked"))
    return (f"SELECT p.person, {_yes(opened)} AS opened_early, {_yes(clicked)} AS clicked_early, "
            "arg_min(m.campaign, (m.\"at\", m.campaign)) FILTER (m.type = 'sent' AND m.campaign IS NOT NULL) AS "
            f"first_message FROM {COHORT} p JOIN messages m ON m.customer_id = p.customer_id AND m.\"at\" <= "
            "p.known_at GROUP BY p.person")


def _yes(condition: str) -> str:
    return f"CASE WHEN count(*) FILTER ({condition}) > 0 THEN 'yes' ELSE 'no' END"


def _served() -> str:
    return (f"SELECT p.person, {_yes('t.ticket_id IS NOT NULL')} AS asked_for_help FROM {COHORT} p LEFT JOIN tickets t "
            "ON t.customer_id = p.customer_id AND t.\"at\" <= p.known_at GROUP BY p.person")


def _visited() -> str:
    return (f"SELECT p.person, CASE WHEN count(v.visit_id) = 0 THEN 'none' WHEN count(v.visit_id) < 4 THEN '1 to 3' "
            f"ELSE '4 or more' END AS visits FROM {COHORT} p LEFT JOIN visits v ON v.customer_id = p.customer_id AND "
            "v.\"at\" <= p.known_at GROUP BY p.person")


def _first_order(zone: ZoneInfo) -> str:
    """What the first order was like; of two at one moment the first by number."""
    local = f"timezone({literal(zone.key)}, CAST(p.t0 AS TIMESTAMPTZ))"
    return f"""SELECT person, any_value(channel) AS first_channel, any_value(payment_method) AS first_payment,
        any_value(cut) AS first_discount, coalesce(any_value(occasion), 'none') AS first_occasion,
        {_thirds('any_value(total)')} AS first_value, arg_max(category, (amount, category)) AS first_category,
        CASE WHEN count(line) = 0 THEN NULL WHEN count(line) = 1 THEN '1' WHEN count(line) < 4 THEN '2 to 3'
        ELSE '4 or more' END AS first_lines, any_value(weekend) AS first_at_weekend
        FROM (SELECT p.person, o.*, l.line, l.amount, g.category, CASE {CUT} WHEN true THEN 'yes' WHEN
            false THEN 'no' END AS cut, CASE WHEN dayofweek({local}) IN (0, 6) THEN 'yes' ELSE
            'no' END AS weekend FROM {COHORT} p JOIN orders o ON o.customer_id = p.customer_id AND o."at" = p.t0 AND
            o.counted LEFT JOIN lines l ON l.order_id = o.order_id LEFT JOIN products g ON g.product_id = l.product_id
            QUALIFY o.order_id = min(o.order_id) OVER (PARTITION BY p.person)) GROUP BY person"""


def _bought() -> str:
    """How someone bought until then."""
    return f"""SELECT p.person, {_thirds("epoch(p.known_at) - epoch(p.t0)")} AS days_since_order,
        CASE WHEN count(*) = 1 THEN '1' WHEN count(*) < 4 THEN '2 to 3' ELSE '4 or more' END AS orders_before,
        {_thirds('sum(o.total)')} AS spent_before, mode(o.channel ORDER BY o.channel) AS usual_channel,
        CASE avg({CUT}::INTEGER) >= 0.5 WHEN true THEN 'yes' WHEN false THEN
        'no' END AS mostly_at_discount
        FROM {COHORT} p JOIN orders o ON o.customer_id = p.customer_id AND o.counted AND o."at" <= p.known_at
        GROUP BY p.person, p.known_at, p.t0"""


__all__ = ["attributes"]
