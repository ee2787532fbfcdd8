"""The databases an owner has connected: whoever may connect one may read whatever lies there."""

from __future__ import annotations

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from regulars.app.base.requests import Request
from regulars.app.doors import roles
from regulars.app.sources.models import Query, Source


def sources(request: Request) -> QuerySet[Source]:
    """All of them."""
    roles.require(request, roles.RUN)
    return Source.objects.prefetch_related("queries__job")


def source(request: Request, pk: int) -> Source:
    """One of them; 404 where there is none."""
    return get_object_or_404(sources(request), pk=pk)


def query(request: Request, pk: int) -> Query:
    """One query of one of them; 404 where there is none."""
    roles.require(request, roles.RUN)
    return get_object_or_404(Query.objects.select_related("source", "job"), pk=pk)
