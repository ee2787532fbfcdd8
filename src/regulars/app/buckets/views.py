"""Sets of groups that put every customer in exactly one: each can be adopted as a segment."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _

from regulars.app.base.requests import Request
from regulars.app.told.pages import told


def buckets(request: Request) -> HttpResponse:
    """The RFM grid and its groups, stages of life, kinds found in the data, worth, and who carries whom."""
    return told(request, _("Buckets"), _("Every customer is in exactly one of each set. Adopt one as a segment to keep "
                                         "it up to date."),
                {"recency": "", "groups": _("Groups by how recently, how often and for how much"),
                 "stages": _("Stages of life as a customer"), "kinds": "", "worth": "", "carriers": ""})
