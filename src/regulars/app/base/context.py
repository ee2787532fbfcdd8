"""What every template knows."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

from regulars.app.base.navigation import current, pages
from regulars.app.base.requests import Request
from regulars.app.doors import roles
from regulars.app.facts import the_shop


def everywhere(request: HttpRequest) -> dict[str, Any]:
    """The shop, its figures, the navigation, and what the person may do."""
    asked = cast(Request, request)
    match = request.resolver_match
    namespace, view = (match.namespace, match.view_name) if match else ("", "")
    signed_in = bool(getattr(request, "user", None) and request.user.is_authenticated)
    here = current(namespace, view)
    return {
        "shop": the_shop().settings,
        "figures": getattr(asked, "figures", None),
        "now": getattr(asked, "now", None),
        "sends_mail": bool(settings.EMAIL_HOST),
        "direction": "rtl" if translation.get_language_bidi() else "ltr",
        "navigation": [(page, page == here) for page in pages()
                       if roles.may(asked.user, page.may)] if signed_in else [],
        "may_change": signed_in and roles.may(asked.user, roles.CHANGE),
        "may_export": signed_in and roles.may(asked.user, roles.EXPORT),
        "may_run": signed_in and roles.may(asked.user, roles.RUN),
    }
