"""What happens around every page: headers, the reader's language, errors told as pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

from regulars.app import moments
from regulars.app.base import trouble
from regulars.app.base.requests import Request
from regulars.app.facts import the_shop
from regulars.errors import RegularsError
from regulars.model.figures import Figures
from regulars.model.settings import LANGUAGES

Answer = Callable[[HttpRequest], HttpResponse]
POLICY = ("default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; "
          "frame-ancestors 'none'")
HEADERS = {
    "Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY", "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}


class SecureHeaders:
    """A strict policy on every answer; pages about people are kept by no cache."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.answer(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if not request.path.startswith(settings.STATIC_URL):
            response.headers.setdefault("Cache-Control", "no-store")
        if request.is_secure():
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response


class Language:
    """The person's own choice, else the browser's, else the shop's; and figures in it. Gives the request its moment."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = cast(Request, request)
        shop = the_shop().settings
        language = own_language(asked) or browser_language(asked) or shop.language
        asked.now = moments.current()
        eastern = language == "ur" and asked.user.is_authenticated and asked.user.eastern_digits
        asked.figures = Figures(shop, language, "arabext" if eastern else "latn")
        with translation.override(language):
            response = self.answer(request)
        response.headers.setdefault("Content-Language", language)
        return response


def own_language(request: Request) -> str:
    """What the person has chosen, or "" where they have not."""
    return request.user.language if request.user.is_authenticated else ""


def browser_language(request: Request) -> str:
    """The first language of the browser that is spoken here, or ""."""
    for wanted, _ in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        if wanted.partition("-")[0] in LANGUAGES:
            return str(wanted.partition("-")[0])
    return ""


class Trouble:
    """Turns the core's errors, wherever they rise, into a page with a status."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.answer(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return trouble.told(request, error) if isinstance(error, RegularsError) else None
