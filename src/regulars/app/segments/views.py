"""All segments."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from regulars.app.base.requests import Request
from regulars.app.doors import roles
from regulars.app.facts import the_shop


def all_segments(request: Request) -> HttpResponse:
    """Every segment with its size."""
    roles.require(request, roles.LOOK)
    return render(request, "segments/all.html", {"segments": the_shop().segments.list()})
