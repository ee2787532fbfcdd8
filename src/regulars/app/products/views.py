"""What sells with what, who lacks the other half, and when people buy."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _

from regulars.app.base.requests import Request
from regulars.app.told import access
from regulars.app.told.pages import told


def products(request: Request) -> HttpResponse:
    """What products bring, pairs with their certainty, who lacks a complement, is due again or waits for what is new,
    seasons.

    With ``all`` postage and fees stand among the products.
    """
    whole = "all" in request.GET
    both = access.insights(request, "goods", "all_goods").sections
    hides = both.get("goods", {}).get("tables") != both.get("all_goods", {}).get("tables")
    return told(request, _("Products"), _("What sells with what, to whom, and who lacks the other half."),
                {"all_goods" if whole else "goods": "", "together": "",
                 "complements": _("Who bought the one and lacks the other"), "again": "",
                 "releases": _("What is new, and who would like it"), "when": ""},
                template="products/all.html", more={"whole": whole, "hides": hides})
