"""All customers, and one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import overload

import pyarrow as pa
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.app.answers import while_facts_stand
from regulars.app.base.requests import Request
from regulars.app.customers import access, telling
from regulars.app.customers.forgetting import forget
from regulars.app.customers.models import Note
from regulars.app.doors import audit, roles
from regulars.app.facts import the_shop
from regulars.app.jobs.running import start
from regulars.app.segments.work import REFRESH
from regulars.errors import Refused
from regulars.model.clock import local_day
from regulars.rules.tree import write_string
from regulars.shop.customers import Customers, Person

A_PAGE = 25
MOST_FOUND = 100


@dataclass(frozen=True)
class Everybody(Sequence[Person]):
    """The customers as a list that is asked for a page at a time."""

    customers: Customers
    now: datetime

    def __len__(self) -> int:
        return len(self._ids)

    @overload
    def __getitem__(self, index: int) -> Person: ...
    @overload
    def __getitem__(self, index: slice) -> list[Person]: ...

    def __getitem__(self, index: int | slice) -> Person | list[Person]:
        if isinstance(index, slice):
            return self.customers.people(self._ids[index].to_pylist(), now=self.now)
        return self.customers.people([self._ids[index].as_py()], now=self.now)[0]

    @property
    def _ids(self) -> pa.ChunkedArray:
        """Their order, looked at once a minute: a page takes little of it."""
        minute = self.now.replace(second=0, microsecond=0)
        return while_facts_stand("customers by last order", lambda: self.customers.by_last_order(now=self.now), minute)


def everybody(request: Request) -> HttpResponse:
    """Search, or everybody with whoever ordered last first."""
    customers = access.customers(request)
    wanted = request.GET.get("q", "").strip()
    if wanted:
        found = access.find(customers, wanted, now=request.now, most=MOST_FOUND)
        page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    else:
        page = Paginator(Everybody(customers, request.now), A_PAGE).get_page(request.GET.get("page"))
    return render(request, "customers/all.html", {"page": page, "people": list(page), "wanted": wanted,
                                                  "cut": bool(wanted) and page.paginator.count == MOST_FOUND})


def one(request: Request, customer_id: str) -> HttpResponse:
    """All that is known of one customer, and what happened with them."""
    profile = access.customer(request, customer_id)
    shop, figures = the_shop(), request.figures
    vocabulary = shop.segments.evaluator.vocabulary()
    kept = profile.person.customer_id
    happened, scores = shop.customers.timeline(kept, now=request.now), shop.customers.scores(kept)
    today = local_day(request.now, shop.settings.zone)
    return render(request, "customers/one.html", {
        "profile": profile, "person": profile.person, "title": _title(profile.person),
        "values": telling.described(profile.values, figures, vocabulary),
        "consents": telling.consents(profile.values),
        "scores": telling.scored(scores, figures, vocabulary, today),
        "next": telling.coming(scores, figures, vocabulary, today), "known_by": telling.known_by(profile.identities),
        "of_them": f"customer_id = {write_string(kept)}", "timeline": telling.picture(happened, figures),
        "happenings": telling.happenings(happened),
        "automated": shop.automations.of_customer(kept),
        "may_be": len(shop.customers.same.list(request.now, customer=kept)),
        "current": [m for m in profile.segments if m.until is None],
        "past": [m for m in profile.segments if m.until is not None], "notes": access.notes(request, profile)})


def _title(person: Person) -> str:
    return person.name or person.email or person.customer_id


def why(request: Request, customer_id: str) -> HttpResponse:
    """Each condition of a segment for this customer: its value, since when, and when time alone changes it."""
    person = access.person(request, customer_id)
    shop, name = the_shop(), request.GET.get("segment", "")
    segment = shop.segments.get(name)
    found = shop.explain(segment.rule, person.customer_id, now=None, language=request.figures.locale)
    return render(request, "customers/why.html", {
        "person": person, "title": _title(person), "segment": segment, "found": found,
        "lines": telling.conditions(found, request.figures)})


@require_POST
def note(request: Request, customer_id: str) -> HttpResponse:
    """Something written down about them."""
    profile = access.customer(request, customer_id, roles.CHANGE)
    text = request.POST.get("text", "").strip()[:4000]
    if text:
        Note.objects.create(customer_id=profile.person.customer_id, text=text, made_by=request.user)
    return redirect("customers:one", profile.person.customer_id)


@require_POST
def erase(request: Request, customer_id: str) -> HttpResponse:
    """A person removed everywhere, where their name is typed. Anonymous totals stay; this cannot be taken back."""
    profile = access.customer(request, customer_id, roles.RUN)
    kept = profile.person.customer_id
    if request.POST.get("name", "").strip() != _title(profile.person):
        raise Refused(_("The name was typed differently: nothing was erased."))
    forget(the_shop().customers.ids(kept))
    done = the_shop().customers.erase(kept, now=the_shop().moment())
    audit.note(request, "customer.erased", "", rows=sum(done.removed.values()))
    start(REFRESH, {}, by=request.user)
    messages.success(request, _("The customer is erased. Earlier backups still hold them: erase there too, or delete "
                                "those."))
    for name in done.files:
        messages.warning(request, _("The file %(name)s may still name them: look, and delete it.") % {"name": name})
    return redirect("customers:all")

