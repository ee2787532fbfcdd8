"""A card for each kind of customer, told from the data, fit to be printed."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _

from regulars.app.base.requests import Request
from regulars.app.told.pages import told


def personas(request: Request) -> HttpResponse:
    """Every sentence with its count."""
    return told(request, _("Personas"), _("A card for each kind of customer. The names are invented, the rest is "
                                          "counted. Print the page to put them on the wall."),
                {"personas": _("Kinds of customers")}, wide=True)
