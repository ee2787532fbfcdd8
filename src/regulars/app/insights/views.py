"""One analysis as a part of a page: what it found, or that it is being worked out."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from regulars.app.base.requests import Request
from regulars.app.doors import roles
from regulars.app.insights import kept, showing
from regulars.insight.common import analysis as find_analysis

TITLES = {
    "certificate": gettext_noop("Is it worth having"), "profit": gettext_noop("Profit and loss"),
    "personas": gettext_noop("Somebody to picture"), "channels": gettext_noop("How to reach them"),
    "interests": gettext_noop("What they like"), "seasons": gettext_noop("When they buy"),
    "value": gettext_noop("What they will be worth"), "lifecycle": gettext_noop("Where they stand"),
}
SHOWN = 8
"""Findings that stand open; the others are one click away."""


def part(request: Request, analysis: str) -> HttpResponse:
    """The findings for the customers of ``segment`` (a rule; everybody, unless said)."""
    roles.require(request, roles.LOOK)
    find_analysis(analysis)
    parameters = {"segment": request.GET["segment"]} if request.GET.get("segment") else {}
    found = kept.find(analysis, parameters, request.now)
    shown: dict[str, Any] = {
        "title": _(TITLES.get(analysis, analysis)), "again": request.get_full_path(), "found": found,
        "job": None if found else kept.ask(analysis, parameters)}
    if found and found.result:
        findings = list(found.result.findings)
        shown |= {"result": found.result, "findings": findings[:SHOWN], "others": findings[SHOWN:],
                  "picture": showing.waterfall(found.result, request.figures, found.now),
                  "traits": showing.traits(found.result, request.figures)}
    return render(request, "insights/part.html" if request.htmx else "insights/page.html", shown)
