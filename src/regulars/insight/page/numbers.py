"""The shop in ten numbers, and its sales by month."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from regulars.insight.common.charts import Picture, described, line
from regulars.insight.common.sql import NET
from regulars.insight.page.parts import Reading, Section, Tile
from regulars.insight.page.words import counted, text
from regulars.model.clock import add_months, day_start, local_day, to_local, to_utc
from regulars.model.phrases import Share
from regulars.model.settings import NO_CURRENCY

MONTHS = 24
YEARS = f"""
WITH placed AS (SELECT customer_id, "at", {NET} AS net, total, coalesce(refunded, 0) AS refunded,
    row_number() OVER (PARTITION BY customer_id ORDER BY "at", order_id) AS place FROM orders
    WHERE counted AND "at" <= $now)
SELECT "at" > $year AS late, sum(net)::DOUBLE, count(*), avg(net)::DOUBLE,
    count(*) FILTER (WHERE place = 1 AND customer_id IS NOT NULL),
    sum(refunded)::DOUBLE / nullif(sum(total), 0)::DOUBLE, count(*) FILTER (WHERE customer_id IS NULL)
FROM placed WHERE "at" > $before GROUP BY late"""
PEOPLE = f"""
WITH own AS (SELECT customer_id, count(*) AS orders, sum({NET}) AS net, max("at") AS last,
    epoch(max("at") - min("at")) / 86400 / nullif(count(*) - 1, 0) AS gap FROM orders
    WHERE counted AND "at" <= $now AND customer_id IS NOT NULL GROUP BY customer_id),
ranked AS (SELECT *, row_number() OVER (ORDER BY net DESC NULLS LAST, customer_id) AS place, count(*) OVER () AS n
    FROM own)
SELECT count(*), count(*) FILTER (WHERE orders > 1), median(gap) FILTER (WHERE gap > 0),
    count(*) FILTER (WHERE last > $recent),
    (sum(net) FILTER (WHERE place <= ceil(n / 10)) / nullif(sum(net), 0))::DOUBLE
FROM ranked"""
FEWEST = 20
"""Customers with an order of whom a tenth is more than somebody."""
BY_MONTH = f"""
WITH placed AS (SELECT "at", {NET} AS net, customer_id IS NOT NULL AND row_number() OVER (
        PARTITION BY customer_id ORDER BY "at", order_id) > 1 AS again FROM orders WHERE counted AND "at" < $until)
SELECT date_trunc('month', timezone($zone, timezone('UTC', "at")))::DATE AS month, sum(net)::DOUBLE AS net,
    coalesce((sum(net) FILTER (WHERE again) / nullif(sum(net), 0))::DOUBLE, 0)
