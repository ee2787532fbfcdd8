"""Channels: who answers to what is sent by which channel, and what is ordered after it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from regulars.insight.common.analysis import CHANNEL, Analysis, Facts, Measured, Result, Scores, asked
from regulars.insight.common.groups import EVERYONE, grouped, named, saved_rules
from regulars.insight.common.intervals import clustered_mean, effective, wilson
from regulars.insight.common.mail import mail_sql
from regulars.insight.common.refusals import why
from regulars.model.phrases import Own, Sentence, Share, phrases
from regulars.model.types import Type

text, counted = phrases("regulars.insight", "channels")

LABELS = {"email": text("e-mail"), "sms": text("text message"), "phone": text("phone call"), "post": text("post"),
          "": text("channel not known")}
FEW = 50
PRIOR = 4
"""How many messages of average response everybody is taken to have had by each channel: few messages prove little."""
ENOUGH = 3
"""Messages by one channel before a preference is read from behaviour."""


def label(code: str) -> Sentence | Own:
    """What a channel is called."""
    return LABELS.get(code) or Own(code)


@dataclass(frozen=True)
class Channels(Analysis):
    """Response by channel, of everybody and of each saved segment.

    Rows: ``segment`` (unknown: everybody), ``channel``, ``people``, ``sent``, ``opened``, ``clicked``, ``answered``
    (replied or redeemed), ``left`` (unsubscribed or complained), ``engaged`` (share of messages opened or clicked by a
    human, with ``engaged_low`` and ``_high``), ``before`` and ``after`` (share of messages with an order of theirs
    within so many days before and after), ``change`` with ``change_low`` and ``_high``, ``with_code`` (share followed
    by an order with a promo code), ``cost`` of sending where it is known. Score ``channel.preferred``: as stated, else
    as behaved.
    """

    segments: tuple[str, ...] = field(default=(), metadata={
        "help": "Saved segments to compare, all of them unless named."})
    days: int = field(default=7, metadata={"help": "Days in which an order counts as after a message."})
    least: int = field(default=FEW, metadata={"help": "Messages it takes to speak of a channel."})
    needs: ClassVar[str] = "messages"
    keeps: ClassVar[tuple[str, ...]] = ("channel.preferred",)
    meant_by: ClassVar[tuple[str, ...]] = ("days",)

    def run(self, shop: Facts, now: datetime) -> Result:
        saved = saved_rules(shop, self.segments)
        rules = saved.rules
        with grouped(shop, rules, self.segment, now) as table, _by_customer(shop, table, now, self.days):
            n = shop.engine.value(f"SELECT count(*) FROM {table} WHERE grp = {EVERYONE}")
            found = shop.engine.query(TOTALS.format(table=table)).to_pylist()
            asked(self.least, max((r["sent"] for r in found), default=0), why("messages by one channel"),
                  why("Channels"))
            preferred = shop.engine.query(PREFERRED.format(table=table))
        rows = _rows([r for r in found if r["sent"] >= self.least], rules, shop.settings.message_costs)
        scores = Scores(preferred, dict.fromkeys(self.keeps, Type.TEXT),
                        dict.fromkeys(self.keeps, "preferred channel by response"))
        said = (*_findings(rows, self.days), *_measured(shop.measured_at(CHANNEL, now)))
        return Result("channels", text("What is sent, against what the same person does in the days before and after."),
                      "Rao & Scott 1992 (clusters); Wilson 1927 (intervals)", now, n, self.said, rows,
                      said, (*_caveats(), *saved.caveats), scores=self.kept(scores))


@contextmanager
def _by_customer(shop: Facts, table: str, now: datetime, days: int) -> Iterator[None]:
    """Temporary table ``by_channel``: a row for each customer and channel, with counts of messages."""
    span = timedelta(days=days)
    made = BY_CUSTOMER.format(table=table, mail=mail_sql("mine"))
    shop.engine.execute(f"CREATE OR REPLACE TEMP TABLE by_channel AS {made}", [now, now, span, now - span, span])
    try:
        yield
    finally:
        shop.engine.execute("DROP TABLE by_channel")


BY_CUSTOMER = """
WITH looked_at AS (SELECT DISTINCT customer_id FROM {table}),
mine AS (FROM messages SEMI JOIN looked_at USING (customer_id) WHERE "at" <= ?),
{mail},
bought AS (SELECT customer_id, "at", promo_code IS NOT NULL AS with_code FROM orders
    SEMI JOIN looked_at USING (customer_id) WHERE counted AND "at" <= ?),
