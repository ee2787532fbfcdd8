"""The first page of a Monday: the moves of the week, what changed, how fresh the data is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.http import HttpResponse
from django.shortcuts import render

from regulars.app.base.requests import Request
from regulars.app.facts import the_shop
from regulars.app.today import acting
from regulars.app.told import access
from regulars.insight.page import newest_fact
from regulars.segments import freshness
from regulars.segments.sizes import kept_sizes

A_WEEK = timedelta(days=7)
MOST_CHANGES = 6


@dataclass(frozen=True)
class Change:
    """A segment with members now and a week ago."""

    name: str
    members: int
    by: int

    @property
    def size(self) -> int:
        return abs(self.by)


def today(request: Request) -> HttpResponse:
    """Moves that can be adopted, the shop's numbers, segments that moved most, and the newest fact."""
    found = access.insights(request, "moves", "numbers")
    shop, moves = the_shop(), found.sections.get("moves")
    if moves:
        moves = {**moves, "cards": acting.running(moves.get("cards", ()), request.now)}
    return render(request, "today/today.html", {
        "insights": found, "moves": moves, "numbers": found.sections.get("numbers"),
        "newest": newest_fact(shop, request.now), "imported": next((r for r in shop.imports.receipts()
                                                                  if not r.undone_at), None),
        "stale": sum(freshness.stale(shop.engine).values()), "changes": _changes(request.now.date())})


def _changes(today: date) -> list[Change]:
    """Segments by how much they grew or shrank in a week, the most first."""
    segments = the_shop().segments
    sizes = kept_sizes(segments)
    found = []
    for segment in segments.list():
        before = [size for size in sizes.get(segment.name, []) if size.day <= today - A_WEEK]
        if before and segment.members is not None and segment.members != before[-1].members:
            found.append(Change(segment.name, segment.members, segment.members - before[-1].members))
    return sorted(found, key=lambda c: (-abs(c.by), c.name))[:MOST_CHANGES]
