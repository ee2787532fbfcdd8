"""Whether a segment's members stay: who of those of a quarter ago are still in, and whether it is big enough to try."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regulars.insight.certificate.counts import FEW, at_, by_group
from regulars.insight.certificate.verdicts import Tested, Verdict, graded, unknown
from regulars.insight.common import Facts
from regulars.insight.common.groups import EVERYONE
from regulars.insight.common.intervals import Z, wilson
from regulars.rules import Condition, fold, parse
from regulars.rules.constructs.attribute import Attribute
from regulars.rules.constructs.segment import InSegment

QUARTER = timedelta(days=90)
STAYS, MOVES = 0.7, 0.4
TOO_BROAD, BROAD = 0.7, 0.5
AS_MIXED = 0.95
LIFT = 0.5
"""A campaign that makes half as many again buy ought to be seen."""
CONTROL = 0.2
SETTLED = frozenset({"customer_id", "birth_date", "age", "signed_up_at", "acquisition_channel", "referred_by"})
"""Attributes that stay as they were, or are worked out for the moment; of all others only today's value is kept."""


def lasting(shop: Facts, rules: Mapping[str, str | Condition], now: datetime) -> dict[int, Tested]:
    """Of the members of 90 days ago the share who still are, and the overlap (Jaccard) of then and now.

    Not known where a rule reads what is kept without its history: today's value would be judged at both moments.
    """
    written = {fold(name): rule for name, rule in shop.engine.rows("SELECT name, rule FROM segments")}
    columns = {str(i): rule for i, rule in enumerate(rules.values())}
    then, today = shop.evaluate_at(columns, now - QUARTER), shop.evaluate_at(columns, now)
    place = pc.index_in(then.column("customer_id"), value_set=today.column("customer_id"))
    return {i: unknown("lasting", "no_history") if overwritten(rule, written) else
            _lasted(then.column(str(i)), today.column(str(i)), place) for i, rule in enumerate(rules.values())}


def overwritten(rule: str | Condition, written: Mapping[str, str]) -> bool:
    """Whether a rule, or a segment it speaks of (``written``: by folded name), reads attributes without a history."""
    nodes = list((parse(rule) if isinstance(rule, str) else rule).walk())
    names = (fold(n.name) for n in nodes if isinstance(n, Attribute))
    if any(name not in SETTLED and not name.startswith("answer.") for name in names):
        return True
    return any(overwritten(written[fold(n.name)], written) for n in nodes
               if isinstance(n, InSegment) and fold(n.name) in written)


def _lasted(then: pa.ChunkedArray, today: pa.ChunkedArray, place: pa.ChunkedArray) -> Tested:
    was = then.to_numpy().astype(bool)
    still = pc.fill_null(today.take(place), False).to_numpy().astype(bool)
    before, now, both = int(was.sum()), int(today.to_numpy().sum()), int((was & still).sum())
    if before < FEW:
        return unknown("lasting", "too_few_then")
    low, high = wilson(both, before)
    return Tested("lasting", graded(both / before, STAYS, MOVES), both / before, float(low), float(high), before,
                  other=both / (before + now - both), count=both, reason="stayed")


def breadth(shop: Facts, table: str, now: datetime, mixed: Mapping[int, float | None]) -> dict[int, Tested]:
    """Too broad (most of everybody, or as mixed as everybody), too narrow (too few to see whether a campaign works)."""
    at = at_(now)
    rows = by_group(shop, f"""
        WITH own AS (SELECT DISTINCT customer_id FROM orders WHERE counted AND "at" <= {at}
                     AND "at" > {at} - INTERVAL 30 DAYS)
        SELECT grp, count(*) AS n, count(own.customer_id) AS bought FROM {table} LEFT JOIN own USING (customer_id)
        GROUP BY grp""")
    everyone = rows[EVERYONE]["n"]
    return {g: _breadth(row["n"], everyone, row["bought"], mixed.get(g)) for g, row in rows.items() if g != EVERYONE}


def _breadth(n: int, everyone: int, bought: int, mixed: float | None) -> Tested:
    needed = people_needed(max(bought / n, 0.02))
    reason, verdict = _reason(n, everyone, needed, mixed)
    return Tested("breadth", verdict, mixed, None, None, n, other=n / everyone, count=needed, reason=reason)


def _reason(n: int, everyone: int, needed: int, mixed: float | None) -> tuple[str, Verdict]:
    if n < FEW:
        return "too_narrow", "fail"
    if n > TOO_BROAD * everyone:
        return "too_broad", "fail"
    if n > BROAD * everyone:
        return "broad", "warn"
    if mixed is not None and mixed >= AS_MIXED:
        return "too_mixed", "warn"
    return ("unmeasurable", "warn") if n < needed else ("fits", "pass")


def people_needed(rate: float, lift: float = LIFT, control: float = CONTROL) -> int:
    """Members it takes to see a rise of ``lift`` over ``rate`` against a control group: 80% power, 5% error.

    The usual normal approximation for two shares of unequal groups (Fleiss, Levin & Paik 2003, chapter 4).
    """
    p, q = rate, min(rate * (1 + lift), 0.99)
    mean = control * p + (1 - control) * q
    spread = Z * np.sqrt(mean * (1 - mean) * (1 / control + 1 / (1 - control)))
    spread += 0.841621 * np.sqrt(p * (1 - p) / control + q * (1 - q) / (1 - control))
    return int(np.ceil((spread / (q - p)) ** 2))
