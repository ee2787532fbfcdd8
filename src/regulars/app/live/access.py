"""Connections, deliveries and set-aside messages that somebody may see and change: an owner."""

from __future__ import annotations

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from regulars.app.base.requests import Request
from regulars.app.doors import roles
from regulars.app.facts import the_shop
from regulars.app.live import opened
from regulars.app.live.models import DEAD, Delivery, Incoming, Outgoing
from regulars.intake.live.aside import SetAside


def incoming(request: Request) -> QuerySet[Incoming]:
    roles.require(request, roles.RUN)
    return Incoming.objects.filter(withdrawn_at=None)


def outgoing(request: Request) -> QuerySet[Outgoing]:
    roles.require(request, roles.RUN)
    return Outgoing.objects.filter(withdrawn_at=None)


def one_incoming(request: Request, pk: int) -> Incoming:
    """404 where there is none."""
    return get_object_or_404(incoming(request), pk=pk)


def one_outgoing(request: Request, pk: int) -> Outgoing:
    """404 where there is none."""
    return get_object_or_404(outgoing(request), pk=pk)


def dead(request: Request) -> QuerySet[Delivery]:
    """Deliveries that were given up, the newest first."""
    roles.require(request, roles.RUN)
    return Delivery.objects.filter(state=DEAD, outgoing__withdrawn_at=None).select_related("outgoing").order_by("-seq")


def one_dead(request: Request, pk: int) -> Delivery:
    """404 where there is none."""
    return get_object_or_404(dead(request), pk=pk)


def aside(request: Request) -> SetAside:
    """What was set aside."""
    roles.require(request, roles.RUN)
    return SetAside(the_shop().engine, lambda lines: opened.live().commit(lines))
