"""Seasons: in which months, on which weekdays, at which hours, for what and before which holidays people buy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from regulars.insight.common.analysis import Analysis, Facts, Result, asked
from regulars.insight.common.celebrated import leading_up
from regulars.insight.common.groups import EVERYONE, grouped, named, saved_rules
from regulars.insight.common.intervals import corrected, effective, times_as_often
from regulars.insight.common.refusals import why
from regulars.insight.common.sql import local_moment
from regulars.model.clock import TICK, add_months, local_day, to_local, to_utc
from regulars.model.phrases import Month, Own, Sentence, Weekday, phrases

text, counted = phrases("regulars.insight", "seasons")

MONTH, WEEKDAY, HOUR, HOLIDAY, OCCASION = "month", "weekday", "hour", "holiday", "occasion"
LABELS = {MONTH: text("month"), WEEKDAY: text("day of the week"), HOUR: text("hour"),
          HOLIDAY: text("before a holiday"), OCCASION: text("occasion")}
YEARS_AT_MOST = 3
DAY = timedelta(days=1)
FEW_ORDERS = 50
FALSE_SHARE = 0.05
PEOPLE, ORDERS, VALUES = "season_people", "season_orders", "season_values"
LAST = {MONTH: 12, WEEKDAY: 7, HOUR: 23}
BASES = {MONTH: 0, WEEKDAY: 100, HOUR: 200, HOLIDAY: 300}
"""Every value has a number: from here on in each dimension; those of occasions follow those of holidays."""


def label(dimension: str, value: str = "") -> Any:
    """What a dimension, or a value of it, is called: something a sentence can say."""
    if not value:
        return LABELS[dimension]
    if dimension in (MONTH, WEEKDAY):
        return (Month if dimension == MONTH else Weekday)(int(value))
    if dimension == HOLIDAY:
        return text("the days before {holiday}", holiday=Own(value))
    return Own(f"{int(value):02d}:00" if dimension == HOUR else value)


@dataclass(frozen=True)
class Seasons(Analysis):
    """How orders are spread over the calendar, for everybody and for each saved segment.

    Rows: ``segment`` (unknown: everybody), ``dimension``, ``value`` (months 1-12, weekdays 1 for Monday to 7, hours of
    the shop's zone, the holiday's name, the stated occasion), ``orders``, ``share`` of the segment's orders, ``even``
    (the share if orders came evenly or, of two years or more, only grew), ``times`` (rate inside over outside) with
    ``low`` and ``high``, and ``certain``. Intervals allow for orders of one customer coming together; with many
    comparisons, at most one in twenty of those called certain is expected to be chance. Numbers: ``hours``, the
    shortest span with half of the orders.
    """

    segments: tuple[str, ...] = field(default=(), metadata={
        "help": "Saved segments to compare, all of them unless named."})
    days_before: int = field(default=14, metadata={"help": "Days that lead up to a holiday."})
    least: int = field(default=FEW_ORDERS, metadata={"help": "Orders it takes to speak of a segment's seasons."})

    def run(self, shop: Facts, now: datetime) -> Result:
        saved = saved_rules(shop, self.segments)
        rules = saved.rules
        with grouped(shop, rules, self.segment, now) as table:
            span = _Span.of(_first_order(shop, table, now), now, shop)
            n, orders = _looked_at(shop, table, span)
            asked(self.least, orders, why("orders since {day}", day=span.dates[0]), why("Seasons"))
            with _leading_up(shop, span, self.days_before) as leading:
                found, growth = _cells(shop, table, span), _growth(shop, table, span)
        has_time = any(c["dimension"] == HOUR and c["value"] != "0" for c in found)
        cells = [c for c in found if c["n"] >= self.least and (has_time or c["dimension"] != HOUR)
                 and (c["grp"] == EVERYONE or c["first"].date() <= span.whole_from)]
        rows = _rows(cells, span, leading, rules, growth)
        return Result("seasons", text("Orders an average day inside each season, against the days outside it."),
                      "Rao & Scott 1992 (clusters); Benjamini & Hochberg 1995 (many comparisons)", now, n,
                      {**self.said, "from": span.start.isoformat(), "years": span.years}, rows, _findings(rows),
                      (*_caveats(span, has_time), *saved.caveats), {"hours": _busiest(rows)})


@dataclass(frozen=True)
class _Span:
    """The days looked at: whole years up to now, else all there are; ``start`` in UTC, the rest in the shop's zone."""

    start: datetime
    now: datetime
    years: int
    zone: ZoneInfo
    country: str
    dates: tuple[date, ...]

    @property
    def whole_from(self) -> date:
        """Whoever began to buy later was picked by when they bought: their seasons would be those of the rule."""
        return self.dates[len(self.dates) // 3]

    @classmethod
    def of(cls, first: datetime, now: datetime, shop: Facts) -> _Span:
        zone = shop.settings.zone
        local = to_local(now, zone)
        known = local_day(first, zone)
        years = max((y for y in range(1, YEARS_AT_MOST + 1) if add_months(local, -12 * y).date() >= known - DAY),
                    default=0)
        start = to_utc(add_months(local, -12 * years), zone) if years else first - TICK
        begin, end = local_day(start, zone) + DAY * bool(years), local.date()
        dates = tuple(begin + DAY * d for d in range((end - begin).days + 1))
        return cls(start, now, years, zone, shop.settings.country, dates)


def _first_order(shop: Facts, table: str, now: datetime) -> datetime:
    """Of those looked at; now where there is none."""
    first: datetime | None = shop.engine.value(
        f'SELECT min("at") FROM orders SEMI JOIN {table} USING (customer_id) WHERE counted AND "at" <= ?', [now])
    return first or now


def _looked_at(shop: Facts, table: str, span: _Span) -> tuple[int, int]:
    """Customers, and their orders in the span."""
    n, orders = shop.engine.rows(
        f"SELECT (SELECT count(*) FROM {table} WHERE grp = {EVERYONE}), count(*) FROM orders"
        f' SEMI JOIN {table} USING (customer_id) WHERE counted AND "at" > ? AND "at" <= ?', [span.start, span.now])[0]
    return n, orders


@contextmanager
def _leading_up(shop: Facts, span: _Span, days: int) -> Iterator[Sequence[tuple[date, str]]]:
    """Table ``leading_up`` (day, holiday) in the block, and its rows."""
    found = leading_up(span.country, span.dates[0], span.dates[-1], days)
    shop.engine.register("leading_up", pa.table({"day": pa.array([d for d, _ in found], pa.date32()),
                                                 "holiday": pa.array([h for _, h in found], pa.string())}))
    try:
        yield found
    finally:
        shop.engine.unregister("leading_up")


def _cells(shop: Facts, table: str, span: _Span) -> list[dict[str, Any]]:
    """Of each group, dimension and value: orders ``k`` of ``n``, and the sums over customers that `effective` needs."""
    with _numbered(shop, table, span):
        found: list[dict[str, Any]] = shop.engine.query(f"""
            WITH spread AS (SELECT who, month(t) AS code FROM {ORDERS}
                UNION ALL SELECT who, {BASES[WEEKDAY]} + isodow(t) FROM {ORDERS}
                UNION ALL SELECT who, {BASES[HOUR]} + hour(t) FROM {ORDERS}
                UNION ALL SELECT who, v.code FROM {ORDERS} JOIN leading_up ON day = t::DATE
                    JOIN {VALUES} v ON v.dimension = '{HOLIDAY}' AND v.value = holiday
                UNION ALL SELECT who, occasion FROM {ORDERS} WHERE occasion IS NOT NULL),
            cells AS (SELECT who, code, count(*) AS a FROM spread GROUP BY ALL),
            each AS (SELECT who, count(*) AS n, min(t) AS first FROM {ORDERS} GROUP BY ALL),
            members AS (SELECT grp, who FROM {table} JOIN {PEOPLE} USING (customer_id)),
            whole AS (SELECT grp, sum(n) AS n, sum(n * n) AS nn, min(first) AS first FROM each
                JOIN members USING (who) GROUP BY grp),
            found AS (SELECT grp, code, sum(a)::BIGINT AS k, any_value(whole.n)::BIGINT AS n, sum(a * a)::DOUBLE AS aa,
                sum(a * each.n)::DOUBLE AS an, any_value(nn)::DOUBLE AS nn, any_value(whole.first) AS first
                FROM cells JOIN each USING (who) JOIN members USING (who) JOIN whole USING (grp) GROUP BY grp, code)
            SELECT grp, dimension, value, found.* EXCLUDE (grp, code) FROM found JOIN {VALUES} USING (code)
            """).to_pylist()
    return found


@contextmanager
def _numbered(shop: Facts, table: str, span: _Span) -> Iterator[None]:
    """Tables of the people, the values and the orders of the span for the block, all by whole numbers: text of a
    million customers would be most of the work."""
    ordered = f'FROM orders SEMI JOIN {table} USING (customer_id) WHERE counted AND "at" > ? AND "at" <= ?'
    moments, here = [span.start, span.now], local_moment('"at"', span.zone)
    values = [(dimension, str(v), BASES[dimension] + v) for dimension, last in LAST.items() for v in range(last + 1)]
    holidays = shop.engine.rows("SELECT DISTINCT holiday FROM leading_up ORDER BY 1")
    occasions = shop.engine.rows(f"SELECT DISTINCT occasion {ordered} AND occasion IS NOT NULL ORDER BY 1", moments)
    words = [*((HOLIDAY, name) for name, in holidays), *((OCCASION, name) for name, in occasions)]
    values += [(dimension, name, BASES[HOLIDAY] + i) for i, (dimension, name) in enumerate(words)]
    shop.engine.register(VALUES, pa.table(dict(zip(("dimension", "value", "code"), zip(*values, strict=True),
                                                   strict=True))))
    try:
        shop.engine.execute(f"CREATE OR REPLACE TEMP TABLE {PEOPLE} AS SELECT customer_id, CAST(row_number() OVER () AS"
                            f" INTEGER) AS who FROM {table} GROUP BY customer_id")
        shop.engine.execute(
            f"CREATE OR REPLACE TEMP TABLE {ORDERS} AS SELECT who, {here} AS t,"
            f" v.code AS occasion FROM orders JOIN {PEOPLE} USING (customer_id) LEFT JOIN {VALUES} v"
            f" ON v.dimension = '{OCCASION}' AND v.value = occasion WHERE counted AND \"at\" > ? AND \"at\" <= ?",
            moments)
        yield
    finally:
        shop.engine.unregister(VALUES)
        for each in (PEOPLE, ORDERS):
            shop.engine.execute(f"DROP TABLE IF EXISTS {each}")


def _growth(shop: Facts, table: str, span: _Span) -> dict[int, float]:
    """Of each group, how many times the orders of the year before a year has: whole years, in which no season counts.

    Nothing of less than two years.
    """
    if span.years < 2:
        return {}
    ends = [add_months(span.start, 12), add_months(span.now, -12)]
    return {grp: float(((last + 1) / (first + 1)) ** (1 / (span.years - 1))) for grp, first, last in shop.engine.rows(
        'SELECT grp, count(*) FILTER ("at" <= ?), count(*) FILTER ("at" > ?) FROM orders'
        f' JOIN {table} USING (customer_id) WHERE counted AND "at" > ? AND "at" <= ? GROUP BY grp',
        [*ends, span.start, span.now])}


def _even(span: _Span, leading: Sequence[tuple[date, str]], growth: float) -> dict[tuple[str, str], float]:
    """The share of the orders that each value would have if they only grew, by so many times a year."""
    found: dict[tuple[str, str], float] = dict.fromkeys(((HOUR, str(h)) for h in range(24)), 1 / 24)
    weights = growth ** (np.arange(len(span.dates)) / 365.25)
    of_day = dict(zip(span.dates, (weights / weights.sum()).tolist(), strict=True))
    keys = [(day, key) for day in of_day for key in ((MONTH, str(day.month)), (WEEKDAY, str(day.isoweekday())))]
    for day, key in [*keys, *((day, (HOLIDAY, holiday)) for day, holiday in leading)]:
        found[key] = found.get(key, 0.0) + of_day[day]
    return found


def _rows(cells: Sequence[Mapping[str, Any]], span: _Span, leading: Sequence[tuple[date, str]],
          rules: Mapping[str, Any], growth: Mapping[int, float]) -> pa.Table:
    even = {grp: _even(span, leading, growth.get(grp, 1.0)) for grp in {c["grp"] for c in cells}}
    k, n, aa, an, nn = (np.array([c[x] for c in cells], float) for x in ("k", "n", "aa", "an", "nn"))
    expected = np.array([even[c["grp"]].get((c["dimension"], c["value"]), np.nan) for c in cells])
    worth = effective(k, n, aa, an, nn)
    known = np.isfinite(expected) & (expected < 1)
    times, low, high, p = times_as_often(k / np.maximum(n, 1) * worth, worth, np.where(known, expected, 0.5))
    certain = known.copy()
    certain[known] = corrected(p[known]) < FALSE_SHARE
    table = pa.table({
        "segment": named([c["grp"] for c in cells], rules), "dimension": [c["dimension"] for c in cells],
        "value": [c["value"] for c in cells], "orders": k.astype(np.int64), "share": k / np.maximum(n, 1),
        "even": pa.array(expected, mask=~known),
        **{name: pa.array(v, mask=~(known & np.isfinite(v))) for name, v in
           (("times", times), ("low", low), ("high", high))}, "certain": certain})
    order = sorted(range(len(cells)), key=lambda i: (cells[i]["grp"], list(LABELS).index(cells[i]["dimension"]),
                                                     cells[i]["value"].rjust(2)))
    return table.take(pa.array(order, pa.int64()))


def _findings(rows: pa.Table) -> tuple[Sentence, ...]:
    """Of everybody, then of each segment: the season that stands out most for certain."""
    best: dict[str | None, dict[str, Any]] = {}
    for row in rows.to_pylist():
        out = row["certain"] and row["low"] and row["low"] > 1 and row["dimension"] not in (HOUR, OCCASION)
        if out and row["low"] > best.get(row["segment"], {"low": 1})["low"]:
            best[row["segment"]] = row
    found = [_stands_out(row) for row in sorted(best.values(), key=lambda r: (r["segment"] is not None, -r["low"]))]
    hours = _busiest(rows).get("")
    if hours:
        found.append(text("Half of all orders come between {start} and {end}.", start=Own(f"{hours[0]:02d}:00"),
                          end=Own(f"{hours[1]:02d}:00")))
    return tuple(found) or (text("No month, weekday or holiday stands out for certain."),)


def _stands_out(row: Mapping[str, Any]) -> Sentence:
    parts = {"season": label(row["dimension"], row["value"]), "times": row["times"], "low": row["low"],
             "high": row["high"]}
    if row["segment"] is None:
        return text("Everybody, {season}: {times} times as many orders a day as otherwise ({low} to {high}).", **parts)
    return text("{segment}, {season}: {times} times as many orders a day as otherwise ({low} to {high}).",
                segment=Own(row["segment"]), **parts)


def _busiest(rows: pa.Table) -> dict[str, tuple[int, int]]:
    """Of each segment ("" is everybody), the shortest span of hours with half of the orders: from, until; it may pass
    midnight."""
    orders: dict[str, dict[int, int]] = {}
    for row in rows.to_pylist():
        if row["dimension"] == HOUR:
            orders.setdefault(row["segment"] or "", {})[int(row["value"])] = row["orders"]
    return {segment: _half(by_hour) for segment, by_hour in orders.items()}


def _half(by_hour: Mapping[int, int]) -> tuple[int, int]:
    need = sum(by_hour.values()) / 2
    spans = ((length, -sum(by_hour.get((start + h) % 24, 0) for h in range(length)), start)
             for start in range(24) for length in range(1, 25))
    length, _, start = min(span for span in spans if -span[1] >= need)
    return start, (start + length) % 24


def _caveats(span: _Span, has_time: bool) -> tuple[Sentence, ...]:
    found = []
    if not span.years:
        found.append(text("There is less than a year of orders: a month here is a month of that year only, "
                          "growth and season cannot be told apart."))
    elif span.years == 1:
        found.append(text("There is one year to look at: each season was seen once, and may not come back the same."))
    else:
        found.append(text("Growth over the years is taken out: each season is held against what it would have if "
                          "orders only grew."))
    found.append(text("A segment whose rule speaks of when people bought shows the seasons of its rule."))
    if not has_time:
        found.append(text("The orders carry no time of day."))
    return tuple(found)
