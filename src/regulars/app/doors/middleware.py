"""A viewer changes nothing: whatever sends something is refused to them, unless the view says it only looks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from django.http import HttpRequest, HttpResponse

from regulars.app.base.requests import Request
from regulars.app.doors import roles

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
OWN = ("allauth.",)
"""Views about the person's own way in."""
V = TypeVar("V", bound=Callable[..., HttpResponse])


def only_looks(view: V) -> V:
    """Marks a view that is sent something and changes nothing of the shop: a preview, one's own language."""
    view.only_looks = True  # type: ignore[attr-defined]
    return view


class OnlyLooking:
    """The second lock beside the access functions, for the view that forgets to ask."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.answer(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        asked = cast(Request, request)
        if request.method in SAFE or not asked.user.is_authenticated:
            return
        if getattr(view, "only_looks", False) or view.__module__.startswith(OWN):
            return
        roles.require(asked, roles.CHANGE)
