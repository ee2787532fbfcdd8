"""Pictures of messages: whoever got the message sees them, without signing in."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest

from regulars.app.facts import facts
from regulars.outreach.content.pictures import TYPES, find


@login_not_required
def picture(request: HttpRequest, file: str) -> FileResponse:
    """By the digest of its bytes: it never changes, so it may be kept for good."""
    path = find(facts().folder, file)
    if path is None:
        raise Http404
    return FileResponse(path.open("rb"), content_type=TYPES[path.suffix[1:]], headers={
        "Cache-Control": "public, max-age=31536000, immutable", "Cross-Origin-Resource-Policy": "cross-origin"})
