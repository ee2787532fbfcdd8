"""Who may be the same person: pairs side by side, and what a person says of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import overload

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.app.base.requests import Request
from regulars.app.customers import access, telling
from regulars.app.customers.work import JOIN, at_work, look_again
from regulars.app.doors import audit, roles
from regulars.app.facts import the_shop
from regulars.app.jobs.running import start
from regulars.app.segments.work import REFRESH
from regulars.errors import Message, NotFound, Refused
from regulars.intake.same import Details, Joined, Pair, Same, kinds, saying
from regulars.model.phrases import Sentence
from regulars.shop.customers import Person

A_PAGE = 10
JOINED = 10


@dataclass(frozen=True)
class Beside:
    """A pair as it is shown: ``stays`` is whose number is kept where nobody says."""

    pair: Pair
    one: Person
    other: Person
    of_one: Details
    of_other: Details
    stays: str
    kind: Sentence
    grade: Sentence
    evidence: Sequence[tuple[bool, Sentence]]


@dataclass(frozen=True)
class Pairs(Sequence[Pair]):
    """The pairs as a list that is asked for a page at a time."""

    same: Same
    request: Request
    kind: str
    customer: str
    size: int

    def __len__(self) -> int:
        return self.size

    @overload
    def __getitem__(self, index: int) -> Pair: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Pair]: ...

    def __getitem__(self, index: int | slice) -> Pair | Sequence[Pair]:
        start, stop = (index.start, index.stop) if isinstance(index, slice) else (index, index + 1)
        found = self.same.list(self.request.now, kind=self.kind, customer=self.customer, skip=start, most=stop - start)
        return found if isinstance(index, slice) else found[0]


def everything(request: Request) -> HttpResponse:
    """The kinds with how many there are, and the pairs of one of them, or of one customer, or all."""
    same, job = access.customers(request).same, at_work()
    looked = same.looked()
    if looked is None and job is None and roles.may(request.user, roles.CHANGE):
        look_again()
        job = at_work()
    kind, customer = request.GET.get("kind", ""), request.GET.get("customer", "")
    counts = same.counts(request.now)
    size = (len(same.list(request.now, customer=customer)) if customer else
            sum(c.pairs for c in counts if not kind or c.kind == kind))
    page = Paginator(Pairs(same, request, kind, customer, size), A_PAGE).get_page(request.GET.get("page"))
    return render(request, "customers/same_part.html" if request.htmx else "customers/same.html", {
        "job": job, "looked": looked, "again": request.get_full_path(), "page": page,
        "kinds": [(c, saying.kind(c.kind)) for c in counts if c.pairs or c.by_itself], "every": size,
        "kind": saying.kind(kinds.kind(kind).code) if kind else None, "kind_code": kind, "customer": customer,
        "pairs": _beside(request, list(page)), "doubted": _said(same, True), "joined": _said(same, False)})


def _beside(request: Request, pairs: Sequence[Pair]) -> list[Beside]:
    customers = access.customers(request)
    ids = [c for p in pairs for c in (p.one, p.other)]
    people = {p.customer_id: p for p in customers.people(ids, now=request.now)}
    known = customers.same.details(ids)
    return [_one(customers.same, p, people, known) for p in pairs if p.one in people and p.other in people]


def _one(same: Same, pair: Pair, people: Mapping[str, Person], known: Mapping[str, Details]) -> Beside:
    said = [(bits >= 0, sentence) for (bits, sentence) in zip(
        sorted((bits for _, bits in pair.evidence.values()), key=abs, reverse=True), saying.evidence(pair),
        strict=True)]
    return Beside(pair, people[pair.one], people[pair.other], known[pair.one], known[pair.other],
                  same.stays(pair.one, pair.other), saying.kind(pair.kind), saying.grade(pair), said)


def _said(same: Same, doubted: bool) -> list[tuple[Joined, Message, str]]:
    """The latest merges, each with why they were joined: in a word, and the address or number they had in common."""
    return [(m, *_reason(m.reason)) for m in same.joined(doubted=doubted, most=JOINED)]


def _reason(reason: str) -> tuple[Message, str]:
    kind, _space, value = reason.partition(" ")
    if kind in telling.KNOWN_BY and value:
        return telling.known_by([(kind, value)])[0]
    return saying.KINDS.get(reason, reason), ""


def _back(request: Request) -> HttpResponse:
    said = {key: request.POST[key] for key in ("kind", "customer", "page") if request.POST.get(key)}
    return redirect(f"{reverse('customers:same')}{'?' + urlencode(said) if said else ''}")


@require_POST
def decide(request: Request) -> HttpResponse:
    """Of a pair: they are one, they are two, or later."""
    customers = access.customers(request, roles.CHANGE)
    one, other, what = (request.POST.get(key, "") for key in ("one", "other", "what"))
    now, by = the_shop().moment(), str(request.user)
    if what == "join":
        kept = request.POST.get("keep") or customers.same.stays(one, other)
        done = customers.merge(kept, other if kept == one else one, now=now)
        audit.note(request, "customers.joined", done.merge_id)
        start(REFRESH, {}, by=request.user)
        messages.success(request, _("They are one customer now. Take it back below, if they are not."))
    elif what == "apart":
        customers.same.apart(one, other, now, by)
        audit.note(request, "customers.apart")
        messages.success(request, _("They are two: nothing but you joins them from now on."))
    elif what == "later":
        customers.same.later(one, other, now, by)
        messages.success(request, _("You are asked about them again in a month."))
    else:
        raise Refused(_("Say whether they are one person, two, or to be asked later."))
    return _back(request)


@require_POST
def join_all(request: Request) -> HttpResponse:
    """All pairs of a certain kind that are almost certain, as a job."""
    access.customers(request, roles.CHANGE)
    code = _certain(request)
    start(JOIN, {"kind": code}, by=request.user)
    audit.note(request, "customers.joined", code)
    return _back(request)


@require_POST
def rule(request: Request) -> HttpResponse:
    """Have pairs of a kind joined by themselves from now on, or no more: an owner's to say."""
    same, code, on = access.customers(request, roles.RUN).same, _certain(request), "on" in request.POST
    same.rule(code, on, the_shop().moment(), str(request.user))
    audit.note(request, "customers.rule", code, on=on)
    if on:
        look_again()
    messages.success(request, _("Such pairs are joined by themselves from now on.") if on
                     else _("Such pairs are joined by themselves no more."))
    return _back(request)


def _certain(request: Request) -> str:
    found = kinds.kind(request.POST.get("of", ""))
    if not found.certain:
        raise NotFound(_("Pairs of this kind are looked at one by one."))
    return found.code


@require_POST
def look(request: Request) -> HttpResponse:
    """Look at everybody again."""
    access.customers(request, roles.CHANGE)
    look_again()
    return _back(request)


@require_POST
def joined(request: Request) -> HttpResponse:
    """Of a merge: take it back, or say that they are one, whatever speaks against it."""
    customers = access.customers(request, roles.CHANGE)
    merge_id, now = request.POST.get("merge", ""), the_shop().moment()
    if "one" in request.POST:
        customers.same.one_person(merge_id, now, str(request.user))
        messages.success(request, _("They are one person, and not doubted again."))
    else:
        customers.unmerge(merge_id, now=now)
        audit.note(request, "customers.taken_apart", merge_id)
        start(REFRESH, {}, by=request.user)
        messages.success(request, _("They are two customers again."))
    after = request.POST.get("after", "")
    return redirect("customers:one", after) if after else _back(request)
