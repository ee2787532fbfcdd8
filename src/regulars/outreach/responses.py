"""What comes back of a delivery: kept at once, acted on at once, and in the facts a moment later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from regulars.outreach import machines, reasons, states, suppression
from regulars.outreach.campaign import PAUSED, SENDING
from regulars.outreach.channels import way
from regulars.outreach.queue import Delivery, by_ids
from regulars.outreach.states import ANSWERED, listed
from regulars.outreach.store import Store, moment_of, text_of

OPENED, CLICKED = "opened", "clicked"
SUPPRESSES = {"unsubscribed": reasons.UNSUBSCRIBED, "complained": reasons.COMPLAINED, "bounced": reasons.BOUNCED}
WATCHED_FOR = machines.TOGETHER + timedelta(seconds=5)
"""So long an opening or a click waits, to see whether a machine did more of them."""
ONCE = ("delivered", "bounced", "bounced softly", "complained")
MOST_OF_A_KIND = 100
"""Openings or clicks of one message beyond these are a machine's, and not kept."""
BRAKE_ONE_IN = 1000
BRAKE_AT_LEAST = 2
"""Complaints in a campaign that went to fewer than that: a single one says too little."""


@dataclass(frozen=True)
class Response:
    """One thing that happened to a delivery; ``link`` is what was clicked."""

    seq: int
    delivery: Delivery
    kind: str
    at: datetime
    link: str
    machine: bool | None


def respond(store: Store, delivery_id: int, kind: str, at: datetime, *, link: str = "", machine: bool | None = None,
            agent: str = "", said: str = "") -> bool:
    """Keep what happened, on disk when this returns; False where there is no such delivery.

    Who unsubscribed, complained or cannot be reached is not written to from this moment on. Complaints that reach one
    in a thousand pause the campaign.
    """
    found = by_ids(store, [delivery_id])
    if not found:
        return False
    delivery = found[0]
    if _again(store, delivery_id, kind):
        return True
    with store.writing() as c:
        c.execute("INSERT INTO responses (delivery_id, kind, at, link, machine, agent, said) VALUES (?, ?, ?, ?, ?, ?, "
                  "?)", [delivery_id, kind, text_of(at), link, machine, agent[:200], said[:300]])
        if kind in ANSWERED and not machine:
            to, of = ANSWERED[kind]
            c.execute(f"UPDATE deliveries SET state = ?, updated_at = ? WHERE id = ? AND state IN ({listed(of)})",
                      [to, text_of(at), delivery_id])
        if kind in SUPPRESSES:
            suppression.suppress(store, way(delivery.channel), delivery.customer_id, delivery.address,
                                 SUPPRESSES[kind], at)
        if kind == "complained":
            brake(store, delivery.campaign_id)
    return True


def _again(store: Store, delivery_id: int, kind: str) -> bool:
    """Whether it is known already: what happens once, or was told so often that it says nothing more."""
    known = store.value("SELECT count(*) FROM responses WHERE delivery_id = ? AND kind = ?", [delivery_id, kind])
    return bool(known >= (1 if kind in ONCE else MOST_OF_A_KIND))


def brake(store: Store, campaign_id: int) -> bool:
    """Pause a campaign whose complaints have reached one in a thousand; whether it was."""
    complaints = store.value("SELECT count(DISTINCT delivery_id) FROM responses r JOIN deliveries d ON d.id = "
                             "r.delivery_id WHERE kind = 'complained' AND campaign_id = ?", [campaign_id])
    sent = store.value(f"SELECT count(*) FROM deliveries WHERE campaign_id = ? AND state IN "
                       f"({listed(states.WENT_OUT)})", [campaign_id])
    enough = complaints >= (1 if sent >= BRAKE_ONE_IN else BRAKE_AT_LEAST)
    if not enough or complaints * BRAKE_ONE_IN < sent:
        return False
    with store.writing() as c:
        return c.execute(f"UPDATE campaigns SET state = '{PAUSED}', why = 'complaints' WHERE id = ? AND "
                         f"state = '{SENDING}'", [campaign_id]).rowcount > 0


def unsettled(store: Store, now: datetime, most: int) -> list[Response]:
    """Those that are to go into the facts now; whether a machine did it is decided by then."""
    machines.judge(store, now)
    rows = store.rows(
        "SELECT seq, delivery_id, kind, at, link, machine FROM responses WHERE settled = 0 AND (kind NOT IN "
        "('opened', 'clicked') OR at <= ?) ORDER BY seq LIMIT ?", [text_of(now - WATCHED_FOR), most])
    known = {d.id: d for d in by_ids(store, list({row[1] for row in rows}))}
    return [Response(seq, known[number], kind, moment, link, None if machine is None else bool(machine))
            for seq, number, kind, at, link, machine in rows if (moment := moment_of(at))]


def settled(store: Store, seqs: Sequence[int]) -> None:
    """They are in the facts."""
    with store.writing() as c:
        c.executemany("UPDATE responses SET settled = 1 WHERE seq = ?", [(each,) for each in seqs])


def counts(store: Store, campaign_id: int) -> dict[str, int]:
    """People by what they did, what machines did left out."""
    return dict(store.rows(
        "SELECT kind, count(DISTINCT customer_id) FROM responses r JOIN deliveries d ON d.id = r.delivery_id "
        "WHERE campaign_id = ? AND machine IS NOT 1 GROUP BY kind ORDER BY kind", [campaign_id]))
