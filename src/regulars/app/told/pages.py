"""Pages that are nothing but what the analyses said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from regulars.app.base.requests import Request
from regulars.app.told import access


def told(request: Request, title: str, lead: str, keys: dict[str, str], *, wide: bool = False,
         template: str = "told/page.html", more: Mapping[str, Any] | None = None) -> HttpResponse:
    """A page of sections by key, each under its own heading, or the one said here.

    ``template`` extends that of the page, and ``more`` is what it needs beside.
    """
    found = access.insights(request, *keys)
    sections = [(found.sections[key], heading) for key, heading in keys.items()
                if key in found.sections and _says(found.sections[key])]
    return render(request, template, {"title": title, "lead": lead, "insights": found, "wide": wide,
                                      "sections": sections, **(more or {}),
                                      "nothing": _("There is too little data to say anything yet.")})


def _says(section: dict[str, object]) -> bool:
    return any(section.get(part) for part in ("lead", "tiles", "pictures", "cards", "tables", "lines", "missing"))
