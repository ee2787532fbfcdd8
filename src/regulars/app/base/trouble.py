"""Errors as pages: what happened, and the nearest right thing."""

from __future__ import annotations

import logging

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from regulars.errors import ChangesLost, DiskFull, ImportRefused, NotFound, RegularsError, RuleError, ShopError, said

log = logging.getLogger("regulars.app")
PROGRAMS = "/api/"
"""Below this address no person reads along."""
STATUSES: tuple[tuple[type[RegularsError], int], ...] = (
    (NotFound, 404), (ChangesLost, 410), (RuleError, 422), (ImportRefused, 422), (DiskFull, 507), (ShopError, 503))


def status_of(error: RegularsError) -> int:
    """The HTTP status that says the same: 409 for what is understood and not done."""
    return next((status for kind, status in STATUSES if isinstance(error, kind)), 409)


def told(request: HttpRequest, error: RegularsError) -> HttpResponse:
    """The error of the core as a page."""
    status = status_of(error)
    if status >= 500:
        log.error("refused", extra={"code": error.code, "status": status,
                                    "page": request.resolver_match.view_name if request.resolver_match else ""})
    return _page(request, status, *_in_words(request, error), error.code)


def _in_words(request: HttpRequest, error: RegularsError) -> tuple[str, str]:
    """What happened and what to do, in the reader's language; to programs in English."""
    figures = None if request.path.startswith(PROGRAMS) else getattr(request, "figures", None)
    if figures is None:
        return str(error.message), str(error.hint or "")
    return said(error.message, figures), said(error.hint, figures)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 400, _("This request cannot be read."), _("Go back, reload the page, and try again."))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The exception's own words, where an access function said why."""
    why = str(exception) if exception and str(exception) else _("You may look here, but not do this.")
    return _page(request, 403, why, _("An owner of the shop can change what you may do, under People."))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 404, _("There is no page at this address."), _("It may have been renamed or removed."))


def went_wrong(request: HttpRequest) -> HttpResponse:
    return _page(request, 500, _("Regulars itself went wrong here."), _("Nothing of this step was kept. Try again; if "
                 "it happens again, the terminal it runs in says where."))


def refused_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token: the page was open too long, or another site sent it."""
    return _page(request, 403, _("This form is out of date."), _("Go back, reload the page, and send it again."))


def _page(request: HttpRequest, status: int, message: str, hint: str, code: str = "") -> HttpResponse:
    if request.path.startswith(PROGRAMS):
        return JsonResponse({"type": code or "about:blank", "title": message, "status": status, "detail": hint},
                            status=status, content_type="application/problem+json")
    names = ["base/trouble_part.html"] if getattr(request, "htmx", False) else ["base/trouble.html"]
    return render(request, names, {"message": message, "hint": hint, "code": code, "status": status}, status=status)
