"""What a shop knows, looked at once: which moves can be thought of hangs on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from regulars.insight.common.analysis import Facts
from regulars.insight.profit.ledger import KEPT

DAYS_TO_SECOND = """
WITH placed AS (SELECT customer_id, "at", row_number() OVER (PARTITION BY customer_id ORDER BY "at", order_id) AS place
    FROM orders WHERE counted AND "at" <= ? AND customer_id IS NOT NULL),
waits AS (SELECT epoch(b."at" - a."at") / 86400 AS days FROM placed a JOIN placed b USING (customer_id)
    WHERE a.place = 1 AND b.place = 2)
SELECT count(*), quantile_cont(days, 0.25), quantile_cont(days, 0.75) FROM waits"""

GAPS = """
WITH own AS (SELECT customer_id, epoch(max("at") - min("at")) / 86400 / (count(*) - 1) AS gap FROM orders
    WHERE counted AND "at" <= ? AND customer_id IS NOT NULL GROUP BY customer_id HAVING count(*) >= 3)
SELECT count(*), median(gap) FROM own WHERE gap > 0"""

SERVICE = """
WITH own AS (SELECT customer_id, sum(minutes) AS minutes FROM tickets
    WHERE "at" > ? AND "at" <= ? AND customer_id IS NOT NULL GROUP BY customer_id HAVING count(*) >= 3)
SELECT count(*), quantile_cont(minutes, 0.5) FROM own WHERE minutes > 0"""

HAS = """SELECT (SELECT count(*) FROM messages WHERE type = 'sent' AND "at" > $year AND "at" <= $now),
    (SELECT count(*) FROM messages WHERE type IN ('opened', 'clicked') AND NOT coalesce(machine, false)
        AND "at" > $year AND "at" <= $now),
    (SELECT count(*) FROM orders WHERE counted AND discounted AND "at" > $year AND "at" <= $now),
    (SELECT count(*) FROM customers WHERE birth_date IS NOT NULL),
    (SELECT count(*) FROM checkouts WHERE NOT completed AND "at" <= $now),
    (SELECT count(*) FROM customers WHERE email_consent IS NOT NULL OR sms_consent IS NOT NULL
        OR phone_consent IS NOT NULL OR post_consent IS NOT NULL),
    (SELECT min("at") FROM orders WHERE counted AND "at" <= $now),
    (SELECT count(*) FROM orders WHERE counted AND customer_id IS NOT NULL AND "at" <= $now),
    (SELECT avg((margin IS NOT NULL)::INT) FROM orders WHERE counted AND "at" > $year AND "at" <= $now)"""

LEFT = f"""
WITH goods AS (SELECT order_id, sum(amount - margin)::DOUBLE AS cost FROM lines
    WHERE counted AND "at" > ? AND "at" <= ? GROUP BY order_id),
own AS (SELECT (total - coalesce(refunded, 0))::DOUBLE AS net, coalesce(tax, 0)::DOUBLE * ({KEPT}) AS tax, cost
    FROM orders JOIN goods USING (order_id) WHERE counted AND margin IS NOT NULL AND total IS NOT NULL)
SELECT sum(net - tax - cost) / nullif(sum(net), 0) FROM own"""
"""As the ledger of profit counts: orders' money, with shipping and after any discount, less tax and goods."""


@dataclass(frozen=True)
class Ground:
    """Counts over the last year, days from the first to the second order (quartiles), the usual gap of regulars.

    ``margin`` is what is left of 1 of money after tax and goods, unknown where most orders do not say; ``service`` the
    median minutes of those who asked three times or more.
    """

    now: datetime
    orders: int
    since: datetime | None
    returners: int
    second: tuple[float, float]
    regulars: int
    gap: float
    sent: int
    engaged: int
    discounted: int
    birthdays: int
    checkouts: int
    says_consent: bool
    served: int
    service: float
    margin: float | None

    @property
    def years(self) -> float:
        return (self.now - self.since).days / 365 if self.since else 0.0


def look(shop: Facts, now: datetime) -> Ground:
    """The ground at ``now``."""
    year = now - timedelta(days=365)
    has = HAS.replace("$year", "?").replace("$now", "?")
    moments = [now if part.startswith("now") else year for part in HAS.split("$")[1:]]
    sent, engaged, cut, born, checkouts, consent, since, orders, says = shop.engine.rows(has, moments)[0]
    returners, low, high = shop.engine.rows(DAYS_TO_SECOND, [now])[0]
    regulars, gap = shop.engine.rows(GAPS, [now])[0]
    served, minutes = shop.engine.rows(SERVICE, [year, now])[0]
    margin = shop.engine.value(LEFT, [year, now])
    known = margin is not None and says is not None and says > 0.5
    return Ground(now, orders, since, returners, (low or 0.0, high or 0.0), regulars, gap or 0.0, sent, engaged, cut,
                  born, checkouts, bool(consent), served, minutes or 0.0, float(margin) if known else None)
