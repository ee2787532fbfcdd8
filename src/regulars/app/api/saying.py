"""What the analyses say."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from regulars.app.api import keys
from regulars.app.api.answers import LOOK, problems
from regulars.app.api.shapes import InsightOut, JobOut, Text
from regulars.app.base.requests import Request
from regulars.app.facts import the_shop
from regulars.app.insights import kept
from regulars.insight.common import analysis as find_analysis
from regulars.insight.common import names

router = Router(tags=["insight"])


@router.get("/insight", response={200: list[str], **problems(LOOK)}, summary="The analyses there are")
def list_analyses(request: HttpRequest) -> Any:
    keys.require(request, "insight:read")
    return list(names())


@router.get("/insight/{analysis}", response={200: InsightOut, 202: JobOut, **problems(LOOK)},
            summary="What an analysis says now; 202 while it is being worked out: ask again")
def get_insight(request: Request, analysis: str, segment: Text = "") -> Any:
    keys.require(request, "insight:read")
    find_analysis(analysis)
    if segment.strip():
        the_shop().segments.evaluator.read(segment, the_shop().segments.evaluator.vocabulary())
    parameters = {"segment": segment} if segment.strip() else {}
    found = kept.find(analysis, parameters, request.now)
    if found is None:
        job = kept.ask(analysis, parameters)
        return Status(202, JobOut(id=job.pk, kind=job.kind, state=job.state, done=0, total=None, error=""))
    if found.error is not None:
        raise found.error
    said = found.result.to_json(request.figures) if found.result else {}
    return InsightOut(analysis=analysis, method=said["method"], source=said["source"], now=said["now"], n=said["n"],
                      findings=said["findings"], caveats=said["caveats"], rows=[_plain(r) for r in said["rows"]])


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {k: v if v is None or isinstance(v, bool | int | float | str | list) else str(v) for k, v in row.items()}
