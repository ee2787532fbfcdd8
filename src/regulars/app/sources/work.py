"""Reading what a query gives, by hand or as often as was said."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from regulars.app.bring_in.work import stoppable
from regulars.app.facts import the_shop
from regulars.app.jobs.kinds import Tell, work
from regulars.app.jobs.models import OPEN, Job
from regulars.app.jobs.running import start
from regulars.app.segments.work import REFRESH
from regulars.app.sources import secrets
from regulars.app.sources.models import Query, Source
from regulars.app.told.work import begin
from regulars.intake import databases
from regulars.intake.database_files import refuse_elsewhere, refuse_own
from regulars.intake.prepared import Progress

READ, DUE = "database", "databases due"
MOST_RECEIPTS = 10


@work(READ)
def read(job: Job, tell: Tell) -> dict[str, Any]:
    """What the query gives taken in, from its watermark on; run again after a kill it adds nothing twice."""
    query, shop = Query.objects.select_related("source").get(pk=job.asked["query"]), the_shop()
    tell(Progress("reading"))
    receipts = stoppable(lambda report: shop.import_query(asked(query), progress=report, good_rows=query.good_rows,
                                                          as_=query.rows_are or None), tell, shop)
    query.receipts = [*(r.import_id for r in receipts), *query.receipts][:MOST_RECEIPTS]
    query.read_at = timezone.now()
    query.save(update_fields=["receipts", "read_at"])
    if any(r.added or r.changed for r in receipts):
        start(REFRESH, {})
        begin()
    return {"imports": [r.import_id for r in receipts]}


@work(DUE, every=timedelta(minutes=5))
def due(job: Job, tell: Tell) -> dict[str, Any]:
    """Begin the readings whose time has come."""
    begun = [begin_reading(query) for source in Source.objects.filter(minutes__gt=0) for query in source.queries.all()
             if query.read_at is None or timezone.now() - query.read_at >= timedelta(minutes=source.minutes)]
    return {"begun": sum(b is not None for b in begun)}


def begin_reading(query: Query, by: Any = None) -> Job | None:
    """The job that reads it, None where one is at it already."""
    if Job.objects.filter(kind=READ, state__in=OPEN, asked={"query": query.pk}).exists():
        return None
    query.job = start(READ, {"query": query.pk}, by=by)
    query.save(update_fields=["job"])
    return query.job


def refuse_out_of_bounds(address: str) -> None:
    """Raise `Refused` for an SQLite file that an owner may not read by the pages: they may be a guest here."""
    refuse_elsewhere(address, settings.SQLITE_FOLDERS)
    refuse_own(address, the_shop().folder)


def asked(query: Query) -> databases.Query:
    """As the intake asks it, with the password: not to be written down. Raises `Refused` for a file out of bounds."""
    refuse_out_of_bounds(query.source.address)
    return databases.Query(secrets.whole(query.source), query.sql, query.source.name, query.watermark or None)
