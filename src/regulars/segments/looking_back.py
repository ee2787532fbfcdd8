"""The way back from a clock that ran ahead: until it is past the last look, nobody can look."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from regulars.engines.duckdb import DuckDBEngine
from regulars.errors import Refused
from regulars.model.clock import local_day
from regulars.segments import memberships
from regulars.segments.refusals import why


def look_back(engine: DuckDBEngine, moment: datetime, now: datetime, zone: ZoneInfo) -> None:
    """Take back the looks after ``moment``, of which some were after ``now`` (naive UTC). The next is at everybody.

    Whoever reads on in ``changes`` is told who is in no more, or again. Raises `Refused` where no look was later than
    now, or ``moment`` is.
    """
    latest = engine.value("SELECT max(refreshed_at) FROM segments")
    if latest is None or latest <= now:
        raise Refused(why("No look was later than it is now, so none is taken back."))
    if moment > now:
        raise Refused(why("Looks are taken back to now, or to a moment before it."))
    with engine.changing_memberships():
        memberships.forget_looks(engine, moment, local_day(moment, zone), now)
