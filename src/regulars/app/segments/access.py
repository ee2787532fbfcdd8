"""The segments a person may see, change and take people out of."""

from __future__ import annotations

from regulars.app.base.requests import Request
from regulars.app.doors import roles
from regulars.app.facts import the_shop
from regulars.errors import NotFound, UnknownName
from regulars.segments.saved import Segment, Segments


def segments(request: Request, what: str = roles.LOOK) -> Segments:
    """All of them, for whoever may do ``what``."""
    roles.require(request, what)
    return the_shop().segments


def segment(request: Request, name: str, what: str = roles.LOOK) -> Segment:
    """One by its name; raises `NotFound` with the nearest name."""
    try:
        return segments(request, what).get(name)
    except UnknownName as error:
        raise NotFound(error.message, hint=error.hint) from error
