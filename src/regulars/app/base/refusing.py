"""What is refused, said on a page with the way to the settings that mend it."""

from __future__ import annotations

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from regulars.app.base.requests import Request
from regulars.app.doors import roles
from regulars.errors import RegularsError
from regulars.outreach.settings import GATE


def where(settings: str) -> str:
    """The page of these settings: of the gate, or of a channel."""
    return reverse("automations:channels") if settings == GATE else reverse("automations:channel", args=[settings])


def refusal(request: Request, error: RegularsError) -> str:
    """In words; for whoever may settle it, with a link to where."""
    words = error.say(request.figures)
    if not error.settings or not roles.may(request.user, roles.RUN):
        return words
    return format_html('{} <a href="{}">{}</a>', words, where(error.settings), _("Open these settings"))
