"""Who may be the same person, for programs: pairs with what speaks for them, and what is said of them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from regulars.app import moments
from regulars.app.api import keys
from regulars.app.api.answers import CHANGE, LOOK, Limit, problems
from regulars.app.api.once import once
from regulars.app.api.shapes import Moment, Text
from regulars.app.doors import audit
from regulars.app.facts import the_shop
from regulars.app.jobs.running import start
from regulars.app.segments.work import REFRESH
from regulars.intake.same import saying

router = Router(tags=["customers"])
Skip = Annotated[int, Query(ge=0, lt=10**9, description="How many to pass over")]


class PairOut(Schema):
    """Two customers who may be one person."""

    one: str
    other: str
    kind: str = Field(description="What speaks most for it")
    grade: str = Field(description="sure (a thousand to one), likely (ten to one) or possible (more likely than not)")
    bits: float = Field(description="The sum of what speaks for and against it, as a power of two")
    clear: bool = Field(description="One name, and nothing says clearly that they are two: a rule may join them")
    evidence: list[str]


class PairsOut(Schema):
    """The pairs, the surest first."""

    looked_at: Moment | None = Field(description="Of when they are; null before the first look")
    items: list[PairOut]


class DecisionIn(Schema):
    """What two customers are."""

    one: Text
    other: Text
    what: Literal["join", "apart", "later"] = Field(description="apart: never suggested nor joined by a file again")
    keep: Text = Field("", description="Of join: whose id stays; the one known longer, unless said")


class DecisionOut(Schema):
    what: str
    kept: str = Field(description="Whose id stays; empty but for join")
    merge_id: str = Field(description="To take it back by")


class ApartIn(Schema):
    merge_id: Text


class ApartOut(Schema):
    kept: str
    absorbed: str


@router.get("/same-customers", response={200: PairsOut, **problems(LOOK)},
            summary="Pairs of customers who may be one person, the surest first, as of the last look")
def list_same(request: HttpRequest, kind: Text = "", customer: Text = "", skip: Skip = 0, limit: Limit = 100) -> Any:
    keys.require(request, "customers:read")
    customers, now = the_shop().customers, moments.current()
    same, whose = customers.same, customers.id_of(customer, now=now) if customer else ""
    looked = same.looked()
    pairs = same.list(now, kind=kind, customer=whose, skip=skip, most=limit)
    return PairsOut(looked_at=looked.at if looked else None, items=[
        PairOut(one=p.one, other=p.other, kind=p.kind, grade=p.grade, bits=p.bits, clear=p.clear,
                evidence=[str(s) for s in saying.evidence(p)]) for p in pairs])


@router.post("/same-customers", response={201: DecisionOut, **problems(CHANGE)},
             summary="Say of two customers that they are one, two, or to be asked about later")
def decide_same(request: HttpRequest, body: DecisionIn) -> Any:
    key = keys.require(request, "customers:write")

    def work() -> tuple[int, DecisionOut]:
        shop, by = the_shop(), f"key {key.name}"
        if body.what == "join":
            return 201, _join(request, body)
        decide = shop.customers.same.apart if body.what == "apart" else shop.customers.same.later
        decide(body.one, body.other, shop.moment(), by)
        return 201, DecisionOut(what=body.what, kept="", merge_id="")
    return once(request, key, body.model_dump_json(), work)


def _join(request: HttpRequest, body: DecisionIn) -> DecisionOut:
    shop = the_shop()
    kept = body.keep or shop.customers.same.stays(body.one, body.other)
    done = shop.customers.merge(kept, body.other if kept == body.one else body.one, now=shop.moment())
    audit.note(request, "customers.joined", done.merge_id)
    start(REFRESH, {})
    return DecisionOut(what="join", kept=done.kept, merge_id=done.merge_id)


@router.post("/apart-customers", response={201: ApartOut, **problems(CHANGE)},
             summary="Take two customers apart that were joined: no file joins them again")
def take_apart(request: HttpRequest, body: ApartIn) -> Any:
    key = keys.require(request, "customers:write")

    def work() -> tuple[int, ApartOut]:
        shop = the_shop()
        done = shop.customers.unmerge(body.merge_id, now=shop.moment())
        audit.note(request, "customers.taken_apart", done.merge_id)
        start(REFRESH, {})
        return 201, ApartOut(kept=done.kept, absorbed=done.absorbed)
    return once(request, key, body.model_dump_json(), work)
