"""Customers, for keys that may read people."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from regulars.app import moments
from regulars.app.api import keys
from regulars.app.api.answers import LOOK, Limit, problems
from regulars.app.api.paging import closed, opened
from regulars.app.api.shapes import CustomerOut, CustomerPage, CustomerWhole, HappeningOut, MembershipOut, Text
from regulars.app.customers import access
from regulars.app.facts import the_shop

router = Router(tags=["customers"])


@router.get("/customers", response={200: CustomerPage, **problems(LOOK)},
            summary="Customers by id; with q whoever has it in a name, an address, a number, an id or an order's id")
def list_customers(request: HttpRequest, q: Text = "", cursor: str | None = None, limit: Limit = 100) -> Any:
    keys.require(request, "customers:read")
    shop = the_shop()
    now, after = moments.current(), opened(cursor) if cursor else ""
    if q.strip():
        found = sorted(access.find(shop.customers, q, now=now, most=limit), key=lambda p: p.customer_id)
        return CustomerPage(items=[CustomerOut.model_validate(p, from_attributes=True) for p in found], next=None)
    people = shop.customers.after(after, now=now, most=limit + 1)
    return CustomerPage(items=[CustomerOut.model_validate(p, from_attributes=True) for p in people[:limit]],
                        next=closed(people[limit - 1].customer_id) if len(people) > limit else None)


@router.get("/customers/{path:customer_id}", response={200: CustomerWhole, **problems(LOOK)},
            summary="All that is known of one customer")
def get_customer(request: HttpRequest, customer_id: str) -> Any:
    keys.require(request, "customers:read")
    shop = the_shop()
    found = shop.customers.show(customer_id, now=moments.current())
    plain = CustomerOut.model_validate(found.person, from_attributes=True)
    return CustomerWhole(**plain.model_dump(mode="python"), values=_plain(found.values),
                         scores=_plain(shop.customers.scores(found.person.customer_id)),
                         segments=[MembershipOut.model_validate(m, from_attributes=True) for m in found.segments])


@router.get("/timeline/{path:customer_id}", response={200: list[HappeningOut], **problems(LOOK)},
            summary="What happened with a customer, the latest first")
def get_timeline(request: HttpRequest, customer_id: str) -> Any:
    keys.require(request, "customers:read")
    shop = the_shop()
    kept = shop.customers.id_of(customer_id, now=moments.current())
    return [HappeningOut.model_validate(h, from_attributes=True) for h in
            shop.customers.timeline(kept, now=moments.current())]


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, bool | int | float | str | list) else str(value)
            for name, value in values.items()}
