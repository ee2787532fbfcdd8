"""What a message can be about: each occasion a rule of whom it is true, the most pressing first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from regulars.engines.duckdb import DuckDBEngine
from regulars.insight.moves.ground import GAPS
from regulars.insight.profit import AT_A_LOSS

NEWS, TERMS = "news", "terms"
OCCASIONS = (TERMS, "checkout", "birthday", "first", "second", "quiet", "thanks", NEWS)
SHORTEST, LONGEST, UNKNOWN = 60, 365, 120
"""Days without an order after which somebody is quiet: at least, at most, and where no regulars say."""


def usual_gap(engine: DuckDBEngine, now: datetime) -> float:
    """The usual days between two orders of those who ordered three times or more; 0 where nobody did."""
    return float(engine.rows(GAPS, [now])[0][1] or 0.0)


def quiet_days(gap: float) -> int:
    """Days without an order that are one and a half of the usual."""
    return min(max(round(1.5 * gap), SHORTEST), LONGEST) if gap else UNKNOWN


def rules(gap: float, losses: bool) -> Mapping[str, str]:
    """Occasion to the rule of whom it is true; news are for anybody. New terms come first, where ``losses`` (who costs
    more than they bring) are known: nobody is to be won back at a loss."""
    terms = {TERMS: AT_A_LOSS} if losses else {}
    return terms | {
        "checkout": "any(checkouts where completed = false in last 7 days) and no(orders in last 7 days)",
        "birthday": "anniversary(birth_date) in next 14 days",
        "first": "no(orders)",
        "second": "count(orders) = 1 and any(orders in last 180 days)",
        "quiet": f"last(orders) more than {quiet_days(gap)} days ago",
        "thanks": "any(orders in last 1 year) and (top 20% by sum(orders.total in last 1 year) or"
                  " top 20% by count(orders))",
    }
