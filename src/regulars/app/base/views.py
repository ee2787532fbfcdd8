"""Where somebody lands who typed the address alone."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect

from regulars.app.base.navigation import pages
from regulars.app.base.requests import Request


def first(request: Request) -> HttpResponse:
    """The first page of the navigation."""
    return redirect(pages()[0].name)
