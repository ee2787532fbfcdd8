"""The first message to a segment, drafted from what its people did: as a part of its page, and as a file."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import redirect, render

from regulars.app.base.requests import Request
from regulars.app.insights import kept
from regulars.app.segments import access
from regulars.insight.common import Result
from regulars.model.settings import LANGUAGES

DRAFT = "draft"


@dataclass(frozen=True)
class Text:
    """A draft in one language."""

    language: str
    subject: str
    body: str


def draft(request: Request, name: str) -> HttpResponse:
    """What to do with them and what to write, in the language most of them speak unless another is asked for."""
    segment = access.segment(request, name)
    parameters = {"segment": segment.rule}
    found = kept.find(DRAFT, parameters, request.now)
    return render(request, "segments/draft.html" if request.htmx else "segments/draft_page.html", {
        "segment": segment, "found": found, "job": None if found else kept.ask(DRAFT, parameters),
        "again": request.get_full_path(), "languages": LANGUAGES,
        "text": _text(request, found.result) if found and found.result else None})


def as_file(request: Request, name: str) -> HttpResponse:
    """The same as plain text to keep; back to the segment where it is not worked out yet."""
    segment = access.segment(request, name)
    found = kept.find(DRAFT, {"segment": segment.rule}, request.now)
    if found is None or found.result is None:
        return redirect("segments:one", segment.name)
    text = _text(request, found.result)
    return HttpResponse(f"{text.subject}\n\n{text.body}\n", content_type="text/plain; charset=utf-8", headers={
        "Content-Disposition": f'attachment; filename="message-{text.language}.txt"'})


def _text(request: Request, result: Result) -> Text:
    texts = {row["language"]: Text(**row) for row in result.rows.to_pylist()}
    wanted = (request.GET.get("language", ""), result.numbers["language"], request.figures.locale)
    return next(texts[language] for language in wanted if language in texts)
