"""Who entered and left segments, to read on from."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router

from regulars.app.api import keys
from regulars.app.api.answers import LOOK, Limit, problems
from regulars.app.api.shapes import ChangeOut, ChangePage
from regulars.app.facts import the_shop
from regulars.segments import changes

router = Router(tags=["changes"])
Since = Annotated[int, Query(ge=0, lt=2**62)]


@router.get("/changes", response={200: ChangePage, **problems((*LOOK, 410))},
            summary="Who entered and left segments after a change, the oldest first; ask again with next as since")
def list_changes(request: HttpRequest, since: Since = 0, limit: Limit = 100) -> Any:
    keys.require(request, "changes:read")
    changes.require_known(the_shop().engine, since)
    found = changes.since(the_shop().engine, since, limit)
    return ChangePage(items=[ChangeOut.model_validate(c, from_attributes=True) for c in found],
                      next=found[-1].seq if found else since)
