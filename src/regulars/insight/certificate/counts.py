"""People, money, reach, response and rivals of segments, counted by the engine."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np

from regulars.engines.duckdb import literal
from regulars.insight.certificate.verdicts import Tested, Verdict, graded, unknown
from regulars.insight.common import Facts
from regulars.insight.common.groups import EVERYONE
from regulars.insight.common.intervals import Z, clustered_mean, newcombe, trials, wilson
from regulars.insight.common.mail import responded_sql
from regulars.insight.common.sql import NET, discounted

YEAR = "INTERVAL 365 DAYS"
EXACT = "DECIMAL(19, 4)"
"""Sums of these and of their products are the same in whatever order threads add them up."""
FEW, SOME = 30, 100
LITTLE = 0.02
REACHED, HARDLY_REACHED = 0.5, 0.2
TIMES = 1.5
"""Half as many responses again, or a third fewer, are worth writing differently for."""
SENT = ("n", "hits", "sent", "hits2", "both", "sent2")
DISCOUNTED, MOSTLY_DISCOUNTED = 0.25, 0.5
BELOW = 0.97
AROUND, SOLD = 6, 10
"""Weeks before and after, and lines sold in them, from which a usual price is read."""
CONSENTS = ("email", "sms", "phone", "post")

Row = Mapping[str, Any]


def at_(now: datetime) -> str:
    return f"TIMESTAMP {literal(now.isoformat(' '))}"


def by_group(shop: Facts, sql: str) -> dict[int, Row]:
    """The rows of a query by their ``grp``."""
    table = shop.engine.query(sql)
    return {row["grp"]: row for row in table.to_pylist()}


def substantial(n: int, everyone: int) -> Tested:
    low, high = wilson(n, everyone)
    verdict: Verdict = "fail" if n < FEW else "pass" if n >= SOME or n >= LITTLE * everyone else "warn"
    return Tested("substantial", verdict, n / everyone, float(low), float(high), everyone, count=n, reason="people")


def money(shop: Facts, table: str, now: datetime) -> dict[int, Tested]:
    """The share of the last year's money (or, where every cost is known, of its margin) beside the share of people."""
    at = at_(now)
    rows = by_group(shop, f"""
        WITH own AS (SELECT customer_id, sum({NET}) AS net, sum(margin) AS margin, count(*) - count(margin) AS unknown
                     FROM orders WHERE counted AND "at" <= {at} AND "at" > {at} - {YEAR} GROUP BY customer_id),
        each AS (SELECT grp, customer_id, CAST(coalesce(net, 0) AS {EXACT}) AS net,
                 CAST(coalesce(margin, 0) AS {EXACT}) AS margin, coalesce(unknown, 0) AS unknown
                 FROM {table} LEFT JOIN own USING (customer_id))
        SELECT grp, count(*) AS n, sum(net)::DOUBLE AS net, sum(margin)::DOUBLE AS margin, sum(unknown) AS unknown,
               sum(net * net)::DOUBLE AS net2, sum(margin * margin)::DOUBLE AS margin2 FROM each GROUP BY grp""")
    whole = rows[EVERYONE]
    kind = "margin" if whole["unknown"] == 0 and whole["margin"] > 0 else "net"
    return {g: _of_money(row, whole, kind) for g, row in rows.items() if g != EVERYONE}


def _of_money(row: Row, whole: Row, kind: str) -> Tested:
    if whole[kind] <= 0:
        return unknown("money", "no_money")
    share, people = row[kind] / whole[kind], row["n"] / whole["n"]
    # The variance of a ratio of sums over customers, linearised: (y - share * x) with y = x inside and 0 outside.
    squares = row[kind + "2"] * (1 - share) ** 2 + (whole[kind + "2"] - row[kind + "2"]) * share**2
    half = Z * np.sqrt(max(squares, 0.0)) / whole[kind]
    return Tested("money", graded(share / people if people else 0.0, 0.5, 0.2), share, max(share - half, 0.0),
                  min(share + half, 1.0), row["n"], other=people, reason=kind)


