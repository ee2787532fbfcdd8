"""Sets of groups that put every customer in exactly one: each can be adopted as a segment."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from regulars.app.base.requests import Request
from regulars.app.buckets import picking
from regulars.app.told.pages import told


def buckets(request: Request) -> HttpResponse:
    """The RFM grid and its groups, stages of life, kinds found in the data, worth, and who carries whom."""
    return told(request, _("Buckets"), _("Every customer is in exactly one of each set. Adopt one as a segment to keep "
                                         "it up to date."),
                {"recency": "", "groups": _("Groups by how recently, how often and for how much"),
                 "stages": _("Stages of life as a customer"), "kinds": "", "worth": "", "carriers": ""},
                template="buckets/all.html", more={"grid": picking.asked(request)})


def picked(request: Request) -> HttpResponse:
    """Whom the picked fields of the grid hold: a part of the page."""
    return render(request, "buckets/picked.html", {"picked": picking.asked(request).picked})


def region(request: Request) -> HttpResponse:
    """The picked fields taken on into the editor; back to the grid where none is picked."""
    found = picking.asked(request).picked
    return redirect(f"{reverse('segments:new')}?{urlencode({'rule': found.rule})}" if found.rule else "buckets:all")
