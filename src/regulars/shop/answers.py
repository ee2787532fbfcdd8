"""What comes back of campaigns becomes facts by the roads of whatever comes in live, each once: so rules see it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import pyarrow as pa

from regulars.engines.duckdb import DuckDBEngine
from regulars.intake.live import taking
from regulars.intake.people import CONSENTS
from regulars.intake.prepared import Prepared
from regulars.intake.rows import drop_temps, make_temp
from regulars.model.settings import Settings
from regulars.outreach import responses
from regulars.outreach.campaigns import Saved
from regulars.outreach.channels import channel
from regulars.outreach.choosing import AGREED, WITHDREW
from regulars.outreach.responses import Response
from regulars.outreach.store import Store

SOURCE = "campaigns live"
AT_ONCE = 20_000
OFTEN = ("opened", "clicked", "replied")
"""May happen more than once to one message: each is a fact of its own."""
LEAVES = ("unsubscribed", "complained")
OF_WAYS = {AGREED: True, WITHDREW: False}
"""What is said of a way to be reached, and not of a message."""
ORIGIN = "campaign"


def settle_answers(engine: DuckDBEngine, settings: Settings, store: Store, now: datetime) -> int:
    """Bring what came back into the facts; how many. Killed in between it does the same again, to no effect."""
    total = 0
    while found := responses.unsettled(store, now, AT_ONCE):
        with engine.changing_facts():
            _stage(engine, store, found)
            prepared = Prepared(SOURCE, "", SOURCE, "regulars", rows_read=len(found), tables=_make_tables(engine))
            taking.take(engine, settings, None, prepared, now, "answers_new")
            drop_temps(engine, ["answers_new"])
        responses.settled(store, [r.seq for r in found])
        total += len(found)
    return total


def _stage(engine: DuckDBEngine, store: Store, found: Sequence[Response]) -> None:
    names = {c.id: c.name for c in Saved(store).list()}
    table = pa.table({
        "number": pa.array([r.seq for r in found], pa.int64()),
        "message_id": pa.array([_key(r) for r in found], pa.string()),
        "customer_id": pa.array([r.delivery.customer_id for r in found], pa.string()),
        "at": pa.array([r.at for r in found], pa.timestamp("us")),
        "type": pa.array([r.kind for r in found], pa.string()),
        "channel": pa.array([_channel(r) for r in found], pa.string()),
        "campaign": pa.array([names.get(r.delivery.campaign_id) for r in found], pa.string()),
        "link": pa.array([r.link or None for r in found], pa.string()),
        "machine": pa.array([r.machine for r in found], pa.bool_())})
    engine.register("loading_answers", table)
    try:
        make_temp(engine, "answers_new", "SELECT row_number() OVER (ORDER BY number) AS _row, * FROM loading_answers "
                  "WHERE customer_id IN (SELECT customer_id FROM customers UNION ALL SELECT absorbed FROM merges)")
    finally:
        engine.unregister("loading_answers")


def _key(response: Response) -> str:
    often = f":{response.seq}" if response.kind in OFTEN else ""
    return f"o:{response.delivery.id}:{response.kind}{often}"


def _channel(response: Response) -> str:
    """As the facts call it: by whose consent it goes."""
    return channel(response.delivery.channel).consent or response.delivery.channel


def _make_tables(engine: DuckDBEngine) -> tuple[str, ...]:
    """``in_messages``, and ``in_customers`` for who does not agree any more."""
    of_ways, leaves = _listed(OF_WAYS), _listed((*OF_WAYS, *LEAVES))
    make_temp(engine, "in_messages", 'SELECT _row, message_id, customer_id, "at", type, channel, campaign, link, '
              f"machine FROM answers_new WHERE type NOT IN ({of_ways})")
    if not engine.rows(f"SELECT 1 FROM answers_new WHERE type IN ({leaves}) LIMIT 1"):
        return ("messages",)
    way = f"CASE WHEN type IN ({of_ways}) THEN link ELSE channel END"
    columns = ", ".join(
        f"CASE WHEN way = '{c}' THEN type = '{AGREED}' END AS {c}_consent, CASE WHEN way = '{c}' THEN \"at\" END AS "
        f"{c}_consent_at, CASE WHEN way = '{c}' THEN '{ORIGIN}' END AS {c}_consent_origin" for c in CONSENTS)
    make_temp(engine, "in_customers", f"SELECT _row, customer_id, {columns} FROM (SELECT *, {way} AS way FROM "
              f"answers_new WHERE type IN ({leaves}))")
    return ("customers", "messages")


def _listed(kinds: Iterable[str]) -> str:
    return ", ".join(f"'{each}'" for each in kinds)
