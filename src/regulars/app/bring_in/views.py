"""Bringing files in: hand over, look, take in, receipt, take back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from regulars.app.base.requests import Request
from regulars.app.bring_in import access, files, names
from regulars.app.bring_in.forms import HandOver
from regulars.app.bring_in.models import READY, WORKING, Upload
from regulars.app.bring_in.work import DEMO, TAKE, UNDO
from regulars.app.doors import audit, roles
from regulars.app.facts import the_shop
from regulars.app.jobs.models import OPEN, Job
from regulars.app.jobs.running import ask_to_stop, start
from regulars.errors import Refused
from regulars.intake.receipt import Receipt
from regulars.shop.folder import has_facts

A_PAGE = 20
DEMO_CUSTOMERS = 5000
SHOWN_FILES = 30


def everything(request: Request) -> HttpResponse:
    """Where files are dropped, what became of those before, and every import there was."""
    waiting = list(access.uploads(request)[:SHOWN_FILES])
    page = Paginator(access.imports(request).receipts(), A_PAGE).get_page(request.GET.get("page"))
    return render(request, "bring_in/all.html", {
        "uploads": [_card(upload) for upload in waiting], "page": page, "receipts": [(r, names.export_name(
            r.recognised_as)) for r in page], "form": HandOver(), "empty": not has_facts(the_shop().engine),
        "ready": [u for u in waiting if u.state == READY], "working": [u for u in waiting if u.state == WORKING],
        "others": Job.objects.filter(kind__in=(UNDO, DEMO), state__in=OPEN).first()})


def _card(upload: Upload) -> dict[str, Any]:
    """What the page says of a file."""
    job = upload.job
    refused = Receipt.from_json(upload.refused) if upload.refused else None
    receipts = [the_shop().imports.receipt(i) for i in upload.receipts] if upload.receipts else []
    return {"upload": upload, "state": upload.state, "tables": [(t, names.export_name(t.recognised_as))
            for t in upload.tables], "job": job, "step": names.step_name(job.step) if job else "",
            "refused": refused, "receipts": receipts}


@require_POST
def hand_over(request: Request) -> HttpResponse:
    """Files sent: each is kept and looked at; nothing of the shop changes yet."""
    access.uploads(request, roles.CHANGE)
    form = HandOver(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, _("Choose one or more files first."))
        return redirect("bring_in:all")
    kept = [files.keep(file, request.user) for file in form.cleaned_data["dropped"]]
    audit.note(request, "files.handed_over", ", ".join(u.name for u in kept)[:200])
    if len(kept) == 1 and kept[0].state not in (READY, WORKING):
        return redirect("bring_in:one", kept[0].pk)
    return redirect("bring_in:all")


def card(request: Request, pk: int) -> HttpResponse:
    """One file's part of the page, asked for again while it is worked on, and what can be done with all."""
    waiting = access.uploads(request)[:SHOWN_FILES]
    return render(request, "bring_in/polled.html", {
        "card": _card(access.upload(request, pk)), "ready": [u for u in waiting if u.state == READY]})


def job(request: Request, pk: int) -> HttpResponse:
    """How far taking back, or making demo data, is."""
    access.uploads(request)
    found = Job.objects.filter(pk=pk, kind__in=(UNDO, DEMO)).first()
    if found is None:
        raise Http404
    return render(request, "bring_in/job.html", {"job": found, "step": names.step_name(found.step)})


@require_POST
def take(request: Request, pk: int) -> HttpResponse:
    """One file taken in, as a job; with ``good_rows`` without those that cannot be used."""
    upload = access.upload(request, pk, roles.CHANGE)
    _take(request, upload, good_rows="good_rows" in request.POST, drop_copies="drop_copies" in request.POST)
    return redirect(reverse("bring_in:all") + f"#file-{upload.pk}")


@require_POST
def take_all(request: Request) -> HttpResponse:
    """Every file that is ready, in the order they were handed over; plain order lines last, which would else be told to
    have no date while the file with their orders waits."""
    uploads = reversed(access.uploads(request, roles.CHANGE))
    for upload in sorted(uploads, key=lambda each: any(t.of_lines for t in each.tables)):
        if upload.state == READY:
            _take(request, upload)
    return redirect("bring_in:all")