per AS (SELECT customer_id, channel, sum(sent) AS sent, sum(least(coalesce(opened, 0), sent)) AS opened,
    sum(least(coalesce(clicked, 0), sent)) AS clicked, sum(least(coalesce(answered, 0), sent)) AS answered,
    sum(coalesce(gone, 0)) AS gone, sum(least(greatest(coalesce(opened, 0), coalesce(clicked, 0)), sent)) AS engaged
    FROM mailed GROUP BY ALL),
next AS (SELECT s.customer_id, s.channel, s."at" AS sent_at, coalesce(b."at" <= s."at" + ?, false) AS after,
    coalesce(b.with_code, false) AS with_code FROM (FROM sends WHERE "at" <= ?) s
    ASOF LEFT JOIN bought b ON s.customer_id = b.customer_id AND s."at" < b."at"),
sides AS (SELECT n.customer_id, n.channel, n.after, n.after AND n.with_code AS code,
    coalesce(b."at" > n.sent_at - ?, false) AS before FROM next n
    ASOF LEFT JOIN bought b ON n.customer_id = b.customer_id AND n.sent_at >= b."at"),
around AS (SELECT customer_id, channel, count(*) AS whole, count(*) FILTER (WHERE before) AS before,
    count(*) FILTER (WHERE after) AS after, count(*) FILTER (WHERE code) AS code FROM sides GROUP BY ALL)
SELECT * FROM per LEFT JOIN around USING (customer_id, channel)
"""
"""Orders around a message are looked at only where the days after it are over: ``whole`` counts those messages."""

TOTALS = """
SELECT grp, channel, count(*)::BIGINT AS people, sum(sent)::BIGINT AS sent, sum(opened)::BIGINT AS opened,
    sum(clicked)::BIGINT AS clicked, sum(answered)::BIGINT AS answered, sum(gone)::BIGINT AS "left",
    sum(engaged)::DOUBLE AS e, sum(engaged * engaged)::DOUBLE AS ee, sum(engaged * sent)::DOUBLE AS es,
    sum(sent * sent)::DOUBLE AS ss, sum(whole)::DOUBLE AS w, sum(before)::DOUBLE AS b, sum(after)::DOUBLE AS a,
    sum(code)::DOUBLE AS c, sum((after - before) * (after - before))::DOUBLE AS dd,
    sum((after - before) * whole)::DOUBLE AS dw, sum(whole * whole)::DOUBLE AS ww
FROM by_channel JOIN {table} USING (customer_id) GROUP BY grp, channel ORDER BY grp, sent DESC, channel
"""

PREFERRED = f"""
WITH responded AS (SELECT customer_id, channel, sent,
        least(sent, clicked + answered + coalesce(after - before, 0)) AS r FROM by_channel),
average AS (SELECT channel, greatest(sum(r) / sum(sent), 0) AS m FROM responded GROUP BY channel),
judged AS (SELECT customer_id, channel, (greatest(r, 0) + m * {PRIOR}) / (sent + {PRIOR}) AS rate, r, sent
    FROM responded JOIN average USING (channel)),
behaved AS (SELECT customer_id, arg_max(channel, (rate, channel)) AS best FROM judged
    WHERE r > 0 AND sent >= {ENOUGH} AND channel <> '' GROUP BY customer_id),
stated AS (SELECT customer_id, fold(preferred_channel) AS said FROM customers
    WHERE fold(preferred_channel) IN (SELECT channel FROM average))
