"""For whoever watches the process: is it alive, can it answer, and what does it count (Prometheus)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from regulars.app.facts import the_shop
from regulars.app.jobs.models import OPEN, Job
from regulars.app.jobs.running import ending
from regulars.app.live import opened
from regulars.errors import RegularsError

REGISTRY = CollectorRegistry()
REQUESTS = Counter("regulars_requests_total", "Answers by page and status", ["page", "method", "status"],
                   registry=REGISTRY)
SECONDS = Histogram("regulars_request_seconds", "Time to an answer by page", ["page"], registry=REGISTRY,
                    buckets=(0.01, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10))
JOBS = Gauge("regulars_jobs_open", "Jobs that wait or run", registry=REGISTRY)
CUSTOMERS = Gauge("regulars_customers", "Customers in the shop", registry=REGISTRY)


class Counting:
    """Counts answers by the name of their address: never by the address, which may name a person."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.answer(request)
        match: Any = request.resolver_match
        page = (match.view_name or match.route) if match else "none"
        REQUESTS.labels(page, request.method or "", str(response.status_code)).inc()
        SECONDS.labels(page).observe(time.perf_counter() - began)
        return response


@login_not_required
def health(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@login_not_required
def ready(request: HttpRequest) -> HttpResponse:
    """Both databases answer and the process is not about to end; 503 otherwise."""
    try:
        connection.ensure_connection()
        the_shop().engine.value("SELECT 1")
    except (DatabaseError, RegularsError):
        return JsonResponse({"status": "not ready"}, status=503)
    if ending.is_set():
        return JsonResponse({"status": "stopping"}, status=503)
    return JsonResponse({"status": "ready", **({"live": opened.live().told()} if opened.is_open() else {})})


@login_not_required
def metrics(request: HttpRequest) -> HttpResponse:
    """Counts without anybody's name; from this machine only, or with REGULARS_ADDRESS's proxy keeping it in."""
    if request.META.get("REMOTE_ADDR") not in ("127.0.0.1", "::1") or "X-Forwarded-For" in request.headers:
        return JsonResponse({"status": "from this machine only"}, status=403)
    JOBS.set(Job.objects.filter(state__in=OPEN).count())
    CUSTOMERS.set(the_shop().customers.count())
    return HttpResponse(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)
