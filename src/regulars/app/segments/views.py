"""All segments, one segment, and its people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.app.answers import while_members_stand
from regulars.app.base.refusing import refusal
from regulars.app.base.requests import Request
from regulars.app.doors import audit, roles
from regulars.app.facts import the_shop
from regulars.app.jobs.models import OPEN, Job
from regulars.app.jobs.running import start
from regulars.app.segments import access, exports, listing, superseding
from regulars.app.segments.following import following
from regulars.app.segments.work import REFRESH
from regulars.errors import LookedAtLater, Refused, RuleError
from regulars.model.clock import local_day, to_local
from regulars.rules.constructs.segment import InSegment
from regulars.segments import earning
from regulars.segments.earning import Earned
from regulars.segments.outside import just_outside
from regulars.segments.saved import Overlap, Segment, Size
from regulars.segments.sizes import kept_sizes
from regulars.shop.customers import Person

A_PAGE = 25
MOST_OVERLAPS = 15
ENDINGS = {"csv": "csv", "vcard": "vcf"}


def all_segments(request: Request) -> HttpResponse:
    """Every segment with its size, where it is going, and how fresh it is."""
    segments = access.segments(request)
    found, sizes = segments.list(), kept_sizes(segments)
    today = request.now.date()
    return render(request, "segments/all.html", {
        "rows": listing.ordered(
            listing.rows(found, sizes, today, segments.states(request.now), _earned()), request.GET.get("by", "")),
        "by": request.GET.get("by", ""), "orders": [(by, _(said)) for by, said in listing.ORDERS.items()],
        "looking": Job.objects.filter(kind=REFRESH, state__in=OPEN).first(), "rebuilt": segments.rebuilt(),
        "trouble": following.trouble, "ahead": following.trouble_code == LookedAtLater.code, "tab": "all",
        "as_of": max((s.refreshed_at for s in found if s.refreshed_at), default=None)})


def _earned() -> dict[str, Earned]:
    """What each segment's members earned."""
    return while_members_stand("earned", lambda: earning.by_segment(the_shop().engine))


def in_none(request: Request) -> HttpResponse:
    """Who is in no segment."""
    segments = access.segments(request)
    found = segments.in_none(request.now).column(0)
    page = Paginator(range(len(found)), A_PAGE).get_page(request.GET.get("page"))
    some = [found[i].as_py() for i in page]
    return render(request, "segments/none.html", {
        "page": page, "people": the_shop().customers.people(some, now=request.now), "tab": "none",
        "any": bool(segments.list())})


def overlaps(request: Request) -> HttpResponse:
    """Which segments people are in together: the largest combinations, each customer counted once."""
    segments = access.segments(request)
    found = while_members_stand("together", lambda: segments.together(MOST_OVERLAPS))
    looked_at = [s for s in segments.list() if s.refreshed_at]
    return render(request, "segments/overlaps.html", {
        "tab": "overlaps", "most": max((o.people for o in found), default=0),
        "overlaps": [(o, _just_these(o, looked_at)) for o in found],
        "as_of": max((s.refreshed_at for s in looked_at if s.refreshed_at), default=None)})


def _just_these(overlap: Overlap, all_of: Sequence[Segment]) -> str:
    """The rule of those in just these segments and in no other; "" where one of them cannot be asked."""
    if any(s.failed for s in all_of):
        return ""
    parts = [f"{'' if s.name in overlap.segments else 'not '}{InSegment(s.name).text()}"
             for s in sorted(all_of, key=lambda s: s.name not in overlap.segments)]
    return " and ".join(parts)


def one(request: Request, name: str) -> HttpResponse:
    """A segment: what it means, how large it was and is, who is in it and who is just outside."""
    segment = access.segment(request, name)
    shop = the_shop()
    sizes = kept_sizes(shop.segments).get(segment.name, [])
    return render(request, "segments/one.html", {
        "segment": segment, "sentence": _sentence(request, segment.rule), "sizes": sizes,
        "versions": shop.segments.versions(name), "begins": _begins(segment.rule, sizes),
        **_now(request, segment, sizes), **_members(request, segment),
        "looking": Job.objects.filter(kind=REFRESH, state__in=OPEN).first()})


