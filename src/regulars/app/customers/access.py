"""The customers a person may see, write notes about and erase."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from regulars.app.answers import while_facts_stand
from regulars.app.base.requests import Request
from regulars.app.customers.models import Note
from regulars.app.doors import roles
from regulars.app.facts import the_shop
from regulars.shop.customers import Customers, Person, Profile


def customers(request: Request, what: str = roles.LOOK) -> Customers:
    """All of them, for whoever may do ``what``."""
    roles.require(request, what)
    return the_shop().customers


def find(customers: Customers, text: str, *, now: datetime, most: int) -> list[Person]:
    """As `Customers.find`; what they are found by is kept while the facts stand still, of one state of them."""
    return customers.find(text, now=now, most=most, searched=while_facts_stand("searched", customers.searched))


def customer(request: Request, customer_id: str, what: str = roles.LOOK) -> Profile:
    """All that is known of one; who was merged is found where they are now. Raises `NotFound` with the nearest."""
    return customers(request, what).show(customer_id, now=request.now)


def person(request: Request, customer_id: str) -> Person:
    """One in a line, found as by `customer`."""
    return customers(request).one(customer_id, now=request.now)


def notes(request: Request, profile: Profile, what: str = roles.LOOK) -> QuerySet[Note]:
    """What was written down about them, under this id or one that was merged into it."""
    ids = customers(request, what).ids(profile.person.customer_id)
    return Note.objects.filter(customer_id__in=ids).select_related("made_by")