SELECT customer_id, coalesce(said, best) AS "channel.preferred"
FROM (SELECT customer_id FROM {{table}} WHERE grp = {EVERYONE}) LEFT JOIN stated USING (customer_id)
    LEFT JOIN behaved USING (customer_id) WHERE coalesce(said, best) IS NOT NULL ORDER BY customer_id
"""


def _rows(found: Sequence[Mapping[str, Any]], rules: Mapping[str, Any], costs: Mapping[str, float]) -> pa.Table:
    def column(name: str) -> np.ndarray[Any, np.dtype[np.float64]]:
        return np.array([r[name] or 0 for r in found], float)
    sent, e, w = column("sent"), column("e"), column("w")
    low, high = wilson(e / np.maximum(sent, 1) * (worth := effective(e, sent, column("ee"), column("es"),
                                                                     column("ss"))), worth)
    change, less, more = clustered_mean(column("a") - column("b"), w, column("dd"), column("dw"), column("ww"))
    known = w > 0
    whole = np.maximum(w, 1)
    return pa.table({
        "segment": named([r["grp"] for r in found], rules), "channel": pa.array([r["channel"] for r in found]),
        **{name: pa.array([r[name] for r in found], pa.int64()) for name in
           ("people", "sent", "opened", "clicked", "answered", "left")},
        "engaged": e / np.maximum(sent, 1), "engaged_low": low, "engaged_high": high,
        **{name: pa.array(v, mask=~known) for name, v in (
            ("before", column("b") / whole), ("after", column("a") / whole), ("change", change), ("change_low", less),
            ("change_high", more), ("with_code", column("c") / whole))},
        "cost": pa.array([Decimal(str(costs[r["channel"]])) * r["sent"] if r["channel"] in costs else None
                          for r in found], pa.decimal128(18, 4))})


def _findings(rows: pa.Table, days: int) -> tuple[Sentence, ...]:
    """How each channel does for everybody; then the segments that answer to one most unlike everybody."""
    every = {r["channel"]: r for r in rows.to_pylist() if r["segment"] is None}
    found = [_response(r, days) for r in every.values()]
    unlike = [r for r in rows.to_pylist() if r["segment"] is not None and _apart(r, every[r["channel"]])]
    unlike.sort(key=lambda r: -abs(r["engaged"] - every[r["channel"]]["engaged"]))
    found += [text("{segment} open or click {share} of what they get by {channel}, everybody {usual}.",
                   segment=Own(r["segment"]), share=Share(r["engaged"]), channel=label(r["channel"]),
                   usual=Share(every[r["channel"]]["engaged"])) for r in unlike[:5]]
    return tuple(found)


def _measured(found: Mapping[str, Measured]) -> Iterator[Sentence]:
    """What is known for sure: by control groups."""
    for channel, lift in found.items():
        yield counted("{n} campaign by {channel} with a control group measured {value} ({low} to {high}) more orders.",
                      "{n} campaigns by {channel} with a control group measured {value} ({low} to {high}) more orders.",
                      lift.campaigns, channel=label(channel), value=Share(lift.value), low=Share(lift.low),
                      high=Share(lift.high))


def _apart(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    low, high = ("engaged_low", "engaged_high")
    return bool(one[low] > other[high] or one[high] < other[low])


def _response(r: Mapping[str, Any], days: int) -> Sentence:
    parts = {"channel": label(r["channel"]), "share": Share(r["engaged"]), "after": Share(r["after"] or 0),
             "before": Share(r["before"] or 0), "days": days}
    if r["opened"] + r["clicked"] == 0:
        return text("By {channel}: an order within {days} days after {after} of messages, and before {before}.",
                    **parts)
    return text("By {channel}: {share} opened or clicked; an order within {days} days after {after} of messages, "
                "and before {before}.", **parts)


def _caveats() -> tuple[Sentence, ...]:
    return (text("More orders after a message than before it need not be its doing: a season may have begun. Only a "
                 "control group can tell."),
            text("Opens by robots and privacy proxies are left out where the source says so."))