def _sentence(request: Request, rule: str) -> str | None:
    """What a rule means; None where it fits the shop no more, which its state says."""
    try:
        return the_shop().sentence(rule, request.figures.locale)
    except RuleError:
        return None


def _begins(rule: str, sizes: Sequence[Size]) -> date | None:
    """The day from which on the size of a rule is known, where it cannot be always: those noted are."""
    try:
        known = the_shop().segments.known_from(rule)
    except RuleError:
        return None
    return known and min([known, *(size.day for size in sizes)])


def _now(request: Request, segment: Segment, sizes: Sequence[Size]) -> dict[str, Any]:
    """What of a segment's page changes by itself: size, how far it is known, who came and went today."""
    shop = the_shop()
    today = [s for s in sizes if s.day == local_day(request.now, shop.settings.zone)]
    return {**_size(request, segment), "state": shop.segments.states(request.now)[segment.name],
            "row": listing.rows([segment], {segment.name: sizes}, request.now.date(), {},
                                _earned())[0],
            "today": today[0] if today else None, "trouble": following.trouble}


def now(request: Request, name: str) -> HttpResponse:
    """That part alone: the page asks for it every few seconds."""
    segment = access.segment(request, name)
    sizes = kept_sizes(the_shop().segments).get(segment.name, [])
    return render(request, "segments/now.html", {"segment": segment, **_now(request, segment, sizes)})


def expected(request: Request, name: str) -> HttpResponse:
    """Who will come and go until this time tomorrow by time alone: a part of the page that comes when it is ready."""
    segment = access.segment(request, name)
    shop = the_shop()
    try:
        found = shop.segments.expected(segment.name, request.now, request.now + timedelta(days=1))
    except RuleError as error:
        return render(request, "segments/expected.html", {"segment": segment, "refused": error})
    except Refused:
        return render(request, "segments/expected.html", {"segment": segment, "expected": None})
    return render(request, "segments/expected.html", {
        "segment": segment, "expected": found, "joining": _named(request, found.first_joining),
        "leaving": _named(request, found.first_leaving)})


def _named(request: Request, people: Sequence[tuple[str, datetime]]) -> list[tuple[Person, datetime]]:
    known = {p.customer_id: p for p in the_shop().customers.people([who for who, _ in people], now=request.now)}
    return [(known[who], at) for who, at in people if who in known]


def _size(request: Request, segment: Segment) -> dict[str, Any]:
    """How many of everybody, as of the last look; of one not looked at yet, as of now."""
    evaluator = the_shop().segments.evaluator
    if segment.members is None or segment.refreshed_at is None:
        seen = evaluator.preview(segment.rule, request.now)
        return {"people": seen.count, "everyone": seen.everyone, "share": seen.share, "counted_at": seen.now}
    everyone = evaluator.count("everyone", segment.refreshed_at)
    return {"people": segment.members, "everyone": everyone, "counted_at": segment.refreshed_at,
            "share": segment.members / everyone if everyone else 0.0}


def _members(request: Request, segment: Segment) -> dict[str, Any]:
    """A page of who was in at the last refresh, with since when and why."""
    held = the_shop().segments.members(segment.name)
    page = Paginator(range(held.num_rows), A_PAGE).get_page(request.GET.get("page"))
    some = held.slice(page.start_index() - 1, A_PAGE).to_pylist() if held.num_rows else []
    people = {p.customer_id: p for p in the_shop().customers.people([m["customer_id"] for m in some], now=request.now)}
    state = the_shop().segments.states(request.now)[segment.name]
    return {"page": page, "state": state, "members": [(people[m["customer_id"]], m["since"], m["why"]) for m in some
                                      if m["customer_id"] in people]}


def members(request: Request, name: str) -> HttpResponse:
    """The members alone, for turning their pages."""
    segment = access.segment(request, name)
    return render(request, "segments/members.html", {"segment": segment, **_members(request, segment)})


