"""A shop whose data ends long ago stands still at its last day, so that all that is said of it is of one moment.

An owner who brings in the orders of years ago would else read moves and groups as of then beside segments that find
nobody today. It begins by itself where nobody was ever in a segment, so that no history is lost, and ends with newer
facts. The owner may have it either way.
"""

from __future__ import annotations

from datetime import datetime

from regulars.engines.duckdb import DuckDBEngine
from regulars.insight.page import STALE, moment_for, newest_fact
from regulars.segments.freshness import BY_THE_CLOCK, STANDS
from regulars.shop.shop import Shop


def as_of(engine: DuckDBEngine, now: datetime) -> datetime:
    """The moment everything is judged at: ``now``, or where the shop stands; never before the last look at segments."""
    said, last_look = engine.rows("SELECT (SELECT value FROM meta WHERE key = ?), (SELECT max(refreshed_at) FROM"
                                  " segments)", [STANDS])[0]
    if said is None or said == BY_THE_CLOCK:
        return now
    return min(now, max(datetime.fromisoformat(said), last_look or datetime.min))


def settle(shop: Shop, now: datetime) -> datetime:
    """Let the shop stand or go on, as its newest fact has it; the moment everything is judged at from here on."""
    said = shop.engine.value("SELECT value FROM meta WHERE key = ?", [STANDS])
    if said is None and shop.engine.value("SELECT EXISTS (SELECT 1 FROM memberships)"):
        return now
    newest = newest_fact(shop, now)
    if newest is None or now - newest <= STALE:
        if said is not None:
            _say(shop.engine, None)
        return now
    end = moment_for(shop, now)
    if said is None:
        _begin(shop, end)
    elif said != BY_THE_CLOCK and datetime.fromisoformat(said) < end:
        _say(shop.engine, end.isoformat())
    return as_of(shop.engine, now)


def stand(shop: Shop, now: datetime) -> None:
    """Judge everything as of the last day of the data: who was in a segment since then is forgotten."""
    _begin(shop, moment_for(shop, now))


def go_on(shop: Shop) -> None:
    """Judge everything as of now, though the data is old."""
    _say(shop.engine, BY_THE_CLOCK)


def _begin(shop: Shop, end: datetime) -> None:
    shop.segments.begin_anew()
    _say(shop.engine, end.isoformat())


def _say(engine: DuckDBEngine, value: str | None) -> None:
    with engine.changing_memberships():
        engine.execute("DELETE FROM meta WHERE key = ?", [STANDS])
        if value is not None:
            engine.execute("INSERT INTO meta VALUES (?, ?)", [STANDS, value])
