"""Connected databases: each tried before it is kept, and read when its owner says so."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.app.base.requests import Request
from regulars.app.bring_in.names import kind_name
from regulars.app.doors import audit
from regulars.app.sources import access, secrets
from regulars.app.sources.forms import EVERY, QueryForm, SourceForm
from regulars.app.sources.models import Query, Source
from regulars.app.sources.work import asked, begin_reading, refuse_out_of_bounds
from regulars.errors import NotFound, Refused, SourceUnreachable
from regulars.intake import databases
from regulars.intake.database_drivers import hidden, parted, public

SHOWN_ROWS = 5
KNOCK = "SELECT 1 AS one"


def all_sources(request: Request) -> HttpResponse:
    """Those that are connected, and connecting another: kept only where it answers."""
    held = access.sources(request)
    form = SourceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        source = _connected(request, form)
        if source is not None:
            return redirect("sources:one", source.pk)
    if request.method == "POST":  # what was typed stands there again, but for a password in it
        form.data = {**request.POST.dict(), "address": _shown(request.POST.get("address", ""))}
    return render(request, "sources/all.html", {"sources": held.all(), "form": form})


def _shown(address: str) -> str:
    """An address as it may stand on a page; nothing of one that cannot be taken apart."""
    try:
        return public(address)
    except ValueError:
        return ""


def _connected(request: Request, form: SourceForm) -> Source | None:
    """Kept once it has answered; None, with why beside the form, where it does not."""
    said = form.cleaned_data
    address, inside = parted(said["address"])
    source = Source(name=said["name"], address=address, minutes=said["minutes"], made_by=request.user)
    try:
        refuse_out_of_bounds(address)
        databases.sample(databases.Query(secrets.with_password(address, said["password"] or inside), KNOCK), 1)
    except (SourceUnreachable, Refused) as error:
        form.add_error("address", error.say(request.figures))
        return None
    source.save()
    secrets.keep(source, said["password"] or inside)
    audit.note(request, "database.connected", source.name, address=source.address)
    return source


def one(request: Request, pk: int) -> HttpResponse:
    """A database's queries; a new one is tried, or kept and read."""
    source = access.source(request, pk)
    form = QueryForm(request.POST or None)
    tried = None
    if request.method == "POST" and form.is_valid():
        query = Query(source=source, **form.cleaned_data)
        try:
            tried = databases.sample(asked(query), SHOWN_ROWS)
        except (SourceUnreachable, Refused, NotFound) as error:
            form.add_error("sql", error.say(request.figures))
        else:
            if "keep" in request.POST:
                return _kept(request, query)
    return render(request, "sources/one.html", {
        "source": source, "form": form, "tried": tried, "form_every": EVERY, "has_password": secrets.known(source),
        "queries": [(query, kind_name(query.rows_are) if query.rows_are else "", hidden(query.sql))
                    for query in source.queries.all()]})


def _kept(request: Request, query: Query) -> HttpResponse:
    query.save()
    begin_reading(query, request.user)
    audit.note(request, "database.query_kept", query.source.name, sql=hidden(query.sql)[:300])
    messages.success(request, _("It is being read; what came of it stands here."))
    return redirect("sources:one", query.source.pk)


@require_POST
def settle(request: Request, pk: int) -> HttpResponse:
    """How often it is read, and a new password."""
    source = access.source(request, pk)
    form = SourceForm({**request.POST.dict(), "name": source.name, "address": source.address})
    if form.is_valid():
        source.minutes = form.cleaned_data["minutes"]
        source.save(update_fields=["minutes"])
        if form.cleaned_data["password"]:
            secrets.keep(source, form.cleaned_data["password"])
        audit.note(request, "database.settled", source.name, minutes=source.minutes)
        messages.success(request, _("Saved."))
    return redirect("sources:one", source.pk)


@require_POST
def read(request: Request, pk: int) -> HttpResponse:
    """A query read now."""
    query = access.query(request, pk)
    begin_reading(query, request.user)
    return redirect("sources:one", query.source.pk)


@require_POST
def drop(request: Request, pk: int) -> HttpResponse:
    """A query no longer asked; what came in by it stays."""
    query = access.query(request, pk)
    query.delete()
    audit.note(request, "database.query_dropped", query.source.name)
    return redirect("sources:one", query.source.pk)


@require_POST
def disconnect(request: Request, pk: int) -> HttpResponse:
    """A database forgotten with its password; what came in from it stays."""
    source = access.source(request, pk)
    secrets.keep(source, "")
    audit.note(request, "database.disconnected", source.name)
    source.delete()
    messages.success(request, _("%(name)s is disconnected.") % {"name": source.name})
    return redirect("sources:all")