def reachable(shop: Facts, table: str) -> dict[int, Tested]:
    """Who has agreed to be written to or called, by any way, and by which most."""
    ways = ", ".join(f"count(*) FILTER ({w}_consent) AS {w}" for w in CONSENTS)
    anyhow = " OR ".join(f"coalesce({w}_consent, false)" for w in CONSENTS)
    known = " OR ".join(f"{w}_consent IS NOT NULL" for w in CONSENTS)
    rows = by_group(shop, f"SELECT grp, count(*) AS n, count(*) FILTER ({anyhow}) AS reached, count(*) FILTER ({known})"
                          f" AS known, {ways} FROM {table} JOIN customers USING (customer_id) GROUP BY grp")
    return {g: _of_reach(row) for g, row in rows.items() if g != EVERYONE}


def _of_reach(row: Row) -> Tested:
    if not row["known"]:
        return unknown("reachable", "no_consent")
    share = row["reached"] / row["n"]
    low, high = wilson(row["reached"], row["n"])
    way = max(CONSENTS, key=lambda w: row[w])
    return Tested("reachable", graded(share, REACHED, HARDLY_REACHED), share, float(low), float(high), row["n"],
                  count=row["reached"], reason="reached" if row["reached"] else "nobody", word=way)


def actionable(shop: Facts, table: str, now: datetime) -> dict[int, Tested]:
    """Whether members click or answer more or fewer of the messages they are sent than all others do.

    Per message, so that it does not tell who is written to more often; the messages of a customer are a cluster.
    """
    at = at_(now)
    rows = by_group(shop, f"""
        WITH own AS ({responded_sql(f'(FROM messages WHERE "at" <= {at} AND "at" > {at} - {YEAR})')})
        SELECT grp, count(*) AS n, sum(responded) AS hits, sum(sent) AS sent, sum(responded * responded) AS hits2,
               sum(responded * sent) AS both, sum(sent * sent) AS sent2 FROM {table} JOIN own USING (customer_id)
        GROUP BY grp""")
    whole = rows.get(EVERYONE)
    groups = [g for (g,) in shop.engine.rows(f"SELECT DISTINCT grp FROM {table} WHERE grp <> {EVERYONE}")]
    return {g: _of_response(rows.get(g), whole) for g in groups}


def _of_response(row: Row | None, whole: Row | None) -> Tested:
    if whole is None:
        return unknown("actionable", "no_messages")
    if row is None or row["n"] < FEW or whole["n"] - row["n"] < FEW:
        return unknown("actionable", "too_few_sent")
    mine, rest = _share_of_sent(row), _share_of_sent({k: whole[k] - row[k] for k in SENT})
    (share, trials_of), (other, other_trials) = mine, rest
    low, high = newcombe(share * trials_of, trials_of, other * other_trials, other_trials)
    least = 0.0 if low <= 0 <= high else min(abs(low), abs(high))
    apart = max(share, other) >= TIMES * min(share, other)
    verdict: Verdict = "pass" if apart and least > 0 else "warn" if least > 0 else "fail"
    reason = "alike" if least == 0 else "responds_more" if share > other else "responds_less"
    return Tested("actionable", verdict, share, low, high, int(row["n"]), other=other, count=int(row["hits"]),
                  reason=reason)


def _share_of_sent(row: Row) -> tuple[float, float]:
    """The share of messages that are responded to, and how many independent ones they are worth."""
    hits, sent, hits2, both, sent2 = (float(row[k]) for k in SENT if k != "n")
    return hits / sent, trials(hits, sent, hits2, both, sent2, int(row["n"]))


def discounts(shop: Facts, table: str, now: datetime) -> dict[int, Tested]:
    """The share of orders that a discount was given on: who comes for it, may leave for another's."""
    at = at_(now)
    rows = by_group(shop, f"""
        WITH known AS (SELECT customer_id, {discounted(at)} AS cut FROM orders WHERE counted AND "at" <= {at}),
        own AS (SELECT customer_id, count(cut) AS orders, count(*) FILTER (cut) AS cut FROM known GROUP BY customer_id
                HAVING count(cut) > 0)
        SELECT grp, count(*) AS n, sum(orders) AS orders, sum(cut) AS cut, sum(cut * cut) AS cut2,
               sum(cut * orders) AS both, sum(orders * orders) AS orders2
        FROM {table} JOIN own USING (customer_id) GROUP BY grp""")
    if EVERYONE not in rows or not rows[EVERYONE]["cut"]:
        groups = shop.engine.rows(f"SELECT DISTINCT grp FROM {table} JOIN orders USING (customer_id) WHERE counted AND "
                                  f'"at" <= {at}')
        return {g: unknown("discounts", "no_discounts") for (g,) in groups}
    return {g: _of_discounts(row, rows[EVERYONE]) for g, row in rows.items() if g != EVERYONE}


