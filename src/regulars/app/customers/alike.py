"""Starting a segment from a customer: a short rule of those who behave most like them."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from regulars.app.base.requests import Request
from regulars.app.customers import access
from regulars.app.facts import the_shop
from regulars.app.insights import kept

ALIKE = "alike"
MOST_SHOWN = 10


def alike(request: Request, customer_id: str) -> HttpResponse:
    """The rule with how well it fits and some of the nearest; or that it is being worked out."""
    person = access.person(request, customer_id)
    parameters = {"customer": person.customer_id}
    found = kept.find(ALIKE, parameters, request.now)
    shown: dict[str, Any] = {"person": person, "title": person.name or person.email or person.customer_id,
                             "found": found, "job": None if found else kept.ask(ALIKE, parameters),
                             "again": request.get_full_path()}
    if found and found.result:
        rule, rows = found.result.numbers["rule"], found.result.rows.to_pylist()
        nearest = [row["customer_id"] for row in rows if row["held"]][1:MOST_SHOWN + 1]
        shown |= {"rule": rule, "sentence": the_shop().sentence(rule, request.figures.locale),
                  "people": access.customers(request).people(nearest, now=request.now)}
    return render(request, "customers/alike_part.html" if request.htmx else "customers/alike.html", shown)
