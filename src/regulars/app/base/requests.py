"""A request as the views see it, once the middleware has looked at it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.http import HttpRequest

from regulars.model.figures import Figures

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from regulars.app.doors.models import Person


class Request(HttpRequest):
    """``figures`` writes numbers in the reader's language; ``now`` is the request's one moment, in naive UTC: what is
    said of the shop is true of it. Where its data ended long ago that is not the clock's."""

    user: Person
    figures: Figures
    htmx: HtmxDetails
    now: datetime
