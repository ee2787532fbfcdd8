"""Segments, their members, and counting rules."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pyarrow.compute as pc
from django.http import HttpRequest
from ninja import Router, Status

from regulars.app import moments
from regulars.app.api import keys
from regulars.app.api.answers import CHANGE, LOOK, Limit, problems
from regulars.app.api.once import once
from regulars.app.api.paging import closed, opened, page
from regulars.app.api.shapes import (
    Counted,
    Member,
    MemberPage,
    RuleIn,
    SegmentChange,
    SegmentIn,
    SegmentOut,
    SegmentPage,
)
from regulars.app.facts import the_shop
from regulars.app.jobs.running import start
from regulars.app.segments.work import REFRESH
from regulars.errors import NotFound, UnknownName
from regulars.segments.saved import Segment

router = Router(tags=["segments"])


def _out(*segments: Segment) -> list[SegmentOut]:
    """With how far each is known at this moment."""
    shop = the_shop()
    states = shop.segments.states(shop.moment())
    return [SegmentOut(**{f.name: getattr(s, f.name) for f in fields(s) if f.name != "failed"},
                       state=states[s.name].state, reason=str(states[s.name].reason)) for s in segments]


def _one(name: str) -> Segment:
    try:
        return the_shop().segments.get(name)
    except UnknownName as error:
        raise NotFound(error.message, hint=error.hint) from error


@router.get("/segments", response={200: SegmentPage, **problems(LOOK)}, summary="All segments, by name")
def list_segments(request: HttpRequest, cursor: str | None = None, limit: Limit = 100) -> Any:
    keys.require(request, "segments:read")
    found, following = page(sorted(the_shop().segments.list(), key=lambda s: s.name), lambda s: s.name, cursor, limit)
    return SegmentPage(items=_out(*found), next=following)


@router.post("/segments", response={201: SegmentOut, **problems(CHANGE)}, summary="Save a new segment")
def add_segment(request: HttpRequest, body: SegmentIn) -> Any:
    key = keys.require(request, "segments:write")

    def work() -> tuple[int, SegmentOut]:
        shop = the_shop()
        saved = shop.segments.add(body.name, body.rule, now=shop.moment(), note=body.note, by=f"key {key.name}")
        start(REFRESH, {"past": [saved.name]})
        return 201, _out(saved)[0]
    return once(request, key, body.model_dump_json(), work)


@router.get("/segments/{path:name}", response={200: SegmentOut, **problems(LOOK)}, summary="One segment")
def get_segment(request: HttpRequest, name: str) -> Any:
    keys.require(request, "segments:read")
    return _out(_one(name))[0]


@router.patch("/segments/{path:name}", response={200: SegmentOut, **problems(CHANGE)},
              summary="Another rule or note: a new version")
def change_segment(request: HttpRequest, name: str, body: SegmentChange) -> Any:
    key = keys.require(request, "segments:write")
    shop, old = the_shop(), _one(name)
    saved = shop.segments.change(old.name, now=shop.moment(), rule=body.rule, note=body.note, by=f"key {key.name}")
    start(REFRESH, {"past": [saved.name] if saved.rule != old.rule else []})
    return _out(saved)[0]


@router.delete("/segments/{path:name}", response={204: None, **problems(CHANGE)}, summary="Remove a segment")
def remove_segment(request: HttpRequest, name: str) -> Any:
    keys.require(request, "segments:write")
    shop = the_shop()
    shop.segments.remove(_one(name).name, now=shop.moment())
    return Status(204, None)


@router.get("/members/{path:name}", response={200: MemberPage, **problems(LOOK)},
            summary="Who was in a segment at its last refresh, by customer id; 409 where its rule cannot be asked, or "
                    "was not yet")
def list_members(request: HttpRequest, name: str, cursor: str | None = None, limit: Limit = 100) -> Any:
    keys.require(request, "segments:read")
    after = opened(cursor) if cursor else ""
    segments = the_shop().segments
    known = segments.known(_one(name).name, moments.current())
    found = segments.members(known.segment)
    rest = found.filter(pc.greater(found["customer_id"], after))
    items = [Member(**m) for m in rest.slice(0, limit).to_pylist()]
    return MemberPage(items=items, next=closed(items[-1].customer_id) if rest.num_rows > limit else None,
                      as_of=known.as_of, state=known.state)


@router.post("/count", response={200: Counted, **problems(LOOK)}, summary="How many a rule is true of, now")
def count(request: HttpRequest, body: RuleIn) -> Any:
    keys.require(request, "segments:read")
    shop = the_shop()
    found = shop.segments.evaluator.preview(body.rule, moments.current())
    return Counted(rule=shop.format(body.rule), sentence=shop.sentence(body.rule), count=found.count,
                   share=found.share, as_of=found.now)
