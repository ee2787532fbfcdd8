"""For whoever watches the process: is it alive, can it answer, and what does it count (Prometheus)."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from regulars.app.facts import the_shop
from regulars.app.jobs.models import OPEN, Job
from regulars.app.jobs.running import ending
from regulars.app.live import opened
from regulars.app.logs import id_of_request, request_id
from regulars.app.metrics import CUSTOMERS, ENGINE, JOBS, REGISTRY, REQUESTS, SECONDS
from regulars.app.outreach.outbox import outbox
from regulars.app.segments.following import following
from regulars.errors import RegularsError
from regulars.outreach.campaign import PAUSED

log = logging.getLogger("regulars.app.requests")


class Counting:
    """Counts answers and writes each down, by the name of its page: never by the address, which may name a person."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        known = request_id.set(id_of_request(request.headers.get("X-Request-ID", "")))
        try:
            response = self.answer(request)
            response.headers["X-Request-ID"] = request_id.get()
            note(request, response, time.perf_counter() - began)
            return response
        finally:
            request_id.reset(known)


def note(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    """Count an answer and write it down."""
    match: Any = request.resolver_match
    page = (match.view_name or match.route) if match else "none"
    REQUESTS.labels(page, request.method or "", str(response.status_code)).inc()
    SECONDS.labels(page).observe(seconds)
    # Only who is known already: asking would cost a query for a picture or a stranger.
    person, key = getattr(request, "_cached_user", None), getattr(request, "auth", None)
    log.info("answered", extra={
        "page": page, "method": request.method, "status": response.status_code, "ms": round(seconds * 1000, 1),
        "person": getattr(person, "pk", None), "key": getattr(key, "pk", None)})


@login_not_required
def health(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@login_not_required
def ready(request: HttpRequest) -> HttpResponse:
    """Both databases answer and the process is not about to end; 503 otherwise.

    While live messages or campaigns wait in vain, or segments cannot be looked at, it is "trouble" and still 200: they
    are kept, and pages answer.
    """
    try:
        connection.ensure_connection()
        the_shop().engine.value("SELECT 1")
    except (DatabaseError, RegularsError):
        return JsonResponse({"status": "not ready"}, status=503)
    if ending.is_set():
        return JsonResponse({"status": "stopping"}, status=503)
    told: dict[str, dict[str, int | str]] = {"live": opened.live().told()} if opened.is_open() else {}
    if box := outbox():
        told["campaigns"] = {"trouble": box.trouble_code, "paused_by_themselves": _paused_by_themselves()}
    if following.trouble_code:
        told["segments"] = {"trouble": following.trouble_code}
    return JsonResponse({"status": "trouble" if any(each["trouble"] for each in told.values()) else "ready", **told})


def _paused_by_themselves() -> int:
    """Campaigns that the sender holds, such as for a mail server that is down; their pages say why."""
    found = the_shop().campaigns
    return sum(each.state == PAUSED and bool(each.why) for each in found.list()) if found.any else 0


@login_not_required
def metrics(request: HttpRequest) -> HttpResponse:
    """Counts without anybody's name; from this machine only, or with REGULARS_ADDRESS's proxy keeping it in."""
    if request.META.get("REMOTE_ADDR") not in ("127.0.0.1", "::1") or "X-Forwarded-For" in request.headers:
        return JsonResponse({"status": "from this machine only"}, status=403)
    JOBS.set(Job.objects.filter(state__in=OPEN).count())
    CUSTOMERS.set(the_shop().customers.count())
    for tag, used in the_shop().engine.memory().items():
        ENGINE.labels(tag).set(used)
    return HttpResponse(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)
