"""What the campaigns to one segment brought its people, one after the other, and what they teach together."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from regulars.app.base.requests import Request
from regulars.app.campaigns import access, listing
from regulars.app.segments import access as segments
from regulars.app.told.sections import plainly
from regulars.insight.common.charts import Bar, Picture, described, intervals
from regulars.model.figures import Figures
from regulars.outreach.results import telling
from regulars.outreach.results.history import History, of_goal
from regulars.outreach.results.judging import ORDERS
from regulars.outreach.results.saying import Table, signed
from regulars.rules import fold
from regulars.shop.campaigns import Campaigns

MOST_DRAWN = 20
"""The latest so many are drawn; the table has them all."""


def of_segment(request: Request, name: str) -> HttpResponse:
    """As a page, or as what a page asks for: it is worked out of every campaign to the segment."""
    segment, campaigns = segments.segment(request, name), access.campaigns(request)
    if not request.htmx and not request.GET.get("told"):
        rows = _rows(campaigns, segment.name)
        return render(request, "campaigns/of_segment.html", {"segment": segment, "rows": rows})
    found = campaigns.of_segment(segment.name, request.now)
    if request.GET.get("line"):
        return render(request, "campaigns/of_segment_line.html", {
            "segment": segment, "found": found, "first": telling.findings(found)[0]})
    table = telling.table(found, request.figures)
    return render(request, "campaigns/of_segment_told.html" if request.htmx else "campaigns/of_segment.html", {
        "segment": segment, "found": found, "findings": telling.findings(found),
        "caveats": list(telling.caveats(found)), "table": table if found.chapters else None,
        "picture": _drawn(found, table, request.figures)})


def _rows(campaigns: Campaigns, segment: str) -> list[listing.Row]:
    """Those that have begun, the latest first: what is known of them at once."""
    wanted = fold(segment)
    begun = [(each.began_at, each.id, each) for each in campaigns.list() if each.began_at and wanted in {
        fold(name) for name in (*each.segments, *(variant.segment for variant in each.variants))}]
    return [listing.row(campaigns, each) for _at, _id, each in sorted(begun, key=lambda e: e[:2], reverse=True)]


def _drawn(found: History, table: Table, figures: Figures) -> Picture | None:
    """Each difference with its range, the first campaign first, and all together; None of fewer than two."""
    points = found.goal == ORDERS
    told = [(each.campaign, met) for each in found.told if (met := of_goal(each.comparison, found.goal))][-MOST_DRAWN:]
    if len(told) < 2:
        return None
    bars = [Bar(name, met.value, signed(met.value, figures, points), met.low, met.high, met.low > 0 or met.high < 0)
            for name, met in told]
    if together := found.together:
        bars.append(Bar(_("all together"), together.mean, signed(together.mean, figures, points), together.low,
                        together.high))
    title = telling.findings(found)[1 if together else 0].say(figures)
    return plainly(Picture(title, title, described(intervals(bars, rtl=figures.locale == "ur"), title), table.head,
                           table.rows))
