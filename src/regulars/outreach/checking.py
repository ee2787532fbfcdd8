"""Whether what was sent holds together: the file itself, and what its tables say of each other."""

from __future__ import annotations

from collections.abc import Iterator

from regulars.outreach.states import STATES, listed
from regulars.outreach.store import Store

RULES = {
    "a delivery is of a campaign that is not there":
        "SELECT id FROM deliveries WHERE campaign_id NOT IN (SELECT id FROM campaigns)",
    "a delivery stands in no state there is": f"SELECT id FROM deliveries WHERE state NOT IN ({listed(STATES)})",
    "a delivery went to somebody who was not to get it":
        "SELECT d.id FROM deliveries d JOIN audience a USING (campaign_id, customer_id) WHERE a.arm IN ('control', "
        "'held out') AND d.sent_at IS NOT NULL",
    "somebody was to get a message and has no delivery":
        "SELECT a.customer_id FROM audience a JOIN campaigns k ON k.id = a.campaign_id WHERE a.arm = 'message' AND NOT "
        "EXISTS (SELECT 1 FROM deliveries d WHERE d.campaign_id = a.campaign_id AND d.customer_id = a.customer_id)",
    "a response is of no delivery": "SELECT seq FROM responses WHERE delivery_id NOT IN (SELECT id FROM deliveries)",
}
"""What must give no row."""


def problems(store: Store) -> Iterator[tuple[str, int, str]]:
    """What does not hold, how many rows, and one as an example."""
    for (said,) in store.rows("PRAGMA integrity_check"):
        if said != "ok":
            yield "the file of what was sent is damaged", 1, str(said)
    for what, rows in RULES.items():
        count, example = store.rows(f"WITH t(x) AS ({rows}) SELECT count(*), min(x) FROM t")[0]
        if count:
            yield what, int(count), str(example)
