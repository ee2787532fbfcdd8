"""Imports and jobs."""

from __future__ import annotations

import hashlib
from typing import Any

from django.http import Http404, HttpRequest
from ninja import File, Router, Status
from ninja.files import UploadedFile

from regulars.app.api import keys
from regulars.app.api.answers import CHANGE, LOOK, Limit, problems
from regulars.app.api.once import once
from regulars.app.api.paging import closed, opened
from regulars.app.api.shapes import JobOut, ReceiptOut, ReceiptPage
from regulars.app.bring_in import files
from regulars.app.bring_in.work import TAKE, UNDO
from regulars.app.facts import the_shop
from regulars.app.jobs.models import Job
from regulars.app.jobs.running import start
from regulars.intake.receipt import Receipt

router = Router(tags=["imports"])


def _receipt(found: Receipt) -> ReceiptOut:
    return ReceiptOut(
        import_id=found.import_id, file_name=found.file_name, recognised_as=found.recognised_as,
        began_at=found.began_at, undone_at=found.undone_at, rows_read=found.rows.read, rows_refused=found.rows.refused,
        added=found.added, changed=found.changed, customers_new=found.customers.new,
        customers_matched=found.customers.matched)


def _job(job: Job) -> JobOut:
    return JobOut(id=job.pk, kind=job.kind, state=job.state, done=job.done, total=job.total, error=str(job.trouble),
                  result=job.result)


@router.get("/imports", response={200: ReceiptPage, **problems(LOOK)}, summary="Every import, the newest first")
def list_imports(request: HttpRequest, cursor: str | None = None, limit: Limit = 100) -> Any:
    keys.require(request, "imports:read")
    before = opened(cursor) if cursor else None
    rest = [r for r in the_shop().imports.receipts() if before is None or r.import_id < before]
    from_here = rest[:limit]
    return ReceiptPage(items=[_receipt(r) for r in from_here],
                       next=closed(from_here[-1].import_id) if len(rest) > limit else None)


@router.post("/imports", response={202: JobOut, **problems(CHANGE)},
             summary="Bring a file in, all or nothing; the answer is a job to ask after")
def bring_in(request: HttpRequest, file: File[UploadedFile], good_rows: bool = False) -> Any:
    key = keys.require(request, "imports:write")
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)

    def work() -> tuple[int, JobOut]:
        upload = files.keep(file, None, look=False)
        upload.job = start(TAKE, {"upload": upload.pk, "good_rows": good_rows})
        upload.save(update_fields=["job"])
        return 202, _job(upload.job)
    return once(request, key, f"{digest.hexdigest()} {good_rows}", work)


@router.get("/imports/{import_id}", response={200: ReceiptOut, **problems(LOOK)}, summary="One import's receipt")
def get_import(request: HttpRequest, import_id: str) -> Any:
    keys.require(request, "imports:read")
    return _receipt(the_shop().imports.receipt(import_id))


@router.delete("/imports/{import_id}", response={202: JobOut, **problems(CHANGE)}, summary="Take an import back")
def undo_import(request: HttpRequest, import_id: str) -> Any:
    keys.require(request, "imports:write")
    found = the_shop().imports.receipt(import_id)
    return Status(202, _job(start(UNDO, {"import_id": found.import_id})))


@router.get("/jobs/{int:job_id}", response={200: JobOut, **problems(LOOK)}, summary="How far a job is")
def get_job(request: HttpRequest, job_id: int) -> Any:
    keys.require(request, "imports:read")
    found = Job.objects.filter(pk=job_id, kind__in=(TAKE, UNDO)).first() if job_id < 2**63 else None
    if found is None:
        raise Http404
    return _job(found)
