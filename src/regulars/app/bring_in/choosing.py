"""What is in a file, table by table, and saying it otherwise."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render

from regulars.app.base.requests import Request
from regulars.app.bring_in import access, files, names
from regulars.app.bring_in.forms import Naming, Saying
from regulars.app.bring_in.models import ASKING, UNREADABLE, Upload
from regulars.app.doors import roles
from regulars.app.facts import the_shop
from regulars.intake.looking import Table, fields_of, kinds


def one(request: Request, pk: int) -> HttpResponse:
    """A file's tables with a sample of each column; what is said here is remembered for the same headers."""
    upload = access.upload(request, pk)
    tables = upload.tables
    if request.method == "POST":
        access.upload(request, pk, roles.CHANGE)
        said = _said(request, upload, tables)
        if said is not None:
            return said
    forms = [Saying(table, _fields(request, table), prefix=str(i)) for i, table in enumerate(tables)]
    return render(request, "bring_in/one.html", {
        "upload": upload, "state": upload.state, "several": len(tables) > 1,
        "tables": [_shown(i, table, form) for i, (table, form) in enumerate(zip(tables, forms, strict=True))]})


def name_columns(request: Request, pk: int) -> HttpResponse:
    """What rows of a file without a header are, then which column is which: the file is written with their names."""
    upload = access.upload(request, pk, roles.CHANGE)
    table = next((t for t in upload.tables if not t.headers), None)
    if table is None or len(upload.tables) > 1 or upload.state not in (ASKING, UNREADABLE):
        return redirect("bring_in:one", upload.pk)
    kind = request.GET.get("as", "")
    fields = _fields(request, replace(table, said_as=kind)) if kind in kinds() else []
    form = Naming(table, fields, request.POST or None)
    if fields and request.method == "POST" and form.is_valid():
        files.name_columns(upload, form.names(), kind, request)
        return redirect("bring_in:one", upload.pk)
    return render(request, "bring_in/naming.html", {
        "upload": upload, "table": table, "kind": kind, "kinds": [(k, names.kind_name(k)) for k in kinds()],
        "form": form if fields else None,
        "columns": [(c, form[f"field_{i}"]) for i, c in enumerate(table.columns)] if fields else []})


def _said(request: Request, upload: Upload, tables: list[Table]) -> HttpResponse | None:
    """What a person said of one table kept, and the file looked at again; None where it is not understood."""
    index = int(request.POST.get("table", "0")) if request.POST.get("table", "0").isdigit() else 0
    if index >= len(tables):
        return None
    table = tables[index]
    imports = access.imports(request, roles.CHANGE)
    if "forget" in request.POST:
        imports.forget_choices(table)
    else:
        form = Saying(table, _fields(request, table), request.POST, prefix=str(index))
        if not form.is_valid():
            return None
        imports.choose(table, now=the_shop().moment(), **form.said())
    files.look_anew(upload, request.user)
    return redirect("bring_in:one", upload.pk)


def _fields(request: Request, table: Table) -> list[tuple[str, str]]:
    vocabulary = the_shop().segments.evaluator.vocabulary()
    return [(f, names.field_name(f, vocabulary, request.figures.locale)) for f in fields_of(table)]


def _shown(index: int, table: Table, form: Saying) -> dict[str, Any]:
    columns = [(c, form[f"field_{i}"] if f"field_{i}" in form.fields else None) for i, c in enumerate(table.columns)]
    return {"index": index, "table": table, "export": names.export_name(table.recognised_as), "form": form,
            "columns": columns, "answer": form["answer"] if "answer" in form.fields else None,
            "said": bool(table.said_as or table.answers or any(c.chosen for c in table.columns))}