def _take(request: Request, upload: Upload, **asked: bool) -> None:
    if upload.state == WORKING or upload.receipts or not upload.path.exists():
        return
    upload.job = start(TAKE, {"upload": upload.pk, **asked}, by=request.user)
    upload.save(update_fields=["job"])
    audit.note(request, "file.taken_in", upload.name)


@require_POST
def stop(request: Request, pk: int) -> HttpResponse:
    """Whatever is being done with a file, stopped; the shop is as it was."""
    upload = access.upload(request, pk, roles.CHANGE)
    if upload.job:
        ask_to_stop(upload.job)
    return redirect("bring_in:all")


@require_POST
def give_up(request: Request, pk: int) -> HttpResponse:
    """A file taken off the page; what was imported from it stays."""
    upload = access.upload(request, pk, roles.CHANGE)
    if upload.state == WORKING:
        raise Refused(_("%(name)s is being worked on.") % {"name": upload.name}, hint=_("Stop it first."))
    files.give_up(upload)
    return redirect("bring_in:all")


def refused_rows(request: Request, pk: int) -> FileResponse:
    """Rows that kept a file out, with the reasons, to mend and bring in again."""
    upload = access.upload(request, pk, roles.EXPORT)
    receipt = Receipt.from_json(upload.refused) if upload.refused else None
    return _refused(request, receipt)


def refused_of_import(request: Request, import_id: str) -> FileResponse:
    """Rows that an import left out."""
    return _refused(request, access.receipt(request, import_id, roles.EXPORT))


def _refused(request: Request, receipt: Receipt | None) -> FileResponse:
    if receipt is None or not receipt.refused_file:
        raise Http404
    path = the_shop().folder / "files" / Path(receipt.refused_file).name
    if not path.is_file():
        raise Http404
    audit.note(request, "rows.refused_taken_out", receipt.file_name, rows=receipt.rows.refused)
    return FileResponse(path.open("rb"), as_attachment=True, filename=f"mend-{Path(receipt.file_name).stem}.csv",
                        content_type="text/csv")


def receipt(request: Request, import_id: str) -> HttpResponse:
    """What one import did, every row of it."""
    found = access.receipt(request, import_id)
    return render(request, "bring_in/receipt.html", {
        "receipt": found, "export": names.export_name(found.recognised_as),
        "tables": [(names.kind_name(name), count) for name, count in found.tables.items()],
        "money": [(names.kind_name(m.what), m) for m in found.money],
        "working": Job.objects.filter(kind=UNDO, state__in=OPEN, asked__import_id=import_id).first()})


@require_POST
def undo(request: Request, import_id: str) -> HttpResponse:
    """The shop as it was before an import, as a job."""
    found = access.receipt(request, import_id, roles.CHANGE)
    if not Job.objects.filter(kind=UNDO, state__in=OPEN).exists():
        start(UNDO, {"import_id": found.import_id}, by=request.user)
        audit.note(request, "import.taken_back", found.file_name, import_id=found.import_id)
    return redirect("bring_in:all")


@require_POST
def demo(request: Request) -> HttpResponse:
    """Made-up customers in an empty shop, to try things on."""
    access.imports(request, roles.CHANGE)
    if has_facts(the_shop().engine):
        raise Refused(_("There are customers in this shop already."), hint=_("The demo shop goes into an empty one."))
    if not Job.objects.filter(kind=DEMO, state__in=OPEN).exists():
        start(DEMO, {"customers": DEMO_CUSTOMERS}, by=request.user)
        audit.note(request, "demo.made")
        messages.info(request, ngettext("A shop of %(n)s made-up customer is being made.",
                                        "A shop of %(n)s made-up customers is being made.", DEMO_CUSTOMERS)
                      % {"n": request.figures.number(DEMO_CUSTOMERS)})
    return redirect("bring_in:all")
