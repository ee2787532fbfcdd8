"""Taking a person out of what was sent: the rows stay, so that sums and results do, and are nobody's."""

from __future__ import annotations

from datetime import datetime

from regulars.outreach import states
from regulars.outreach.automations.machine import ENDED, UNDER_WAY
from regulars.outreach.reasons import ERASED
from regulars.outreach.states import listed
from regulars.outreach.store import Store, text_of
from regulars.outreach.suppression import mark

NOBODY = "erased:"


def erase(store: Store, customer_id: str, now: datetime) -> int:
    """How many deliveries were theirs. What still waited is not sent; that they wanted no more stays, as a digest."""
    other = NOBODY + mark(store.seed, "customer", customer_id)
    with store.writing() as c:
        c.execute("PRAGMA secure_delete = ON")
        c.execute(f"UPDATE deliveries SET state = '{states.LEFT_OUT}', reason = '{ERASED}', claim = NULL, updated_at = "
                  f"? WHERE customer_id = ? AND state IN ({listed(states.WAITING)})", [text_of(now), customer_id])
        c.execute("UPDATE responses SET link = '', agent = '', said = '', settled = 1 WHERE delivery_id IN (SELECT id "
                  "FROM deliveries WHERE customer_id = ?)", [customer_id])
        count = c.execute("UPDATE deliveries SET customer_id = ?, address = '', domain = '', reason = CASE WHEN state "
                          f"= '{states.LEFT_OUT}' THEN reason ELSE '' END WHERE customer_id = ?",
                          [other, customer_id]).rowcount
        c.execute("UPDATE OR REPLACE audience SET customer_id = ?, prior = '{}' WHERE customer_id = ?",
                  [other, customer_id])
        c.execute(f"UPDATE enrolments SET state = '{ENDED}', ended_at = ?, why = '{ERASED}' WHERE customer_id = ? "
                  f"AND state = '{UNDER_WAY}'", [text_of(now), customer_id])
        c.execute("UPDATE OR REPLACE enrolments SET customer_id = ? WHERE customer_id = ?", [other, customer_id])
        c.execute("UPDATE codes SET customer_id = ? WHERE customer_id = ?", [other, customer_id])
    store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return count