def outside(request: Request, name: str) -> HttpResponse:
    """Who is just outside, condition by condition: a part of the page that comes when it is ready."""
    segment = access.segment(request, name)
    shop = the_shop()
    try:
        found = just_outside(shop.segments.evaluator, segment.rule, request.now)
    except RuleError as error:
        return render(request, "segments/outside.html", {"segment": segment, "refused": error})
    language = request.figures.locale
    everyone = [i for o in found for i in o.sample]
    people = {p.customer_id: p for p in shop.customers.people(everyone, now=request.now)}
    return render(request, "segments/outside.html", {"outside": [
        (o, shop.sentence(o.condition, language), shop.sentence(o.looser, language) if o.looser else "",
         [people[i] for i in o.sample if i in people]) for o in found]})


@require_POST
def look_again(request: Request) -> HttpResponse:
    """All segments looked at anew, as a job."""
    access.segments(request, roles.CHANGE)
    if not Job.objects.filter(kind=REFRESH, state__in=OPEN).exists():
        start(REFRESH, {}, by=request.user)
    return redirect("segments:all")


@require_POST
def look_back(request: Request) -> HttpResponse:
    """Looks taken back that a clock made which ran ahead; who is in is looked at again."""
    segments, now = access.segments(request, roles.CHANGE), the_shop().moment()
    try:
        segments.look_back(now, now)
        following.look()
        audit.note(request, "segments.looked_back")
        messages.success(request, _("The looks are taken back: who is in is known as of now."))
    except Refused as error:
        messages.error(request, refusal(request, error))
    return redirect("segments:all")


def looking(request: Request, pk: int) -> HttpResponse:
    """How far the looking is."""
    access.segments(request)
    job = Job.objects.filter(pk=pk, kind=REFRESH).first()
    return render(request, "segments/looking.html", {"job": job})


@require_POST
def remove(request: Request, name: str) -> HttpResponse:
    """Gone with its history, where its name is typed; refused while other segments lean on it."""
    segment = access.segment(request, name, roles.CHANGE)
    if request.POST.get("name", "").strip() != segment.name:
        raise Refused(_("The name was typed differently: %(name)s is still there.") % {"name": segment.name})
    the_shop().segments.remove(segment.name, now=the_shop().moment())
    audit.note(request, "segment.removed", segment.name, rule=segment.rule)
    messages.success(request, _("%(name)s is removed.") % {"name": segment.name})
    return redirect("segments:all")


def export(request: Request, kind: str, name: str) -> StreamingHttpResponse:
    """The members as CSV or vCard, for whoever may take people out; written down in the log. Refused where its rule
    cannot be asked or was not yet; where they are not those of now, the file's name says of when they are."""
    shop, segment = the_shop(), access.segment(request, name, roles.EXPORT)
    known = shop.segments.known(segment.name, request.now)
    since = {m["customer_id"]: m["since"].isoformat(timespec="seconds")
             for m in shop.segments.members(segment.name).to_pylist()}
    people = shop.customers.people(list(since), now=request.now)
    audit.note(request, f"segment.exported_{kind}", segment.name, people=len(people))
    rows = exports.as_csv(people, since, shop.customers.consents(list(since)), shop.settings.currency) \
        if kind == "csv" else exports.as_vcard(people)
    name = exports.file_name(segment.name, to_local(known.as_of or request.now, shop.settings.zone), ENDINGS[kind],
                             past=not known.is_fresh)
    return StreamingHttpResponse(rows, content_type="text/csv" if kind == "csv" else "text/vcard", headers={
        "Content-Disposition": content_disposition_header(True, name) or "attachment"})


def past(request: Request) -> HttpResponse:
    """How large a rule was over the past year, month by month, before it is saved."""
    segments, rule, today = access.segments(request), request.GET.get("rule", ""), request.now.date()
    try:
        with superseding.latest(superseding.editor(request.GET.get("editing", "")), segments.engine):
            sizes = while_members_stand("past", lambda: segments.history(
                rule, now=request.now, step="month", since=today - timedelta(days=365)), rule, today)
    except superseding.Superseded:
        return HttpResponse(status=204)
    except RuleError:
        sizes = []
    return render(request, "segments/past.html", {"sizes": sizes, "begins": _begins(rule, sizes)})
