"""Looking at a file, taking it in, taking an import back: each can be left, stopped, and run again."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from regulars.app.bring_in.models import Upload
from regulars.app.customers.work import look_again
from regulars.app.facts import the_shop
from regulars.app.jobs.kinds import COMING, Tell, work
from regulars.app.jobs.models import WAITING, Job
from regulars.app.jobs.running import Stopped, start
from regulars.app.segments.work import REFRESH
from regulars.app.told.work import begin
from regulars.errors import ImportRefused
from regulars.intake.imports import RowsRefused
from regulars.intake.prepared import Progress, Report
from regulars.model.phrases import as_text
from regulars.shop import Shop
from regulars.shop.demo import fill_with_demo

LOOK, TAKE, UNDO, DEMO = "look at file", "import", "undo import", "demo data"
T = TypeVar("T")


@work(LOOK, lane=COMING)
def look(job: Job, tell: Tell) -> None:
    """What is in a large file; small ones are looked at while their page is made."""
    upload = Upload.objects.get(pk=job.asked["upload"])
    stoppable(lambda report: look_at(upload, report), tell, the_shop())


def look_at(upload: Upload, report: Report | None = None) -> None:
    """Note what the file's tables are, or why it cannot be read."""
    try:
        upload.found(the_shop().imports.look(upload.path, report))
    except ImportRefused as error:
        upload.wrong = as_text(error)
    upload.save(update_fields=["looked", "wrong"])


@work(TAKE, lane=COMING)
def take(job: Job, tell: Tell) -> dict[str, Any]:
    """The file taken in, all or nothing, and segments looked at again. Run again after a kill it adds nothing twice."""
    upload, shop = Upload.objects.get(pk=job.asked["upload"]), the_shop()
    try:
        receipts = stoppable(lambda report: shop.import_file(
            upload.path, progress=report, good_rows=job.asked.get("good_rows", False),
            drop_duplicates=job.asked.get("drop_copies", False)), tell, shop)
    except RowsRefused as error:
        upload.refused = error.receipt.to_json()
        upload.save(update_fields=["refused"])
        raise
    upload.receipts, upload.refused = [r.import_id for r in receipts], None
    upload.save(update_fields=["receipts", "refused"])
    shutil.rmtree(upload.path.parent, ignore_errors=True)
    start(REFRESH, {})
    look_again()
    begin(unless=[WAITING])
    return {"imports": upload.receipts}


@work(UNDO, lane=COMING)
def undo(job: Job, tell: Tell) -> dict[str, Any]:
    """The shop as it was before an import, and memberships with it."""
    tell(Progress("taking back"))
    shop, import_id = the_shop(), job.asked["import_id"]
    if shop.imports.receipt(import_id).undone_at is None:
        shop.undo_import(import_id)
    start(REFRESH, {})
    return {"import_id": import_id}


@work(DEMO, lane=COMING)
def demo(job: Job, tell: Tell) -> dict[str, Any]:
    """A believable shop in an empty one, to try things on."""
    shop = the_shop()
    made = stoppable(lambda report: fill_with_demo(shop, now=shop.moment(), customers=job.asked["customers"],
                                                   progress=report), tell, shop)
    begin(unless=[WAITING])
    return {"imports": [receipt.import_id for receipt in made]}


def stoppable(does: Callable[[Report], T], tell: Tell, shop: Shop) -> T:
    """Run what reports from other threads too: being asked to stop there interrupts the engine here."""
    here, stops = threading.get_ident(), list[Stopped]()

    def report(progress: Progress) -> None:
        try:
            tell(progress)
        except Stopped as stop:
            if threading.get_ident() == here:
                raise
            stops.append(stop)
            shop.engine.interrupt()
    try:
        return does(report)
    except KeyboardInterrupt:
        if stops:
            raise stops[0] from None
        raise