def _of_discounts(row: Row, whole: Row) -> Tested:
    if row["n"] < FEW:
        return unknown("discounts", "too_few")
    cut, orders, cut2, both, orders2 = (float(row[k]) for k in ("cut", "orders", "cut2", "both", "orders2"))
    share, rest = cut / orders, float(whole["orders"] - row["orders"])
    worth = trials(cut, orders, cut2, both, orders2, int(row["n"]))
    low, high = (float(x) for x in wilson(share * worth, worth))
    verdict: Verdict = "pass" if share <= DISCOUNTED else "warn" if share <= MOSTLY_DISCOUNTED else "fail"
    return Tested("discounts", verdict, share, low, high, int(row["n"]),
                  other=float(whole["cut"] - row["cut"]) / rest if rest else None, count=int(row["orders"]),
                  reason="discounted")


def prices(shop: Facts, table: str, now: datetime) -> dict[int, Tested]:
    """What members pay for a product as a part of what it usually costs around that time, over products of which some
    pay less than others do then: a price that rose for everybody says nothing of who bought before it did."""
    rows = by_group(shop, f"""
        WITH {_paid(at_(now))},
        vary AS (SELECT product_id FROM held GROUP BY product_id HAVING count(*) >= {SOLD} AND max(part) > 1.01 *
                 min(part)),
        own AS (SELECT customer_id, count(*) AS lines, CAST(sum(CAST(least(greatest(part, 0.2), 5) AS {EXACT})) AS
                {EXACT}) AS part FROM held SEMI JOIN vary USING (product_id) GROUP BY customer_id)
        SELECT grp, count(*) AS n, sum(part)::DOUBLE AS part, sum(lines) AS lines, sum(part * part)::DOUBLE AS part2,
               sum(part * lines)::DOUBLE AS both, sum(lines * lines) AS lines2 FROM {table} JOIN own USING (customer_id)
        GROUP BY grp""")
    return {g: _of_prices(row, rows[EVERYONE]) for g, row in rows.items() if g != EVERYONE}


def _paid(at: str) -> str:
    """Common tables, the last of them ``held``: the price of each line as a part of its product's usual one then.

    Usual is the median over weeks of each week's median, of the same number of weeks before and after (at most
    `AROUND`): a sale of a fortnight does not become usual, and a new price is usual from its first week on.
    """
    return f"""
        paid AS (SELECT customer_id, product_id, date_trunc('week', "at") AS week, CAST(amount AS DOUBLE) /
                 CAST(quantity - returned_quantity AS DOUBLE) AS price FROM lines WHERE counted AND "at" <= {at}
                 AND amount > 0 AND quantity > returned_quantity AND customer_id IS NOT NULL),
        weeks AS (SELECT product_id, week, median(price) AS price, count(*) AS lines FROM paid GROUP BY ALL),
        spans AS (SELECT *, least({AROUND}, date_diff('week', min(week) OVER own, week),
                  date_diff('week', week, max(week) OVER own)) AS reach FROM weeks WINDOW own AS (PARTITION BY
                  product_id)),
        usual AS (SELECT s.product_id, s.week, median(w.price) AS usual FROM spans s JOIN weeks w ON w.product_id =
                  s.product_id AND w.week BETWEEN s.week - INTERVAL 7 DAYS * s.reach AND s.week + INTERVAL 7 DAYS *
                  s.reach GROUP BY ALL HAVING sum(w.lines) >= {SOLD}),
        held AS (SELECT customer_id, product_id, price / usual AS part FROM paid JOIN usual USING (product_id, week))"""


def _of_prices(row: Row, whole: Row) -> Tested:
    if row["n"] < FEW:
        return unknown("prices", "too_few_prices")
    sums = (float(row[k]) for k in ("part", "lines", "part2", "both", "lines2"))
    mean, low, high = (float(x) for x in clustered_mean(*sums))
    rest = float(whole["lines"] - row["lines"])
    others = float(whole["part"] - row["part"]) / rest if rest else None
    cheaper = others is not None and high < others * BELOW
    return Tested("prices", "warn" if cheaper else "pass", mean, low, high, int(row["n"]), other=others,
                  count=int(row["lines"]), reason="pay_less" if cheaper else "pay_usual")