FROM placed WHERE "at" >= $since GROUP BY month ORDER BY month"""


def section(reading: Reading) -> Section:
    """Always there; a shop without orders says what to bring in."""
    known = reading.shop.members_at("everyone", reading.now).num_rows
    first = reading.shop.engine.value('SELECT min("at") FROM orders WHERE counted AND "at" <= ?', [reading.now])
    title = reading.say(text("The shop in ten numbers"))
    if first is None:
        return Section("numbers", title, tiles=[Tile(reading.say(text("Customers known")), reading.say(known))],
                       missing=reading.say(text("There are no orders yet: bring in an export of your orders.")))
    late, early = _years(reading, first)
    people = _people(reading)
    months = _by_month(reading)
    pictures = [_sales(reading, months), _came_back(reading, months)] if len(months) >= 3 else []
    return Section("numbers", title, tiles=_tiles(reading, known, late, early, people), pictures=pictures,
                   caveats=_caveats(reading, late))


def _years(reading: Reading, first: datetime) -> tuple[Sequence[Any], Sequence[Any] | None]:
    """sales, orders, mean order, new customers, share given back, orders of nobody: of the last 12 months and of those
    before, None where these are not all there.
    """
    zone = reading.shop.settings.zone
    local = to_local(reading.now, zone)
    year, before = (to_utc(add_months(local, -months), zone) for months in (12, 24))
    rows = reading.shop.engine.rows(YEARS.replace("$now", "?").replace("$year", "?").replace("$before", "?"),
                                    [reading.now, year, before])
    found = {late: rest for late, *rest in rows}
    return found.get(True, [0.0, 0, None, 0, None, 0]), found.get(False) if first <= before else None


def _people(reading: Reading) -> Sequence[Any]:
    """Who bought, who came back, the usual gap, who bought lately, the share of the top tenth."""
    recent = to_utc(add_months(to_local(reading.now, reading.shop.settings.zone), -3), reading.shop.settings.zone)
    row: Sequence[Any] = reading.shop.engine.rows(PEOPLE.replace("$now", "?").replace("$recent", "?"),
                                                  [reading.now, recent])[0]
    return row


def _tiles(reading: Reading, known: int, late: Sequence[Any], early: Sequence[Any] | None,
           people: Sequence[Any]) -> list[Tile]:
    bought, again, gap, lately, top = people
    sales, orders, mean, new, given_back, _ = late
    before = early or [None] * 6
    say, figures = reading.say, reading.figures

    def tile(label: Any, value: str, note: Any = "") -> Tile:
        return Tile(say(label), value, say(note) if note else "")
    return [
        tile(text("Customers known"), say(known), counted("{n} has bought", "{n} have bought", bought)),
        tile(text("Sales, last 12 months"), figures.about(sales), _change(sales, before[0])),
        tile(text("Orders, last 12 months"), say(orders), _change(orders, before[1])),
        tile(text("An order is worth"), figures.money(mean), _change(mean, before[2])),
        tile(text("New customers, last 12 months"), say(new), _change(new, before[3])),
        tile(text("Came back"), figures.share(again / bought) if bought else "–",
             counted("{n} has ordered twice or more", "{n} have ordered twice or more", again)),
        tile(text("Days between orders"), say(round(gap)) if gap else "–", text("the usual of those who come back")),
        tile(text("Bought in the last 3 months"), say(lately),
             text("{share} of all who have bought", share=Share(lately / bought)) if bought else ""),
        tile(text("Given back, last 12 months"), figures.share(given_back) if given_back is not None else "–",
             text("of what was charged")),
        tile(text("The top tenth bring"), figures.share(top) if top is not None and bought >= FEWEST else "–",
             text("of all sales so far") if bought >= FEWEST else
             text("It takes at least {n} customers with an order: bring in more orders.", n=FEWEST)),
    ]


def _change(now: float | None, before: float | None) -> Any:
    """How it stands to the year before; nothing where that year is not known."""
    if now is None or not before:
        return text("no full year before to compare")
    ratio = float(now) / float(before) - 1
    if abs(ratio) < 0.005:
        return text("as in the year before")
    return (text("{share} more than the year before", share=Share(ratio)) if ratio > 0 else
            text("{share} less than the year before", share=Share(-ratio)))


def _by_month(reading: Reading) -> list[tuple[date, float, float]]:
    """Month, sales, and the share of them by people who had ordered before.

    Whole months only: the first and the last would look like a fall.
    """
    zone = reading.shop.settings.zone
    until = day_start(local_day(reading.now, zone).replace(day=1), zone)
    since = to_utc(add_months(to_local(until, zone), -MONTHS), zone)
    first = reading.shop.engine.value('SELECT min("at") FROM orders WHERE counted AND "at" >= ?', [since])
    if first is None:
        return []
    begins = local_day(first, zone)
    rows = reading.shop.engine.rows(BY_MONTH.replace("$zone", "?").replace("$since", "?").replace("$until", "?"),
                                    [until, reading.shop.settings.timezone, since])
    return [(month, net or 0.0, again) for month, net, again in rows if begins.day <= 3 or month > begins]


def _sales(reading: Reading, months: Sequence[tuple[date, float, float]]) -> Picture:
    figures = reading.figures
    best, _, _ = max(months, key=lambda m: m[1])
    title = text("Sales were highest in {month}", month=text("{month} {year}", month=figures.month(best.month),
                                                             year=str(best.year)))
    low, high = min(m[1] for m in months), max(m[1] for m in months)
    points = [(f"{m.month}/{m.year % 100:02d}", net, None, None) for m, net, _ in months]
    svg = line(points, figures.compact, rtl=reading.rtl, up=reading.say(text("Sales a month")), linked=reading.linked)
    alternative = reading.say(text("Sales in {n} months, between {low} and {high} a month.", n=len(months),
                                   low=figures.about(low), high=figures.about(high)))
    return Picture(reading.say(title), alternative, described(svg, alternative),
                   (reading.say(text("Month")), reading.say(text("Sales"))),
                   tuple((f"{figures.month(m.month)} {m.year}", figures.money(net)) for m, net, _ in months),
                   right=(1,), rules=tuple(_bought_in(m) for m, _, _ in months))


def _bought_in(month: date) -> str:
    last = add_months(datetime(month.year, month.month, 1), 1).date() - timedelta(days=1)
    return f"any(orders from {month.isoformat()} to {last.isoformat()})"


def _bought_again_in(month: date) -> str:
    """Whoever has an order of that month that is not their first."""
    bought = _bought_in(month)
    return (f"{bought} and (any(orders before {month.isoformat()}) or "
            f"{bought.replace('any', 'count', 1)} >= 2)")


def _came_back(reading: Reading, months: Sequence[tuple[date, float, float]]) -> Picture:
    figures, lately = reading.figures, months[-12:]
    share = sum(net * again for _, net, again in lately) / (sum(net for _, net, _ in lately) or 1)
    title = reading.say(text("{share} of sales come from people who had bought before", share=Share(share)))
    points = [(f"{m.month}/{m.year % 100:02d}", again, None, None) for m, _, again in months]
    svg = line(points, figures.share, rtl=reading.rtl, up=reading.say(text("Of the sales of a month")), top=1.0,
               linked=reading.linked)
    alternative = reading.say(text("The share of a month's sales by people who had bought before, from {first} to "
                                   "{last}.", first=Share(months[0][2]), last=Share(months[-1][2])))
    return Picture(title, alternative, described(svg, alternative),
                   (reading.say(text("Month")), reading.say(text("Share of sales"))),
                   tuple((f"{figures.month(m.month)} {m.year}", figures.share(again)) for m, _, again in months),
                   right=(1,), rules=tuple(_bought_again_in(m) for m, _, _ in months),
                   names=tuple(reading.say(text("{month}, not for the first time",
                                                month=f"{figures.month(m.month)} {m.year}")) for m, _, _ in months))


def _caveats(reading: Reading, late: Sequence[Any]) -> list[str]:
    found = []
    if late[5] and late[1]:
        found.append(text("{share} of these orders name no customer: they count in sales, and for nobody.",
                          share=Share(late[5] / late[1])))
    if reading.shop.settings.currency == NO_CURRENCY:
        found.append(text("Nothing says in which currency the amounts are: they stand without one."))
    return reading.all_said(found)
