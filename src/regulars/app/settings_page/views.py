"""The shop's settings, keys and backups."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.app.api import keys as api_keys
from regulars.app.base.requests import Request
from regulars.app.doors import audit, roles
from regulars.app.facts import facts, the_shop
from regulars.app.jobs.models import OPEN, Job
from regulars.app.jobs.running import start
from regulars.app.settings_page import access
from regulars.app.settings_page.forms import KeyForm, ShopForm
from regulars.app.settings_page.work import BACKUP, backup_folder
from regulars.shop.folder import has_facts, settle


def everything(request: Request) -> HttpResponse:
    """What the shop says about itself, and the way to what else is settled."""
    roles.require(request, roles.RUN)
    shop = the_shop()
    form = ShopForm(request.POST or None, shop=shop.settings, settled=has_facts(shop.engine))
    if request.method == "POST" and form.is_valid():
        settle(shop.folder, form.settings())
        facts().reload()
        audit.note(request, "shop.settled", form.cleaned_data["name"])
        messages.success(request, _("Saved."))
        return redirect("settings:all")
    return render(request, "settings_page/all.html", {"form": form})


def keys(request: Request) -> HttpResponse:
    """Keys of the API; a new one is shown this once."""
    form = KeyForm(request.POST or None, initial={"scopes": request.GET.getlist("scope")})
    token = live = ""
    held = access.keys(request)
    if request.method == "POST" and form.is_valid():
        made, token = api_keys.make(form.cleaned_data["name"], form.cleaned_data["scopes"], request.user)
        audit.note(request, "key.made", made.name, scopes=made.scopes)
        live = request.build_absolute_uri("/v1/") if "write" in made.scopes else ""
        form = KeyForm()
    return render(request, "settings_page/keys.html", {"form": form, "keys": held.all(), "token": token, "live": live})


@require_POST
def withdraw(request: Request, pk: int) -> HttpResponse:
    """A key that opens nothing any more."""
    key = access.key(request, pk)
    api_keys.withdraw(key)
    audit.note(request, "key.withdrawn", key.name)
    return redirect("settings:keys")


def backups(request: Request) -> HttpResponse:
    """Copies of the whole shop: those there are, and a new one as a job."""
    held = access.backups(request)
    working = Job.objects.filter(kind=BACKUP, state__in=OPEN).first()
    if request.method == "POST":
        if working is None:
            start(BACKUP, {}, by=request.user)
            audit.note(request, "backup.made")
        return redirect("settings:backups")
    latest = Job.objects.filter(kind=BACKUP).first()
    return render(request, "settings_page/backups.html", {
        "backups": [(path.name, path.stat().st_size) for path in held], "working": working,
        "error": latest.error if latest else "", "folder": backup_folder()})


def download(request: Request, name: str) -> FileResponse:
    """A copy to keep elsewhere: it holds everybody, so it is logged."""
    found = access.backup(request, name)
    audit.note(request, "backup.taken_out", found.name)
    return FileResponse(found.open("rb"), as_attachment=True, filename=found.name, content_type="application/zip")
