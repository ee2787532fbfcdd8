"""Which errors a kind of request may be answered with, for the documentation."""

from __future__ import annotations

from typing import Annotated, Any

from ninja import Query

from regulars.app.api.paging import MOST
from regulars.app.api.shapes import Problem

LOOK = (400, 401, 403, 404, 409, 422, 429, 503)
CHANGE = (*LOOK, 413, 507)
Limit = Annotated[int, Query(ge=1, le=MOST)]


def problems(statuses: tuple[int, ...]) -> dict[int, Any]:
    return dict.fromkeys(statuses, Problem)
